package dockerrestart

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// kill tells a signal at a moment after the claim of the act, which was written
// at claimed.
func (f *fakeDocker) kill(claimed time.Time, after time.Duration, signal string) {
	f.happened(claimed, after, docker.Event{Action: "kill", Signal: signal})
}

func (f *fakeDocker) happened(claimed time.Time, after time.Duration, one docker.Event) {
	one.ID, one.Name, one.At = "cafe", "node", claimed.Add(f.ahead+after)
	f.past = append(f.past, one)
}

// stopped is a container whose run was ended at a moment after the claim.
func (f *fakeDocker) stopped(claimed time.Time, after time.Duration) {
	code := 0
	f.c.Status, f.c.FinishedAt = docker.Exited, claimed.Add(f.ahead+after)
	f.happened(claimed, after, docker.Event{Action: "die", ExitCode: &code})
	f.happened(claimed, after+time.Millisecond, docker.Event{Action: "stop"})
}

// TestResumedAct asks, thirty seconds after a claim was written, what became of
// it; what happened meanwhile is what a case prepares.
func TestResumedAct(t *testing.T) {
	type situation struct {
		*fakeDocker
		claim *claim.Claim
		at    time.Time // of the claim
	}
	cases := map[string]struct {
		prepare func(situation)
		want    sdk.Outcome
		starts  int
	}{
		"restarted":               {func(s situation) { s.run() }, sdk.Done, 0},
		"restarted and ended":     {func(s situation) { s.run(); s.c.Status = docker.Exited }, sdk.Failed, 0},
		"another container":       {func(s situation) { s.c.ID = "beef" }, sdk.NotDone, 0},
		"never got there":         {func(situation) {}, sdk.NotDone, 0},
		"killed before":           {func(s situation) { s.kill(s.at, -time.Hour, "15") }, sdk.NotDone, 0},
		"under way":               {func(s situation) { s.kill(s.at, time.Second, "15"); later(5*time.Second, s.run) }, sdk.Done, 0},
		"under way, and no end":   {func(s situation) { s.kill(s.at, time.Second, "15") }, sdk.Unknown, 0},
		"under way, left stopped": {func(s situation) { s.kill(s.at, 0, "15"); later(5*time.Second, func() { s.end(0) }) }, sdk.Done, 1},
		"not heard, done later":   {func(s situation) { s.deaf = errdefs.ErrPermissionDenied; later(5*time.Second, s.run) }, sdk.Done, 0},
		"not heard, nothing":      {func(s situation) { s.deaf = errdefs.ErrPermissionDenied }, sdk.NotDone, 0},
		"wedged":                  {func(s situation) { s.listedOnly = true }, sdk.Unknown, 0},
		"removed while under way": {func(s situation) { s.kill(s.at, time.Second, "15"); later(time.Second, s.remove) }, sdk.NotDone, 0},

		"left stopped": {func(s situation) { s.kill(s.at, time.Second, "15"); s.stopped(s.at, 3*time.Second) }, sdk.Done, 1},
		"left stopped after its time": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.kill(s.at, 11*time.Second, "9")
			s.stopped(s.at, 11*time.Second)
		}, sdk.Done, 1},
		"after a reload": {func(s situation) {
			s.kill(s.at, -time.Hour, "1")
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 2*time.Second)
		}, sdk.Done, 1},
		"between stop and start": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 2*time.Second)
			later(5*time.Second, s.run)
		}, sdk.Done, 0},
		"proven before, and forgotten by the engine": {func(s situation) {
			s.stopped(s.at, 2*time.Second)
			s.past, s.claim.EndedByUs, s.claim.StartUntil = nil, true, s.at.Add(time.Hour)
		}, sdk.Done, 1},

		// The operator's hand.
		"never sent, and somebody stopped it": {func(s situation) { s.kill(s.at, 10*time.Second, "15"); s.stopped(s.at, 12*time.Second) }, sdk.Failed, 0},
		"somebody stopped it before":          {func(s situation) { s.kill(s.at, -5*time.Second, "15"); s.stopped(s.at, 2*time.Second) }, sdk.Failed, 0},
		"somebody stopped it too": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.kill(s.at, 2*time.Second, "15")
			s.stopped(s.at, 3*time.Second)
		}, sdk.Failed, 0},
		"somebody killed it too": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.kill(s.at, 4*time.Second, "9")
			s.stopped(s.at, 4*time.Second)
		}, sdk.Failed, 0},
		"somebody stopped it, to be told late": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 3*time.Second)
			s.happened(s.at, 5*time.Second, docker.Event{Action: "stop"})
		}, sdk.Failed, 0},
		"somebody paused it meanwhile": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.happened(s.at, 2*time.Second, docker.Event{Action: "pause"})
			s.stopped(s.at, 3*time.Second)
		}, sdk.Failed, 0},
		"somebody renamed it since": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 3*time.Second)
			s.happened(s.at, 9*time.Second, docker.Event{Action: "rename", OldName: "before"})
		}, sdk.Failed, 0},
		"proven, and somebody changed it since": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 3*time.Second)
			s.happened(s.at, 9*time.Second, docker.Event{Action: "update"})
			s.claim.EndedByUs, s.claim.StartUntil = true, s.at.Add(time.Hour)
		}, sdk.Failed, 0},
		"the engine has forgotten":    {func(s situation) { s.stopped(s.at, 3*time.Second); s.past = nil }, sdk.Failed, 0},
		"the events may not be heard": {func(s situation) { s.stopped(s.at, 3*time.Second); s.deaf = errdefs.ErrPermissionDenied }, sdk.Failed, 0},
		"the clock was not known": {func(s situation) {
			s.kill(s.at, time.Second, "15")
			s.stopped(s.at, 3*time.Second)
			s.claim.From, s.claim.Until = time.Time{}, time.Time{}
		}, sdk.Failed, 0},
		"proven, and its time is over": {func(s situation) {
			s.stopped(s.at, 2*time.Second)
			s.claim.EndedByUs, s.claim.StartUntil = true, s.at.Add(time.Second)
		}, sdk.Failed, 0},
		"no claim":                   {func(s situation) { s.stopped(s.at, 2*time.Second); s.claim.Container = "other" }, sdk.NotDone, 0},
		"a claim of another request": {func(s situation) { s.stopped(s.at, 2*time.Second); s.claim.RequestID = "0" }, sdk.NotDone, 0},
		"done, and stopped since": {func(s situation) {
			s.stopped(s.at, 20*time.Second)
			s.claim.Result = claim.From(sdk.Result{Outcome: sdk.Done, StartedAt: s.at})
		}, sdk.Done, 0},
	}
	for clock, ahead := range map[string]time.Duration{"one clock": 0, "the engine ahead": 20 * time.Minute, "the engine behind": -20 * time.Minute} {
		for name, test := range cases {
			t.Run(clock+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFakeDocker()
					f.ahead = ahead
					at := time.Now()
					c := claim.Claim{RequestID: "1", Container: "cafe", Name: "node", Run: firstRun, StopSeconds: 10, From: f.now(), Until: f.now().Add(claimWindow), WrittenAt: at}
					time.Sleep(30 * time.Second)
					test.prepare(situation{f, &c, at})
					got := f.resume(t, c)
					outcome(t, got, test.want)
					if f.starts != test.starts {
						t.Errorf("%d starts, want %d (%s)", f.starts, test.starts, got.Detail)
					}
				})
			})
		}
	}
}

// resume asks a new process for the outcome of an act that has this claim.
func (f *fakeDocker) resume(t *testing.T, c claim.Claim) sdk.Result {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "claims")
	for range 2 { // written by one process, read by another
		claims, err := claim.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := claims.Of(c.Container); !ok {
			if err := claims.Put(c); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := f.act(t, claims, sdk.Request{AskedAt: c.WrittenAt, Resume: true}).resume(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		return got
	}
	t.Fatal("the claim was not kept")
	return sdk.Result{}
}

// TestResumedActAfterALongTime is about an intent that was never sent, and a
// container that somebody stopped before headwatch came back.
func TestResumedActAfterALongTime(t *testing.T) {
	for name, away := range map[string]time.Duration{"three minutes": 3 * time.Minute, "three days": 72 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				at := time.Now()
				c := claim.Claim{RequestID: "1", Container: "cafe", Name: "node", Run: firstRun, StopSeconds: 10, From: at, Until: at.Add(claimWindow), WrittenAt: at}
				f.kill(at, time.Second, "15")
				f.stopped(at, 2*time.Second)
				time.Sleep(away)
				outcome(t, f.resume(t, c), sdk.Failed)
				if f.starts != 0 {
					t.Error("it was started")
				}
			})
		})
	}
}

func TestResumeWithoutAFolder(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*fakeDocker)
		want    sdk.Outcome
	}{
		"runs on":           {func(*fakeDocker) {}, sdk.NotDone},
		"restarted":         {func(f *fakeDocker) { f.run() }, sdk.Done},
		"stopped":           {func(f *fakeDocker) { f.tell("kill", "15", nil); f.end(0) }, sdk.NotDone},
		"another container": {func(f *fakeDocker) { f.c.ID = "beef" }, sdk.NotDone},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				test.prepare(f)
				got, err := f.act(t, inMemory(t), sdk.Request{AskedAt: time.Now(), Resume: true}).resume(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				outcome(t, got, test.want)
				if f.starts != 0 {
					t.Error("it was started")
				}
			})
		})
	}
}

// TestStartAgain lets the start of a restarted container fail for a while, as
// where a mount is away.
func TestStartAgain(t *testing.T) {
	for name, test := range map[string]struct {
		again   time.Duration
		meddle  func(*fakeDocker) // two minutes later
		mended  time.Duration     // after the restart
		want    sdk.Outcome
		atLeast time.Duration // how long it goes on
		atMost  time.Duration
	}{
		"mended after two minutes":   {30 * time.Minute, nil, 110 * time.Second, sdk.Done, 110 * time.Second, 150 * time.Second},
		"never mended":               {30 * time.Minute, nil, time.Hour, sdk.Failed, 30 * time.Minute, 31 * time.Minute},
		"switched off":               {0, nil, time.Hour, sdk.Failed, 0, 10 * time.Second},
		"somebody renames it":        {30 * time.Minute, func(f *fakeDocker) { f.tell("rename", "", nil) }, time.Hour, sdk.Failed, 2 * time.Minute, 160 * time.Second},
		"somebody removes it":        {30 * time.Minute, (*fakeDocker).remove, time.Hour, sdk.Failed, 2 * time.Minute, 160 * time.Second},
		"somebody starts it":         {30 * time.Minute, (*fakeDocker).run, time.Hour, sdk.Done, 2 * time.Minute, 160 * time.Second},
		"the engine is away, and up": {30 * time.Minute, (*fakeDocker).die, 5 * time.Minute, sdk.Done, 5 * time.Minute, 340 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeDocker()
				began := time.Now()
				away := errors500("bind source path does not exist: /mnt")
				f.onRestart = func(f *fakeDocker) (bool, error) { wellStopped(f); return true, away }
				f.onStart = func(f *fakeDocker) (bool, error) {
					if time.Since(began) < test.mended {
						return true, away
					}
					f.run()
					return true, nil
				}
				if test.meddle != nil {
					later(2*time.Minute, func() { test.meddle(f) })
				}
				a := f.act(t, inMemory(t), sdk.Request{AskedAt: began})
				a.again = test.again
				got, err := a.do(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				outcome(t, got, test.want)
				if took := time.Since(began); took < test.atLeast || took > test.atMost {
					t.Errorf("went on for %s, want from %s to %s", took, test.atLeast, test.atMost)
				}
				if c, _ := a.claims.Of("cafe"); !c.EndedByUs || c.Words != away.Error() || c.Result == nil {
					t.Errorf("claim is %+v", c)
				}
			})
		})
	}
}

// errors500 is an error as the engine answers it.
func errors500(words string) error { return errdefs.ErrInternal.WithMessage(words) }
