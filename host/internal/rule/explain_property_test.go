package rule

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
)

// drawWideSettings draws settings with rules of every form.
func drawWideSettings(t *rapid.T) Settings {
	s := drawSettings(t)
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	wait := func(name string) time.Duration {
		return rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 5 * time.Minute}).Draw(t, name)
	}
	s.Severe.For, s.FallingBehind.For, s.Moderate.For = wait("severe for"), wait("falling for"), wait("moderate for")
	s.DryRun = rapid.IntRange(1, 5).Draw(t, "dry run") == 1
	s.Cooldown.AfterAction = rapid.SampledFrom([]time.Duration{0, 30 * time.Second, 5 * time.Minute}).Draw(t, "cooldown")
	s.Severe.Shadow = flag("shadow")
	if flag("threshold over facts") {
		s.Moderate.LagAboveBy = fakeQuantity{needs: []string{"synced"}, count: func(facts Facts) (uint64, error) { return facts.Get("synced").Count % 50, nil }}
	}
	number := func(name string) func(Facts) float64 {
		return func(facts Facts) float64 { return facts.Get(name).value() }
	}
	customs := []Custom{
		{Name: "silent", When: fakeCondition{[]string{"log_age"}, func(facts Facts) (bool, error) { return number("log_age")(facts) > 90.5, nil }}},
		{Name: "early", When: fakeCondition{[]string{"uptime", "major_sync"}, func(facts Facts) (bool, error) {
			return number("uptime")(facts) >= 3600 && facts.Get("major_sync").Truth, nil
		}}},
		{Name: "odd", When: fakeCondition{[]string{"lag", "session"}, func(facts Facts) (bool, error) {
			lag := number("lag")(facts)
			return lag > 40 && lag < 60 && number("session")(facts) > 0, nil
		}}},
		{Name: "given", When: fakeCondition{[]string{"fact.peers"}, func(facts Facts) (bool, error) { return number("fact.peers")(facts) < 0.75, nil }}},
	}
	for _, c := range customs {
		if flag(c.Name) {
			c.For, c.Message = wait(c.Name+" for"), fakeMessage("x")
			s.Custom = append(s.Custom, c)
		}
	}
	return s
}

// drawSoundSteps draws a run in which most checks know the lag: it begins with a
// target, a head and a block, and goes on with few failures.
func drawSoundSteps(t *rapid.T) []step {
	now := start
	steps := []step{
		{now, Target{Exists: true, Running: true, StartedAt: began}},
		{now, Head{Source: "one", Best: 1100, BlockTime: now}},
		{now, said(now, Event{Kind: BlockImported, Number: 1000 + uint64(rapid.IntRange(0, 100).Draw(t, "first"))})},
	}
	for range rapid.IntRange(1, 25).Draw(t, "length") {
		now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
		switch rapid.IntRange(0, 14).Draw(t, "what") {
		case 0, 1, 2, 3, 4:
			steps = append(steps, step{at: now})
		case 5, 6, 7:
			steps = append(steps, step{now, Head{Source: drawSource(t), Best: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "best")), BlockTime: now}})
		case 8, 9, 10, 11, 12:
			steps = append(steps, step{now, drawLog(t, now)})
		case 13:
			steps = append(steps, step{now, drawTarget(t, now)})
		default:
			steps = append(steps, step{now, drawObservation(t, now)})
		}
	}
	return append(steps, step{at: now.Add(time.Second)})
}

// upTo drives an engine up to the step, which is a check and is not made.
func upTo(settings Settings, steps []step) *Engine {
	e := New(settings)
	for _, s := range steps {
		if s.o != nil {
			e.Observe(s.at, s.o)
		} else if v := e.Check(s.at); v.Kind == Act {
			e.Observe(s.at, Action{Outcome: Done, Assumed: true})
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
			if s.o != nil || rapid.IntRange(1, 3).Draw(t, "look") > 1 {
				continue
			}
			e := upTo(settings, steps[:i])
			c := e.Case()
			v := e.Check(s.at)
			x, err := c.Explain("aleph", v)
			if err != nil {
				t.Fatal(err)
			}
			for _, change := range x.Changes {
				got := tryChange(t, settings, steps[:i], s.at, x, change)
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
func tryChange(t *rapid.T, settings Settings, steps []step, at time.Time, x Explanation, c Change) Verdict {
	e := upTo(settings, steps)
	for _, n := range c.Needs {
		switch {
		case n.What == InputTime:
			return tryTime(t, settings, steps, x, n)
		case n.What == InputSetting:
			settings.RestartOnFatal = true
		case n.What == InputGuard && n.Name == GuardDryRun:
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
func tryTime(t *rapid.T, settings Settings, steps []step, x Explanation, n Need) Verdict {
	var until time.Time
	if err := json.Unmarshal(n.Value, &until); err != nil {
		t.Fatal(err)
	}
	e := upTo(settings, steps)
	was := e.Check(x.T)
	times := []time.Time{until}
	if x.Rule != RuleCooldown {
		times = nil
		for at := x.T.Add(settings.Interval); !at.After(until); at = at.Add(settings.Interval) {
			times = append(times, at)
		}
	}
	var v Verdict
	for k, at := range times {
		heads := slices.Clone(x.Heads)
		slices.SortStableFunc(heads, func(a, b HeadSeen) int { return a.At.Compare(b.At) })
		for _, h := range heads {
			if h.Use != UseBest && h.Use != UseUsable {
				continue
			}
			head := Head{Source: h.Source, Best: *h.Best}
			if !h.BlockTime.IsZero() {
				head.BlockTime = at.Add(-x.T.Sub(h.BlockTime))
			}
			e.state.Heads[h.Source] = newHeadReport(at.Add(-x.T.Sub(h.At)), head)
		}
		v = e.Check(at)
		if k < len(times)-1 && (v.Kind != was.Kind || v.Rule != was.Rule) {
			t.Fatalf("said: %s %q until %s, got %s %q at %s", was.Kind, was.Rule, until, v.Kind, v.Rule, at)
		}
	}
	return v
}

// inputs are the observations that a need asks for.
func inputs(t *rapid.T, n Need, at time.Time, x Explanation) []Observation {
	number, err := strconv.ParseFloat(string(n.To), 64)
	less := n.Is == Below || n.Is == AtMost
	blocks := uint64(number)
	line := func(kind EventKind, number uint64) Observation { return said(at, Event{Kind: kind, Number: number}) }
	switch n.What {
	case InputHead:
		if n.Is == Fails {
			return []Observation{HeadError{Source: n.Name, Error: "refused"}}
		}
		return []Observation{Head{Source: n.Name, Best: blocks}}
	case InputLog:
		if n.Is == Fails {
			return []Observation{LogError{Error: "stream down"}}
		}
		return []Observation{Log{}}
	case InputTarget:
		var started time.Time
		if err := json.Unmarshal(n.To, &started); err != nil {
			t.Fatal(err)
		}
		return []Observation{Target{Exists: true, Running: true, StartedAt: started}}
	case "lag":
		if less {
			return []Observation{line(BlockImported, height(t, x, "best")-blocks)}
		}
		return []Observation{bestSource(x, height(t, x, "synced")+blocks)}
	case "best":
		return []Observation{bestSource(x, blocks)}
	case "synced":
		return []Observation{line(BlockImported, blocks)}
	case "finalized":
		return []Observation{line(BlockFinalized, blocks)}
	case "session":
		return []Observation{line(SessionStarted, blocks)}
	case "stalled_for":
		return []Observation{line(BlockImported, height(t, x, "synced")+1)}
	case "log_age":
		return []Observation{Log{Lines: 1, Last: at}}
	case "major_sync":
		return []Observation{line(map[bool]EventKind{true: MajorSync, false: NotMajorSync}[string(n.To) == "true"], 0)}
	case "producing":
		if string(n.To) == "true" {
			return []Observation{line(BlockPrepared, 0), line(BlockSealed, 0)}
		}
		return []Observation{line(SessionStarted, height(t, x, "session"))}
	}
	name, ok := strings.CutPrefix(n.What, customPrefix)
	if !ok {
		t.Fatalf("no input for %+v", n)
	}
	var value any = number
	if err != nil {
		value = string(n.To) == "true"
	}
	return []Observation{said(at, Event{Kind: FactGiven, Name: name, Value: value})}
}

func bestSource(x Explanation, best uint64) Observation {
	i := slices.IndexFunc(x.Heads, func(h HeadSeen) bool { return h.Use == UseBest })
	return Head{Source: x.Heads[i].Source, Best: best, BlockTime: x.Heads[i].BlockTime}
}

// height is a number of blocks among the readings; 0 for an unknown one.
func height(t *rapid.T, x Explanation, name string) uint64 {
	i := slices.IndexFunc(x.Readings, func(r FactSeen) bool { return r.Fact == name })
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
		plain := drive(settings, steps, func(*Engine, Verdict) {})
		e := New(settings)
		var cases []Case
		var verdicts, explained []Verdict
		var first []Explanation
		for _, s := range steps {
			if s.o != nil {
				e.Observe(s.at, s.o)
				continue
			}
			c := e.Case()
			v := e.Check(s.at)
			verdicts = append(verdicts, v)
			if rapid.IntRange(1, 12).Draw(t, "look") == 1 {
				x, err := c.Explain("aleph", v)
				if err != nil {
					t.Fatal(err)
				}
				cases, explained, first = append(cases, c), append(explained, v), append(first, x)
			}
			if v.Kind == Act {
				e.Observe(s.at, Action{Outcome: Done, Assumed: true})
			}
		}
		if !reflect.DeepEqual(plain, verdicts) { // much faster than cmp
			t.Fatalf("verdicts differ from those that nobody had explained:\n%s", cmp.Diff(plain, verdicts))
		}
		for i, c := range cases {
			again, err := c.Explain("aleph", explained[i])
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(first[i], again) {
				t.Fatalf("check %d is explained otherwise later on:\n%s", i, cmp.Diff(first[i], again))
			}
		}
	})
}

// TestWaysTurnTheirRules: a rule comes to the opposite at the values that its
// ways name, and not at the boundary itself.
func TestWaysTurnTheirRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawWideSettings(t), drawSoundSteps(t)
		e := New(settings)
		for _, s := range steps {
			if s.o != nil {
				e.Observe(s.at, s.o)
				continue
			}
			v := e.Check(s.at)
			for i, r := range e.rulesSeen(v.Facts) {
				asked := e.rules[i].Ask(v.Facts)
				if len(asked.Lacks) > 0 {
					continue
				}
				for _, way := range r.Ways {
					checkWay(t, e, i, v.Facts, asked.Holds, way)
				}
			}
		}
	})
}

func checkWay(t *rapid.T, e *Engine, i int, facts Facts, held bool, way Way) {
	turned := slices.Clone(facts)
	for _, n := range way {
		set(t, turned, n.What, string(n.To))
	}
	if e.rules[i].Ask(turned).Holds == held {
		t.Fatalf("rule %d still comes to %v: %s", i, held, way)
	}
	for k, n := range way {
		if n.Is == Above || n.Is == Below {
			at := slices.Clone(turned)
			set(t, at, n.What, string(n.Value))
			if k == len(way)-1 && e.rules[i].Ask(at).Holds != held {
				t.Fatalf("rule %d turns at the boundary already: %s", i, way)
			}
		}
	}
}

func set(t *rapid.T, facts Facts, name, value string) {
	i := slices.IndexFunc(facts, func(f Fact) bool { return f.Name == name })
	if facts[i].Kind == Truth {
		facts[i].Truth = value == "true"
		return
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatal(err)
	}
	facts[i] = facts[i].with(number)
}
