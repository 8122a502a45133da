package dockerrestart

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// posts are the calls that changed something, without their version.
func posts(e *enginetest.Engine) (all []string) {
	for _, r := range e.Requests() {
		if r.Method == "POST" {
			all = append(all, r.Path+"?"+r.Query)
		}
	}
	return all
}

func TestExecute(t *testing.T) {
	for version, as := range personalities() {
		for name, test := range map[string]struct {
			spec   enginetest.Spec
			killed bool
			code   string
		}{
			"ends when asked":  {enginetest.Spec{}, false, "0"},
			"has to be killed": {enginetest.Spec{Args: []string{"deaf:", "wait:"}, StopTimeout: new(1)}, true, "137"},
		} {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				e := enginetest.Start(t, enginetest.Options{Personality: as})
				test.spec.Name = "node"
				e.RunContainer(test.spec)
				p := startPlugin(t, e.Host(), nil)
				before := inspect(t, p, nodeTarget)
				got := restart(t, p, nodeTarget, "1")
				outcome(t, got, sdk.Done)
				after := inspect(t, p, nodeTarget)
				if !got.StartedAt.Equal(after.StartedAt) || !after.StartedAt.After(before.StartedAt) {
					t.Errorf("started at %s, want %s, after %s", got.StartedAt, after.StartedAt, before.StartedAt)
				}
				if code := codeText(got.ExitCode); got.Killed != test.killed || code != test.code {
					t.Errorf("killed %v with code %s, want %v and %s", got.Killed, code, test.killed, test.code)
				}
				if test.killed && got.StopTook < time.Second {
					t.Errorf("the stop took %s", got.StopTook)
				}
				calls := posts(e)
				if len(calls) != 1 || !strings.Contains(calls[0], "/containers/"+before.ID+"/restart?t=") {
					t.Errorf("calls: %q", calls)
				}
			})
		}
	}
}

func TestExecuteRefuses(t *testing.T) {
	hour := time.Hour
	for name, test := range map[string]struct {
		prepare func(*enginetest.Container)
		change  func(*Config)
		request func(*sdk.Request)
		want    string
	}{
		"stopped":          {prepare: func(c *enginetest.Container) { c.Stop(hour) }, want: "it does not run (exit code 0), and somebody may have stopped it"},
		"exited":           {prepare: func(c *enginetest.Container) { c.Exit(1) }, want: "it does not run (exit code 1)"},
		"paused":           {prepare: func(c *enginetest.Container) { c.Pause() }, want: "it is paused"},
		"removed":          {prepare: func(c *enginetest.Container) { c.Remove() }, want: "there is no such container"},
		"being removed":    {prepare: func(c *enginetest.Container) { c.MarkRemoving() }, want: "it is being removed"},
		"another one":      {prepare: func(c *enginetest.Container) { c.Recreate() }, want: "it is another container now"},
		"another run":      {prepare: func(c *enginetest.Container) { c.Stop(hour); c.Start() }, want: "it has begun another run since"},
		"another run, too": {request: func(r *sdk.Request) { r.RunStartedAt = r.RunStartedAt.Add(time.Nanosecond) }, want: "it has begun another run since"},
		"dry run":          {request: func(r *sdk.Request) { r.DryRun = true }, want: "dry run: a restart would be asked for, with 10s to stop"},
		"old engine":       {change: func(c *Config) { c.Signal = "SIGINT" }, want: `signal = "SIGINT" in the action's config needs API 1.42 (Docker 23); this engine has 1.41`},
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Start(t, enginetest.Options{})
			c := e.RunContainer(enginetest.Spec{Name: "node"})
			p := startPlugin(t, e.Host(), test.change)
			state := inspect(t, p, nodeTarget)
			request := sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()}
			if test.prepare != nil {
				test.prepare(c)
			}
			if test.request != nil {
				test.request(&request)
			}
			got, err := p.Execute(t.Context(), nodeTarget, request)
			if err != nil {
				t.Fatal(err)
			}
			outcome(t, got, sdk.NotDone)
			if !strings.HasPrefix(got.Detail, test.want) {
				t.Errorf("detail is %q, want %q", got.Detail, test.want)
			}
			if calls := posts(e); len(calls) != 0 {
				t.Errorf("calls: %q", calls)
			}
		})
	}
}

func TestExecuteSendsTheSignal(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{Personality: enginetest.Docker28()})
	e.RunContainer(enginetest.Spec{Name: "node"})
	p := startPlugin(t, e.Host(), func(c *Config) { c.Signal, c.StopTimeout = "SIGTERM", 90*time.Second })
	outcome(t, restart(t, p, nodeTarget, "1"), sdk.Done)
	if calls := posts(e); len(calls) != 1 || !strings.HasSuffix(calls[0], "?signal=SIGTERM&t=90") {
		t.Errorf("calls: %q", calls)
	}
}

func TestExecuteWhereTheHostLeaves(t *testing.T) {
	for version, as := range personalities() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			e := enginetest.Start(t, enginetest.Options{Personality: as})
			e.RunContainer(enginetest.Spec{Name: "node"})
			p := startPlugin(t, e.Host(), nil)
			state := inspect(t, p, nodeTarget)
			ctx, leave := context.WithCancel(t.Context())
			request := sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt}
			hanging := e.Inject(enginetest.Fault{Route: enginetest.RouteRestart, Hang: true})
			results := make(chan sdk.Result, 1)
			go func() {
				result, _ := p.Execute(ctx, nodeTarget, request)
				results <- result
			}()
			for len(posts(e)) == 0 { // until the request is there
				_ = inspect(t, p, nodeTarget)
			}
			leave()
			left := <-results
			outcome(t, left, sdk.Unknown)
			if left.OpenUntil.IsZero() {
				t.Error("it is not told how long the act may go on")
			}
			hanging()
			request.Resume = true
			got, err := p.Execute(t.Context(), nodeTarget, request)
			if err != nil {
				t.Fatal(err)
			}
			outcome(t, got, sdk.Done)
			if after := inspect(t, p, nodeTarget); !after.Running || after.StartedAt.Equal(state.StartedAt) {
				t.Errorf("state is %+v", after)
			}
		})
	}
}

func TestExecuteSettles(t *testing.T) {
	for name, test := range map[string]struct {
		fault   enginetest.Fault
		want    sdk.Outcome
		restart int // requests
	}{
		"500 after it was done": {enginetest.Fault{Status: 500, Body: `{"message":"x"}`, Act: true}, sdk.Done, 1},
		"cut after it was done": {enginetest.Fault{Cut: true}, sdk.Done, 1},
		"not found":             {enginetest.Fault{Status: 404, Body: `{"message":"No such container"}`}, sdk.NotDone, 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Start(t, enginetest.Options{})
			e.RunContainer(enginetest.Spec{Name: "node"})
			p := startPlugin(t, e.Host(), nil)
			test.fault.Route = enginetest.RouteRestart
			e.Inject(test.fault)
			outcome(t, restart(t, p, nodeTarget, "1"), test.want)
			if calls := posts(e); len(calls) != test.restart {
				t.Errorf("calls: %q", calls)
			}
		})
	}
}

func TestExecuteWhereItIsNotAllowed(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "node"})
	p := startPlugin(t, e.Host(), nil)
	e.Inject(enginetest.Fault{Route: enginetest.RouteRestart, Status: 403, Body: "Forbidden"})
	state := inspect(t, p, nodeTarget)
	_, err := p.Execute(t.Context(), nodeTarget, sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt})
	wantError(t, err, codes.PermissionDenied, "POST /containers/{id}/restart")
}

// TestExecuteWithoutEvents does nothing where it cannot see whether somebody is
// stopping the container.
func TestExecuteWithoutEvents(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "node"})
	e.Inject(enginetest.Fault{Route: enginetest.RouteEvents, Status: 403, Body: "Forbidden"})
	p := startPlugin(t, e.Host(), nil)
	outcome(t, restart(t, p, nodeTarget, "1"), sdk.NotDone)
	for deadline := time.Now().Add(logtest.Patience); !strings.Contains(inspect(t, p, nodeTarget).Refuse, "GET /events"); {
		if time.Now().After(deadline) {
			t.Fatal("it is not told that acts are refused")
		}
	}
	if calls := posts(e); len(calls) != 0 {
		t.Errorf("calls: %q", calls)
	}
}

func TestExecuteThroughTheControlHost(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "node"})
	p := startPlugin(t, e.Host(), func(c *Config) { c.DockerControlHost = "unix:///nonexistent/docker.sock" })
	got := restart(t, p, nodeTarget, "1")
	outcome(t, got, sdk.NotDone)
	if !strings.Contains(got.Detail, "nonexistent") {
		t.Errorf("detail is %q", got.Detail)
	}
	p = startPlugin(t, e.Host(), func(c *Config) { c.DockerControlHost = e.Host() })
	outcome(t, restart(t, p, nodeTarget, "2"), sdk.Done)
}

func TestExecuteTwiceAtOnce(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "node"})
	p := startPlugin(t, e.Host(), nil)
	state := inspect(t, p, nodeTarget)
	var both sync.WaitGroup
	results := make([]sdk.Result, 2)
	for i, target := range []Target{nodeTarget, {Container: state.ID}} {
		both.Go(func() {
			results[i], _ = p.Execute(t.Context(), target, sdk.Request{ID: target.Container, TargetID: state.ID, RunStartedAt: state.StartedAt})
		})
	}
	both.Wait()
	outcomes := []sdk.Outcome{results[0].Outcome, results[1].Outcome}
	slices.Sort(outcomes)
	if !slices.Equal(outcomes, []sdk.Outcome{sdk.Done, sdk.NotDone}) || len(posts(e)) != 1 {
		t.Errorf("outcomes %v with calls %q, want one restart", results, posts(e))
	}
}

func TestStartExited(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*enginetest.Container)
		want bool
	}{
		"exited by itself":  {func(c *enginetest.Container) { c.Exit(1) }, true},
		"ran out of memory": {func(c *enginetest.Container) { c.ExitOutOfMemory() }, true},
		"stopped":           {func(c *enginetest.Container) { c.Stop(time.Second) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Start(t, enginetest.Options{})
			c := e.RunContainer(enginetest.Spec{Name: "node"})
			p := startPlugin(t, e.Host(), func(c *Config) { c.StartExited = true })
			test.end(c)
			for deadline := time.Now().Add(logtest.Patience); !p.history.heardEnd(c.ID) && time.Now().Before(deadline); {
				_ = inspect(t, p, nodeTarget)
			}
			state := inspect(t, p, nodeTarget)
			if state.Running || state.MayStart != test.want {
				t.Fatalf("state is %+v, want it may start: %v", state, test.want)
			}
			got, err := p.Execute(t.Context(), nodeTarget, sdk.Request{ID: "1", TargetID: state.ID, RunStartedAt: state.StartedAt, AskedAt: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			want := map[bool]sdk.Outcome{true: sdk.Done, false: sdk.NotDone}[test.want]
			outcome(t, got, want)
			if after := inspect(t, p, nodeTarget); after.Running != test.want {
				t.Errorf("state is %+v", after)
			}
		})
	}
}

// heardEnd says whether the events of the container's end were heard.
func (h *history) heardEnd(id string) bool {
	return slices.ContainsFunc(h.eventsOf(id, time.Time{}).events, func(e docker.Event) bool { return e.Action == "die" })
}

func TestInspectByService(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	labels := func(project, oneOff string) map[string]string {
		return map[string]string{labelService: "node", labelProject: project, labelOneOff: oneOff}
	}
	e.RunContainer(enginetest.Spec{Name: "a-node-run", Labels: labels("a", "True")})
	p := startPlugin(t, e.Host(), nil)
	if state := inspect(t, p, Target{Service: "node"}); state.Exists {
		t.Errorf("found %s", state.Name)
	}
	a := e.RunContainer(enginetest.Spec{Name: "a-node-1", Labels: labels("a", "False")})
	if state := inspect(t, p, Target{Service: "node"}); state.ID != a.ID || state.Name != "a-node-1" {
		t.Errorf("found %s, want a-node-1", state.Name)
	}
	b := e.RunContainer(enginetest.Spec{Name: "b-node-1", Labels: labels("b", "False")})
	_, err := p.Inspect(t.Context(), Target{Service: "node"})
	wantError(t, err, codes.Unknown, "2 run (a-node-1, b-node-1)")
	if state := inspect(t, p, Target{Service: "node", Project: "b"}); state.ID != b.ID {
		t.Errorf("found %s, want b-node-1", state.Name)
	}
	a.Stop(time.Second)
	if state := inspect(t, p, Target{Service: "node", Project: "a"}); state.ID != a.ID || state.Running {
		t.Errorf("state is %+v, want that of the stopped one", state)
	}
}

func TestInspectRefuses(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	own := e.RunContainer(enginetest.Spec{Name: "own"})
	e.RunContainer(enginetest.Spec{Name: "task", Labels: map[string]string{labelSwarmTask: "x"}})
	p := startPlugin(t, e.Host(), nil)
	p.self = newIdentity(own.ID[:12], "", "")
	for name, want := range map[string]string{"own": "it is the container that headwatch itself runs in", "task": "it is a task of a swarm service"} {
		if state := inspect(t, p, Target{Container: name}); !strings.HasPrefix(state.Refuse, want) {
			t.Errorf("%s: refuse is %q, want %q", name, state.Refuse, want)
		}
		outcome(t, restart(t, p, Target{Container: name}, name), sdk.NotDone)
	}
	p = startPlugin(t, e.Host(), func(c *Config) { c.AllowSwarm = true })
	if state := inspect(t, p, Target{Container: "task"}); state.Refuse != "" {
		t.Errorf("refuse is %q", state.Refuse)
	}
}

func TestSocketThatIsNotThere(t *testing.T) {
	p := startPlugin(t, "unix:///nonexistent/docker.sock", nil)
	_, err := p.Inspect(t.Context(), nodeTarget)
	wantError(t, err, codes.Unavailable, "unix:///nonexistent/docker.sock")
}

func TestSocketThatMayNotBeOpened(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("skipped: user 0 may open every socket")
	}
	e := enginetest.Start(t, enginetest.Options{})
	path := strings.TrimPrefix(e.Host(), "unix://")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := startPlugin(t, e.Host(), nil).Inspect(t.Context(), nodeTarget)
	wantError(t, err, codes.PermissionDenied, "permission denied: "+path)
}

// TestHints are the words for mistakes that people make.
func TestHints(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	node := e.RunContainer(enginetest.Spec{Name: "cops-h1"})
	p := startPlugin(t, e.Host(), nil)
	for ref, want := range map[string]string{
		node.ID[:12]:  `container = "` + node.ID[:12] + `" is the beginning of the id of cops-h1: write the name or the whole id`,
		node.ID[:30]:  `container = "` + node.ID[:30] + `" is the beginning of the id of cops-h1: write the name or the whole id`,
		node.ID[:8]:   "", // it may be a name to come
		node.ID:       "",
		"cops-h1":     "",
		"nobody-here": "",
	} {
		if got := inspect(t, p, Target{Container: ref}).Alarm; got != want {
			t.Errorf("%s: alarm is %q, want %q", ref, got, want)
		}
	}
	outcome(t, restart(t, p, Target{Container: node.ID[:12]}, "1"), sdk.NotDone)
	_, err := startPlugin(t, "unix:///nonexistent/docker.sock", nil).Inspect(t.Context(), nodeTarget)
	wantError(t, err, codes.Unavailable, "There is no /nonexistent/docker.sock: in a container, mount it (docker run -v /nonexistent/docker.sock:/nonexistent/docker.sock)")
	folder := t.TempDir()
	_, err = startPlugin(t, "unix://"+folder, nil).Inspect(t.Context(), nodeTarget)
	wantError(t, err, codes.Unavailable, folder+" is a folder")
}
