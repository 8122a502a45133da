package rule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

// A guard is asked at every check, also where no rule fires or something stands
// before the rules: it may have to follow what happens meanwhile.
func TestGuardsAreAskedAtEveryCheck(t *testing.T) {
	e := Behind(DropIn(), 0)
	var asked []string
	e.SetGuard(func(facts List, asks Rule) Standing {
		asked = append(asked, fmt.Sprintf("%s by %q", facts.Get("lag"), asks.Name))
		return Standing{Guard: "odd", Holds: true, Since: Start, Why: "it is odd"}
	})
	e.Check(At(0))
	e.Observe(At(1), Head{Source: "one", Best: 1101})
	v := e.Check(At(1))
	wantVerdict(t, v, Held, RuleSevere, severeText+" (odd: not restarted); odd: it is odd")
	if diff := cmp.Diff([]Standing{{Guard: "odd", Holds: true, Since: Start, Why: "it is odd"}}, v.Guards); diff != "" || v.Guard != "odd" {
		t.Errorf("guard %q, and all (-want +got):\n%s", v.Guard, diff)
	}
	e.Observe(At(2), Action{Outcome: Done})
	if v := e.Check(At(2)); v.Kind != Held || v.Rule != RuleCooldown || v.Guard != "" || len(v.Guards) != 1 {
		t.Errorf("the cooldown comes to %s by %q, guard %q of %v", v.Kind, v.Rule, v.Guard, v.Guards)
	}
	e.Observe(At(400), Target{Exists: true, StartedAt: Began, MayStart: true})
	if v := e.Check(At(400)); v.Reason != "Container azero exited by itself. Starting... (odd: not started); odd: it is odd" {
		t.Errorf("a start that is held says %q", v.Reason)
	}
	want := []string{`0 by ""`, `101 by "block_lag.severe"`, `101 by ""`, `unknown by "target"`}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// What a preflight comes to, for a target that is behind.
func TestPreflight(t *testing.T) {
	purge, same, warned := Hazard{ID: "purge", Level: HazardRefuse, What: "it deletes its chain", Mend: "stop that"}, Hazard{ID: "same_data", Level: HazardRefuse}, Hazard{ID: "no_volume", Level: HazardWarn}
	for name, test := range map[string]struct {
		preflight *Preflight
		found     []Hazard
		kind      VerdictKind
		why       string
	}{
		"not in force":     {nil, []Hazard{purge}, Act, ""},
		"no hazard":        {&Preflight{}, nil, Act, "no hazard is known that forbids an act"},
		"a warning":        {&Preflight{}, []Hazard{warned}, Act, "no hazard is known that forbids an act"},
		"forbidden":        {&Preflight{}, []Hazard{warned, purge}, Held, "purge: it deletes its chain; to mend it: stop that"},
		"allowed":          {&Preflight{Allow: []string{"purge"}}, []Hazard{warned, purge}, Act, "no hazard is known that forbids an act"},
		"another, allowed": {&Preflight{Allow: []string{"same_data"}}, []Hazard{same, purge}, Held, "purge: it deletes its chain; to mend it: stop that"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := DropIn()
			settings.Preflight = test.preflight
			e := Behind(settings, 150)
			e.Observe(At(0), Target{Exists: true, Running: true, StartedAt: Began, Name: "azero", Hazards: test.found})
			v := e.Check(At(0))
			why := ""
			for _, g := range v.Guards {
				if g.Guard == GuardPreflight {
					why = g.Why
				}
			}
			if v.Kind != test.kind || why != test.why || (v.Kind == Held) != (v.Guard == GuardPreflight) {
				t.Errorf("verdict %s (%s), %q, want %s and %q", v.Kind, v.Guard, why, test.kind, test.why)
			}
			e.Observe(At(1), Target{Exists: true, StartedAt: Began, MayStart: true, Hazards: test.found})
			if v := e.Check(At(1)); v.Kind != test.kind {
				t.Errorf("a start comes to %s, want %s", v.Kind, test.kind)
			}
		})
	}
}

func TestCooldownAsAGuard(t *testing.T) {
	e := Behind(DropIn(), 0)
	e.Observe(At(0), Action{Outcome: Done})
	e.Observe(At(10), Action{Outcome: Failed})
	want := Standing{Guard: GuardCooldown, Holds: true, Since: At(0), Until: At(300), Why: "300s since the last action 10s ago"}
	if diff := cmp.Diff(want, e.Cooldown()); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	e.Observe(At(300), Log{})
	if c := e.Cooldown(); c.Holds || !c.Until.Equal(At(300)) {
		t.Errorf("at its end it is %+v", c)
	}
	settings := DropIn()
	settings.Cooldown = Cooldown{}
	e.Configure(settings)
	if c := e.Cooldown(); c.Holds || c.Why != "switched off" {
		t.Errorf("without periods it is %+v", c)
	}
}

func TestGatesEachByItself(t *testing.T) {
	e := New(DropIn())
	e.Observe(Start, Target{Exists: true, StartedAt: Start.Add(-time.Minute), MayStart: true})
	e.Observe(Start, Said(Start, Event{Kind: FatalCause, Name: "equivocation", Text: "x"}))
	want := []Step{
		{Rule: RuleTarget, Result: "passes", Saw: "it is stopped"},
		{Rule: RuleCooldown, Result: "would", Saw: "Container azero was restarted 60s ago. Waiting for 300s cooldown"},
		{Rule: RuleTarget, Result: "would", Saw: "Container azero exited by itself. Starting..."},
		{Rule: RuleCause, Result: "would", Saw: "Container azero reports equivocation, which no restart cures: x"},
		{Rule: RuleEvidence, Result: "would", Saw: "Container azero: no usable head (no head source has answered yet); no synced block in this run's log"},
	}
	if diff := cmp.Diff(want, e.Gates(e.Check(Start).Facts)); diff != "" {
		t.Errorf("differ (-want +got):\n%s", diff)
	}
}
