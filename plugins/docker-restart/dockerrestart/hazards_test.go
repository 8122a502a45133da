package dockerrestart

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// lookout is an engine behind a proxy that keeps what it is asked.
type lookout struct {
	*client.Client
	proxy *httptest.Server
	image string
	// retag gives the image's name to another image.
	retag func(t *testing.T)

	mu    sync.Mutex
	asked []string
}

func newLookout(t *testing.T, api *client.Client, image string, retag func(*testing.T)) *lookout {
	l := &lookout{Client: api, image: image, retag: retag}
	network, address, _ := strings.Cut(api.DaemonHost(), "://")
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "engine"}) },
		FlushInterval: -1,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}},
	}
	l.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.asked = append(l.asked, r.Method+" "+r.URL.Path)
		l.mu.Unlock()
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { l.proxy.CloseClientConnections(); l.proxy.Close() })
	return l
}

func (l *lookout) host() string { return strings.Replace(l.proxy.URL, "http", "tcp", 1) }

// onLookouts runs a test on the stand-in and on the real engine.
func onLookouts(t *testing.T, test func(t *testing.T, l *lookout)) {
	t.Run("stand-in", func(t *testing.T) {
		e := enginetest.Start(t, enginetest.Options{})
		test(t, newLookout(t, enginetest.Client(t, e), enginetest.ScriptImage, func(*testing.T) { e.AddImage(enginetest.ScriptImage, nil) }))
	})
	t.Run("real", func(t *testing.T) {
		api := enginetest.RealEngine(t)
		binary := filepath.Join(t.TempDir(), "program")
		if err := enginetest.BuildProgram(t.Context(), scriptCommand, binary); err != nil {
			t.Fatal(err)
		}
		image := enginetest.ImageOf(t, api, binary)
		test(t, newLookout(t, api, image, func(t *testing.T) {
			old, err := api.ImageInspect(t.Context(), image)
			if err != nil {
				t.Fatal(err)
			}
			enginetest.ImageOfName(t, api, binary, image)
			t.Cleanup(func() { // the one without a name
				if err := enginetest.RemoveImage(context.Background(), api, old.ID); err != nil {
					t.Error(err)
				}
			})
		}))
	})
}

// soundSpec is a container without a hazard.
func (l *lookout) soundSpec() enginetest.Spec {
	return enginetest.Spec{Name: enginetest.NewName(), Image: l.image, Args: []string{"wait:"}, Volume: enginetest.NewName(), StopTimeout: new(120), RestartPolicy: "unless-stopped"}
}

// inspection is all that the engine says of a container.
func (l *lookout) inspection(t *testing.T, name string) string {
	t.Helper()
	c, err := l.ContainerInspect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func hazardIDs(state sdk.State) string {
	var ids []string
	for _, h := range state.Hazards {
		ids = append(ids, string(h.Level)+" "+h.ID)
	}
	return strings.Join(ids, ", ")
}

// TestHazardsOnEngines makes a container for each hazard. Each is found, and
// looking changes nothing.
func TestHazardsOnEngines(t *testing.T) {
	type setUp func(t *testing.T, l *lookout, spec *enginetest.Spec)
	change := func(do func(spec *enginetest.Spec)) setUp {
		return func(_ *testing.T, _ *lookout, spec *enginetest.Spec) { do(spec) }
	}
	beside := func(sameVolume bool, readOnly bool) setUp {
		return func(t *testing.T, l *lookout, spec *enginetest.Spec) {
			other := l.soundSpec()
			other.ReadOnly, other.RestartPolicy = readOnly, "no"
			if sameVolume {
				other.Volume = spec.Volume
			} else {
				spec.Volume, other.Volume = "", ""
				spec.Bind = t.TempDir()
				other.Bind = filepath.Dir(spec.Bind)
			}
			realContainer(t, l.Client, other)
		}
	}
	onLookouts(t, func(t *testing.T, l *lookout) {
		for name, test := range map[string]struct {
			setUp setUp
			want  string
		}{
			"none":                 {change(func(*enginetest.Spec) {}), ""},
			"purge":                {change(func(s *enginetest.Spec) { s.Env = []string{"PURGE_BEFORE_START=true"} }), "refuse purge"},
			"temporary":            {change(func(s *enginetest.Spec) { s.Args = []string{"--tmp"} }), "refuse purge"},
			"same volume":          {beside(true, false), "refuse same_data"},
			"same volume, to read": {beside(true, true), ""},
			"folder in a folder":   {beside(false, false), "refuse same_data"},
			"no volume":            {change(func(s *enginetest.Spec) { s.Volume = "" }), "warn no_volume"},
			"little time":          {change(func(s *enginetest.Spec) { s.StopTimeout = nil }), "warn stop_timeout"},
			"shell":                {change(func(s *enginetest.Spec) { s.Entrypoint, s.Args = []string{"/bin/sh", "-c"}, []string{"node --x"} }), "warn pid1_shell"},
			"shell with init": {change(func(s *enginetest.Spec) {
				s.Entrypoint, s.Args, s.Init = []string{"/bin/sh", "-c"}, []string{"node --x"}, true
			}), ""},
			"no log":    {change(func(s *enginetest.Spec) { s.LogDriver = "none" }), "warn log_driver"},
			"no policy": {change(func(s *enginetest.Spec) { s.RestartPolicy = "no" }), "note restart_policy"},
			"updater": {change(func(s *enginetest.Spec) {
				s.Labels = map[string]string{"com.centurylinklabs.watchtower.enable": "true"}
			}), "note updater"},
			"a dangerous one": {change(func(s *enginetest.Spec) {
				s.Args, s.Volume, s.StopTimeout, s.RestartPolicy = []string{"--dev"}, "", nil, ""
			}),
				"refuse purge, warn no_volume, warn stop_timeout, note restart_policy"},
		} {
			t.Run(name, func(t *testing.T) {
				spec := l.soundSpec()
				test.setUp(t, l, &spec)
				enginetest.NewContainer(t, l.Client, spec)
				l.looks(t, spec.Name, test.want)
			})
		}
		t.Run("image moved", func(t *testing.T) {
			spec := l.soundSpec()
			enginetest.NewContainer(t, l.Client, spec)
			l.retag(t)
			l.looks(t, spec.Name, "note image_moved")
		})
	})
}

// looks wants these hazards of a container, and that looking changes nothing.
func (l *lookout) looks(t *testing.T, name, want string) {
	t.Helper()
	before := l.inspection(t, name)
	l.mu.Lock()
	l.asked = nil
	l.mu.Unlock()
	p := startPlugin(t, l.host(), nil)
	state := inspect(t, p, Target{Container: name})
	if got := hazardIDs(state); got != want {
		t.Errorf("hazards are %q, want %q", got, want)
	}
	if diff := cmp.Diff(before, l.inspection(t, name)); diff != "" {
		t.Errorf("looking changed the container:\n%s", diff)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.asked {
		if !strings.HasPrefix(one, "GET ") && !strings.HasPrefix(one, "HEAD ") {
			t.Errorf("asked for %s", one)
		}
	}
	if len(l.asked) == 0 {
		t.Error("nothing was asked through the proxy")
	}
}

// A hazard that comes up between two looks is found before an act; one that is
// allowed, and a request without preflight, do not mind it.
func TestHazardsBeforeAnAct(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	spec := enginetest.Spec{Name: "node", Volume: "chain"}
	e.RunContainer(spec)
	p := startPlugin(t, e.Host(), func(c *Config) { c.StopTimeout = time.Minute })
	state := inspect(t, p, nodeTarget)
	if got := hazardIDs(state); got != "note restart_policy" {
		t.Errorf("hazards are %q", got)
	}
	spec.Name = "backup"
	e.RunContainer(spec)
	if got := hazardIDs(inspect(t, p, nodeTarget)); got != "note restart_policy" {
		t.Errorf("the others were asked for again: %q", got)
	}
	request := requestFor(state)
	request.Preflight = true
	got := execute(t, p, nodeTarget, request)
	outcome(t, got, sdk.NotDone)
	if !strings.HasPrefix(got.Detail, "preflight: container backup runs and may write the same data: volume chain") {
		t.Errorf("detail is %q", got.Detail)
	}
	if got := hazardIDs(inspect(t, p, nodeTarget)); got != "refuse same_data, note restart_policy" {
		t.Errorf("what was seen is forgotten: %q", got)
	}
	request.ID, request.AllowedHazards = "2", []string{"same_data"}
	outcome(t, execute(t, p, nodeTarget, request), sdk.Done)
	request = requestFor(inspect(t, p, nodeTarget))
	request.ID = "3"
	outcome(t, execute(t, p, nodeTarget, request), sdk.Done)
}

// What a proxy refuses is unknown, and the state is told all the same.
func TestHazardsBehindAProxy(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "backup", Volume: "chain"})
	e.RunContainer(enginetest.Spec{Name: "node", Volume: "chain", StopTimeout: new(60)})
	for _, route := range []enginetest.Route{enginetest.RouteList, enginetest.RouteImage} {
		e.Inject(enginetest.Fault{Route: route, Status: 403, Body: "Forbidden"})
	}
	p := startPlugin(t, e.Host(), nil)
	for range 3 {
		if got := hazardIDs(inspect(t, p, nodeTarget)); got != "note restart_policy" {
			t.Errorf("hazards are %q", got)
		}
	}
	asked := 0
	for _, r := range e.Requests() {
		if strings.Contains(r.Path, "/images/") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the image was asked for %d times", asked)
	}
}

// A container that had to be killed has too little time to stop.
func TestSlowStopIsSeen(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	e.RunContainer(enginetest.Spec{Name: "node", Volume: "chain", Args: []string{"deaf:", "wait:"}, RestartPolicy: "always"})
	p := startPlugin(t, e.Host(), func(c *Config) { c.StopTimeout = time.Second })
	if got := hazardIDs(inspect(t, p, nodeTarget)); got != "warn stop_timeout" {
		t.Errorf("hazards are %q", got)
	}
	outcome(t, restart(t, p, nodeTarget, "1"), sdk.Done)
	if got := hazardIDs(inspect(t, p, nodeTarget)); got != "warn stop_timeout, warn slow_stop" {
		t.Errorf("after a kill hazards are %q", got)
	}
	p = startPlugin(t, e.Host(), func(c *Config) { c.StopTimeout = time.Minute })
	if got := hazardIDs(inspect(t, p, nodeTarget)); got != "" {
		t.Errorf("with time enough hazards are %q", got)
	}
}

// silentEngine never answers.
type silentEngine struct{ asked int }

func (e *silentEngine) Inspect(context.Context, string) (docker.Container, error) { panic("not asked") }

func (e *silentEngine) List(ctx context.Context, _ ...string) ([]docker.Listed, error) {
	e.asked++
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e *silentEngine) ImageID(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestLookingAroundIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &silentEngine{}
		s := surroundings{engine: e}
		c := docker.Container{ID: "cafe", Image: "node:1", StartedAt: time.Now()}
		began := time.Now()
		for range 100 {
			s.of(t.Context(), nodeTarget, c, false)
			time.Sleep(10 * time.Second)
		}
		if took := time.Since(began) - 1000*time.Second; took != 2*lookTime || e.asked != 2 {
			t.Errorf("a hundred looks took %s and asked %d times", took, e.asked)
		}
		c.StartedAt = time.Now()
		s.of(t.Context(), nodeTarget, c, false)
		s.of(t.Context(), nodeTarget, c, true)
		if e.asked != 4 {
			t.Errorf("asked %d times after a new run and before an act", e.asked)
		}
	})
}
