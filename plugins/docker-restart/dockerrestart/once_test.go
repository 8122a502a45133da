package dockerrestart

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// readOnce reads what the log holds now.
func readOnce(t testing.TB, p *plugin, target Target, from sdk.ReadFrom) (*logtest.Recorder, error) {
	t.Helper()
	from.NoFollow = true
	host := logtest.NewRecorder()
	return host, p.ReadLog(t.Context(), target, from, host)
}

func TestReadOnce(t *testing.T) {
	for name, test := range map[string]struct {
		tail    int
		prepare func(*enginetest.Container)
		want    []string // without the start of the run
	}{
		"the newest line":  {1, func(c *enginetest.Container) { c.Start(); emit(c, "a", "b") }, []string{"line b", "backlog end"}},
		"silent":           {1, func(c *enginetest.Container) { c.Start() }, []string{"backlog end"}},
		"stopped":          {5, func(c *enginetest.Container) { c.Start(); emit(c, "a"); c.Stop(time.Second) }, []string{"line a", "backlog end"}},
		"never started":    {5, func(*enginetest.Container) {}, []string{"backlog end"}},
		"of this run only": {5, func(c *enginetest.Container) { c.Start(); emit(c, "old"); c.Stop(time.Second); c.Start() }, []string{"backlog end"}},
		"absent":           {5, func(c *enginetest.Container) { c.Remove() }, []string{"backlog end"}},
	} {
		for version, as := range personalities() {
			t.Run(version+"/"+name, func(t *testing.T) {
				e := enginetest.Start(t, enginetest.Options{Personality: as})
				test.prepare(e.CreateContainer(enginetest.Spec{Name: "node"}))
				host, err := readOnce(t, startPlugin(t, e.Host(), nil), nodeTarget, sdk.ReadFrom{Tail: test.tail})
				items := host.Items()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, items[logtest.Count(items, "run "):]); diff != "" {
					t.Errorf("items (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestReadOnceFails(t *testing.T) {
	for name, test := range map[string]struct {
		driver string
		fault  enginetest.Fault
		want   codes.Code
	}{
		"a driver that cannot be read": {"none", enginetest.Fault{Route: enginetest.RouteStop}, codes.Unimplemented},
		"not allowed":                  {"", enginetest.Fault{Route: enginetest.RouteLogs, Status: 403, Body: `{"message":"no"}`}, codes.PermissionDenied},
		"an engine's error":            {"", enginetest.Fault{Route: enginetest.RouteLogs, Status: 500, Body: `{"message":"x"}`}, codes.Unknown},
		"a stream that breaks":         {"", enginetest.Fault{Route: enginetest.RouteLogs, Cut: true}, codes.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Start(t, enginetest.Options{})
			c := e.RunContainer(enginetest.Spec{Name: "node", LogDriver: test.driver})
			emit(c, "a")
			e.Inject(test.fault)
			host, err := readOnce(t, startPlugin(t, e.Host(), nil), nodeTarget, sdk.ReadFrom{Tail: 5})
			wantError(t, err, test.want, "")
			if n := logtest.Count(host.Items(), "unreadable") + logtest.Count(host.Items(), "backlog end"); n != 0 {
				t.Errorf("got %q, want the error alone", host.Items())
			}
		})
	}
}

// TestReadOnceBesideAStreamThatStalls finds the lines that the followed stream
// does not deliver, and reads on from its cursor without losing or repeating one.
func TestReadOnceBesideAStreamThatStalls(t *testing.T) {
	for version, as := range personalities() {
		t.Run(version, func(t *testing.T) {
			s := newScene(t, as, false)
			s.say(t, 4)
			s.heard(t)
			unseen(t, s)
			newest, err := readOnce(t, s.plugin, nodeTarget, sdk.ReadFrom{Tail: 1})
			if got := logtest.Only(newest.Items(), "line "); err != nil || len(got) != 1 || got[0] != fmt.Sprint(s.lines) {
				t.Fatalf("got %q (%v), want the newest line, %d", got, err, s.lines)
			}
			behind, err := readOnce(t, s.plugin, nodeTarget, sdk.ReadFrom{Cursor: s.host.Cursor()})
			if got := logtest.Only(behind.Items(), "line "); err != nil || len(got) != 3 {
				t.Errorf("got %q (%v) behind the cursor, want three lines", got, err)
			}
			_ = s.stop()
			s.stop = read(t, s.plugin, nodeTarget, sdk.ReadFrom{Cursor: s.host.Cursor()}, s.host)
			s.say(t, 2)
			s.heard(t)
		})
	}
}

// realRotatingLog finds the newest line, beside a log that rotates fast, by
// reading again and again without following.
func realRotatingLog(t *testing.T, api *client.Client, image string) {
	for name, spec := range map[string]enginetest.Spec{
		"json-file": {LogDriver: "json-file", LogOptions: map[string]string{"compress": "true", "max-size": "100k", "max-file": "5"}},
		"local":     {LogDriver: "local", LogOptions: map[string]string{"max-size": "20k"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const lines = 5000
			spec.Name, spec.Image, spec.Args = enginetest.NewName(), image, []string{"pace:1ms", fmt.Sprintf("lines:%d", lines), "wait:"}
			realContainer(t, api, spec)
			p := startPlugin(t, "", nil)
			var last sdk.Line
			for deadline := time.Now().Add(logtest.Patience); string(last.Text) != fmt.Sprintf("run 1 line %d", lines); {
				newest := newestLine(t, p, Target{Container: spec.Name})
				if newest.Time.Before(last.Time) || time.Now().After(deadline) {
					t.Fatalf("the newest line is %q of %s, after one of %s", newest.Text, newest.Time, last.Time)
				}
				last = newest
			}
		})
	}
}

// newestLine reads the newest line; the zero value where there is none yet.
func newestLine(t testing.TB, p *plugin, target Target) (newest sdk.Line) {
	t.Helper()
	err := p.ReadLog(t.Context(), target, sdk.ReadFrom{Tail: 1, NoFollow: true}, sendFunc(func(item sdk.LogItem) error {
		if batch, ok := item.(sdk.Lines); ok {
			newest = batch.Lines[len(batch.Lines)-1]
			newest.Text = slices.Clone(newest.Text)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

// sendFunc is a host that is a function.
type sendFunc func(sdk.LogItem) error

func (f sendFunc) Send(item sdk.LogItem) error { return f(item) }
