package dockerrestart

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// hands is an engine on which somebody else acts too: the stand-in or the real
// one.
type hands struct {
	*client.Client
	host  string // for the plugin; empty for the real one
	image string
}

// onEngines runs a test on the stand-in and, at length, on the real engine.
// It runs beside the other tests, most of which wait.
func onEngines(t *testing.T, test func(t *testing.T, h *hands)) {
	t.Parallel()
	t.Run("stand-in", func(t *testing.T) {
		t.Parallel()
		e := enginetest.Start(t, enginetest.Options{})
		test(t, &hands{enginetest.Client(t, e), e.Host(), enginetest.ScriptImage})
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("takes minutes on a real engine: make test-long")
		}
		api := enginetest.RealEngine(t)
		test(t, &hands{api, "", enginetest.Image(t, api, scriptCommand)})
	})
}

// node starts a container whose program is ready to be stopped.
func (h *hands) node(t *testing.T, spec enginetest.Spec) (Target, sdk.State) {
	t.Helper()
	spec.Image, spec.Name = h.image, enginetest.NewName()
	spec.Args = append(spec.Args, "out:up", "wait:")
	realContainer(t, h.Client, spec)
	target, p := Target{Container: spec.Name}, startPlugin(t, h.host, nil)
	for deadline := time.Now().Add(logtest.Patience); len(newestLine(t, p, target).Text) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the program did not come up")
		}
	}
	return target, inspect(t, p, target)
}

// start is a plugin for the engine, with a folder for claims where it is given.
func (h *hands) start(t *testing.T, folder string, change func(*Config)) *plugin {
	t.Helper()
	p := newPlugin()
	p.config.DockerHost, p.config.StartAgainFor, p.stateDir = h.host, 30*time.Minute, folder
	if change != nil {
		change(&p.config)
	}
	ctx, end := context.WithCancel(context.Background())
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(); _ = p.Close() }) // which never fails
	return p
}

func requestFor(state sdk.State) sdk.Request {
	return sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()}
}

func execute(t *testing.T, p *plugin, target Target, request sdk.Request) sdk.Result {
	t.Helper()
	result, err := p.Execute(t.Context(), target, request)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// untilEvent waits until the engine has told that this was done to the
// container.
func untilEvent(t *testing.T, p *plugin, state sdk.State, action string) {
	t.Helper()
	for deadline := time.Now().Add(logtest.Patience); ; {
		for _, one := range p.history.eventsOf(state.ID, state.StartedAt).events {
			if one.Action == action {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s was told", action)
		}
		_ = inspect(t, p, Target{Container: state.ID})
	}
}

// TestSomebodyActs lets somebody act on a container, and then asks for a
// restart.
func TestSomebodyActs(t *testing.T) {
	second := 1
	cases := map[string]struct {
		act    func(ctx context.Context, h *hands, id string) error
		action string // the event to wait for
		want   sdk.Outcome
		detail string
	}{
		"stops it": {func(ctx context.Context, h *hands, id string) error {
			go func() { _ = h.ContainerStop(ctx, id, dockertypes.StopOptions{Timeout: new(600)}) }() // ends with the test
			return nil
		}, "kill", sdk.NotDone, "somebody is stopping it: signal 15"},
		"restarts it": {func(ctx context.Context, h *hands, id string) error {
			go func() { _ = h.ContainerRestart(ctx, id, dockertypes.StopOptions{Timeout: new(600)}) }() // ends with the test
			return nil
		}, "kill", sdk.NotDone, "somebody is stopping it: signal 15"},
		"has it stopped": {func(ctx context.Context, h *hands, id string) error {
			return h.ContainerStop(ctx, id, dockertypes.StopOptions{Timeout: &second})
		}, "die", sdk.NotDone, "it does not run"},
		"kills it":  {func(ctx context.Context, h *hands, id string) error { return h.ContainerKill(ctx, id, "KILL") }, "die", sdk.NotDone, "it does not run"},
		"pauses it": {func(ctx context.Context, h *hands, id string) error { return h.ContainerPause(ctx, id) }, "pause", sdk.NotDone, "it is paused"},
		"renames it": {func(ctx context.Context, h *hands, id string) error {
			return h.ContainerRename(ctx, id, "headwatch-test-other-"+id[:12])
		}, "rename", sdk.NotDone, "somebody is replacing it: renamed"},
		"changes it": {func(ctx context.Context, h *hands, id string) error {
			_, err := h.ContainerUpdate(ctx, id, dockertypes.UpdateConfig{})
			return err
		}, "update", sdk.NotDone, "somebody has changed its settings"},
		"has it reload": {func(ctx context.Context, h *hands, id string) error { return h.ContainerKill(ctx, id, "USR1") }, "kill", sdk.Done, "restarted"},
		"has restarted it": {func(ctx context.Context, h *hands, id string) error {
			return h.ContainerRestart(ctx, id, dockertypes.StopOptions{Timeout: &second})
		}, "die", sdk.NotDone, "it has begun another run"},
		"does nothing": {func(context.Context, *hands, string) error { return nil }, "", sdk.Done, "restarted"},
	}
	onEngines(t, func(t *testing.T, h *hands) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, state := h.node(t, enginetest.Spec{Args: []string{"deaf:"}})
				target := Target{Container: state.ID}
				before := h.start(t, "", func(c *Config) { c.StopTimeout = time.Second })
				if err := test.act(t.Context(), h, state.ID); err != nil {
					t.Fatal(err)
				}
				if test.action != "" {
					untilEvent(t, before, state, test.action)
				}
				// One that watched, and one that can only ask for what was.
				for _, p := range []*plugin{before, h.start(t, "", func(c *Config) { c.StopTimeout = time.Second })} {
					got := execute(t, p, target, requestFor(state))
					if got.Outcome != test.want || !strings.HasPrefix(got.Detail, test.detail) {
						t.Errorf("outcome is %d (%s), want %d (%s)", got.Outcome, got.Detail, test.want, test.detail)
					}
					if test.want == sdk.Done {
						return
					}
				}
			})
		}
	})
}

// TestStartThatFails takes away the folder of a container and restarts it. It is
// started again when the folder is back, also by another process, and never
// where somebody has taken over.
func TestStartThatFails(t *testing.T) {
	cases := map[string]struct {
		replaced bool // the process, while the container is down
		meddle   func(t *testing.T, h *hands, id string)
		want     sdk.Outcome
	}{
		"the folder comes back":                 {false, nil, sdk.Done},
		"the folder comes back after a restart": {true, nil, sdk.Done},
		"somebody renames it":                   {false, rename, sdk.Failed},
		"somebody renames it, after a restart":  {true, rename, sdk.Failed},
		"somebody removes it":                   {false, remove, sdk.Failed},
	}
	onEngines(t, func(t *testing.T, h *hands) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				folder, claims := filepath.Join(t.TempDir(), "data"), t.TempDir()
				mkdir(t, folder)
				_, state := h.node(t, enginetest.Spec{Bind: folder})
				target, request := Target{Container: state.ID}, requestFor(state)
				if err := os.Remove(folder); err != nil {
					t.Fatal(err)
				}
				p := h.start(t, claims, nil)
				impatient(t, p, target, request)
				if test.replaced {
					p = h.start(t, claims, nil) // beside the first, which a real host would have ended
				}
				request.Resume = true
				if test.meddle != nil {
					test.meddle(t, h, state.ID)
				} else {
					mkdir(t, folder)
				}
				got := execute(t, p, target, request)
				if test.meddle != nil && got.Outcome == sdk.NotDone && strings.HasPrefix(got.Detail, "there is no such container") {
					return
				}
				outcome(t, got, test.want)
				if test.want == sdk.Done && !inspect(t, p, target).Running {
					t.Errorf("it does not run: %s", got.Detail)
				}
			})
		}
	})
}

// TestStartWithoutItsNetwork takes away the container whose network a node uses. The
// node is started again once that is back.
func TestStartWithoutItsNetwork(t *testing.T) {
	onEngines(t, func(t *testing.T, h *hands) {
		name := "headwatch-test-network-" + strings.ToLower(strings.ReplaceAll(filepath.Base(t.Name()), "_", "-"))
		other := realContainer(t, h.Client, enginetest.Spec{Name: name, Image: h.image, Args: []string{"wait:"}})
		_, state := h.node(t, enginetest.Spec{NetworkOf: other})
		target, now := Target{Container: state.ID}, 0
		if err := h.ContainerStop(t.Context(), other, dockertypes.StopOptions{Timeout: &now}); err != nil {
			t.Fatal(err)
		}
		p, answered := h.start(t, t.TempDir(), nil), make(chan sdk.Result, 1)
		go func() {
			result, _ := p.Execute(t.Context(), target, requestFor(state)) // an error is no result
			answered <- result
		}()
		for deadline := time.Now().Add(logtest.Patience); !strings.Contains(inspect(t, p, target).Alarm, "does not start"); {
			if time.Now().After(deadline) {
				t.Fatal("no alarm")
			}
		}
		startContainer(t, h.Client, other)
		outcome(t, <-answered, sdk.Done)
		if !inspect(t, p, target).Running {
			t.Error("it does not run")
		}
	})
}

// TestStartOfAnExitedOneThatFails: a container that exited by itself may be started
// once more after a start that failed.
func TestStartOfAnExitedOneThatFails(t *testing.T) {
	onEngines(t, func(t *testing.T, h *hands) {
		folder := filepath.Join(t.TempDir(), "data")
		mkdir(t, folder)
		_, state := h.node(t, enginetest.Spec{Bind: folder, Args: []string{"first:out:up", "first:sleep:1s", "first:exit:3"}})
		target := Target{Container: state.ID}
		p := h.start(t, t.TempDir(), func(c *Config) { c.StartExited = true })
		for deadline := time.Now().Add(logtest.Patience); !p.history.heardEnd(state.ID) && time.Now().Before(deadline); {
			_ = inspect(t, p, target)
		}
		if err := os.Remove(folder); err != nil {
			t.Fatal(err)
		}
		request := requestFor(state)
		if _, err := p.Execute(t.Context(), target, request); err == nil || !strings.Contains(err.Error(), "bind source path does not exist") {
			t.Fatalf("got error %v, want the engine's words", err)
		}
		after := inspect(t, p, target)
		if after.Running || !after.MayStart {
			t.Fatalf("state after a start that failed is %+v, want that it may be started", after)
		}
		mkdir(t, folder)
		request = requestFor(after)
		request.ID = "2"
		outcome(t, execute(t, p, target, request), sdk.Done)
		if !inspect(t, p, target).Running {
			t.Error("it does not run")
		}
	})
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, h *hands, id string) {
	t.Helper()
	if err := h.ContainerRename(t.Context(), id, "headwatch-test-taken-"+id[:12]); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, h *hands, id string) {
	t.Helper()
	if err := enginetest.RemoveContainer(t.Context(), h.Client, id); err != nil {
		t.Fatal(err)
	}
}

// impatient asks for an act as a host that does not wait for its end, and
// returns when it is known that the container does not start.
func impatient(t *testing.T, p *plugin, target Target, request sdk.Request) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	answered := make(chan sdk.Result, 1)
	go func() {
		result, _ := p.Execute(ctx, target, request) // it leaves before there is an error
		answered <- result
	}()
	for deadline := time.Now().Add(logtest.Patience); inspect(t, p, target).Alarm == ""; {
		if time.Now().After(deadline) {
			t.Fatal("no alarm")
		}
	}
	leave()
	got := <-answered
	outcome(t, got, sdk.Unknown)
	if !strings.HasPrefix(got.Detail, "the container was stopped and does not start: ") || got.OpenUntil.IsZero() {
		t.Errorf("detail is %q, until %s", got.Detail, got.OpenUntil)
	}
	if state := inspect(t, p, target); state.Running || !strings.Contains(state.Alarm, "data") {
		t.Errorf("state is %+v, want the engine's words as an alarm", state)
	}
}

func TestRemovedAtItsEnd(t *testing.T) {
	onEngines(t, func(t *testing.T, h *hands) {
		_, state := h.node(t, enginetest.Spec{AutoRemove: true})
		target := Target{Container: state.ID}
		p := h.start(t, "", nil)
		if got := inspect(t, p, target).Refuse; !strings.Contains(got, "allow_rm") {
			t.Errorf("refuse is %q", got)
		}
		outcome(t, execute(t, p, target, requestFor(state)), sdk.NotDone)
		p = h.start(t, "", func(c *Config) { c.AllowRM = true })
		if got := inspect(t, p, target).Refuse; got != "" {
			t.Errorf("refuse is %q", got)
		}
		outcome(t, execute(t, p, target, requestFor(state)), sdk.Done)
	})
}

// TestClock compares ages on an engine whose clock is another one.
func TestClock(t *testing.T) {
	for _, ahead := range []time.Duration{0, 20 * time.Minute, -20 * time.Minute} {
		for route, faulty := range map[string]enginetest.Route{"with /info": enginetest.RouteKill, "without": enginetest.RouteInfo} {
			t.Run(ahead.String()+" "+route, func(t *testing.T) {
				e := enginetest.Start(t, enginetest.Options{})
				e.SetClockOffset(ahead)
				e.Inject(enginetest.Fault{Route: faulty, Status: 403, Body: "Forbidden"})
				e.RunContainer(enginetest.Spec{Name: "node"})
				p := startPlugin(t, e.Host(), nil)
				state := inspect(t, p, nodeTarget)
				if state.ClockAhead == nil || (*state.ClockAhead-ahead).Abs() > 5*time.Second {
					t.Fatalf("the engine's clock is %v ahead, want %s", state.ClockAhead, ahead)
				}
				outcome(t, restart(t, p, nodeTarget, "1"), sdk.Done)
			})
		}
	}
}
