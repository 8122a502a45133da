package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// fakeHead answers what it is, or nothing for ever.
type fakeHead struct {
	head  sdk.Head
	err   error
	hangs bool
}

func (f fakeHead) GetHead(context.Context) (sdk.Head, error) {
	if f.hangs {
		time.Sleep(time.Hour) // it does not heed its deadline
	}
	return f.head, f.err
}

// fakeTarget is a container; it fails the test where it is acted on.
type fakeTarget struct {
	t     *testing.T
	state sdk.State
	err   error
	hangs bool
}

func (f fakeTarget) Inspect(context.Context) (sdk.State, error) {
	if f.hangs {
		time.Sleep(time.Hour)
	}
	return f.state, f.err
}

func (f fakeTarget) Execute(context.Context, sdk.Request) (sdk.Result, error) {
	f.t.Error("it was acted on")
	return sdk.Result{}, nil
}

// fakeLog has lines of one second each, up to now.
type fakeLog struct {
	lines []string
	err   error
}

func (f fakeLog) ReadLog(_ context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	if !from.NoFollow {
		return errors.New("the log is followed")
	}
	var batch sdk.Lines
	for i, text := range f.lines {
		batch.Lines = append(batch.Lines, sdk.Line{Time: time.Now().Add(time.Duration(i-len(f.lines)) * time.Second), Text: []byte(text)})
	}
	return errors.Join(send(batch), send(sdk.BacklogEnd{}), f.err)
}

// fakeParser knows imports and one cause.
type fakeParser struct{}

func (fakeParser) Parse(_ context.Context, state []byte, lines []sdk.Line) ([]byte, []nodelog.Event, error) {
	var events []nodelog.Event
	for _, line := range lines {
		switch text := string(line.Text); {
		case text == "import":
			events = append(events, nodelog.Event{Time: line.Time, Kind: nodelog.BlockImported, Number: 90})
		case text == "corrupt":
			events = append(events, nodelog.Event{Time: line.Time, Kind: nodelog.FatalCause, Name: "database", Text: text})
		}
	}
	return state, events, nil
}

// madeAgo is a head that was made so long before it is asked for.
type madeAgo struct {
	sdk.Head
	ago time.Duration
}

func (m madeAgo) GetHead(context.Context) (sdk.Head, error) {
	m.Time = time.Now().Add(-m.ago)
	return m.Head, nil
}

func head(best uint64, endpoint, chain string, ago time.Duration) madeAgo {
	return madeAgo{sdk.Head{Best: best, Endpoint: endpoint, Chain: chain}, ago}
}

func TestExamine(t *testing.T) {
	ahead := 10 * time.Second
	running := sdk.State{Exists: true, Running: true, Name: "node", ID: "1"}
	imports := fakeLog{lines: []string{"import", "what", "import"}}
	tests := []struct {
		name   string
		state  sdk.State
		err    error
		hangs  bool
		heads  map[string]monitor.HeadSource
		log    fakeLog
		judged bool
		// node is the node's own endpoint; noParser that its log is not read.
		node     monitor.HeadSource
		noParser bool
		allow    []string
		// want are the findings that are not fine, and what they begin with.
		want []string
	}{
		{name: "all is well", state: running, log: imports, judged: true, heads: map[string]monitor.HeadSource{"a": head(100, "https://a.example", "0x1", 3*time.Second), "b": head(99, "https://b.test", "1", 9*time.Second)}},
		{name: "another chain", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "x", 0), "b": head(105, "", "y", 0)},
			want: []string{"error the endpoints belong to different chains: a on x; b on y", "note the node has block 90 and the network 105: lag 15"}},
		{name: "far apart, and one provider", state: running, log: imports, judged: true, heads: map[string]monitor.HeadSource{"a": head(100, "https://x.a.example", "", 0), "b": head(150, "https://y.a.example", "", 0)},
			want: []string{"warning a is 50 blocks below b, whose height counts", "warning heads of 1 provider count, and the quorum is 2", "note the node has block 90 and the network 150: lag 60"}},
		{name: "nobody answers", state: running, log: imports, judged: true, heads: map[string]monitor.HeadSource{"a": fakeHead{err: errors.New("lookup todo-set-rpc-url-1.invalid")}, "b": fakeHead{hangs: true}},
			want: []string{"error head_source.a is still to be named", "error head_source.b does not answer: no answer within 20s", "warning the first verdict would be unknown, rule evidence"}},
		{name: "from the future", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "", -30*time.Second)},
			want: []string{"error the newest block is from 30s in the future"}},
		{name: "a network that stands", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "", time.Hour)},
			want: []string{"warning head_source.a is at block 100 and does not count", "warning the newest block of all endpoints was made 60 minutes ago", "warning the first verdict would be unknown, rule evidence"}},
		{name: "another language", state: running, log: fakeLog{lines: strings.Fields(strings.Repeat("what ", 30))}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the parser understood none of them", "warning the first verdict would be unknown, rule evidence"}},
		{name: "a cause, and hazards", log: fakeLog{lines: []string{"import", "corrupt", "corrupt"}}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			state: sdk.State{Exists: true, Running: true, Name: "node", ID: "1", ClockAhead: &ahead, Refuse: "it is a task of a swarm", Notes: []string{"x"}, Hazards: []sdk.Hazard{{ID: "purge", Level: sdk.HazardRefuse, What: "it purges", Mend: "do not"}, {ID: "n", Level: sdk.HazardNote, What: "x"}}},
			want:  []string{"error it is a task of a swarm", "error purge: it purges", "note n: x", "warning the engine's clock is 10s ahead of this machine's", "warning the log of this run tells of database: corrupt", "note the first verdict would be held, rule cause"}},
		{name: "the node's own endpoint is of another chain", state: running, log: imports, node: head(95, "", "0x2", 0), heads: map[string]monitor.HeadSource{"a": head(100, "", "0x1", 0)},
			want: []string{"error the endpoints belong to different chains: a on "}},
		{name: "the node's own endpoint does not answer, and no log is read", state: running, noParser: true, node: fakeHead{err: errors.New("refused")}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the node's own endpoint head_source.own does not answer: refused", "warning the first verdict would be unknown, rule evidence"}},
		{name: "one of three is above", state: running, log: imports, judged: true, heads: map[string]monitor.HeadSource{"a": head(100, "https://a.example", "", 0), "b": head(101, "https://b.test", "", 0), "c": head(1000101, "https://c.invalid", "", 0)},
			want: []string{"warning c is 1000000 blocks above a and b and has no majority: it does not count", "note the node has block 90 and the network 101: lag 11"}},
		{name: "one of three is below", state: running, log: imports, judged: true, heads: map[string]monitor.HeadSource{"a": head(100, "https://a.example", "", 0), "b": head(100, "https://b.test", "", 0), "c": head(50, "https://c.invalid", "", 0)},
			want: []string{"warning c is 50 blocks below a and b, whose height counts"}},
		{name: "without a judge the highest counts", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0), "b": head(100, "", "", 0), "c": head(500, "", "", 0)},
			want: []string{"warning a is 400 blocks below c, the highest, which counts", "warning b is 400 blocks below c, the highest, which counts", "note the node has block 90 and the network 500: lag 410"}},
		{name: "too few lines", state: running, log: fakeLog{lines: []string{"what"}}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"warning the parser understood none of them", "warning the first verdict would be unknown, rule evidence"}},
		{name: "a node that is behind", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(138, "", "", 0)},
			want: []string{"note the node has block 90 and the network 138: lag 48"}},
		{name: "a network at block 0", state: running, log: imports, heads: map[string]monitor.HeadSource{"a": head(0, "", "", 0)},
			want: []string{"warning head_source.a is at block 0", "warning the node has block 90 and the network 0: lag 0"}},
		{name: "the node's own endpoint does not answer", state: running, log: imports, node: fakeHead{err: errors.New("refused")}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"warning the node's own endpoint head_source.own does not answer: refused"}},
		{name: "no log is read", state: running, node: head(95, "", "", 0), noParser: true, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)}},
		{name: "a hazard that is allowed", log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)}, allow: []string{"purge"},
			state: sdk.State{Exists: true, Running: true, Name: "node", ID: "1", Hazards: []sdk.Hazard{{ID: "purge", Level: sdk.HazardRefuse, What: "it purges", Mend: "do not"}, {ID: "slow", Level: sdk.HazardWarn, What: "it is slow"}}},
			want:  []string{"note purge: it purges (preflight allows it)", "warning slow: it is slow"}},
		{name: "no log", state: running, log: fakeLog{err: errors.New("driver none")}, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the log cannot be read: driver none", "warning the first verdict would be unknown, rule evidence"}},
		{name: "absent", heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)}, want: []string{"error there is no container node", "warning the first verdict would be unknown, rule target"}},
		{name: "stopped", state: sdk.State{Exists: true, Name: "node", OOMKilled: true}, log: imports, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"warning node does not run, its last run ran out of memory", "warning the first verdict would be unknown, rule target"}},
		{name: "an engine that hangs", hangs: true, heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the engine cannot be asked about node: no answer within 20s", "warning the first verdict would be unknown, rule target"}},
		{name: "an engine that is slow", err: fmt.Errorf("GET /_ping: %w", context.DeadlineExceeded), heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the engine cannot be asked about node: GET /_ping: no answer in time", "warning the first verdict would be unknown, rule target: Container node cannot be inspected: GET /_ping: no answer in time"}},
		{name: "a closed socket", err: sdk.Denied(errors.New("add group 99")), heads: map[string]monitor.HeadSource{"a": head(100, "", "", 0)},
			want: []string{"error the engine cannot be asked about node: add group 99", "warning the first verdict would be unknown, rule target"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
				time.Sleep(time.Until(now)) // heads of before 2020 have no time
				c := monitor.Config{Name: "m", Heads: test.heads, Tail: 100, Log: test.log, Parser: fakeParser{},
					Target:   fakeTarget{t: t, state: test.state, err: test.err, hangs: test.hangs},
					Settings: rule.Settings{Name: "node", Interval: time.Minute, MaxAge: 3 * time.Minute}}
				c.Settings.Preflight = &rule.Preflight{Allow: test.allow}
				if test.node != nil {
					c.Node, c.NodeName, c.Settings.Node = test.node, "own", true
				}
				if test.noParser {
					c.Log, c.Parser, c.Settings.NoLog = nil, nil, true
				}
				if test.judged {
					c.Settings.Judge = &judge.Settings{Quorum: 2, Tolerance: 10 * time.Second}
				}
				defer time.Sleep(2 * time.Hour) // until what hangs has ended
				var got []string
				for _, f := range Examine(t.Context(), c) {
					if f.Level != OK {
						got = append(got, string(f.Level)+" "+f.What)
					}
				}
				for i := range min(len(got), len(test.want)) {
					if strings.HasPrefix(got[i], test.want[i]) {
						got[i] = test.want[i]
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// On the profile careful a healthy node's first verdict lacks the time between blocks
// alone, and that is no fault; what is missing beside it is one. The node's height and
// lag are those of the first verdict.
func TestFirstVerdictOfCareful(t *testing.T) {
	c, wrong := config.Load("../../../examples/careful.hcl", func(string) (string, bool) { return "", false })
	if wrong.HasErrors() {
		t.Fatal(wrong)
	}
	const unknown = "the first verdict would be unknown, rule evidence"
	for _, test := range []struct {
		name      string
		log       fakeLog
		blockTime time.Duration
		want      Finding
	}{
		{"healthy", fakeLog{lines: []string{"import", "import"}}, 0, Finding{Note, unknown, "block_time is learned in the first minutes"}},
		{"healthy", fakeLog{lines: []string{"import", "import"}}, 0, Finding{OK, "the node has block 90 and the network 92: lag 2", ""}},
		{"block_time is said", fakeLog{lines: []string{"import", "import"}}, 6 * time.Second, Finding{OK, "the first verdict would be ok", ""}},
		{"no log", fakeLog{err: errors.New("driver none")}, 0, Finding{Warning, unknown, "What is unknown restarts nothing"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)))
				m := monitor.Config{Name: "m", Tail: 100, Log: test.log, Parser: fakeParser{}, Settings: c.Monitors[0].Settings,
					Heads:  map[string]monitor.HeadSource{"a": head(92, "https://a.example", "", 0), "b": head(92, "https://b.test", "", 0)},
					Target: fakeTarget{t: t, state: sdk.State{Exists: true, Running: true, Name: "node", ID: "1", StartedAt: time.Now().Add(-time.Hour)}}}
				m.Settings.Judge = new(*m.Settings.Judge)
				m.Settings.Judge.BlockTime = test.blockTime
				found := Examine(t.Context(), m)
				if !slices.ContainsFunc(found, func(f Finding) bool {
					return f.Level == test.want.Level && strings.HasPrefix(f.What, test.want.What) && strings.HasPrefix(f.Mend, test.want.Mend)
				}) {
					t.Errorf("%v is not in %v", test.want, found)
				}
			})
		})
	}
}

// The line of the node's own endpoint has all that it says.
func TestNodeSays(t *testing.T) {
	for _, test := range []struct {
		head sdk.Head
		want Finding
	}{
		{sdk.Head{Best: 95, Chain: "0x1", Syncing: new(true), Peers: new(uint64(7))}, Finding{OK, "the node's own endpoint head_source.own is at block 95, and syncs, with 7 peers, on chain 1", ""}},
		{sdk.Head{}, Finding{Note, "the node's own endpoint head_source.own is at block 0", ""}},
	} {
		var found findings
		(&examination{node: &headAnswer{source: "own", head: test.head}}).judgeNode(&found)
		if diff := cmp.Diff(findings{test.want}, found); diff != "" {
			t.Errorf("found (-want +got):\n%s", diff)
		}
	}
}

// What is written to try a folder is gone again, and nothing is made.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Level{dir: OK, filepath.Join(dir, "a", "b"): OK, file: Error, filepath.Join(file, "x"): Error} {
		if found := Folder("folder", path); len(found) != 1 || found[0].Level != want || (want == Error) != (found[0].Mend != "") {
			t.Errorf("%s: %v, want %s", path, found, want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v is left: %v", entries, err)
	}
}
