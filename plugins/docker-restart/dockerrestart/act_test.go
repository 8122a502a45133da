package dockerrestart

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// fakeDocker is an engine with one container, for acts in virtual time. What
// becomes of a restart is what the test says.
type fakeDocker struct {
	mu       sync.Mutex
	c        docker.Container
	look     error // what a look answers
	degraded bool
	deaf     bool // events cannot be heard
	past     []docker.Event
	hear     []func(docker.Event)

	onRestart func(*fakeDocker) (bool, error)
	onStart   func(*fakeDocker) (bool, error)
	starts    int
}

// firstRun is the start of the run that acts are about; a bubble's clock begins
// with the year 2000.
var firstRun = engineTime("1999-12-31T13:13:51.753339926Z")

func newFakeDocker() *fakeDocker {
	return &fakeDocker{c: docker.Container{ID: "cafe", Name: "node", Status: docker.Running, StartedAt: firstRun}}
}

func (f *fakeDocker) Restart(context.Context, string, int, string) (bool, error) {
	return f.onRestart(f)
}

func (f *fakeDocker) Start(context.Context, string) (bool, error) {
	f.mu.Lock()
	f.starts++
	f.mu.Unlock()
	if f.onStart != nil {
		return f.onStart(f)
	}
	f.run()
	return true, nil
}

func (f *fakeDocker) Inspect(context.Context, string) (docker.Container, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.c, f.look
}

func (f *fakeDocker) List(context.Context, ...string) ([]docker.Listed, error) {
	return nil, docker.ErrNoAnswer
}

func (f *fakeDocker) Watch(ctx context.Context, q docker.EventQuery, ready func(), hear func(docker.Event)) error {
	f.mu.Lock()
	if f.deaf {
		f.mu.Unlock()
		return errdefs.ErrPermissionDenied
	}
	f.hear = append(f.hear, hear)
	past := f.past
	f.mu.Unlock()
	ready()
	for _, one := range past {
		if !q.Since.IsZero() && !one.At.Before(q.Since) {
			hear(one)
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// tell publishes an event.
func (f *fakeDocker) tell(action, signal string, code *int) {
	f.mu.Lock()
	hear := f.hear
	f.mu.Unlock()
	for _, h := range hear {
		h(docker.Event{ID: "other", Action: action, Signal: signal, ExitCode: code, At: time.Now()})
		h(docker.Event{ID: "cafe", Action: action, Signal: signal, ExitCode: code, At: time.Now()})
	}
}

// end ends the run; run begins another.
func (f *fakeDocker) end(code int) {
	f.mu.Lock()
	f.c.Status, f.c.ExitCode, f.c.FinishedAt = docker.Exited, code, time.Now()
	f.mu.Unlock()
	f.tell("die", "", &code)
	f.tell("stop", "", nil)
}

func (f *fakeDocker) run() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.c.Status, f.c.StartedAt, f.c.ExitCode = docker.Running, time.Now(), 0
}

func (f *fakeDocker) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look = docker.ErrAbsent
}

// act is an act on the fake.
func (f *fakeDocker) act(request sdk.Request) *act {
	request.RunStartedAt, request.TargetID = firstRun, "cafe"
	return &act{
		inspectNow: func(ctx context.Context) (look, error) {
			c, err := f.Inspect(ctx, "cafe")
			return look{Container: c, listedOnly: f.degraded}, err
		},
		control: f, events: f, explain: docker.NewEngine(docker.Connection{}).Explain,
		before: look{Container: f.c, listedOnly: f.degraded}, request: request, seconds: 10,
	}
}

// wellStopped is the part of a restart that ends the old run.
func wellStopped(f *fakeDocker) {
	f.tell("kill", "15", nil)
	time.Sleep(3 * time.Second)
	f.end(0)
}

// later does something while the request has already been answered.
func later(d time.Duration, do func()) {
	go func() {
		time.Sleep(d)
		do()
	}()
}

func TestAct(t *testing.T) {
	failed := errdefs.ErrInternal
	for name, test := range map[string]struct {
		restart func(*fakeDocker) (bool, error)
		start   func(*fakeDocker) (bool, error)
		want    sdk.Outcome
		denied  bool
		starts  int
		killed  bool
		took    time.Duration
		code    *int
	}{
		"well": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); f.run(); return true, nil },
			want: sdk.Done, took: 3 * time.Second, code: new(0)},
		"killed": {restart: func(f *fakeDocker) (bool, error) {
			f.tell("kill", "15", nil)
			time.Sleep(10 * time.Second)
			f.tell("kill", "9", nil)
			f.end(137)
			f.run()
			return true, nil
		}, want: sdk.Done, killed: true, took: 10 * time.Second, code: new(137)},
		"without events": {restart: func(f *fakeDocker) (bool, error) {
			time.Sleep(2 * time.Second)
			f.end(143)
			time.Sleep(200 * time.Millisecond)
			f.run()
			return true, nil
		}, want: sdk.Done, took: 2 * time.Second, code: new(143)},
		"no answer, done later": {restart: func(f *fakeDocker) (bool, error) {
			later(20*time.Second, func() { f.run() })
			return true, docker.ErrNoAnswer
		}, want: sdk.Done},
		"no answer, nothing happens": {restart: func(*fakeDocker) (bool, error) { return true, docker.ErrNoAnswer }, want: sdk.Unknown},
		"answered, nothing happens":  {restart: func(*fakeDocker) (bool, error) { return true, nil }, want: sdk.Failed},
		"failed, nothing happens":    {restart: func(*fakeDocker) (bool, error) { return true, failed }, want: sdk.Failed},
		"failed, ends later": {restart: func(f *fakeDocker) (bool, error) {
			later(20*time.Second, func() { f.end(0) })
			return true, failed
		}, want: sdk.Done, starts: 1, took: 20 * time.Second, code: new(0)},
		"left stopped": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); return true, docker.ErrNoAnswer }, want: sdk.Done, starts: 1, took: 3 * time.Second, code: new(0)},
		"left stopped for now": {restart: func(f *fakeDocker) (bool, error) {
			wellStopped(f)
			later(8*time.Second, f.run)
			return true, docker.ErrNoAnswer
		}, want: sdk.Done, took: 3 * time.Second, code: new(0)},
		"cannot be started": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); return true, failed },
			start: func(*fakeDocker) (bool, error) { return true, errors.New("no such file") }, want: sdk.Failed, starts: 1, took: 3 * time.Second, code: new(0)},
		"stopped by others too": {restart: func(f *fakeDocker) (bool, error) { f.tell("kill", "15", nil); wellStopped(f); return true, failed }, want: sdk.Failed, took: 3 * time.Second, code: new(0)},
		"ends again at once": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); f.run(); f.end(1); return true, nil },
			want: sdk.Failed, took: 3 * time.Second, code: new(0)},
		"removed": {restart: func(f *fakeDocker) (bool, error) { f.remove(); return true, failed }, want: sdk.Failed},
		"another container": {restart: func(f *fakeDocker) (bool, error) {
			f.c.ID = "beef"
			return true, failed
		}, want: sdk.Failed},
		"never answers again":   {restart: func(f *fakeDocker) (bool, error) { f.look = docker.ErrNoAnswer; return true, failed }, want: sdk.Unknown},
		"only the list answers": {restart: func(f *fakeDocker) (bool, error) { f.degraded = true; return true, failed }, want: sdk.Unknown},
		"engine away":           {restart: func(*fakeDocker) (bool, error) { return false, errors.New("connection refused") }, want: sdk.NotDone},
		"not found":             {restart: func(*fakeDocker) (bool, error) { return true, errdefs.ErrNotFound }, want: sdk.NotDone},
		"not allowed":           {restart: func(*fakeDocker) (bool, error) { return true, errdefs.ErrPermissionDenied }, denied: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				f.onRestart, f.onStart, f.deaf = test.restart, test.start, name == "without events"
				ctx, gone := context.WithCancel(t.Context())
				gone() // the host's logtest.Patience does not count
				got, err := f.act(sdk.Request{AskedAt: time.Now()}).do(ctx)
				synctest.Wait()
				if test.denied {
					wantError(t, err, codes.PermissionDenied, "proxy")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				outcome(t, got, test.want)
				if f.starts != test.starts {
					t.Errorf("%d starts, want %d", f.starts, test.starts)
				}
				if got.Killed != test.killed || (got.StopTook-test.took).Abs() > 150*time.Millisecond {
					t.Errorf("killed %v after %s, want %v after %s (%s)", got.Killed, got.StopTook, test.killed, test.took, got.Detail)
				}
				if code, want := codeText(got.ExitCode), codeText(test.code); code != want {
					t.Errorf("exit code is %s, want %s", code, want)
				}
				if got.Outcome == sdk.Done && !got.StartedAt.Equal(f.c.StartedAt) {
					t.Errorf("started at %s, want %s", got.StartedAt, f.c.StartedAt)
				}
			})
		})
	}
}

func TestResumedAct(t *testing.T) {
	asked := 30 * time.Second // ago
	kill := func(f *fakeDocker, ago time.Duration) {
		f.past = append(f.past, docker.Event{ID: "cafe", Action: "kill", Signal: "15", At: time.Now().Add(-ago)})
	}
	ended := func(f *fakeDocker, ago time.Duration) {
		f.c.Status, f.c.FinishedAt = docker.Exited, time.Now().Add(-ago)
	}
	for name, test := range map[string]struct {
		prepare func(*fakeDocker)
		want    sdk.Outcome
		starts  int
	}{
		"restarted":                {func(f *fakeDocker) { f.run() }, sdk.Done, 0},
		"restarted and ended":      {func(f *fakeDocker) { f.run(); f.c.Status = docker.Exited }, sdk.Failed, 0},
		"another container":        {func(f *fakeDocker) { f.c.ID = "beef" }, sdk.NotDone, 0},
		"never got there":          {func(*fakeDocker) {}, sdk.NotDone, 0},
		"killed before, not since": {func(f *fakeDocker) { kill(f, time.Hour) }, sdk.NotDone, 0},
		"under way":                {func(f *fakeDocker) { kill(f, 10*time.Second); later(5*time.Second, f.run) }, sdk.Done, 0},
		"under way, and no end":    {func(f *fakeDocker) { kill(f, 10*time.Second) }, sdk.Unknown, 0},
		"under way, left stopped":  {func(f *fakeDocker) { kill(f, 10*time.Second); later(5*time.Second, func() { f.end(0) }) }, sdk.Done, 1},
		"not heard, done later":    {func(f *fakeDocker) { f.deaf = true; later(5*time.Second, f.run) }, sdk.Done, 0},
		"not heard, nothing":       {func(f *fakeDocker) { f.deaf = true }, sdk.NotDone, 0},
		"left stopped":             {func(f *fakeDocker) { ended(f, 20*time.Second) }, sdk.Done, 1},
		"between stop and start":   {func(f *fakeDocker) { ended(f, time.Second); later(5*time.Second, f.run) }, sdk.Done, 0},
		"stopped before":           {func(f *fakeDocker) { ended(f, time.Minute) }, sdk.NotDone, 0},
		"wedged":                   {func(f *fakeDocker) { f.degraded = true }, sdk.Unknown, 0},
		"removed while under way":  {func(f *fakeDocker) { kill(f, time.Second); later(time.Second, f.remove) }, sdk.NotDone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				test.prepare(f)
				got, err := f.act(sdk.Request{AskedAt: time.Now().Add(-asked), Resume: true}).resume(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				outcome(t, got, test.want)
				if f.starts != test.starts {
					t.Errorf("%d starts, want %d", f.starts, test.starts)
				}
			})
		})
	}
}

func TestResumedActAfterALongTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeDocker()
		f.c.Status, f.c.FinishedAt = docker.Exited, time.Now().Add(-time.Minute)
		got, err := f.act(sdk.Request{AskedAt: time.Now().Add(-time.Hour), Resume: true}).resume(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		outcome(t, got, sdk.NotDone) // somebody stopped it long after the act
		if f.starts != 0 {
			t.Error("it was started")
		}
	})
}
