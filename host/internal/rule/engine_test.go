package rule

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// start is when every engine here begins to look, began the start of the run.
var (
	start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	began = start.Add(-3 * time.Hour)
)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// dropIn are the settings of the drop-in.
func dropIn() Settings {
	producing := truth("producing")
	return Settings{
		Name: "azero", Interval: time.Minute, MaxAge: 3 * time.Minute,
		Severe:        BlockLag{Switch: Switch{Enabled: true}, LagAbove: 100},
		SyncStall:     SyncStall{Switch: Switch{Enabled: true, Unless: producing}, LagAbove: 100, For: 3 * time.Minute},
		FallingBehind: FallingBehind{Switch: Switch{Enabled: true, Unless: producing}, LagAbove: 100, Window: 5 * time.Minute},
		Moderate:      BlockLag{Switch: Switch{Enabled: true, Unless: fakeCondition{needs: []string{"major_sync", "producing"}, holds: either}}, LagAbove: 20},
		Cooldown:      Cooldown{AfterAction: 5 * time.Minute, AfterFailure: time.Minute},
	}
}

// fakeCondition is a condition in Go.
type fakeCondition struct {
	needs []string
	holds func(Facts) (bool, error)
}

var _ Condition = fakeCondition{}

func (c fakeCondition) Needs() []string                 { return c.needs }
func (c fakeCondition) Holds(facts Facts) (bool, error) { return c.holds(facts) }

func truth(name string) fakeCondition {
	return fakeCondition{needs: []string{name}, holds: func(facts Facts) (bool, error) { return facts.Get(name).Truth, nil }}
}

func either(facts Facts) (bool, error) {
	return facts.Get("major_sync").Truth || facts.Get("producing").Truth, nil
}

// fakeMessage is a text without facts.
type fakeMessage string

func (m fakeMessage) Text(Facts) string { return string(m) }

// behind returns an engine that sees a running target, lag blocks behind at
// block 1000.
func behind(settings Settings, lag uint64) *Engine {
	e := New(settings)
	e.Observe(start, Target{Exists: true, Running: true, StartedAt: began})
	e.Observe(start, imported(start, 1000))
	e.Observe(start, Head{Source: "one", Best: 1000 + lag})
	return e
}

func imported(t time.Time, number uint64) Log {
	return said(t, Event{Kind: BlockImported, Number: number})
}

// said is a line with what it says.
func said(t time.Time, events ...Event) Log {
	for i := range events {
		events[i].Time = t
	}
	return Log{Lines: 1, Last: t, Events: events}
}

func wantVerdict(t *testing.T, v Verdict, kind VerdictKind, rule, reason string) {
	t.Helper()
	if v.Kind != kind || v.Rule != rule || v.Reason != reason {
		t.Errorf("got  %s %q: %s\nwant %s %q: %s", v.Kind, v.Rule, v.Reason, kind, rule, reason)
	}
}

const severeText = "Container azero is behind by 101 blocks (>100). Restarting..."

func TestRestoredActionCoolsDown(t *testing.T) {
	tests := []struct {
		name         string
		done, failed time.Time
		at           time.Time
		kind         VerdictKind
	}{
		{"nothing was done", time.Time{}, time.Time{}, start, Act},
		{"done a second too short ago", at(-299), time.Time{}, start, Held},
		{"done long enough ago", at(-300), time.Time{}, start, Act},
		{"failed a second too short ago", time.Time{}, at(-59), start, Held},
		{"failed long enough ago", time.Time{}, at(-60), start, Act},
		{"saved in the future, at once", at(86400), time.Time{}, start, Held},
		{"saved in the future, a full cooldown later", at(86400), time.Time{}, at(300), Act},
		{"failed in the future, a full cooldown later", time.Time{}, at(86400), at(60), Act},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(dropIn())
			e.Restore(start, test.done, test.failed)
			e.Observe(test.at, Target{Exists: true, Running: true, StartedAt: began})
			e.Observe(test.at, imported(test.at, 1000))
			e.Observe(test.at, Head{Source: "one", Best: 1101})
			if v := e.Check(test.at); v.Kind != test.kind {
				t.Errorf("got %s (%s), want %s", v.Kind, v.Reason, test.kind)
			}
		})
	}
}

func TestLastActionIsWhatRestoreTakes(t *testing.T) {
	e := New(dropIn())
	if done, failed := e.LastAction(); !done.IsZero() || !failed.IsZero() {
		t.Errorf("an engine that did nothing has done %v, failed %v", done, failed)
	}
	e.Observe(at(1), Action{Outcome: Failed})
	e.Observe(at(2), Action{Outcome: NotDone})
	e.Observe(at(3), Action{Outcome: Unclear})
	done, failed := e.LastAction()
	if !done.Equal(at(3)) || !failed.Equal(at(1)) {
		t.Errorf("got done %v, failed %v; want %v, %v", done, failed, at(3), at(1))
	}
	other := New(dropIn())
	other.Restore(at(4), done, failed)
	if d, f := other.LastAction(); !d.Equal(done) || !f.Equal(failed) {
		t.Errorf("restored done %v, failed %v; want %v, %v", d, f, done, failed)
	}
}

func TestReconsiderHoldsAnAct(t *testing.T) {
	e := behind(dropIn(), 101)
	v := e.Check(start)
	wantVerdict(t, v, Act, RuleSevere, severeText)
	held := e.Reconsider(v, "state cannot be written")
	wantVerdict(t, held, Held, RuleSevere, severeText+" (state cannot be written: not restarted)")
	if held.Guard != "state cannot be written" {
		t.Errorf("guard %q", held.Guard)
	}
	if diff := cmp.Diff(v.Facts, held.Facts); diff != "" {
		t.Errorf("facts changed:\n%s", diff)
	}
	if held.Fetched != v.Fetched {
		t.Errorf("fetched %d, want %d", held.Fetched, v.Fetched)
	}
	wantVerdict(t, e.Check(at(1)), Held, RuleSevere, severeText+" (state cannot be written: not restarted)")
	e.Hold("")
	wantVerdict(t, e.Check(at(2)), Act, RuleSevere, severeText)
}

func TestGuardsInTheirOrder(t *testing.T) {
	settings := dropIn()
	settings.DryRun = true
	e := behind(settings, 101)
	e.Hold("paused")
	e.Observe(start, Target{Exists: true, Running: true, StartedAt: began, Refuse: "it is headwatch itself"})
	for _, want := range []string{"dry run", "it is headwatch itself", "paused", ""} {
		if v := e.Check(start); v.Guard != want {
			t.Errorf("guard %q, want %q", v.Guard, want)
		}
		switch want {
		case "dry run":
			settings.DryRun = false
			e.Configure(settings)
		case "it is headwatch itself":
			e.Observe(start, Target{Exists: true, Running: true, StartedAt: began})
		default:
			e.Hold("")
		}
	}
}

func TestConfigureKeepsWhatWasSeen(t *testing.T) {
	settings := dropIn()
	e := behind(settings, 50)
	wantVerdict(t, e.Check(start), Act, RuleModerate, "Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting...")
	settings.Name, settings.Severe.LagAbove = "other", 40
	e.Configure(settings)
	wantVerdict(t, e.Check(start), Act, RuleSevere, "Container other is behind by 50 blocks (>40). Restarting...")
	e.Observe(start, Target{Name: "seen", Exists: true, Running: true, StartedAt: began})
	e.Configure(settings)
	if v := e.Check(start); v.Target != "seen" {
		t.Errorf("target %q, want the name that was observed", v.Target)
	}
}

// No check may rest on half a backlog: until its end is marked the log counts
// as not read.
func TestPartialBacklogIsNoEvidence(t *testing.T) {
	e := New(dropIn())
	e.Observe(start, LogError{Error: "not read yet"})
	e.Observe(start, Target{Exists: true, Running: true, StartedAt: began})
	e.Observe(start, Head{Source: "one", Best: 1101})
	half := imported(start, 500)
	half.Partial = true
	e.Observe(start, half)
	wantVerdict(t, e.Check(start), Unknown, RuleEvidence, "Container azero: the log cannot be read: not read yet")
	rest := imported(start, 1000)
	rest.Partial = true
	e.Observe(start, rest)
	e.Observe(start, Log{})
	wantVerdict(t, e.Check(start), Act, RuleSevere, severeText)
}

func TestBlindAfterTenMinutesOfUnknown(t *testing.T) {
	e := behind(dropIn(), 0)
	check := func(seconds float64, unknown time.Duration, blind bool) {
		t.Helper()
		if v := e.Check(at(seconds)); v.UnknownFor != unknown || v.Blind() != blind {
			t.Errorf("after %vs: unknown for %s, blind %v; want %s, %v", seconds, v.UnknownFor, v.Blind(), unknown, blind)
		}
	}
	check(0, 0, false)
	e.Observe(at(1), HeadError{Source: "one", Error: "refused"})
	check(1, 0, false)
	check(601, 10*time.Minute, false)
	check(602, 10*time.Minute+time.Second, true)
	e.Observe(at(603), Head{Source: "one", Best: 1000})
	check(603, 0, false)
	e.Observe(at(604), HeadError{Source: "one", Error: "refused"})
	check(604, 0, false)
}

func TestTroubleIsToldAndDecidesNothing(t *testing.T) {
	e := behind(dropIn(), 3)
	e.Observe(at(1), said(at(1), Event{Kind: FatalCause, Name: "panic", Text: "Thread 'main' panicked", Cures: true}))
	v := e.Check(at(1))
	if v.Kind != OK || v.Trouble != "panic: Thread 'main' panicked" {
		t.Errorf("got %s with trouble %q", v.Kind, v.Trouble)
	}
	e.Observe(at(2), Target{Exists: true, Running: true, StartedAt: at(2)})
	if v := e.Check(at(2)); v.Trouble != "" {
		t.Errorf("trouble of an earlier run is still told: %q", v.Trouble)
	}
}

// A built-in rule is not told by an unknown fact that cannot change the answer.
func TestUnlessWithUnknownFacts(t *testing.T) {
	tests := []struct {
		name   string
		events []Event
		kind   VerdictKind
		reason string
	}{
		{"both unknown", nil, Unknown, "Container azero: rule block_lag.moderate lacks major_sync (gap); rule block_lag.moderate lacks producing (gap)"},
		{"in major sync", []Event{{Kind: MajorSync}}, OK, ""},
		{"not in major sync", []Event{{Kind: NotMajorSync}}, Unknown, "Container azero: rule block_lag.moderate lacks producing (gap)"},
		{"producing", []Event{{Kind: BlockPrepared}, {Kind: BlockSealed}}, OK, ""},
		{"half a production", []Event{{Kind: BlockPrepared}, {Kind: NotMajorSync}}, Unknown, "Container azero: rule block_lag.moderate lacks producing (gap)"},
		{"neither", []Event{{Kind: SessionStarted, Number: 3}, {Kind: NotMajorSync}}, Act, "Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting..."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := behind(dropIn(), 50)
			e.Observe(start, LogGap{Reason: "gap"})
			e.Observe(start, imported(start, 1000))
			e.Observe(start, said(start, test.events...))
			v := e.Check(start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
		})
	}
}

func TestUnlessThatCannotBeTold(t *testing.T) {
	settings := dropIn()
	settings.Severe.Unless = fakeCondition{needs: []string{"lag"}, holds: func(Facts) (bool, error) { return false, errors.New("no such thing") }}
	v := behind(settings, 101).Check(start)
	// The moderate rule fires in its place: its own condition can be told.
	wantVerdict(t, v, Act, RuleModerate, "Container azero is behind by 101 blocks (>20) and not syncing/producing. Restarting...")
	if step := v.Steps[0]; step.Result != "unknown" {
		t.Errorf("first step %+v, want it unknown", step)
	}
}

func TestCustomRules(t *testing.T) {
	fails := fakeCondition{needs: []string{"lag"}, holds: func(Facts) (bool, error) { return true, errors.New("evaluate it: no such thing") }}
	always := fakeCondition{holds: func(Facts) (bool, error) { return true, nil }}
	tests := []struct {
		name   string
		rules  []Custom
		kind   VerdictKind
		rule   string
		reason string
	}{
		{"fires", []Custom{{Name: "a", When: always, Message: fakeMessage("it is so")}}, Act, "rule.a", "Container azero: rule a: it is so. Restarting..."},
		{"full stop", []Custom{{Name: "a", When: always, Message: fakeMessage("it is so.")}}, Act, "rule.a", "Container azero: rule a: it is so. Restarting..."},
		{"cannot be evaluated", []Custom{{Name: "a", When: fails, Message: fakeMessage("x")}}, Unknown, RuleEvidence,
			"Container azero: rule a lacks condition (evaluate it: no such thing)"},
		{"a later one fires", []Custom{{Name: "a", When: fails, Message: fakeMessage("x")}, {Name: "b", When: always, Message: fakeMessage("y")}}, Act, "rule.b",
			"Container azero: rule b: y. Restarting..."},
		{"waits", []Custom{{Name: "a", When: always, For: time.Second, Message: fakeMessage("x")}}, OK, "", "Container azero is fully caught up at block #1000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := dropIn()
			settings.Custom = test.rules
			wantVerdict(t, behind(settings, 0).Check(start), test.kind, test.rule, test.reason)
		})
	}
}

func TestStepsShowEveryRule(t *testing.T) {
	settings := dropIn()
	settings.FallingBehind.Enabled = false
	settings.Moderate.For = time.Minute
	v := behind(settings, 30).Check(start)
	want := []Step{
		{RuleSevere, "no", "lag 30, threshold 100"},
		{RuleSyncStall, "no", "lag 30, threshold 100; stalled for 0s of 180s"},
		{RuleFallingBehind, "off", "switched off"},
		{RuleModerate, "waits", "lag 30, threshold 20; unless: major_sync false, producing false"},
	}
	if diff := cmp.Diff(want, v.Steps); diff != "" {
		t.Errorf("steps differ (-want +got):\n%s", diff)
	}
	e := behind(settings, 30)
	e.Observe(start, Action{Outcome: Done})
	steps := e.Check(at(60)).Steps
	if steps[0] != (Step{RuleCooldown, "decides", "Container azero was restarted 60s ago. Waiting for 300s cooldown"}) {
		t.Errorf("first step %+v, want the cooldown", steps[0])
	}
	if fires := slices.ContainsFunc(steps, func(s Step) bool { return s.Result == "fires" }); fires {
		t.Errorf("a rule fires at the first check at which it holds, before its time: %+v", steps)
	}
	if steps := e.Check(at(120)).Steps; steps[4].Result != "fires" || !strings.HasPrefix(steps[4].Saw, "lag 30") {
		t.Errorf("the last step is %+v, want a rule that fires behind the cooldown", steps[4])
	}
}

func TestBeginsRun(t *testing.T) {
	run := func(started time.Time) Target { return Target{Exists: true, Running: true, StartedAt: started} }
	tests := []struct {
		name string
		seen []Observation
		next Target
		want bool
	}{
		{"start before the first observation", []Observation{Log{}}, run(at(-1)), false},
		{"start at the first observation", []Observation{Log{}}, run(start), false},
		{"start after the first observation", []Observation{Log{}}, run(at(1)), true},
		{"the same start", []Observation{run(began)}, run(began), false},
		{"a later start", []Observation{run(began)}, run(at(1)), true},
		{"an earlier start", []Observation{run(began)}, run(began.Add(-time.Hour)), true},
		{"no start", []Observation{run(began)}, run(time.Time{}), false},
		{"absent", []Observation{run(began)}, Target{StartedAt: at(1)}, false},
		{"not inspected", []Observation{run(began)}, Target{Exists: true, StartedAt: at(1), Error: "refused"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(dropIn())
			for _, o := range test.seen {
				e.Observe(start, o)
			}
			before := e.Run()
			if got := e.BeginsRun(test.next); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if e.Run() != before {
				t.Error("asking changed the run")
			}
			e.Observe(at(2), imported(at(2), 7))
			e.Observe(at(2), test.next)
			if kept := e.Check(at(2)).Facts.Get("synced").Known; kept == test.want {
				t.Errorf("the log's readings were kept: %v, a run begins: %v", kept, test.want)
			}
		})
	}
}
