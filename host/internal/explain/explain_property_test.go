package explain

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// drawWideSettings draws settings with rules of every form.
func drawWideSettings(t *rapid.T) rule.Settings {
	s := DrawSettings(t)
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	wait := func(name string) time.Duration {
		return rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 5 * time.Minute}).Draw(t, name)
	}
	s.Severe.For, s.FallingBehind.For, s.Moderate.For = wait("severe for"), wait("falling for"), wait("moderate for")
	s.DryRun = rapid.IntRange(1, 5).Draw(t, "dry run") == 1
	s.Cooldown.AfterAction = rapid.SampledFrom([]time.Duration{0, 30 * time.Second, 5 * time.Minute}).Draw(t, "cooldown")
	s.Severe.Shadow = flag("shadow")
	if flag("threshold over facts") {
		s.Moderate.LagAboveBy = FakeQuantity{Facts: []string{"synced"}, Func: func(facts fact.List) (uint64, error) { return facts.Get("synced").Count % 50, nil }}
	}
	numberOf := func(name string) func(fact.List) float64 {
		return func(facts fact.List) float64 { return number(facts.Get(name)) }
	}
	customs := []ruleset.Custom{
		{Name: "silent", When: FakeCondition{Facts: []string{"log_age"}, Func: func(facts fact.List) (bool, error) { return numberOf("log_age")(facts) > 90.5, nil }}},
		{Name: "early", When: FakeCondition{Facts: []string{"uptime", "major_sync"}, Func: func(facts fact.List) (bool, error) {
			return numberOf("uptime")(facts) >= 3600 && facts.Get("major_sync").Truth, nil
		}}},
		{Name: "odd", When: FakeCondition{Facts: []string{"lag", "session"}, Func: func(facts fact.List) (bool, error) {
			lag := numberOf("lag")(facts)
			return lag > 40 && lag < 60 && numberOf("session")(facts) > 0, nil
		}}},
		{Name: "given", When: FakeCondition{Facts: []string{"fact.peers"}, Func: func(facts fact.List) (bool, error) { return numberOf("fact.peers")(facts) < 0.75, nil }}},
	}
	for _, c := range customs {
		if flag(c.Name) {
			c.For, c.Message = wait(c.Name+" for"), FakeMessage("x")
			s.Custom = append(s.Custom, c)
		}
	}
	return s
}

// drawSoundSteps draws a run in which most checks know the lag: it begins with a
// target, a head and a block, and goes on with few failures.
func drawSoundSteps(t *rapid.T) []Happening {
	now := Start
	steps := []Happening{
		{At: now, O: rule.Target{Exists: true, Running: true, StartedAt: Began}},
		{At: now, O: rule.Head{Source: "one", Best: 1100, BlockTime: now}},
		{At: now, O: Said(now, nodelog.Event{Kind: nodelog.BlockImported, Number: 1000 + uint64(rapid.IntRange(0, 100).Draw(t, "first"))})},
	}
	for range rapid.IntRange(1, 25).Draw(t, "length") {
		now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
		switch rapid.IntRange(0, 14).Draw(t, "what") {
		case 0, 1, 2, 3, 4:
			steps = append(steps, Happening{At: now})
		case 5, 6, 7:
			steps = append(steps, Happening{At: now, O: rule.Head{Source: DrawSource(t), Best: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "best")), BlockTime: now}})
		case 8, 9, 10, 11, 12:
			steps = append(steps, Happening{At: now, O: DrawLog(t, now)})
		case 13:
			steps = append(steps, Happening{At: now, O: DrawTarget(t, now)})
		default:
			steps = append(steps, Happening{At: now, O: DrawObservation(t, now)})
		}
	}
	return append(steps, Happening{At: now.Add(time.Second)})
}

// upTo drives an engine up to the step, which is a check and is not made.
func upTo(settings rule.Settings, steps []Happening) *rule.Engine {
	e := rule.New(settings)
	for _, s := range steps {
		if s.O != nil {
			e.Observe(s.At, s.O)
		} else if v := e.Check(s.At); v.Kind == rule.Act {
			e.Observe(s.At, rule.Action{Outcome: rule.Done, Assumed: true})
		}
	}
	return e
}

// TestChangesComeTrue: for every change that an explanation names the input is
// changed as it says, and the verdict is the one that it says.
func TestChangesComeTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawWideSettings(t), drawSoundSteps(t)
		for i, s := range steps {
			if s.O != nil || rapid.IntRange(1, 3).Draw(t, "look") > 1 {
				continue
			}
			e := upTo(settings, steps[:i])
			c := e.Clone()
			v := e.Check(s.At)
			x, err := Verdict("aleph", c, v)
			if err != nil {
				t.Fatal(err)
			}
			for _, change := range x.Changes {
				got := tryChange(t, settings, steps[:i], s.At, x, change)
				if got.Kind != change.Verdict || got.Rule != change.Rule || got.Guard != change.Guard {
					t.Fatalf("check %d is %s %q: %s\nsaid: %s\ngot %s %q: %s", i, v.Kind, v.Rule, v.Reason, change.Text, got.Kind, got.Rule, got.Reason)
				}
				if change.Verdict == v.Kind && change.Rule == v.Rule {
					t.Fatalf("a change that changes nothing: %s", change.Text)
				}
			}
		}
	})
}

// tryChange drives an engine anew, and before the check it puts in what a change
// names.
func tryChange(t *rapid.T, settings rule.Settings, steps []Happening, at time.Time, x Explanation, c Change) rule.Verdict {
	e := upTo(settings, steps)
	for _, n := range c.Needs {
		switch {
		case n.What == InputTime:
			return tryTime(t, settings, steps, x, n)
		case n.What == InputSetting:
			settings.RestartOnFatal = true
		case n.What == InputGuard && n.Name == rule.GuardDryRun:
			settings.DryRun = false
		case n.What == InputGuard:
			t.Fatalf("lifts the guard %s, which nobody set", n.Name)
		default:
			for _, o := range inputs(t, n, at, x) {
				e.Observe(at, o)
			}
		}
	}
	e.Configure(settings)
	return e.Check(at)
}

// tryTime makes checks every interval, or one at the end of the cooldown, with
// the same heads and nothing else.
func tryTime(t *rapid.T, settings rule.Settings, steps []Happening, x Explanation, n Need) rule.Verdict {
	var until time.Time
	if err := json.Unmarshal(n.Value, &until); err != nil {
		t.Fatal(err)
	}
	e := upTo(settings, steps)
	was := e.Check(x.T)
	times := []time.Time{until}
	if x.Rule != rule.RuleCooldown {
		times = nil
		for at := x.T.Add(settings.Interval); !at.After(until); at = at.Add(settings.Interval) {
			times = append(times, at)
		}
	}
	var v rule.Verdict
	for k, at := range times {
		heads := slices.Clone(x.Heads)
		slices.SortStableFunc(heads, func(a, b Head) int { return a.At.Compare(b.At) })
		for _, h := range heads {
			if h.Use != UseBest && h.Use != UseUsable {
				continue
			}
			made := h.At
			if !h.BlockTime.IsZero() {
				made = h.BlockTime
			}
			e.Observe(at, rule.Head{Source: h.Source, Best: *h.Best, BlockTime: at.Add(-x.T.Sub(made))})
		}
		v = e.Check(at)
		if k < len(times)-1 && (v.Kind != was.Kind || v.Rule != was.Rule) {
			t.Fatalf("said: %s %q until %s, got %s %q at %s", was.Kind, was.Rule, until, v.Kind, v.Rule, at)
		}
	}
	return v
}

// inputs are the observations that a need asks for.
func inputs(t *rapid.T, n Need, at time.Time, x Explanation) []rule.Observation {
	number, err := strconv.ParseFloat(string(n.To), 64)
	less := n.Is == Below || n.Is == AtMost
	blocks := uint64(number)
	line := func(kind nodelog.EventKind, number uint64) rule.Observation {
		return Said(at, nodelog.Event{Kind: kind, Number: number})
	}
	switch n.What {
	case InputHead:
		if n.Is == Fails {
			return []rule.Observation{rule.HeadError{Source: n.Name, Error: "refused"}}
		}
		return []rule.Observation{rule.Head{Source: n.Name, Best: blocks}}
	case InputLog:
		if n.Is == Fails {
			return []rule.Observation{rule.LogError{Error: "stream down"}}
		}
		return []rule.Observation{rule.Log{}}
	case InputTarget:
		var started time.Time
		if err := json.Unmarshal(n.To, &started); err != nil {
			t.Fatal(err)
		}
		return []rule.Observation{rule.Target{Exists: true, Running: true, StartedAt: started}}
	case "lag":
		if less {
			return []rule.Observation{line(nodelog.BlockImported, height(t, x, "best")-blocks)}
		}
		return []rule.Observation{bestSource(x, height(t, x, "synced")+blocks)}
	case "best":
		return []rule.Observation{bestSource(x, blocks)}
	case "synced":
		return []rule.Observation{line(nodelog.BlockImported, blocks)}
	case "finalized":
		return []rule.Observation{line(nodelog.BlockFinalized, blocks)}
	case "session":
		return []rule.Observation{line(nodelog.SessionStarted, blocks)}
	case "stalled_for":
		return []rule.Observation{line(nodelog.BlockImported, height(t, x, "synced")+1)}
	case "log_age":
		return []rule.Observation{rule.Log{Lines: 1, Last: at}}
	case "major_sync":
		return []rule.Observation{line(map[bool]nodelog.EventKind{true: nodelog.MajorSync, false: nodelog.NotMajorSync}[string(n.To) == "true"], 0)}
	case "producing":
		if string(n.To) == "true" {
			return []rule.Observation{line(nodelog.BlockPrepared, 0), line(nodelog.BlockSealed, 0)}
		}
		return []rule.Observation{line(nodelog.SessionStarted, height(t, x, "session"))}
	}
	name, ok := strings.CutPrefix(n.What, fact.CustomPrefix)
	if !ok {
		t.Fatalf("no input for %+v", n)
	}
	var value any = number
	if err != nil {
		value = string(n.To) == "true"
	}
	return []rule.Observation{Said(at, nodelog.Event{Kind: nodelog.FactGiven, Name: name, Value: value})}
}

func bestSource(x Explanation, best uint64) rule.Observation {
	i := slices.IndexFunc(x.Heads, func(h Head) bool { return h.Use == UseBest })
	return rule.Head{Source: x.Heads[i].Source, Best: best, BlockTime: x.Heads[i].BlockTime}
}

// height is a number of blocks among the readings; 0 for an unknown one.
func height(t *rapid.T, x Explanation, name string) uint64 {
	i := slices.IndexFunc(x.Readings, func(r Fact) bool { return r.Fact == name })
	if string(x.Readings[i].Value) == "null" {
		return 0
	}
	n, err := strconv.ParseUint(string(x.Readings[i].Value), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestExplainingChangesNothing: neither the case nor the engine that goes on.
func TestExplainingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawWideSettings(t), drawSoundSteps(t)
		plain := Drive(settings, steps, func(*rule.Engine, rule.Verdict) {})
		e := rule.New(settings)
		var cases []*rule.Engine
		var verdicts, explained []rule.Verdict
		var first []Explanation
		for _, s := range steps {
			if s.O != nil {
				e.Observe(s.At, s.O)
				continue
			}
			c := e.Clone()
			v := e.Check(s.At)
			verdicts = append(verdicts, v)
			if rapid.IntRange(1, 12).Draw(t, "look") == 1 {
				x, err := Verdict("aleph", c, v)
				if err != nil {
					t.Fatal(err)
				}
				cases, explained, first = append(cases, c), append(explained, v), append(first, x)
			}
			if v.Kind == rule.Act {
				e.Observe(s.At, rule.Action{Outcome: rule.Done, Assumed: true})
			}
		}
		if !reflect.DeepEqual(plain, verdicts) { // much faster than cmp
			t.Fatalf("verdicts differ from those that nobody had explained:\n%s", cmp.Diff(plain, verdicts))
		}
		for i, c := range cases {
			again, err := Verdict("aleph", c, explained[i])
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(first[i], again) {
				t.Fatalf("check %d is explained otherwise later on:\n%s", i, cmp.Diff(first[i], again))
			}
		}
	})
}

// TestTurnsTurnTheirRules: a rule comes to the opposite at the value that a turn
// names, everything else as it is, and not at the boundary itself.
func TestTurnsTurnTheirRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawWideSettings(t), drawSoundSteps(t)
		e := rule.New(settings)
		for _, s := range steps {
			if s.O != nil {
				e.Observe(s.At, s.O)
				continue
			}
			v := e.Check(s.At)
			for _, r := range e.Rules() {
				a := r.Ask(v.Facts)
				if len(a.Lacks) > 0 {
					continue
				}
				for _, needs := range turns(r, a, v.Facts) {
					checkTurn(t, r, v.Facts, a.Holds, needs)
				}
			}
		}
	})
}

func checkTurn(t *rapid.T, r ruleset.Rule, facts fact.List, held bool, needs Needs) {
	if len(needs) != 1 {
		t.Fatalf("rule %s is turned by %s, which is not one fact", r.Name, needs)
	}
	n := needs[0]
	if r.Ask(with(t, facts, n.What, string(n.To))).Holds == held {
		t.Fatalf("rule %s still comes to %v: %s", r.Name, held, needs)
	}
	if open := n.Is == Above || n.Is == Below; open && r.Ask(with(t, facts, n.What, string(n.Value))).Holds != held {
		t.Fatalf("rule %s turns at the boundary already: %s", r.Name, needs)
	}
}

// with are the facts with another value of one.
func with(t *rapid.T, facts fact.List, name, value string) fact.List {
	facts = slices.Clone(facts)
	i := slices.IndexFunc(facts, func(f fact.Fact) bool { return f.Name == name })
	if facts[i].Kind == fact.Truth {
		facts[i].Truth = value == "true"
		return facts
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatal(err)
	}
	facts[i] = withNumber(facts[i], number)
	return facts
}
