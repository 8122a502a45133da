package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// personalities are the engines that a log must survive.
func personalities() map[string]enginetest.Personality {
	return map[string]enginetest.Personality{
		"20.10": enginetest.Docker20(), "24.0.6": enginetest.Docker24(), "28.5": enginetest.Docker28(),
	}
}

// scene is a stand-in engine, a container on it and a host that reads its log.
type scene struct {
	engine *enginetest.Engine
	node   *enginetest.Container
	plugin *plugin
	host   *logtest.Recorder
	stop   func() error
	lines  int
}

var nodeTarget = Target{Container: "node"}

// newScene starts all of it and waits for the end of the backlog.
func newScene(t testing.TB, as enginetest.Personality, tty bool) *scene {
	t.Helper()
	s := &scene{engine: enginetest.Start(t, enginetest.Options{Personality: as}), host: logtest.NewRecorder()}
	s.node = s.engine.RunContainer(enginetest.Spec{Name: "node", TTY: tty})
	s.plugin = startPlugin(t, s.engine.Host(), nil)
	s.stop = read(t, s.plugin, nodeTarget, sdk.ReadFrom{Tail: 100}, s.host)
	s.host.UntilItem(t, "backlog end")
	return s
}

// say lets the container print its next lines.
func (s *scene) say(t testing.TB, n int) {
	t.Helper()
	for range n {
		s.lines++
		if err := s.node.Emit(fmt.Sprintf("%d", s.lines)); err != nil {
			t.Fatal(err)
		}
	}
}

// heard waits for the newest line and wants every line once, in order.
func (s *scene) heard(t testing.TB) {
	t.Helper()
	s.host.UntilItem(t, fmt.Sprintf("line %d", s.lines))
	var want []string
	for k := range s.lines {
		want = append(want, fmt.Sprint(k+1))
	}
	if diff := cmp.Diff(want, logtest.Only(s.host.Items(), "line ")); diff != "" {
		t.Fatalf("lines (-want +got):\n%s", diff)
	}
}

func TestLogSurvives(t *testing.T) {
	for version, as := range personalities() {
		for name, trouble := range map[string]func(*testing.T, *scene){
			"nothing":              func(*testing.T, *scene) {},
			"a broken stream":      func(_ *testing.T, s *scene) { s.engine.CutStreams(false) },
			"a stream that ends":   func(_ *testing.T, s *scene) { s.engine.CutStreams(true) },
			"an engine's restart":  func(t *testing.T, s *scene) { s.engine.Die(enginetest.Death{}); revive(t, s.engine) },
			"an engine's crash":    func(t *testing.T, s *scene) { s.engine.Die(enginetest.Death{KeepSocket: true}); revive(t, s.engine) },
			"a rotation":           func(_ *testing.T, s *scene) { s.node.Rotate(enginetest.Rotation{Forget: 3}) },
			"repeated lines":       func(_ *testing.T, s *scene) { s.node.Rotate(enginetest.Rotation{Repeat: 3}) },
			"garbage":              func(_ *testing.T, s *scene) { s.node.EmitRaw([]byte("\x09\x00\x00\x00\xff\xff\xff\xff")) },
			"half a frame":         func(_ *testing.T, s *scene) { s.node.EmitRaw([]byte("\x01\x00\x00")); s.engine.CutStreams(true) },
			"an error inside":      func(_ *testing.T, s *scene) { s.node.EmitError("read tcp: EOF") },
			"a clock set back":     func(_ *testing.T, s *scene) { s.engine.SetClockOffset(-3 * time.Hour); s.engine.CutStreams(false) },
			"a clock set forward":  func(_ *testing.T, s *scene) { s.engine.SetClockOffset(3 * time.Hour); s.engine.CutStreams(false) },
			"500 for a while":      fault(enginetest.Fault{Route: enginetest.RouteLogs, Times: 2, Status: 500, Body: `{"message":"x"}`}),
			"a page":               fault(enginetest.Fault{Times: 3, Status: 502, Body: "<html>" + strings.Repeat("x", 100_000)}),
			"a page that is fine":  fault(enginetest.Fault{Route: enginetest.RouteInspect, Times: 2, Status: 200, Body: "<html>fine"}),
			"a redirect":           fault(enginetest.Fault{Times: 2, Status: 302, Header: http.Header{"Location": {"http://elsewhere/"}}}),
			"not found for once":   fault(enginetest.Fault{Times: 1, Status: 404, Body: `{"message":"No such container"}`}),
			"conflict for once":    fault(enginetest.Fault{Route: enginetest.RouteLogs, Times: 1, Status: 409, Body: `{"message":"removing"}`}),
			"cut in the past":      fault(enginetest.Fault{Route: enginetest.RouteLogs, Times: 1, Cut: true, CutAfter: 60}),
			"cut before the first": fault(enginetest.Fault{Route: enginetest.RouteLogs, Times: 2, Cut: true}),
			"a restart":            func(_ *testing.T, s *scene) { s.node.Stop(time.Second); s.node.Start() },
			"lines nobody saw":     func(t *testing.T, s *scene) { unseen(t, s); s.node.Stop(time.Second); s.node.Start() },
			"a pause":              func(_ *testing.T, s *scene) { s.node.Pause(); s.node.Unpause() },
		} {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t, as, false)
				s.say(t, 7)
				s.heard(t)
				trouble(t, s)
				s.say(t, 5)
				s.heard(t)
				if gaps := logtest.Only(s.host.Items(), "gap: "); len(gaps) != 0 {
					t.Errorf("gaps: %q", gaps)
				}
			})
		}
	}
}

func revive(t testing.TB, e *enginetest.Engine) {
	t.Helper()
	if err := e.Revive(); err != nil {
		t.Fatal(err)
	}
}

// fault injects what befalls the reconnection after a broken stream.
func fault(f enginetest.Fault) func(*testing.T, *scene) {
	return func(_ *testing.T, s *scene) {
		s.engine.Inject(f)
		s.engine.CutStreams(false)
	}
}

// unseen prints lines that the open stream never gets.
func unseen(t testing.TB, s *scene) {
	t.Helper()
	for range 3 {
		s.lines++
		if err := s.node.EmitUnseen(fmt.Sprint(s.lines)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTerminalLogSurvives(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), true)
	s.say(t, 3)
	s.heard(t)
	s.engine.CutStreams(false)
	s.say(t, 3)
	s.heard(t)
	long := strings.Repeat("x", 3*16384+5)
	if err := s.node.Emit(long, "after"); err != nil {
		t.Fatal(err)
	}
	items := s.host.UntilItem(t, "line after")
	if n := logtest.Count(items, "line "+long); n != 1 || len(logtest.Only(items, "line ")) != 8 {
		t.Errorf("the long line came %d times, %d lines in all", n, len(logtest.Only(items, "line ")))
	}
}

func TestLongLines(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	long, longer := strings.Repeat("x", 40_000), strings.Repeat("y", dockerlog.MaxLine+40_000)
	if err := s.node.Emit(long, longer, "after"); err != nil {
		t.Fatal(err)
	}
	items := s.host.UntilItem(t, "line after")
	want := []string{long, longer[:dockerlog.MaxLine], "after"}
	if got := logtest.Only(items, "line "); len(got) != 3 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %d lines of other texts", len(got))
	}
}

func TestGapIsReported(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	s.say(t, 5)
	s.heard(t)
	s.engine.Inject(enginetest.Fault{Route: enginetest.RouteLogs, Times: 3, Status: 500, Body: `{"message":"x"}`})
	s.engine.CutStreams(false)
	s.host.UntilItem(t, "unreadable")
	s.say(t, 5)
	s.node.Rotate(enginetest.Rotation{Forget: 8})
	items := s.host.UntilItem(t, "line 10")
	want := []string{"line 5", "gap: the engine's log no longer holds the last line that was read", "line 9", "line 10"}
	var got []string
	for _, item := range items {
		if strings.HasPrefix(item, "line ") || strings.HasPrefix(item, "gap") {
			got = append(got, item)
		}
	}
	if diff := cmp.Diff(want, got[4:]); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	s.say(t, 1)
	if items := s.host.UntilItem(t, "line 11"); logtest.Count(items, "gap") != 1 {
		t.Errorf("the gap is told %d times", logtest.Count(items, "gap"))
	}
}

func TestGapWithinALongLog(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	s.say(t, 5)
	s.heard(t)
	s.engine.Inject(enginetest.Fault{Route: enginetest.RouteLogs, Times: 2, Status: 500, Body: `{"message":"x"}`})
	s.engine.CutStreams(false)
	s.host.UntilItem(t, "unreadable")
	s.say(t, 3*1000) // more than the first reading asks for
	s.heard(t)
	if gaps := logtest.Only(s.host.Items(), "gap: "); len(gaps) != 0 {
		t.Errorf("gaps: %q", gaps)
	}
}

func TestFirstReading(t *testing.T) {
	for name, test := range map[string]struct {
		tail    int
		prepare func(*enginetest.Container)
		want    []string // without the starts of runs
		runs    int
	}{
		"silent":          {10, func(c *enginetest.Container) { c.Start() }, []string{"backlog end"}, 1},
		"some lines":      {10, func(c *enginetest.Container) { c.Start(); emit(c, "a", "b") }, []string{"line a", "line b", "backlog end"}, 1},
		"more than asked": {2, func(c *enginetest.Container) { c.Start(); emit(c, "a", "b", "c") }, []string{"line b", "line c", "backlog end"}, 1},
		"none asked":      {0, func(c *enginetest.Container) { c.Start(); emit(c, "a", "b", "c") }, []string{"backlog end"}, 1},
		"stopped":         {10, func(c *enginetest.Container) { c.Start(); emit(c, "a"); c.Stop(time.Second) }, []string{"line a", "backlog end"}, 1},
		"never started":   {10, func(*enginetest.Container) {}, []string{"backlog end"}, 0},
		"second run": {10, func(c *enginetest.Container) {
			c.Start()
			emit(c, "old")
			c.Stop(time.Second)
			c.Start()
			emit(c, "new")
		}, []string{"line new", "backlog end"}, 1},
	} {
		for version, as := range personalities() {
			t.Run(version+"/"+name, func(t *testing.T) {
				e := enginetest.Start(t, enginetest.Options{Personality: as})
				c := e.CreateContainer(enginetest.Spec{Name: "node"})
				test.prepare(c)
				host := logtest.NewRecorder()
				p := startPlugin(t, e.Host(), nil)
				stop := read(t, p, nodeTarget, sdk.ReadFrom{Tail: test.tail}, host)
				items := host.UntilItem(t, "backlog end")
				if err := stop(); !errors.Is(err, context.Canceled) {
					t.Errorf("ended with %v", err)
				}
				starts := logtest.Only(items, "run ")
				if len(starts) != test.runs || test.runs == 1 && (items[0] != "run "+starts[0] || starts[0] != inspect(t, p, nodeTarget).StartedAt.Format(time.RFC3339Nano)) {
					t.Errorf("starts of runs: %q in %q", starts, items)
				}
				if diff := cmp.Diff(test.want, items[test.runs:]); diff != "" {
					t.Errorf("items (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// emit prints lines; a container that does not run prints none, which the
// test finds out.
func emit(c *enginetest.Container, lines ...string) { _ = c.Emit(lines...) }

func TestResumeByCursor(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	s.say(t, 5)
	s.heard(t)
	for round := range 5 {
		_ = s.stop()
		cursor := s.host.Cursor()
		switch round {
		case 1:
			s.say(t, 4)
		case 2:
			s.node.Stop(time.Second)
			s.node.Start()
			s.say(t, 2)
		case 3:
			s.node.Stop(time.Second)
			s.node.Start()
			s.node.Stop(time.Second)
			s.node.Start()
		}
		other := startPlugin(t, s.engine.Host(), nil) // as in a new process
		s.stop = read(t, other, nodeTarget, sdk.ReadFrom{Cursor: cursor, Tail: 100}, s.host)
		s.say(t, 3)
		s.heard(t)
	}
	if items := s.host.Items(); logtest.Count(items, "run ") != 3 || logtest.Count(items, "gap") != 0 {
		t.Errorf("%d starts of runs, want 3; %d gaps", logtest.Count(items, "run "), logtest.Count(items, "gap"))
	}
}

func TestResumeByAForeignCursor(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	s.say(t, 2)
	s.heard(t)
	host := logtest.NewRecorder()
	read(t, s.plugin, nodeTarget, sdk.ReadFrom{Cursor: []byte("of another plugin"), Tail: 100}, host)
	items := host.UntilItem(t, "backlog end")
	if logtest.Count(items, "gap: read cursor") != 1 || len(logtest.Only(items, "line ")) != 2 {
		t.Errorf("got %q", items)
	}
}

func TestRecreatedContainer(t *testing.T) {
	s := newScene(t, enginetest.Docker28(), false)
	s.say(t, 5)
	s.heard(t)
	s.node = s.node.Recreate()
	s.say(t, 5)
	s.heard(t)
	_ = s.stop()
	cursor := s.host.Cursor()
	s.node = s.node.Recreate()
	s.say(t, 5)
	s.stop = read(t, s.plugin, nodeTarget, sdk.ReadFrom{Cursor: cursor, Tail: 100}, s.host)
	s.heard(t)
	if n := logtest.Count(s.host.Items(), "run "); n != 3 {
		t.Errorf("%d starts of runs, want 3", n)
	}
}

func TestAbsentContainerIsWaitedFor(t *testing.T) {
	e := enginetest.Start(t, enginetest.Options{})
	host := logtest.NewRecorder()
	p := startPlugin(t, e.Host(), nil)
	read(t, p, nodeTarget, sdk.ReadFrom{Tail: 2}, host)
	host.UntilItem(t, "backlog end")
	if state := inspect(t, p, nodeTarget); state.Exists {
		t.Errorf("state is %+v", state)
	}
	// Another one whose id the name could begin.
	other := e.RunContainer(enginetest.Spec{Name: "other"})
	if state := inspect(t, p, Target{Container: other.ID[:8]}); state.Exists {
		t.Errorf("found %s by the beginning of its id", state.ID)
	}
	c := e.RunContainer(enginetest.Spec{Name: "node"})
	emit(c, "a", "b", "c")
	items := host.UntilItem(t, "line c")
	if diff := cmp.Diff([]string{"a", "b", "c"}, logtest.Only(items, "line ")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
