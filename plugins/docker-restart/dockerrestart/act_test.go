package dockerrestart

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// fakeDocker is an engine with one container, for acts in virtual time. What
// becomes of a restart is what the test says.
type fakeDocker struct {
	mu         sync.Mutex
	c          docker.Container
	look       error // what a look answers
	listedOnly bool
	ahead      time.Duration // of the engine's clock, give or take spread
	spread     time.Duration
	deaf       error // what a watch of events answers
	past       []docker.Event
	listeners  map[int]func(docker.Event)
	watches    int
	cut        chan struct{} // closed to end the watches

	onRestart func(*fakeDocker) (bool, error)
	onStop    func(*fakeDocker) (bool, error)
	onStart   func(*fakeDocker) (bool, error)
	starts    int
}

// firstRun is the start of the run that acts are about; a bubble's clock begins
// with the year 2000.
var firstRun = engineTime("1999-12-31T13:13:51.753339926Z")

func newFakeDocker() *fakeDocker {
	return &fakeDocker{
		c:         docker.Container{ID: "cafe", Name: "node", Status: docker.Running, StartedAt: firstRun},
		listeners: make(map[int]func(docker.Event)), cut: make(chan struct{}),
	}
}

func (f *fakeDocker) Restart(context.Context, string, int, string) (bool, error) {
	return f.onRestart(f)
}

func (f *fakeDocker) Stop(context.Context, string, int, string) (bool, error) { return f.onStop(f) }

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

func (f *fakeDocker) now() time.Time { return time.Now().Add(f.ahead) }

func (f *fakeDocker) ClockAhead() (by, spread time.Duration, known bool) {
	return f.ahead, f.spread, true
}

func (f *fakeDocker) LearnClock(context.Context) error { return nil }

func (f *fakeDocker) Watch(ctx context.Context, q docker.EventQuery, opened func(), hear func(docker.Event)) error {
	f.mu.Lock()
	if f.deaf != nil {
		f.mu.Unlock()
		return f.deaf
	}
	opened()
	for _, one := range f.past {
		if !q.Since.IsZero() && !one.At.Before(q.Since) && (q.Until.IsZero() || !one.At.After(q.Until)) {
			hear(one)
		}
	}
	if !q.Until.IsZero() {
		f.mu.Unlock()
		return io.EOF
	}
	f.watches++
	mine, cut := f.watches, f.cut
	f.listeners[mine] = hear
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, mine)
	}()
	select {
	case <-cut:
		return io.ErrUnexpectedEOF
	case <-ctx.Done():
		return ctx.Err()
	}
}

// die is the death of the engine: it forgets the events and ends the watches.
func (f *fakeDocker) die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.cut)
	f.past, f.cut = nil, make(chan struct{})
}

// tell publishes an event, of the container and of another.
func (f *fakeDocker) tell(action, signal string, code *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range []string{"other", "cafe"} {
		one := docker.Event{ID: id, Name: "node", Action: action, Signal: signal, ExitCode: code, At: f.now().Add(time.Duration(len(f.past)))} // no two at once
		if id == "other" {
			one.Name = id
		}
		f.past = append(f.past, one)
		for _, hear := range f.listeners {
			hear(one)
		}
	}
}

// end ends the run; run begins another.
func (f *fakeDocker) end(code int) {
	f.mu.Lock()
	f.c.Status, f.c.ExitCode, f.c.FinishedAt = docker.Exited, code, f.now()
	f.mu.Unlock()
	f.tell("die", "", &code)
	f.tell("stop", "", nil)
}

func (f *fakeDocker) run() {
	f.mu.Lock()
	f.c.Status, f.c.StartedAt, f.c.ExitCode = docker.Running, f.now(), 0
	f.mu.Unlock()
	time.Sleep(time.Millisecond)
	f.tell("start", "", nil)
}

func (f *fakeDocker) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look = docker.ErrAbsent
}

// act is an act on the fake, with a watch of its events.
func (f *fakeDocker) act(t *testing.T, claims *claim.Folder, request sdk.Request) *act {
	t.Helper()
	request.ID, request.RunStartedAt, request.TargetID = "1", firstRun, "cafe"
	h := newHistory(f)
	go h.run(t.Context())
	synctest.Wait()
	// What somebody is doing at the end of a test is done before its bubble ends.
	t.Cleanup(func() { time.Sleep(time.Second) })
	return &act{
		inspectNow: func(context.Context) (look, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return look{Container: f.c, listedOnly: f.listedOnly}, f.look
		},
		control: f, history: h, claims: claims, explain: docker.NewEngine(docker.Connection{}).Explain, again: 30 * time.Minute,
		before: look{Container: f.c, listedOnly: f.listedOnly}, request: request,
		claim: claim.Claim{RequestID: "1", Container: "cafe", Name: "node", Run: firstRun, StopSeconds: 10},
	}
}

// inMemory are claims that end with the process.
func inMemory(t *testing.T) *claim.Folder {
	t.Helper()
	f, err := claim.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return f
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
		"no answer, done later": {restart: func(f *fakeDocker) (bool, error) {
			later(20*time.Second, f.run)
			return true, docker.ErrNoAnswer
		}, want: sdk.Done},
		"no answer, nothing happens": {restart: func(*fakeDocker) (bool, error) { return true, docker.ErrNoAnswer }, want: sdk.Unknown},
		"answered, nothing happens":  {restart: func(*fakeDocker) (bool, error) { return true, nil }, want: sdk.Failed},
		"failed, nothing happens":    {restart: func(*fakeDocker) (bool, error) { return true, failed }, want: sdk.Failed},
		"failed, ends later": {restart: func(f *fakeDocker) (bool, error) {
			f.tell("kill", "15", nil)
			later(20*time.Second, func() { f.end(0) })
			return true, failed
		}, want: sdk.Done, starts: 1, took: 20 * time.Second, code: new(0)},
		"left stopped": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); return true, docker.ErrNoAnswer }, want: sdk.Done, starts: 1, took: 3 * time.Second, code: new(0)},
		"left stopped for now": {restart: func(f *fakeDocker) (bool, error) {
			wellStopped(f)
			later(8*time.Second, f.run)
			return true, docker.ErrNoAnswer
		}, want: sdk.Done, took: 3 * time.Second, code: new(0)},
		"stopped by others too": {restart: func(f *fakeDocker) (bool, error) { f.tell("kill", "15", nil); wellStopped(f); return true, failed }, want: sdk.Failed, took: 3 * time.Second, code: new(0)},
		"ends again at once": {restart: func(f *fakeDocker) (bool, error) { wellStopped(f); f.run(); f.end(1); return true, nil },
			want: sdk.Failed, took: 3 * time.Second, code: new(0)},
		"removed": {restart: func(f *fakeDocker) (bool, error) { f.remove(); return true, failed }, want: sdk.Failed},
		"another container": {restart: func(f *fakeDocker) (bool, error) {
			f.c.ID = "beef"
			return true, failed
		}, want: sdk.Failed},
		"never answers again":   {restart: func(f *fakeDocker) (bool, error) { f.look = docker.ErrNoAnswer; return true, failed }, want: sdk.Unknown},
		"only the list answers": {restart: func(f *fakeDocker) (bool, error) { f.listedOnly = true; return true, failed }, want: sdk.Unknown},
		"engine away":           {restart: func(*fakeDocker) (bool, error) { return false, errors.New("connection refused") }, want: sdk.NotDone},
		"not found":             {restart: func(*fakeDocker) (bool, error) { return true, errdefs.ErrNotFound }, want: sdk.NotDone},
		"not allowed":           {restart: func(*fakeDocker) (bool, error) { return true, errdefs.ErrPermissionDenied }, denied: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				f.onRestart = test.restart
				got, err := f.act(t, inMemory(t), sdk.Request{AskedAt: time.Now()}).do(t.Context())
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

// TestActIsClaimedBefore looks for the claim at the moment of the request.
func TestActIsClaimedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, f := filepath.Join(t.TempDir(), "claims"), newFakeDocker()
		claims, err := claim.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		f.onRestart = func(f *fakeDocker) (bool, error) {
			then, err := claim.Open(folder)
			if c, ok := then.Of("cafe"); err != nil || !ok || c.RequestID != "1" || !c.Covers(f.now()) || !c.Run.Equal(firstRun) || c.Result != nil {
				t.Errorf("the claim is %+v (%v), %v", c, ok, err)
			}
			wellStopped(f)
			f.run()
			return true, nil
		}
		got, err := f.act(t, claims, sdk.Request{AskedAt: time.Now()}).do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		outcome(t, got, sdk.Done)
		synctest.Wait()
		again, err := f.act(t, claims, sdk.Request{Resume: true}).resume(t.Context())
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("asked again, err %v (-first +again):\n%s", err, diff)
		}
	})
}

func TestActWithoutAClaimIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, f := filepath.Join(t.TempDir(), "claims"), newFakeDocker()
		claims, err := claim.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		f.onRestart = func(*fakeDocker) (bool, error) {
			t.Error("it was restarted")
			return true, nil
		}
		got, err := f.act(t, claims, sdk.Request{AskedAt: time.Now()}).do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		outcome(t, got, sdk.NotDone)
		if !strings.HasPrefix(got.Detail, "write the claim of an act") {
			t.Errorf("detail is %q", got.Detail)
		}
	})
}
