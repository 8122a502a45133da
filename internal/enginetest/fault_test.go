package enginetest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

func newLab(t *testing.T, options Options) (*Engine, *lab) {
	t.Helper()
	e := Start(t, options)
	return e, &lab{Client(t, e), ScriptImage}
}

func TestFaultStatus(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{Name: "node"})
	other := e.RunContainer(Spec{Name: "node2"})
	e.Inject(Fault{Route: RouteInspect, Container: c, Times: 1, Status: http.StatusBadGateway, Body: "<html>"})
	got := []int{}
	for _, ref := range []string{other.ID, "node", "node"} {
		got = append(got, l.status(t, "GET", l.path("/containers/%s/json", ref)))
	}
	equal(t, "only the first call for this container", got, []int{200, 502, 200})
}

func TestFaultHangsOneContainer(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{Name: "node"})
	remove := e.Inject(Fault{Container: c, Hang: true})
	equal(t, "ping", l.status(t, "GET", "/_ping"), 200)
	equal(t, "list", l.status(t, "GET", l.path("/containers/json")), 200)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.ContainerInspect(ctx, c.ID); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("inspect of a hanging container: %v, want the deadline", err)
	}
	remove()
	equal(t, "afterwards", l.inspect(t, c.ID).State.Status, "running")
}

func TestFaultHangingRestartIsDoneLater(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{})
	before := l.inspect(t, c.ID).State.StartedAt
	remove := e.Inject(Fault{Route: RouteRestart, Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // on a busy machine, too, it is asked for by then
	defer cancel()
	if err := l.ContainerRestart(ctx, c.ID, container.StopOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("restart: %v, want the deadline", err)
	}
	equal(t, "before", l.inspect(t, c.ID).State.StartedAt, before)
	remove()
	l.until(t, c.ID, func(c container.InspectResponse) bool { return c.State.StartedAt != before && c.State.Running })
}

func TestFaultActsUnseen(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{})
	before := l.inspect(t, c.ID).State.StartedAt
	e.Inject(Fault{Route: RouteRestart, Status: 500, Body: `{"message":"lost"}`, Act: true})
	if err := l.ContainerRestart(t.Context(), c.ID, container.StopOptions{}); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("restart: %v, want the injected error", err)
	}
	if l.inspect(t, c.ID).State.StartedAt == before {
		t.Error("the restart was not carried out")
	}
}

func TestFaultCut(t *testing.T) {
	tests := map[string]struct {
		fault Fault
		want  error
	}{
		"in the middle of a frame": {Fault{Route: RouteLogs, Cut: true, CutAfter: 60}, io.ErrUnexpectedEOF},
		"before the first byte":    {Fault{Route: RouteLogs, Cut: true}, io.ErrUnexpectedEOF},
		"cleanly":                  {Fault{Route: RouteLogs, Cut: true, CutAfter: 60, CutClean: true}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e, l := newLab(t, Options{})
			c := e.RunContainer(Spec{Args: []string{"lines:3", "wait"}})
			e.Inject(test.fault)
			body, err := io.ReadAll(l.call(t, "GET", l.path("/containers/%s/logs?stdout=1&follow=1&timestamps=1", c.ID)).Body)
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Errorf("read: %v, want %v", err, test.want)
			}
			equal(t, "bytes", int64(len(body)), test.fault.CutAfter)
		})
	}
}

func TestCutStreams(t *testing.T) {
	for clean, want := range map[bool]string{true: "EOF", false: "unexpected EOF"} {
		e, l := newLab(t, Options{})
		c := e.RunContainer(Spec{Args: []string{"out:up", "wait"}})
		lines := l.follow(t, c.ID, "")
		equal(t, "first", <-lines, "up\n")
		e.CutStreams(clean)
		equal(t, "end", <-lines, want)
	}
}

func TestDeathWithLiveRestore(t *testing.T) {
	for _, keep := range []bool{false, true} {
		e, l := newLab(t, Options{})
		c := e.RunContainer(Spec{})
		started := l.inspect(t, c.ID).State.StartedAt
		lines := l.follow(t, c.ID, "")
		must(t, c.Emit("one"))
		equal(t, "first", <-lines, "one\n")
		e.Die(Death{KeepSocket: keep})
		equal(t, "end", <-lines, "unexpected EOF")
		_, err := net.Dial("unix", strings.TrimPrefix(e.Host(), "unix://"))
		if want := map[bool]error{false: os.ErrNotExist, true: syscall.ECONNREFUSED}[keep]; !errors.Is(err, want) {
			t.Errorf("dial while it is dead: %v, want %v", err, want)
		}
		must(t, c.Emit("two"))
		revived := time.Now()
		must(t, e.Revive())
		got := l.frames(t, c.ID, "stderr=1")
		equal(t, "log", texts(got), []string{"one\n", "two\n"})
		if got[1].At.Before(revived) {
			t.Error("a line of the engine's death is stamped before its revival")
		}
		equal(t, "the same run", l.inspect(t, c.ID).State.StartedAt, started)
	}
}

func TestDeathStopsContainers(t *testing.T) {
	e, l := newLab(t, Options{})
	always := e.RunContainer(Spec{RestartPolicy: "always"})
	never := e.RunContainer(Spec{})
	lines := l.follow(t, never.ID, "")
	e.Die(Death{StopContainers: true})
	equal(t, "end", <-lines, "EOF")
	must(t, e.Revive())
	equal(t, "always", l.inspect(t, always.ID).State.Status, "running")
	equal(t, "never", l.inspect(t, never.ID).State.Status, "exited")
}

func TestRotation(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{})
	lines := l.follow(t, c.ID, "")
	must(t, c.Emit("one", "two", "three"))
	for _, want := range []string{"one\n", "two\n", "three\n"} {
		equal(t, "line", <-lines, want)
	}
	c.Rotate(Rotation{Repeat: 2, Forget: 1})
	must(t, c.EmitUnseen("skipped"))
	must(t, c.Emit("four"))
	for _, want := range []string{"two\n", "three\n", "four\n"} {
		equal(t, "line", <-lines, want)
	}
	equal(t, "file", texts(l.frames(t, c.ID, "stderr=1")), []string{"two\n", "three\n", "skipped\n", "four\n"})
}

func TestErrorsInTheStream(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{})
	lines := l.follow(t, c.ID, "")
	c.EmitError("bad file")
	if got := <-lines; !strings.Contains(got, "parsing time") { // frames of the engine's own have no stamp
		t.Errorf("got %q", got)
	}
	must(t, c.Emit("old"))
	c.CorruptLog("invalid character")
	body, err := io.ReadAll(l.call(t, "GET", l.path("/containers/%s/logs?stderr=1&follow=1", c.ID)).Body)
	must(t, err)
	text := "Error grabbing logs: invalid character\n"
	equal(t, "at each opening", string(body), string(frame(systemErr, []byte(text))))
	fresh := l.follow(t, c.ID, "tail=0")
	must(t, c.Emit("new"))
	equal(t, "without old lines", <-fresh, "new\n")
}

func TestSince(t *testing.T) {
	base := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for version, test := range map[string]struct {
		personality Personality
		want        []string
	}{
		"20.10": {Docker20(), []string{"c\n", "e\n"}},
		"28.5":  {Docker28(), []string{"c\n", "d\n", "e\n"}},
	} {
		e, l := newLab(t, Options{Personality: test.personality})
		c := e.CreateContainer(Spec{})
		for i, at := range []int{0, 1, 5, 2, 6} {
			c.Record(base.Add(time.Duration(at)*time.Second), string(rune('a'+i))+"\n")
		}
		equal(t, version, texts(l.frames(t, c.ID, "stderr=1&since="+seconds(base.Add(5*time.Second)))), test.want)
	}
}

func TestFirstLineBeforeStart(t *testing.T) {
	for early, p := range map[bool]Personality{true: Docker20(), false: Docker28()} {
		e, l := newLab(t, Options{Personality: p})
		c := e.RunContainer(Spec{Args: []string{"out:first"}})
		l.wait(t, c.ID)
		first := l.frames(t, c.ID, "stdout=1")[0].At
		equal(t, "first line before the start", first.Before(stamp(t, l.inspect(t, c.ID).State.StartedAt)), early)
	}
}

func TestLateLines(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{Args: []string{"bye:last", "wait"}, LateLines: 200 * time.Millisecond})
	c.Stop(time.Second)
	last := l.frames(t, c.ID, "stdout=1")[0].At
	if end := stamp(t, l.inspect(t, c.ID).State.FinishedAt); !last.After(end) {
		t.Errorf("the last line came at %v, not after the end at %v", last, end)
	}
}

func TestRecreate(t *testing.T) {
	e, l := newLab(t, Options{})
	old := e.RunContainer(Spec{Name: "node", Labels: map[string]string{"a": "b"}})
	lines := l.follow(t, old.ID, "")
	fresh := old.Recreate()
	equal(t, "end", <-lines, "EOF")
	equal(t, "by name", l.inspect(t, "node").ID, fresh.ID)
	equal(t, "old", l.status(t, "GET", l.path("/containers/%s/json", old.ID)), 404)
	equal(t, "labels", l.inspect(t, "node").Config.Labels, map[string]string{"a": "b"})
}

func TestCancelledRestartStaysStopped(t *testing.T) {
	e, l := newLab(t, Options{Personality: Docker24()})
	c := e.RunContainer(Spec{Args: []string{"deaf:", "out:up", "wait"}})
	<-l.follow(t, c.ID, "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // by then it is under way
	defer cancel()
	if err := l.ContainerRestart(ctx, c.ID, container.StopOptions{Timeout: new(3)}); err == nil {
		t.Fatal("the restart was not cancelled")
	}
	l.wait(t, c.ID)
	equal(t, "status", l.inspect(t, c.ID).State.Status, "exited")
}

func TestAPIRange(t *testing.T) {
	e, l := newLab(t, Options{})
	e.SetAPI("1.44", "1.52")
	l.refuses(t, "GET", "/v1.41/containers/json", 400, "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version")
	equal(t, "new", l.status(t, "GET", "/v1.44/containers/json"), 200)
}

func TestClockOffset(t *testing.T) {
	e, l := newLab(t, Options{})
	e.SetClockOffset(-time.Hour)
	c := e.RunContainer(Spec{})
	if ago := time.Since(stamp(t, l.inspect(t, c.ID).State.StartedAt)); ago < 59*time.Minute {
		t.Errorf("started %v ago, want an hour", ago)
	}
}

func TestRequests(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{})
	must(t, l.ContainerRestart(t.Context(), c.ID, container.StopOptions{}))
	all := e.Requests()
	equal(t, "last", all[len(all)-1], Request{"POST", "/v1.41/containers/" + c.ID + "/restart", ""})
}

func TestTCP(t *testing.T) {
	_, l := newLab(t, Options{Listen: "tcp://127.0.0.1:0"})
	equal(t, "ping", l.status(t, "GET", "/_ping"), 200)
}

func TestUnreadProgramsEnd(t *testing.T) {
	e, err := New(Options{})
	must(t, err)
	e.RunContainer(Spec{Args: []string{"deaf:", "wait"}, RestartPolicy: "always"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e.Run(ctx) // returns only when the program has ended
	if _, err := os.Stat(strings.TrimPrefix(e.Host(), "unix://")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left behind: %v", err)
	}
}

func TestRemovalTakesItsTime(t *testing.T) {
	e, l := newLab(t, Options{})
	c := e.RunContainer(Spec{Name: "node"})
	lines := l.follow(t, c.ID, "")
	c.MarkRemoving()
	equal(t, "end", <-lines, "EOF")
	l.refuses(t, "GET", l.path("/containers/node/logs?stdout=1"), 409, "can not get logs from container which is dead or marked for removal")
	l.refuses(t, "POST", l.path("/containers/node/start"), 409, "container is marked for removal and cannot be started")
	l.refuses(t, "POST", l.path("/containers/node/restart?t=1"), 500, "Cannot restart container node: container is marked for removal and cannot be started")
}

func TestFaultSlowAnswers(t *testing.T) {
	for name, fault := range map[string]Fault{"a delay": {Delay: time.Minute}, "a header only": {HeadersOnly: true}} {
		e, l := newLab(t, Options{})
		c := e.RunContainer(Spec{})
		remove := e.Inject(fault)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := l.ContainerInspect(ctx, c.ID); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want the deadline", name, err)
		}
		cancel()
		remove()
		equal(t, name, l.inspect(t, c.ID).State.Running, true)
	}
}
