package dockerrestart

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

func stopped(f *fakeDocker) (bool, error) { wellStopped(f); return true, nil }

// TestMinDown stops a container for a minute, in virtual time. The stop takes three
// seconds.
func TestMinDown(t *testing.T) {
	for name, test := range map[string]struct {
		stop   func(*fakeDocker) (bool, error)
		meddle func(*fakeDocker) // 30 seconds after the request
		want   sdk.Outcome
		starts int // by the act
		took   time.Duration
		detail string
	}{
		"well": {stopped, nil, sdk.Done, 1, 63 * time.Second, "restarted after 1m0s; the stop took 3s"},
		"killed": {func(f *fakeDocker) (bool, error) {
			f.tell("kill", "15", nil)
			time.Sleep(10 * time.Second)
			f.tell("kill", "9", nil)
			f.end(137)
			return true, nil
		}, nil, sdk.Done, 1, 70 * time.Second, "restarted after 1m0s; the stop took 10s, and the container had to be killed"},
		"no answer": {func(f *fakeDocker) (bool, error) { wellStopped(f); return true, docker.ErrNoAnswer }, nil, sdk.Done, 1, 63 * time.Second, "restarted after 1m0s, though it did not start at first"},
		"stopped by somebody else before": {func(f *fakeDocker) (bool, error) { f.end(0); return true, nil }, nil,
			sdk.Failed, 0, 0, "the container is stopped, and it is left so"},
		"stopped by others too": {func(f *fakeDocker) (bool, error) { f.tell("kill", "15", nil); wellStopped(f); return true, nil }, nil,
			sdk.Failed, 0, 3 * time.Second, "the container is stopped, and it is left so"},
		"goes on all the same": {func(*fakeDocker) (bool, error) { return true, nil }, nil, sdk.Failed, 0, time.Minute, "the restart failed"},
		"somebody starts it":   {stopped, (*fakeDocker).run, sdk.Done, 0, 31 * time.Second, "restarted after 27s, by somebody else: it was to be down for 1m0s"},
		"somebody removes it":  {stopped, (*fakeDocker).remove, sdk.Failed, 0, 31 * time.Second, "the container was removed"},
		"somebody renames it":  {stopped, func(f *fakeDocker) { f.tell("rename", "", nil) }, sdk.Failed, 0, 63 * time.Second, "the container is stopped and left so: somebody else acted on it (rename)"},
		"the engine dies":      {stopped, (*fakeDocker).die, sdk.Done, 1, 63 * time.Second, "restarted after 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, began := newFakeDocker(), time.Now()
				f.onStop = test.stop
				if test.meddle != nil {
					later(30*time.Second, func() { test.meddle(f) })
				}
				a := f.act(t, inMemory(t), sdk.Request{AskedAt: began})
				a.claim.MinDown = time.Minute
				got, err := a.do(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				synctest.Wait()
				outcome(t, got, test.want)
				if !strings.HasPrefix(got.Detail, test.detail) {
					t.Errorf("detail is %q, want %q", got.Detail, test.detail)
				}
				if f.starts != test.starts {
					t.Errorf("%d starts, want %d", f.starts, test.starts)
				}
				if took < test.took || took > test.took+3*time.Second {
					t.Errorf("took %s, want %s", took, test.took)
				}
			})
		})
	}
}

// A start that fails after the time down goes on as that of a restart does.
func TestMinDownAndNoStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, began := newFakeDocker(), time.Now()
		f.onStop = stopped
		f.onStart = func(f *fakeDocker) (bool, error) {
			if time.Since(began) < 10*time.Minute {
				return true, errors500("bind source path does not exist: /mnt")
			}
			f.run()
			return true, nil
		}
		a := f.act(t, inMemory(t), sdk.Request{AskedAt: began})
		a.claim.MinDown = time.Minute
		got, err := a.do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		outcome(t, got, sdk.Done)
		if took := time.Since(began); took < 10*time.Minute || took > 10*time.Minute+31*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestMinDownOverAnEnd ends the plugin while the container is down. Another one
// starts it when its time is over, and at once where that is past.
func TestMinDownOverAnEnd(t *testing.T) {
	for name, test := range map[string]struct{ away, took time.Duration }{
		"at once": {0, 63 * time.Second}, "before the time is over": {20 * time.Second, 63 * time.Second}, "after it": {10 * time.Minute, 10*time.Minute + 10*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, claims, began := newFakeDocker(), inMemory(t), time.Now()
				f.onStop = stopped
				first := f.act(t, claims, sdk.Request{AskedAt: began})
				first.claim.MinDown = time.Minute
				ctx, end := context.WithTimeout(t.Context(), 10*time.Second)
				defer end()
				got, err := first.do(ctx)
				if err != nil {
					t.Fatal(err)
				}
				outcome(t, got, sdk.Unknown)
				if !strings.HasPrefix(got.Detail, "the container is stopped, and is to be until ") || got.OpenUntil.Before(began.Add(30*time.Minute)) {
					t.Errorf("detail is %q, open until %s", got.Detail, got.OpenUntil)
				}
				time.Sleep(test.away)
				got, err = f.act(t, claims, sdk.Request{Resume: true}).resume(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				synctest.Wait()
				outcome(t, got, sdk.Done)
				if took < test.took || took > test.took+12*time.Second || f.starts != 1 {
					t.Errorf("took %s and %d starts, want %s and one", took, f.starts, test.took)
				}
			})
		})
	}
}

// onBothEngines is onEngines for what takes seconds.
func onBothEngines(t *testing.T, test func(t *testing.T, h *hands)) {
	t.Parallel()
	t.Run("stand-in", func(t *testing.T) {
		e := enginetest.Start(t, enginetest.Options{})
		test(t, &hands{enginetest.Client(t, e), e.Host(), enginetest.ScriptImage})
	})
	t.Run("real", func(t *testing.T) {
		api := enginetest.RealEngine(t)
		test(t, &hands{api, "", enginetest.Image(t, api, scriptCommand)})
	})
}

// TestMinDownOnEngines lets somebody act on a container that an act has stopped.
func TestMinDownOnEngines(t *testing.T) {
	const down = 4 * time.Second
	for name, test := range map[string]struct {
		meddle func(t *testing.T, h *hands, id string)
		want   sdk.Outcome
		runs   bool
		detail string
	}{
		"nobody acts":      {nil, sdk.Done, true, "s; the stop took"},
		"somebody starts":  {func(t *testing.T, h *hands, id string) { startContainer(t, h.Client, id) }, sdk.Done, true, ", by somebody else: it was to be down for 4s"},
		"somebody renames": {rename, sdk.Failed, false, "the container is stopped and left so"},
		"somebody removes": {remove, sdk.Failed, false, "the container was removed during the restart"},
	} {
		t.Run(name, func(t *testing.T) {
			onBothEngines(t, func(t *testing.T, h *hands) {
				_, state := h.node(t, enginetest.Spec{RestartPolicy: "always"})
				target := Target{Container: state.ID}
				p := h.start(t, t.TempDir(), func(c *Config) { c.MinDown, c.StopTimeout = down, 5*time.Second })
				before := time.Now()
				answered := make(chan sdk.Result, 1)
				go func() {
					result, _ := p.Execute(t.Context(), target, requestFor(state)) // an error is no result
					answered <- result
				}()
				h.untilStopped(t, state.ID)
				if test.meddle != nil {
					untilClaimed(t, p, state.ID)
					test.meddle(t, h, state.ID)
				} else if now := inspect(t, p, target); now.Alarm != "" || now.Running {
					t.Errorf("while it is down the state is %+v", now)
				}
				got := <-answered
				outcome(t, got, test.want)
				if !strings.Contains(got.Detail, test.detail) {
					t.Errorf("detail is %q, want %q", got.Detail, test.detail)
				}
				after := inspect(t, p, target)
				if after.Running != test.runs {
					t.Errorf("it runs: %v", after.Running)
				}
				if test.meddle == nil && after.StartedAt.Sub(after.FinishedAt) < down {
					t.Errorf("it was down from %s to %s", after.FinishedAt, after.StartedAt)
				}
				if starts := h.startsOf(t, state.ID, before); starts > 1 {
					t.Errorf("%d starts", starts)
				}
			})
		})
	}
}

// untilClaimed waits until it is proven that the plugin has stopped the container.
func untilClaimed(t *testing.T, p *plugin, id string) {
	t.Helper()
	for deadline := time.Now().Add(logtest.Patience); ; {
		if c, _ := p.claims.Of(id); c.EndedByUs {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not proven who stopped the container")
		}
		_ = inspect(t, p, Target{Container: id})
	}
}

// TestKilledWhileDown kills the plugin at the steps of an act that stops a container
// for a while.
func TestKilledWhileDown(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "docker-restart")
	if err := enginetest.BuildProgram(t.Context(), "github.com/headwatch/headwatch/plugins/docker-restart", binary, "failpoints"); err != nil {
		t.Fatal(err)
	}
	// Of a stop of what is stopped an engine tells nothing.
	ends := map[string]settled{
		"nobody acts": {sdk.Done, true, 1}, "somebody stops": {sdk.Done, true, 1},
		"somebody removes": {sdk.NotDone, false, 0}, "somebody restarts": {sdk.Done, true, 1},
	}
	onEngines(t, func(t *testing.T, h *hands) {
		for _, step := range []string{"sent", "answered", "down"} {
			for who, act := range deeds() {
				if h.host == "" && who != "nobody acts" {
					continue // on the stand-in only, for the time it takes
				}
				t.Run(step+"/"+who, func(t *testing.T) {
					t.Parallel()
					h.killAt(t, binary, step, `{"stop_timeout":2,"start_again_for":1800,"min_down":3}`, act, ends[who])
				})
			}
		}
	})
}

func TestMinDownIsRespectedElsewhere(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	withMinDown := func(c *Config) { c.MinDown, c.StartExited, c.AllowRM = time.Minute, true, true }
	t.Run("a container that is deleted when it stops", func(t *testing.T) {
		e.RunContainer(enginetest.Spec{Name: "gone", AutoRemove: true})
		if got := inspect(t, startPlugin(t, e.Host(), withMinDown), Target{Container: "gone"}).Refuse; !strings.Contains(got, "min_down") {
			t.Errorf("refuse is %q", got)
		}
	})
	t.Run("one that exited by itself", func(t *testing.T) {
		target, p := Target{Container: "exited"}, startPlugin(t, e.Host(), withMinDown)
		c := e.RunContainer(enginetest.Spec{Name: "exited"})
		c.Exit(3)
		for deadline := time.Now().Add(logtest.Patience); !inspect(t, p, target).MayStart; {
			if time.Now().After(deadline) {
				t.Fatal("it may not be started")
			}
		}
		got := restart(t, p, target, "1")
		outcome(t, got, sdk.NotDone)
		if !strings.Contains(got.Detail, "is to be down until") {
			t.Errorf("detail is %q", got.Detail)
		}
	})
	t.Run("what an act takes", func(t *testing.T) {
		e.RunContainer(enginetest.Spec{Name: "node"})
		p, without := startPlugin(t, e.Host(), withMinDown), startPlugin(t, e.Host(), nil)
		got, plain := inspect(t, p, nodeTarget), inspect(t, without, nodeTarget)
		if got.ActTakes-plain.ActTakes != time.Minute || got.StopTakes-plain.StopTakes != time.Minute || p.config.ActTakes()-without.config.ActTakes() != time.Minute {
			t.Errorf("an act takes %s and a stop %s, without min_down %s and %s", got.ActTakes, got.StopTakes, plain.ActTakes, plain.StopTakes)
		}
		request := requestFor(got)
		request.DryRun = true
		if result := execute(t, p, nodeTarget, request); !strings.HasSuffix(result.Detail, "with 10s to stop and 1m0s down") {
			t.Errorf("a dry run says %q", result.Detail)
		}
	})
}
