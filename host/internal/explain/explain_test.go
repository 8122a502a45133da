package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// explained makes a check and explains it.
func explained(t *testing.T, e *rule.Engine, at time.Time) Explanation {
	t.Helper()
	c := e.Clone()
	x, err := Verdict("aleph", c, e.Check(at))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func texts(changes []Change) string {
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.Text)
	}
	return strings.Join(lines, "\n")
}

// node is a node lag blocks behind, with its state for changes.
func node(change func(*rule.Settings), lag uint64, seen ...rule.Observation) *rule.Engine {
	settings := DropIn()
	change(&settings)
	e := Behind(settings, lag)
	for _, o := range seen {
		e.Observe(Start, o)
	}
	return e
}

func TestWhatWouldChangeTheVerdict(t *testing.T) {
	same := func(*rule.Settings) {}
	const failing = "\nhead source one fails: unknown (evidence)\nthe log cannot be read: unknown (evidence)"
	silent := func(s *rule.Settings) {
		s.Custom = []ruleset.Custom{{Name: "silent", When: IsAbove("log_age", 900), For: 2 * time.Minute, Message: FakeMessage("no line")}}
	}
	tests := []struct {
		name    string
		engine  *rule.Engine
		at      time.Time
		verdict rule.VerdictKind
		want    string
	}{
		{"ok", node(same, 3), At(0), rule.OK,
			"lag above 100 (98 more): block_lag.severe would act\nlag above 20 (18 more): block_lag.moderate would act" + failing},
		{"ok, with a rule about time", node(silent, 3), At(100), rule.OK,
			"lag above 100 (98 more): block_lag.severe would act\nlag above 20 (18 more): block_lag.moderate would act\n" +
				"nothing new is seen until the check in 16 min: rule.silent would act" + failing},
		{"ok, stopped", node(same, 50, Said(Start, nodelog.Event{Kind: nodelog.MajorSync})), At(0), rule.OK,
			"lag above 100 (51 more): block_lag.severe would act\nmajor_sync false: block_lag.moderate would act" + failing},
		{"act", node(same, 150), At(0), rule.Act,
			"lag of at most 100 (50 less): block_lag.moderate would act\nlag of at most 20 (130 less): ok" + failing},
		{"dry run", node(func(s *rule.Settings) { s.DryRun = true }, 50), At(0), rule.Held,
			"without dry run: block_lag.moderate would act\nlag above 100 (51 more): block_lag.severe would be held (dry run)\n" +
				"lag of at most 20 (30 less): ok\nmajor_sync true: ok\nproducing true: ok" + failing},
		{"two guards", node(func(s *rule.Settings) { s.DryRun = true }, 150, rule.Target{Exists: true, Running: true, StartedAt: Began, Refuse: "two watch it"}), At(0), rule.Held,
			"without dry run and without refused target (two watch it): block_lag.severe would act\n" +
				"lag of at most 100 (50 less): block_lag.moderate would be held (dry run)\nlag of at most 20 (130 less): ok" + failing},
		{"cooldown", node(same, 50, rule.Action{Outcome: rule.Done}), At(100), rule.Held,
			"the cooldown ends in 3 min 20 s, and if nothing new is seen until then: block_lag.moderate would act"},
		{"cooldown of a node at the head", node(same, 0, rule.Action{Outcome: rule.Failed}), At(17.5), rule.Held,
			"the cooldown ends in 43 s, and if nothing new is seen until then: ok"},
		{"no head", node(same, 0, rule.HeadError{Source: "one", Error: "refused"}, rule.HeadError{Source: "two", Error: "refused"}), At(0), rule.Unknown,
			"head source one answers, and the node is at the head: ok\nhead source two answers, and the node is at the head: ok"},
		{"a log that cannot be read", node(same, 0, rule.LogError{Error: "gone"}), At(0), rule.Unknown, "the log can be read: ok"},
		{"a gap", node(same, 0, rule.LogGap{Reason: "rotated"}), At(0), rule.Unknown, "a line of this run's log names the block: ok"},
		{"nothing seen", rule.New(DropIn()), At(0), rule.Unknown,
			"a line of this run's log names the block and head source answers, and the node is at the head: ok"},
		{"stopped", node(same, 0, rule.Target{Exists: true, StartedAt: Began}), At(0), rule.Unknown, "the container is started: held (cooldown)"},
		{"paused", node(same, 0, rule.Target{Exists: true, Paused: true, StartedAt: Began}), At(0), rule.Unknown, "the container goes on: ok"},
		{"a cause", node(same, 150, Said(Start, nodelog.Event{Kind: nodelog.FatalCause, Name: "equivocation", Text: "x"})), At(0), rule.Held,
			"restart_on_fatal = true: block_lag.severe would act"},
		{"a fact is unknown", node(func(s *rule.Settings) {
			s.Custom = []ruleset.Custom{{Name: "few", When: FakeCondition{Facts: []string{"fact.peers"}, Func: func(fs fact.List) (bool, error) { return fs.Get("fact.peers").Number < 3, nil }}, Message: FakeMessage("x")}}
		}, 0), At(0), rule.Unknown,
			"lag above 100 (101 more): block_lag.severe would act\nlag above 20 (21 more): block_lag.moderate would act\nfact.peers known, such as 0: rule.few would act"},
		{"exited by itself, dry run", node(func(s *rule.Settings) { s.DryRun = true }, 0, rule.Target{Exists: true, StartedAt: Began, MayStart: true}), At(0), rule.Held,
			"without dry run: the container would be started"},
		{"stalled in a while", node(func(s *rule.Settings) { s.SyncStall.LagAbove = 2 }, 3), At(0), rule.OK,
			"lag above 100 (98 more): block_lag.severe would act\nlag above 20 (18 more): block_lag.moderate would act\n" +
				"nothing new is seen until the check in 3 min: sync_stall would act" + failing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := explained(t, test.engine, test.at)
			if x.Verdict != test.verdict {
				t.Errorf("got %s (%s), want %s", x.Verdict, x.Reason, test.verdict)
			}
			if diff := cmp.Diff(strings.Split(test.want, "\n"), strings.Split(texts(x.Changes), "\n")); diff != "" {
				t.Errorf("changes differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTurnsOfRules(t *testing.T) {
	settings := DropIn()
	settings.Severe.LagAboveBy = FakeQuantity{Facts: []string{"uptime"}, Func: func(fs fact.List) (uint64, error) { return uint64(fs.Get("uptime").Number / 100), nil }}
	settings.Moderate.For = 2 * time.Minute
	settings.FallingBehind.Enabled = false
	settings.Custom = []ruleset.Custom{
		{Name: "slow", When: FakeCondition{Facts: []string{"sync_rate"}, Func: func(fs fact.List) (bool, error) { return fs.Get("sync_rate").Number < 0.125, nil }}, Message: FakeMessage("x")},
		{Name: "late", When: FakeCondition{Facts: []string{"eta"}, Func: func(fs fact.List) (bool, error) { return fs.Get("eta").Number >= 3600, nil }}, Message: FakeMessage("x"), Shadow: true},
		{Name: "word", When: FakeCondition{Facts: []string{"fact.word"}, Func: func(fs fact.List) (bool, error) { return fs.Get("fact.word").Text == "x", nil }}, Message: FakeMessage("x")},
	}
	e := Behind(settings, 50)
	e.Check(At(0))
	e.Observe(At(60), Said(At(60), nodelog.Event{Kind: nodelog.FactGiven, Name: "word", Value: "y"}))
	x := explained(t, e, At(60))
	var got []string
	for _, r := range x.Rules {
		line := fmt.Sprintf("%s %s", r.Rule, r.Result)
		if r.Shadowed {
			line += " shadowed"
		}
		if r.For > 0 {
			line += fmt.Sprintf(" %v of %v", r.Held, r.For)
		}
		for _, needs := range r.Turns {
			line += " | " + needs.String()
		}
		got = append(got, line)
	}
	want := []string{
		"target passes", "cooldown passes", "cause passes", "evidence passes",
		"block_lag.severe no | lag above 108 (59 more) | uptime below 5000 s (5860 s less)",
		"sync_stall no",
		"falling_behind off",
		"block_lag.moderate waits 60 of 120 | lag of at most 20 (30 less) | major_sync true | producing true",
		"rule.slow fires | sync_rate of at least 0.125 (0.125 more)",
		"rule.late shadow shadowed | eta below 3600 s",
		"rule.word no",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules differ (-want +got):\n%s", diff)
	}
}

// TestWhatDecidesFirstHidesNothing: behind the cooldown everything else is asked
// all the same.
func TestWhatDecidesFirstHidesNothing(t *testing.T) {
	e := node(func(s *rule.Settings) { s.DryRun = true }, 150, rule.Action{Outcome: rule.Done},
		Said(Start, nodelog.Event{Kind: nodelog.FatalCause, Name: "equivocation", Text: "x"}), rule.HeadError{Source: "two", Error: "refused"})
	x := explained(t, e, At(10))
	got := map[string]string{}
	for _, r := range x.Rules {
		got[r.Rule] = r.Result
	}
	want := map[string]string{"target": "passes", "cooldown": "decides", "evidence": "passes", "cause": "would",
		"block_lag.severe": "fires", "sync_stall": "no", "falling_behind": "no", "block_lag.moderate": "fires"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results differ (-want +got):\n%s", diff)
	}
	wantGuards := []Guard{
		{Guard: rule.GuardCooldown, Stands: true, Until: At(300), Left: 290, Text: "300s since the last action 10s ago"},
		{Guard: rule.GuardDryRun, Stands: true, Text: "nothing is restarted"},
		{Guard: rule.GuardRefused, Text: "may be acted on"},
		{Guard: rule.GuardHold, Text: "none"},
	}
	if diff := cmp.Diff(wantGuards, x.Guards); diff != "" {
		t.Errorf("guards differ (-want +got):\n%s", diff)
	}
}

func TestInputsAreShownWithTheirAges(t *testing.T) {
	settings := DropIn()
	settings.SourceMaxAge = map[string]time.Duration{"stale": time.Second}
	e := rule.New(settings)
	code := 137
	e.Restore(Start, At(-3600), time.Time{})
	e.Observe(At(0), rule.Target{Exists: true, Running: true, StartedAt: Began, ExitCode: &code, Name: "node"})
	e.Observe(At(1), rule.LogGap{Reason: "rotated"})
	e.Observe(At(2), Imported(At(2), 1000))
	e.Observe(At(3), rule.Head{Source: "best", Best: 1003, BlockTime: At(1), Endpoint: "https://user:key@host:8/path?key=1"})
	e.Observe(At(3), rule.Head{Source: "lower", Best: 1002})
	e.Observe(At(3), rule.Head{Source: "stale", Best: 1009, BlockTime: At(-1)})
	e.Observe(At(4), rule.HeadError{Source: "down", Error: "refused"})
	e.Observe(At(4), rule.Action{Outcome: rule.NotDone, Detail: "it was busy"})
	x := explained(t, e, At(10))
	height := func(n uint64) *uint64 { return &n }
	age := func(s float64) *float64 { return &s }
	wantHeads := []Head{
		{Source: "best", Use: UseBest, Best: height(1003), Endpoint: "https://host:8", At: At(3), Age: 7, BlockTime: At(1), HeadAge: age(9), MaxAge: 180},
		{Source: "down", Use: UseError, Why: "refused", At: At(4), Age: 6, MaxAge: 180},
		{Source: "lower", Use: UseUsable, Best: height(1002), At: At(3), Age: 7, HeadAge: age(7), MaxAge: 180},
		{Source: "stale", Use: UseStale, Why: "its newest head is 11s old (max_age 1s), or this machine's clock is ahead", Best: height(1009), At: At(3), Age: 7, BlockTime: At(-1), HeadAge: age(11), MaxAge: 1},
	}
	if diff := cmp.Diff(wantHeads, x.Heads); diff != "" {
		t.Errorf("heads differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Target{State: "running", Target: rule.Target{Exists: true, Running: true, StartedAt: Began, ExitCode: &code, Name: "node"}}, x.Target); diff != "" || x.Name != "node" {
		t.Errorf("target %q differs (-want +got):\n%s", x.Name, diff)
	}
	if diff := cmp.Diff(Log{LastLine: At(2), Age: age(8), Lines: 1, Gap: "rotated", GapAt: At(1)}, x.Log); diff != "" {
		t.Errorf("log differs (-want +got):\n%s", diff)
	}
	wantActions := []Action{
		{At: At(-3600), Age: 3610, Action: rule.Action{Outcome: rule.Done, Detail: "known from before"}},
		{At: At(4), Age: 6, Action: rule.Action{Outcome: rule.NotDone, Detail: "it was busy"}},
	}
	if diff := cmp.Diff(wantActions, x.Actions); diff != "" {
		t.Errorf("actions differ (-want +got):\n%s", diff)
	}
	e.Observe(At(11), rule.LogError{Error: "gone"})
	e.Observe(At(12), rule.LogError{Error: "still gone"})
	x = explained(t, e, At(13))
	if x.Log.Unreadable != "still gone" || !x.Log.Since.Equal(At(11)) {
		t.Errorf("log is unreadable since %s: %s", x.Log.Since, x.Log.Unreadable)
	}
	for _, r := range x.Readings {
		if r.Fact == "synced" && (string(r.Value) != "null" || r.Missing != "the log cannot be read: still gone") {
			t.Errorf("synced is %s: %s", r.Value, r.Missing)
		}
	}
}

// TestExplanationBeginsWithTheVerdictsLine: what reads the one reads the other.
func TestExplanationBeginsWithTheVerdictsLine(t *testing.T) {
	e := node(func(s *rule.Settings) { s.DryRun = true }, 150)
	c := e.Clone()
	v := e.Check(At(1.5))
	line, err := v.AppendJSON(nil, "aleph")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Verdict("aleph", c, v)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(x); err != nil {
		t.Fatal(err)
	}
	got := text.String()
	if want := strings.TrimSuffix(string(line), "}") + ","; !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s ...", got, want)
	}
	var again Explanation
	if err := json.Unmarshal(text.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, again); diff != "" {
		t.Errorf("read back it differs:\n%s", diff)
	}
}

// TestExplainWhatTheHostHeld: the host found after the check that it may not
// act.
func TestExplainWhatTheHostHeld(t *testing.T) {
	e := node(func(*rule.Settings) {}, 150)
	c := e.Clone()
	v := e.Reconsider(e.Check(At(0)), "state cannot be written")
	x, err := Verdict("aleph", c, v)
	if err != nil {
		t.Fatal(err)
	}
	if x.Verdict != rule.Held || x.Guard != "state cannot be written" || !x.Guards[3].Stands || x.Guards[3].Text != x.Guard {
		t.Errorf("got %s by %q, guards %+v", x.Verdict, x.Guard, x.Guards)
	}
	if want := "without host's hold (state cannot be written): block_lag.severe would act"; x.Changes[0].Text != want {
		t.Errorf("got %q, want %q", x.Changes[0].Text, want)
	}
}

func TestSpan(t *testing.T) {
	tests := map[time.Duration]string{0: "0 s", time.Millisecond: "1 s", 43 * time.Second: "43 s", time.Minute: "1 min", 258 * time.Second: "4 min 18 s",
		2 * time.Hour: "2 h", 2*time.Hour + 5*time.Minute + 7*time.Second: "2 h 5 min", 50 * time.Hour: "2 d 2 h"}
	for d, want := range tests {
		if got := Span(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	e := Behind(DropIn(), 3)
	c := e.Clone()
	v := e.Check(At(0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verdict("aleph", c, v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCase(b *testing.B) {
	e := Behind(DropIn(), 3)
	e.Check(At(0))
	b.ReportAllocs()
	for b.Loop() {
		e.Clone()
	}
}
