package rule

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// explained makes a check and explains it.
func explained(t *testing.T, e *Engine, at time.Time) Explanation {
	t.Helper()
	c := e.Case()
	x, err := c.Explain("aleph", e.Check(at))
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
func node(change func(*Settings), lag uint64, seen ...Observation) *Engine {
	settings := dropIn()
	change(&settings)
	e := behind(settings, lag)
	for _, o := range seen {
		e.Observe(start, o)
	}
	return e
}

func TestWhatWouldChangeTheVerdict(t *testing.T) {
	same := func(*Settings) {}
	const failing = "\nhead source one fails: unknown (evidence)\nthe log cannot be read: unknown (evidence)"
	silent := func(s *Settings) {
		s.Custom = []Custom{{Name: "silent", When: above("log_age", 900), For: 2 * time.Minute, Message: fakeMessage("no line")}}
	}
	tests := []struct {
		name    string
		engine  *Engine
		at      time.Time
		verdict VerdictKind
		want    string
	}{
		{"ok", node(same, 3), at(0), OK,
			"lag above 100 (98 more): block_lag.severe would act\nlag above 20 (18 more): block_lag.moderate would act" + failing},
		{"ok, with a rule about time", node(silent, 3), at(100), OK,
			"lag above 100 (98 more): block_lag.severe would act\nlag above 20 (18 more): block_lag.moderate would act\n" +
				"nothing new is seen until the check in 16 min: rule.silent would act" + failing},
		{"ok, stopped", node(same, 50, said(start, Event{Kind: MajorSync})), at(0), OK,
			"lag above 100 (51 more): block_lag.severe would act\nmajor_sync false: block_lag.moderate would act" + failing},
		{"act", node(same, 150), at(0), Act,
			"lag of at most 100 (50 less): block_lag.moderate would act\nlag of at most 20 (130 less): ok" + failing},
		{"dry run", node(func(s *Settings) { s.DryRun = true }, 50), at(0), Held,
			"without dry run: block_lag.moderate would act\nlag above 100 (51 more): block_lag.severe would be held (dry run)\n" +
				"lag of at most 20 (30 less): ok\nmajor_sync true: ok\nproducing true: ok" + failing},
		{"two guards", node(func(s *Settings) { s.DryRun = true }, 150, Target{Exists: true, Running: true, StartedAt: began, Refuse: "two watch it"}), at(0), Held,
			"without dry run and without refused target (two watch it): block_lag.severe would act\n" +
				"lag of at most 100 (50 less): block_lag.moderate would be held (dry run)\nlag of at most 20 (130 less): ok" + failing},
		{"cooldown", node(same, 50, Action{Outcome: Done}), at(100), Held,
			"the cooldown ends in 3 min 20 s, and if nothing new is seen until then: block_lag.moderate would act"},
		{"cooldown of a node at the head", node(same, 0, Action{Outcome: Failed}), at(17.5), Held,
			"the cooldown ends in 43 s, and if nothing new is seen until then: ok"},
		{"no head", node(same, 0, HeadError{Source: "one", Error: "refused"}, HeadError{Source: "two", Error: "refused"}), at(0), Unknown,
			"head source one answers, and the node is at the head: ok\nhead source two answers, and the node is at the head: ok"},
		{"a log that cannot be read", node(same, 0, LogError{Error: "gone"}), at(0), Unknown, "the log can be read: ok"},
		{"a gap", node(same, 0, LogGap{Reason: "rotated"}), at(0), Unknown, "a line of this run's log names the block: ok"},
		{"nothing seen", New(dropIn()), at(0), Unknown,
			"a line of this run's log names the block and head source answers, and the node is at the head: ok"},
		{"stopped", node(same, 0, Target{Exists: true, StartedAt: began}), at(0), Unknown, "the container is started: held (cooldown)"},
		{"paused", node(same, 0, Target{Exists: true, Paused: true, StartedAt: began}), at(0), Unknown, "the container goes on: ok"},
		{"a cause", node(same, 150, said(start, Event{Kind: FatalCause, Name: "equivocation", Text: "x"})), at(0), Held,
			"restart_on_fatal = true: block_lag.severe would act" + failing},
		{"a fact is unknown", node(func(s *Settings) {
			s.Custom = []Custom{{Name: "few", When: fakeCondition{[]string{"fact.peers"}, func(fs Facts) (bool, error) { return fs.Get("fact.peers").Number < 3, nil }}, Message: fakeMessage("x")}}
		}, 0), at(0), Unknown,
			"lag above 100 (101 more): block_lag.severe would act\nlag above 20 (21 more): block_lag.moderate would act\nfact.peers known, such as 0: rule.few would act"},
		{"exited by itself, dry run", node(func(s *Settings) { s.DryRun = true }, 0, Target{Exists: true, StartedAt: began, MayStart: true}), at(0), Held,
			"without dry run: the container would be started"},
		{"stalled in a while", node(func(s *Settings) { s.SyncStall.LagAbove = 2 }, 3), at(0), OK,
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

func TestWaysOfRules(t *testing.T) {
	settings := dropIn()
	settings.Severe.LagAboveBy = fakeQuantity{[]string{"uptime"}, func(fs Facts) (uint64, error) { return uint64(fs.Get("uptime").Number / 100), nil }}
	settings.Moderate.For = 2 * time.Minute
	settings.FallingBehind.Enabled = false
	settings.Custom = []Custom{
		{Name: "slow", When: fakeCondition{[]string{"sync_rate"}, func(fs Facts) (bool, error) { return fs.Get("sync_rate").Number < 0.125, nil }}, Message: fakeMessage("x")},
		{Name: "late", When: fakeCondition{[]string{"eta"}, func(fs Facts) (bool, error) { return fs.Get("eta").Number >= 3600, nil }}, Message: fakeMessage("x"), Shadow: true},
		{Name: "word", When: fakeCondition{[]string{"fact.word"}, func(fs Facts) (bool, error) { return fs.Get("fact.word").Text == "x", nil }}, Message: fakeMessage("x")},
	}
	e := behind(settings, 50)
	e.Check(at(0))
	e.Observe(at(60), said(at(60), Event{Kind: FactGiven, Name: "word", Value: "y"}))
	x := explained(t, e, at(60))
	var got []string
	for _, r := range x.Rules {
		line := fmt.Sprintf("%s %s", r.Rule, r.Result)
		if r.Shadowed {
			line += " shadowed"
		}
		if r.For > 0 {
			line += fmt.Sprintf(" %v of %v", r.Held, r.For)
		}
		for _, way := range r.Ways {
			line += " | " + way.String()
		}
		got = append(got, line)
	}
	want := []string{
		"target passes", "cooldown passes", "evidence passes", "cause passes",
		"block_lag.severe no | lag above 108 (59 more) | uptime below 5000 s (5860 s less)",
		"sync_stall no | lag above 100 (51 more) and stalled_for of at least 180 s (120 s more)",
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
	e := node(func(s *Settings) { s.DryRun = true }, 150, Action{Outcome: Done},
		said(start, Event{Kind: FatalCause, Name: "equivocation", Text: "x"}), HeadError{Source: "two", Error: "refused"})
	x := explained(t, e, at(10))
	got := map[string]string{}
	for _, r := range x.Rules {
		got[r.Rule] = r.Result
	}
	want := map[string]string{"target": "passes", "cooldown": "decides", "evidence": "passes", "cause": "would",
		"block_lag.severe": "fires", "sync_stall": "no", "falling_behind": "no", "block_lag.moderate": "fires"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results differ (-want +got):\n%s", diff)
	}
	wantGuards := []GuardSeen{
		{Guard: GuardCooldown, Stands: true, Until: at(300), Left: 290, Text: "300s since the last action 10s ago"},
		{Guard: GuardDryRun, Stands: true, Text: "nothing is restarted"},
		{Guard: GuardRefused, Text: "may be acted on"},
		{Guard: GuardHold, Text: "none"},
	}
	if diff := cmp.Diff(wantGuards, x.Guards); diff != "" {
		t.Errorf("guards differ (-want +got):\n%s", diff)
	}
}

func TestInputsAreShownWithTheirAges(t *testing.T) {
	settings := dropIn()
	settings.SourceMaxAge = map[string]time.Duration{"stale": time.Second}
	e := New(settings)
	code := 137
	e.Restore(start, at(-3600), time.Time{})
	e.Observe(at(0), Target{Exists: true, Running: true, StartedAt: began, ExitCode: &code, Name: "node"})
	e.Observe(at(1), LogGap{Reason: "rotated"})
	e.Observe(at(2), imported(at(2), 1000))
	e.Observe(at(3), Head{Source: "best", Best: 1003, BlockTime: at(1), Endpoint: "https://user:key@host:8/path?key=1"})
	e.Observe(at(3), Head{Source: "lower", Best: 1002})
	e.Observe(at(3), Head{Source: "stale", Best: 1009, BlockTime: at(-1)})
	e.Observe(at(4), HeadError{Source: "down", Error: "refused"})
	e.Observe(at(4), Action{Outcome: NotDone, Detail: "it was busy"})
	x := explained(t, e, at(10))
	height := func(n uint64) *uint64 { return &n }
	age := func(s float64) *float64 { return &s }
	wantHeads := []HeadSeen{
		{Source: "best", Use: UseBest, Best: height(1003), Endpoint: "https://host:8", At: at(3), Age: 7, BlockTime: at(1), HeadAge: age(9), MaxAge: 180},
		{Source: "down", Use: UseError, Why: "refused", At: at(4), Age: 6, MaxAge: 180},
		{Source: "lower", Use: UseUsable, Best: height(1002), At: at(3), Age: 7, HeadAge: age(7), MaxAge: 180},
		{Source: "stale", Use: UseStale, Why: "its newest head is 11s old (max_age 1s)", Best: height(1009), At: at(3), Age: 7, BlockTime: at(-1), HeadAge: age(11), MaxAge: 1},
	}
	if diff := cmp.Diff(wantHeads, x.Heads); diff != "" {
		t.Errorf("heads differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(TargetSeen{State: "running", StartedAt: began, ExitCode: &code}, x.Target); diff != "" || x.Name != "node" {
		t.Errorf("target %q differs (-want +got):\n%s", x.Name, diff)
	}
	if diff := cmp.Diff(LogSeen{LastLine: at(2), Age: age(8), Lines: 1, Gap: "rotated", GapAt: at(1)}, x.Log); diff != "" {
		t.Errorf("log differs (-want +got):\n%s", diff)
	}
	wantActions := []ActionSeen{
		{At: at(-3600), Age: 3610, Outcome: Done, Detail: "known from before"},
		{At: at(4), Age: 6, Outcome: NotDone, Detail: "it was busy"},
	}
	if diff := cmp.Diff(wantActions, x.Actions); diff != "" {
		t.Errorf("actions differ (-want +got):\n%s", diff)
	}
	e.Observe(at(11), LogError{Error: "gone"})
	e.Observe(at(12), LogError{Error: "still gone"})
	x = explained(t, e, at(13))
	if x.Log.Unreadable != "still gone" || !x.Log.Since.Equal(at(11)) {
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
	e := node(func(s *Settings) { s.DryRun = true }, 150)
	c := e.Case()
	v := e.Check(at(1.5))
	line, err := v.AppendJSON(nil, "aleph")
	if err != nil {
		t.Fatal(err)
	}
	x, err := c.Explain("aleph", v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := appendJSON(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(string(line), "}") + ","; !strings.HasPrefix(string(got), want) {
		t.Errorf("got  %s\nwant %s ...", got, want)
	}
	var again Explanation
	if err := json.Unmarshal(got, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, again); diff != "" {
		t.Errorf("read back it differs:\n%s", diff)
	}
}

// TestExplainWhatTheHostHeld: the host found after the check that it may not
// act.
func TestExplainWhatTheHostHeld(t *testing.T) {
	e := node(func(*Settings) {}, 150)
	c := e.Case()
	v := e.Reconsider(e.Check(at(0)), "state cannot be written")
	x, err := c.Explain("aleph", v)
	if err != nil {
		t.Fatal(err)
	}
	if x.Verdict != Held || x.Guard != "state cannot be written" || !x.Guards[3].Stands || x.Guards[3].Text != x.Guard {
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
	e := behind(dropIn(), 3)
	c := e.Case()
	v := e.Check(at(0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Explain("aleph", v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCase(b *testing.B) {
	e := behind(dropIn(), 3)
	e.Check(at(0))
	b.ReportAllocs()
	for b.Loop() {
		e.Case()
	}
}
