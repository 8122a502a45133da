package dockerrestart

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dockertypes "github.com/docker/docker/api/types/container"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/launch"
	"github.com/headwatch/headwatch/sdk/wire"
)

// process is the plugin as a process of its own.
type process struct {
	*launch.Process
	*wire.Client
	target []byte
}

// startProcess starts a build of the plugin that kills itself at a step of an
// act; an empty step is for none.
func startProcess(t *testing.T, binary, step, host, claims, config string, target Target) *process {
	t.Helper()
	sockets, err := launch.NewSocketDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), logtest.Patience, launch.ErrSilent)
	defer cancel()
	started, err := launch.Start(ctx, launch.Options{
		Path: binary, Sockets: sockets, Log: os.Stderr,
		Env: []string{"HEADWATCH_FAILPOINT=" + step, "HEADWATCH_PLUGIN_STATE=" + claims, "DOCKER_HOST=" + host},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = started.Kill() // it may be gone
		_ = started.Stop(0)
		_ = sockets.Remove()
	})
	p := &process{Process: started, Client: wire.NewClient(started.Conn())}
	if p.target, err = json.Marshal(map[string]string{"container": target.Container}); err != nil {
		t.Fatal(err)
	}
	if found, err := p.Configure(ctx, []byte(config)); err != nil || len(found) != 0 {
		t.Fatalf("configure: %v, %v", err, found)
	}
	return p
}

func (p *process) state(t *testing.T) sdk.State {
	t.Helper()
	state, err := p.Inspect(t.Context(), p.target)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// startsOf counts the starts of a container since a moment.
func (h *hands) startsOf(t *testing.T, id string, since time.Time) int {
	t.Helper()
	watched := newHistory(dockerEngine(t, h.host))
	all, err := watched.ask(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, one := range all {
		if one.ID == id && one.Action == "start" {
			n++
		}
	}
	return n
}

// deed is what somebody does to a container.
type deed func(t *testing.T, h *hands, id string) error

// deeds are what somebody does between the death of the plugin and its next
// start, and where each leaves the container after an act that was sent.
func deeds() map[string]deed {
	return map[string]deed{
		"nobody acts": func(*testing.T, *hands, string) error { return nil },
		"somebody stops": func(t *testing.T, h *hands, id string) error {
			return h.ContainerStop(t.Context(), id, dockertypes.StopOptions{Timeout: new(1)})
		},
		"somebody removes": func(t *testing.T, h *hands, id string) error {
			return enginetest.RemoveContainer(t.Context(), h.Client, id)
		},
		"somebody restarts": func(t *testing.T, h *hands, id string) error {
			return h.ContainerRestart(t.Context(), id, dockertypes.StopOptions{Timeout: new(1)})
		},
	}
}

// settled is how an act ends that another process settles.
type settled struct {
	outcome sdk.Outcome
	runs    bool
	starts  int // of the container, after the one that the act is about
}

// TestKilledAtEachStep kills the plugin at each step of an act, lets somebody act
// on the container or not, and has another process settle the act. The container
// must end as somebody last asked for, and be restarted once at most.
func TestKilledAtEachStep(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "docker-restart")
	if err := enginetest.BuildProgram(t.Context(), "github.com/headwatch/headwatch/plugins/docker-restart", binary, "failpoints"); err != nil {
		t.Fatal(err)
	}
	sent := map[string]settled{
		"nobody acts": {sdk.Done, true, 1}, "somebody stops": {sdk.Failed, false, 1},
		"somebody removes": {sdk.NotDone, false, 1}, "somebody restarts": {sdk.Done, true, 2},
	}
	saved := maps.Clone(sent)
	saved["somebody stops"] = settled{sdk.Done, false, 1}
	steps := map[string]map[string]settled{
		"claimed": {
			"nobody acts": {sdk.NotDone, true, 0}, "somebody stops": {sdk.Failed, false, 0},
			"somebody removes": {sdk.NotDone, false, 0}, "somebody restarts": {sdk.Done, true, 1},
		},
		"sent": sent, "answered": sent, "saved": saved,
	}
	onEngines(t, func(t *testing.T, h *hands) {
		for step, ends := range steps {
			for who, act := range deeds() {
				if h.host == "" && strings.HasSuffix(who, "removes") || h.host == "" && strings.HasSuffix(who, "restarts") {
					continue // on the stand-in only, for the time it takes
				}
				t.Run(step+"/"+who, func(t *testing.T) {
					t.Parallel()
					h.killAt(t, binary, step, `{"stop_timeout":2,"start_again_for":1800}`, act, ends[who])
				})
			}
		}
	})
}

// killAt is one case of TestKilledAtEachStep.
func (h *hands) killAt(t *testing.T, binary, step, config string, act deed, want settled) {
	_, state := h.node(t, enginetest.Spec{Args: []string{"deaf:"}}) // so that a stop takes its time
	target, claims, before := Target{Container: state.ID}, t.TempDir(), time.Now()
	request := requestFor(state)
	p := startProcess(t, binary, step, h.host, claims, config, target)
	if _, err := p.Execute(t.Context(), p.target, request); err == nil {
		t.Fatal("the act was answered")
	}
	<-p.Exited()
	if strings.Contains(config, "min_down") {
		h.untilStopped(t, state.ID)
	} else {
		h.untilSettled(t, state, step != "claimed")
	}
	untilTold(t, claims)
	if err := act(t, h, state.ID); err != nil {
		t.Fatal(err)
	}
	request.Resume = true
	p = startProcess(t, binary, "", h.host, claims, config, target)
	got, err := p.Execute(t.Context(), p.target, request)
	if err != nil {
		t.Fatal(err)
	}
	outcome(t, got, want.outcome)
	if after := p.state(t); after.Running != want.runs {
		t.Errorf("it runs: %v, want %v (%s)", after.Running, want.runs, got.Detail)
	}
	if starts := h.startsOf(t, state.ID, before); starts != want.starts {
		t.Errorf("%d starts, want %d (%s)", starts, want.starts, got.Detail)
	}
}

// untilSettled waits until the engine has carried out what it was asked for.
func (h *hands) untilSettled(t *testing.T, was sdk.State, asked bool) {
	t.Helper()
	for deadline := time.Now().Add(logtest.Patience); asked; {
		c, err := h.ContainerInspect(t.Context(), was.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.State.Running && !engineTime(c.State.StartedAt).Equal(was.StartedAt) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the engine did not restart the container")
		}
	}
}

func (h *hands) untilStopped(t *testing.T, id string) {
	t.Helper()
	over, failed := h.ContainerWait(t.Context(), id, dockertypes.WaitConditionNotRunning)
	select {
	case <-over:
	case err := <-failed:
		t.Fatal(err)
	}
}

// untilTold waits until what somebody does can be told from the act by its time.
func untilTold(t *testing.T, folder string) {
	t.Helper()
	claims, err := claim.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("claims: %v (%v), want one", files, err)
	}
	c, _ := claims.Of(strings.TrimSuffix(filepath.Base(files[0]), ".json"))
	timer := time.NewTimer(time.Until(c.Until.Add(time.Second)))
	defer timer.Stop()
	<-timer.C
}
