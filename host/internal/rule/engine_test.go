package rule_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

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
		{"nothing was done", time.Time{}, time.Time{}, Start, Act},
		{"done a second too short ago", At(-299), time.Time{}, Start, Held},
		{"done long enough ago", At(-300), time.Time{}, Start, Act},
		{"failed a second too short ago", time.Time{}, At(-59), Start, Held},
		{"failed long enough ago", time.Time{}, At(-60), Start, Act},
		{"saved in the future, at once", At(86400), time.Time{}, Start, Held},
		{"saved in the future, a full cooldown later", At(86400), time.Time{}, At(300), Act},
		{"failed in the future, a full cooldown later", time.Time{}, At(86400), At(60), Act},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			e.Restore(Start, test.done, test.failed)
			e.Observe(test.at, Target{Exists: true, Running: true, StartedAt: Began})
			e.Observe(test.at, Imported(test.at, 1000))
			e.Observe(test.at, Head{Source: "one", Best: 1101})
			if v := e.Check(test.at); v.Kind != test.kind {
				t.Errorf("got %s (%s), want %s", v.Kind, v.Reason, test.kind)
			}
		})
	}
}

func TestLastActionIsWhatRestoreTakes(t *testing.T) {
	e := New(DropIn())
	if done, failed := e.LastAction(); !done.IsZero() || !failed.IsZero() {
		t.Errorf("an engine that did nothing has done %v, failed %v", done, failed)
	}
	e.Observe(At(1), Action{Outcome: Failed})
	e.Observe(At(2), Action{Outcome: NotDone})
	e.Observe(At(3), Action{Outcome: Unclear})
	done, failed := e.LastAction()
	if !done.Equal(At(3)) || !failed.Equal(At(1)) {
		t.Errorf("got done %v, failed %v; want %v, %v", done, failed, At(3), At(1))
	}
	other := New(DropIn())
	other.Restore(At(4), done, failed)
	if d, f := other.LastAction(); !d.Equal(done) || !f.Equal(failed) {
		t.Errorf("restored done %v, failed %v; want %v, %v", d, f, done, failed)
	}
}

func TestReconsiderHoldsAnAct(t *testing.T) {
	e := Behind(DropIn(), 101)
	v := e.Check(Start)
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
	wantVerdict(t, e.Check(At(1)), Held, RuleSevere, severeText+" (state cannot be written: not restarted)")
	e.Hold("")
	wantVerdict(t, e.Check(At(2)), Act, RuleSevere, severeText)
}

func TestGuardsInTheirOrder(t *testing.T) {
	settings := DropIn()
	settings.DryRun = true
	e := Behind(settings, 101)
	e.Hold("paused")
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began, Refuse: "it is headwatch itself"})
	for _, want := range []string{"dry run", "it is headwatch itself", "paused", ""} {
		if v := e.Check(Start); v.Guard != want {
			t.Errorf("guard %q, want %q", v.Guard, want)
		}
		switch want {
		case "dry run":
			settings.DryRun = false
			e.Configure(settings)
		case "it is headwatch itself":
			e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
		default:
			e.Hold("")
		}
	}
}

func TestConfigureKeepsWhatWasSeen(t *testing.T) {
	settings := DropIn()
	e := Behind(settings, 50)
	wantVerdict(t, e.Check(Start), Act, RuleModerate, "Container azero is behind by 50 blocks (>20) and not syncing/producing. Restarting...")
	settings.Name, settings.Severe.LagAbove = "other", 40
	e.Configure(settings)
	wantVerdict(t, e.Check(Start), Act, RuleSevere, "Container other is behind by 50 blocks (>40). Restarting...")
	e.Observe(Start, Target{Name: "seen", Exists: true, Running: true, StartedAt: Began})
	e.Configure(settings)
	if v := e.Check(Start); v.Target != "seen" {
		t.Errorf("target %q, want the name that was observed", v.Target)
	}
}

// No check may rest on half a backlog: until its end is marked the log counts
// as not read.
func TestPartialBacklogIsNoEvidence(t *testing.T) {
	e := New(DropIn())
	e.Observe(Start, LogError{Error: "not read yet"})
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	e.Observe(Start, Head{Source: "one", Best: 1101})
	half := Imported(Start, 500)
	half.Partial = true
	e.Observe(Start, half)
	wantVerdict(t, e.Check(Start), Unknown, RuleEvidence, "Container azero: the log cannot be read: not read yet")
	rest := Imported(Start, 1000)
	rest.Partial = true
	e.Observe(Start, rest)
	e.Observe(Start, Log{})
	wantVerdict(t, e.Check(Start), Act, RuleSevere, severeText)
}

func TestBlindAfterTenMinutesOfUnknown(t *testing.T) {
	e := Behind(DropIn(), 0)
	check := func(seconds float64, unknown time.Duration, blind bool) {
		t.Helper()
		if v := e.Check(At(seconds)); v.UnknownFor != unknown || v.Blind() != blind {
			t.Errorf("after %vs: unknown for %s, blind %v; want %s, %v", seconds, v.UnknownFor, v.Blind(), unknown, blind)
		}
	}
	check(0, 0, false)
	e.Observe(At(1), HeadError{Source: "one", Error: "refused"})
	check(1, 0, false)
	check(601, 10*time.Minute, false)
	check(602, 10*time.Minute+time.Second, true)
	e.Observe(At(603), Head{Source: "one", Best: 1000})
	check(603, 0, false)
	e.Observe(At(604), HeadError{Source: "one", Error: "refused"})
	check(604, 0, false)
}

func TestTroubleIsToldAndDecidesNothing(t *testing.T) {
	e := Behind(DropIn(), 3)
	e.Observe(At(1), Said(At(1), Event{Kind: FatalCause, Name: "panic", Text: "Thread 'main' panicked", Cures: true}))
	v := e.Check(At(1))
	if v.Kind != OK || v.Trouble != "panic: Thread 'main' panicked" {
		t.Errorf("got %s with trouble %q", v.Kind, v.Trouble)
	}
	e.Observe(At(2), Target{Exists: true, Running: true, StartedAt: At(2)})
	if v := e.Check(At(2)); v.Trouble != "" {
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
			e := Behind(DropIn(), 50)
			e.Observe(Start, LogGap{Reason: "gap"})
			e.Observe(Start, Imported(Start, 1000))
			e.Observe(Start, Said(Start, test.events...))
			v := e.Check(Start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
		})
	}
}

func TestUnlessThatCannotBeTold(t *testing.T) {
	settings := DropIn()
	settings.Severe.Unless = FakeCondition{Facts: []string{"lag"}, Func: func(List) (bool, error) { return false, errors.New("no such thing") }}
	v := Behind(settings, 101).Check(Start)
	// The moderate rule fires in its place: its own condition can be told.
	wantVerdict(t, v, Act, RuleModerate, "Container azero is behind by 101 blocks (>20) and not syncing/producing. Restarting...")
	if step := v.Steps[0]; step.Result != "unknown" {
		t.Errorf("first step %+v, want it unknown", step)
	}
}

func TestCustomRules(t *testing.T) {
	fails := FakeCondition{Facts: []string{"lag"}, Func: func(List) (bool, error) { return true, errors.New("evaluate it: no such thing") }}
	always := FakeCondition{Func: func(List) (bool, error) { return true, nil }}
	tests := []struct {
		name   string
		rules  []Custom
		kind   VerdictKind
		rule   string
		reason string
	}{
		{"fires", []Custom{{Name: "a", When: always, Message: FakeMessage("it is so")}}, Act, "rule.a", "Container azero: rule a: it is so. Restarting..."},
		{"full stop", []Custom{{Name: "a", When: always, Message: FakeMessage("it is so.")}}, Act, "rule.a", "Container azero: rule a: it is so. Restarting..."},
		{"cannot be evaluated", []Custom{{Name: "a", When: fails, Message: FakeMessage("x")}}, Unknown, RuleEvidence,
			"Container azero: rule a lacks condition (evaluate it: no such thing)"},
		{"a later one fires", []Custom{{Name: "a", When: fails, Message: FakeMessage("x")}, {Name: "b", When: always, Message: FakeMessage("y")}}, Act, "rule.b",
			"Container azero: rule b: y. Restarting..."},
		{"waits", []Custom{{Name: "a", When: always, For: time.Second, Message: FakeMessage("x")}}, OK, "", "Container azero is fully caught up at block #1000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := DropIn()
			settings.Custom = test.rules
			wantVerdict(t, Behind(settings, 0).Check(Start), test.kind, test.rule, test.reason)
		})
	}
}

func TestStepsShowEveryRule(t *testing.T) {
	settings := DropIn()
	settings.FallingBehind.Enabled = false
	settings.Moderate.For = time.Minute
	v := Behind(settings, 30).Check(Start)
	want := []Step{
		{Rule: RuleSevere, Result: "no", Saw: "lag 30, threshold 100"},
		{Rule: RuleSyncStall, Result: "no", Saw: "lag 30, threshold 100; stalled for 0s of 180s"},
		{Rule: RuleFallingBehind, Result: "off", Saw: "switched off"},
		{Rule: RuleModerate, Result: "waits", Saw: "lag 30, threshold 20; unless: major_sync false, producing false"},
	}
	if diff := cmp.Diff(want, v.Steps); diff != "" {
		t.Errorf("steps differ (-want +got):\n%s", diff)
	}
	e := Behind(settings, 30)
	e.Observe(Start, Action{Outcome: Done})
	steps := e.Check(At(60)).Steps
	if steps[0] != (Step{Rule: RuleCooldown, Result: "decides", Saw: "Container azero was restarted 60s ago. Waiting for 300s cooldown"}) {
		t.Errorf("first step %+v, want the cooldown", steps[0])
	}
	if fires := slices.ContainsFunc(steps, func(s Step) bool { return s.Result == "fires" }); fires {
		t.Errorf("a rule fires at the first check at which it holds, before its time: %+v", steps)
	}
	if steps := e.Check(At(120)).Steps; steps[4].Result != "fires" || !strings.HasPrefix(steps[4].Saw, "lag 30") {
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
		{"start before the first observation", []Observation{Log{}}, run(At(-1)), false},
		{"start at the first observation", []Observation{Log{}}, run(Start), false},
		{"start after the first observation", []Observation{Log{}}, run(At(1)), true},
		{"the same start", []Observation{run(Began)}, run(Began), false},
		{"a later start", []Observation{run(Began)}, run(At(1)), true},
		{"an earlier start", []Observation{run(Began)}, run(Began.Add(-time.Hour)), true},
		{"no start", []Observation{run(Began)}, run(time.Time{}), false},
		{"absent", []Observation{run(Began)}, Target{StartedAt: At(1)}, false},
		{"not inspected", []Observation{run(Began)}, Target{Exists: true, StartedAt: At(1), Error: "refused"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			for _, o := range test.seen {
				e.Observe(Start, o)
			}
			before := e.Run()
			if got := e.BeginsRun(test.next); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if e.Run() != before {
				t.Error("asking changed the run")
			}
			e.Observe(At(2), Imported(At(2), 7))
			e.Observe(At(2), test.next)
			if kept := e.Check(At(2)).Facts.Get("synced").Known; kept == test.want {
				t.Errorf("the log's readings were kept: %v, a run begins: %v", kept, test.want)
			}
		})
	}
}
