package rule

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// step is one thing that happens to an engine: an observation, or a check where
// there is none.
type step struct {
	at time.Time
	o  Observation
}

// drawSteps draws what an engine sees in an hour or two: nearly anything, or
// what a host sees that checks every minute.
func drawSteps(t *rapid.T) []step {
	if rapid.Bool().Draw(t, "live") {
		return steps(drawNight(t, drawTrouble))
	}
	return drawAnything(t)
}

// drawAnything draws steps of which some go back in time.
func drawAnything(t *rapid.T) []step {
	now := start
	draw := rapid.Custom(func(t *rapid.T) step {
		now = now.Add(time.Duration(rapid.IntRange(-2, 120).Draw(t, "seconds")) * time.Second)
		if rapid.Bool().Draw(t, "check") {
			return step{at: now}
		}
		return step{at: now, o: drawObservation(t, now)}
	})
	return rapid.SliceOfN(draw, 1, 60).Draw(t, "steps")
}

func drawObservation(t *rapid.T, now time.Time) Observation {
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return drawTarget(t, now)
	case 1:
		return HeadError{Source: drawSource(t), Error: rapid.SampledFrom([]string{"", "refused"}).Draw(t, "error")}
	case 2:
		return LogError{Error: rapid.SampledFrom([]string{"", "stream down"}).Draw(t, "error")}
	case 3:
		return LogGap{Reason: rapid.SampledFrom([]string{"", "rotated"}).Draw(t, "reason")}
	case 4:
		return Action{Outcome: rapid.SampledFrom([]Outcome{Done, NotDone, Failed, Unclear}).Draw(t, "outcome")}
	case 5, 6:
		age := rapid.SampledFrom([]int{-1 << 30, -30, 0, 30, 200}).Draw(t, "age")
		return Head{Source: drawSource(t), Best: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "best")), BlockTime: now.Add(time.Duration(-age) * time.Second)}
	}
	return drawLog(t, now)
}

func drawSource(t *rapid.T) string {
	return rapid.SampledFrom([]string{"one", "two"}).Draw(t, "source")
}

func drawTarget(t *rapid.T, now time.Time) Target {
	started := rapid.SampledFrom([]time.Time{{}, began, now, now.Add(time.Hour)}).Draw(t, "started")
	flag := func(name string, n int) bool { return oneIn(t, name, n) }
	target := Target{Exists: !flag("absent", 8), Running: !flag("stopped", 5), Paused: flag("paused", 8), Restarting: flag("restarting", 8),
		MayStart: flag("may start", 3), StartedAt: started}
	if flag("error", 8) {
		target.Error = "refused"
	}
	return target
}

func drawLog(t *rapid.T, now time.Time) Log {
	event := rapid.Custom(func(t *rapid.T) Event {
		return Event{
			Time: now.Add(time.Duration(rapid.IntRange(-10, 2).Draw(t, "seconds")) * time.Second),
			Kind: rapid.SampledFrom([]EventKind{BlockImported, BlockImported, BlockImported, BlockFinalized, BlockPrepared, BlockSealed, MajorSync, NotMajorSync,
				SessionStarted, SessionStarted, NodeStarted, FactGiven, FactGiven, FactUnknown, FatalCause}).Draw(t, "event"),
			Number: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "number")),
			Name:   rapid.SampledFrom([]string{"synced", "producing", "peers"}).Draw(t, "name"),
			Cures:  !oneIn(t, "cures not", 8), Value: 1.0,
		}
	})
	events := rapid.SliceOfN(event, 0, 6).Draw(t, "events")
	return Log{Lines: len(events), Last: now, Events: events}
}

// drawSettings draws which rules are in force; the thresholds are low, so that
// they fire often.
func drawSettings(t *rapid.T) Settings {
	s := dropIn()
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	s.Severe.Enabled, s.SyncStall.Enabled, s.FallingBehind.Enabled = flag("severe"), flag("stall"), flag("falling")
	s.SyncStall.LagAbove, s.FallingBehind.LagAbove = 10, 10
	s.Severe.Shadow, s.SyncStall.Shadow, s.Moderate.Shadow = flag("severe shadowed"), flag("stall shadowed"), flag("moderate shadowed")
	if flag("enabled over facts") {
		s.Severe.EnabledIf, s.Moderate.EnabledIf = truth("major_sync"), above("uptime", 1200)
	}
	if flag("thresholds over facts") {
		s.Severe.LagAboveBy, s.FallingBehind.LagAboveBy = whileProducing(200, 50), whileProducing(5, 40)
	}
	s.Severe.For = time.Duration(rapid.SampledFrom([]int{0, 0, 100}).Draw(t, "severe for")) * time.Second
	s.RestartOnFatal = flag("restart on fatal")
	if flag("custom") {
		s.Custom = []Custom{{Name: "peers", When: fakeCondition{needs: []string{"fact.peers"}, holds: func(Facts) (bool, error) { return true, nil }},
			For: time.Minute, Message: fakeMessage("peers")}}
	}
	return s
}

// drive takes the steps, with each act done at once, and returns the verdicts.
func drive(settings Settings, steps []step, each func(*Engine, Verdict)) []Verdict {
	e := New(settings)
	var verdicts []Verdict
	for _, s := range steps {
		if s.o != nil {
			e.Observe(s.at, s.o)
			continue
		}
		v := e.Check(s.at)
		verdicts = append(verdicts, v)
		each(e, v)
		if v.Kind == Act {
			e.Observe(s.at, Action{Outcome: Done, Assumed: true})
		}
	}
	return verdicts
}

func TestSameInputSameVerdicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawSettings(t), drawSteps(t)
		ignore := func(*Engine, Verdict) {}
		first, second := drive(settings, steps, ignore), drive(settings, steps, ignore)
		if !reflect.DeepEqual(first, second) {
			t.Fatal(cmp.Diff(first, second))
		}
	})
}

func TestNeverActsOnUnknownEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drive(drawSettings(t), drawSteps(t), func(e *Engine, v Verdict) {
			if v.Kind != Act {
				return
			}
			if v.Start {
				if target := e.state.Target; target.Error != "" || !target.Exists || target.Running || !target.MayStart {
					t.Fatalf("starts a target that is %+v", *target)
				}
				return
			}
			for _, name := range []string{"best", "synced", "lag"} {
				if f := v.Facts.Get(name); !f.Known {
					t.Fatalf("acts by %s without %s: %s", v.Rule, name, f.Missing)
				}
			}
			if target := e.state.Target; target != nil && (target.Error != "" || !target.Exists || !target.Running || target.Paused || target.Restarting) {
				t.Fatalf("acts on a target that is %+v", *target)
			}
			if age := v.Facts.Get("head_age").Number; age > e.settings.MaxAge.Seconds() {
				t.Fatalf("acts on a head that is %v s old", age)
			}
			if why := unfounded(e.settings, v); why != "" {
				t.Fatalf("acts by %s though %s", v.Rule, why)
			}
		})
	})
}

// unfounded says why an act does not rest on what is known; empty where it
// does. What is unknown must be a truth that makes no difference, and for a
// custom rule nothing may be.
func unfounded(s Settings, v Verdict) string {
	if name, ok := strings.CutPrefix(v.Rule, customRule); ok {
		at := slices.IndexFunc(s.Custom, func(c Custom) bool { return c.Name == name })
		return words(v.Facts.lacking(s.Custom[at].When.Needs()))
	}
	guarding, limit, by := ruleOf(s, v.Rule)
	needs := slices.Concat(needsOf(guarding.EnabledIf), needsOf(guarding.Unless), needsOf(by))
	for _, facts := range everyWay(v.Facts, v.Facts.lacking(needs)) {
		if by != nil {
			limit, _ = by.Count(facts)
		}
		if enabled, _ := holds(guarding.EnabledIf, facts, true); !enabled {
			return "it may not be in force"
		}
		if stops, _ := holds(guarding.Unless, facts, false); stops {
			return "its unless may hold"
		}
		if facts.Get("lag").Count <= limit {
			return "the lag may be within the threshold"
		}
	}
	return words(slices.DeleteFunc(v.Facts.lacking(needs), func(f Fact) bool { return f.Kind == Truth }))
}

func words(lacks []Fact) string {
	words := ""
	for _, f := range lacks {
		words = appendWord(words, f.Name+" is unknown")
	}
	return words
}

func ruleOf(s Settings, name string) (g Switch, limit uint64, by Quantity) {
	switch name {
	case RuleSevere:
		return s.Severe.Switch, s.Severe.LagAbove, s.Severe.LagAboveBy
	case RuleSyncStall:
		return s.SyncStall.Switch, s.SyncStall.LagAbove, s.SyncStall.LagAboveBy
	case RuleFallingBehind:
		return s.FallingBehind.Switch, s.FallingBehind.LagAbove, s.FallingBehind.LagAboveBy
	}
	return s.Moderate.Switch, s.Moderate.LagAbove, s.Moderate.LagAboveBy
}

func needsOf(expression interface{ Needs() []string }) []string {
	if expression == nil {
		return nil
	}
	return expression.Needs()
}

func holds(c Condition, facts Facts, otherwise bool) (bool, error) {
	if c == nil {
		return otherwise, nil
	}
	return c.Holds(facts)
}

// everyWay gives the facts with each unknown one taken for true and for false.
func everyWay(facts Facts, lacks []Fact) []Facts {
	ways := []Facts{facts}
	for _, lack := range lacks {
		var both []Facts
		for _, way := range ways {
			for _, truth := range []bool{false, true} {
				tried := slices.Clone(way)
				at := slices.IndexFunc(tried, func(f Fact) bool { return f.Name == lack.Name })
				tried[at].Known, tried[at].Truth = true, truth
				both = append(both, tried)
			}
		}
		ways = both
	}
	return ways
}

func TestNeverActsTwiceWithinTheCooldown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := drawSteps(t)
		recorded := false
		for _, s := range steps {
			if _, ok := s.o.(Action); ok {
				recorded = true // and replaces the action that was assumed
			}
		}
		var last time.Time
		drive(drawSettings(t), steps, func(e *Engine, v Verdict) {
			if v.Kind != Act {
				return
			}
			if cooldown := e.settings.Cooldown.AfterAction; !recorded && !last.IsZero() && v.Time.Sub(last) < cooldown {
				t.Fatalf("acts %s after the action before", v.Time.Sub(last))
			}
			if up := v.Facts.Get("uptime"); up.Known && up.Number < e.settings.Cooldown.AfterAction.Seconds() {
				t.Fatalf("acts %v s after the start", up.Number)
			}
			if since := v.Facts.Get("since_action"); since.Known && since.Number < e.settings.Cooldown.AfterFailure.Seconds() {
				t.Fatalf("acts %v s after an action", since.Number)
			}
			last = v.Time
		})
	})
}

func TestNeverActsTooSoonAfterAnyOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := drawSettings(t)
		e, soonest := New(settings), time.Time{}
		for _, l := range drawNight(t, drawTrouble) {
			for _, s := range steps([]look{l}) {
				if s.o != nil {
					e.Observe(s.at, s.o)
				}
			}
			if e.Check(l.at).Kind != Act {
				continue
			}
			if l.at.Before(soonest) {
				t.Fatalf("acts at %s, and might not before %s", l.at, soonest)
			}
			e.Observe(l.at, Action{Outcome: l.outcome})
			switch l.outcome {
			case Done, Unclear:
				soonest = l.at.Add(settings.Cooldown.AfterAction)
			case Failed:
				soonest = later(soonest, l.at.Add(settings.Cooldown.AfterFailure))
			}
		}
	})
}

// How the log is cut into pieces must not matter.
func TestSplitLogChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := drawSettings(t), drawSteps(t)
		var split []step
		for _, s := range steps {
			log, ok := s.o.(Log)
			if !ok || log.Lines == 0 {
				split = append(split, s)
				continue
			}
			at := rapid.IntRange(0, len(log.Events)).Draw(t, "split at")
			lines := rapid.IntRange(0, log.Lines-1).Draw(t, "lines of the first piece")
			split = append(split,
				step{s.at, Log{Lines: lines, Last: s.at.Add(-time.Second), Events: log.Events[:at]}},
				step{s.at, Log{Lines: log.Lines - lines, Last: log.Last, Events: log.Events[at:]}})
		}
		compare := func(whole, split []Verdict) {
			for i := range whole {
				if !reflect.DeepEqual(whole[i].Facts, split[i].Facts) {
					t.Fatalf("facts of check %d differ:\n%s", i, cmp.Diff(whole[i].Facts, split[i].Facts))
				}
				if !slices.Equal(whole[i].Sentences, split[i].Sentences) || whole[i].Kind != split[i].Kind {
					t.Fatalf("check %d: %s, split %s\n%s", i, whole[i].Kind, split[i].Kind, cmp.Diff(whole[i].Sentences, split[i].Sentences))
				}
			}
		}
		ignore := func(*Engine, Verdict) {}
		compare(drive(settings, steps, ignore), drive(settings, split, ignore))
	})
}

func TestFactsKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var before Facts
		drive(drawSettings(t), drawSteps(t), func(_ *Engine, v Verdict) {
			for _, f := range v.Facts {
				switch {
				case f.Known == (f.Missing != ""):
					t.Fatalf("%s is known: %v, and says %q", f.Name, f.Known, f.Missing)
				case f.Known && f.Kind == Seconds && !(f.Number >= 0):
					t.Fatalf("%s is %v", f.Name, f.Number)
				case f.At.After(v.Time):
					t.Fatalf("%s was read at %s, after the check at %s", f.Name, f.At, v.Time)
				}
			}
			if lag, best := v.Facts.Get("lag"), v.Facts.Get("best"); lag.Known && lag.Count > best.Count {
				t.Fatalf("lag %d with the best block at %d", lag.Count, best.Count)
			}
			if caught := v.Facts.Get("caught_up"); caught.Known && caught.Count != v.Facts.Get("synced").Count-before.Get("synced").Count {
				t.Fatalf("caught up %d from %s to %s", caught.Count, before.Get("synced"), v.Facts.Get("synced"))
			}
			if len(v.Sentences) == 0 || v.Reason == "" {
				t.Fatalf("verdict %+v says nothing", v)
			}
			before = v.Facts
		})
	})
}
