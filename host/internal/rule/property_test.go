package rule_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

func TestSameInputSameVerdicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := DrawSettings(t), DrawSteps(t)
		ignore := func(*Engine, Verdict) {}
		first, second := Drive(settings, steps, ignore), Drive(settings, steps, ignore)
		if !reflect.DeepEqual(first, second) {
			t.Fatal(cmp.Diff(first, second))
		}
	})
}

func TestNeverActsOnUnknownEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		Drive(DrawSettings(t), DrawSteps(t), func(e *Engine, v Verdict) {
			if v.Kind != Act {
				return
			}
			if v.Start {
				if target := e.State().Target; target.Error != "" || !target.Exists || target.Running || !target.MayStart {
					t.Fatalf("starts a target that is %+v", *target)
				}
				return
			}
			for _, name := range []string{"best", "synced", "lag"} {
				if f := v.Facts.Get(name); !f.Known {
					t.Fatalf("acts by %s without %s: %s", v.Rule, name, f.Missing)
				}
			}
			if target := e.State().Target; target != nil && (target.Error != "" || !target.Exists || !target.Running || target.Paused || target.Restarting) {
				t.Fatalf("acts on a target that is %+v", *target)
			}
			if age := v.Facts.Get("head_age").Number; age > e.Settings().MaxAge.Seconds() {
				t.Fatalf("acts on a head that is %v s old", age)
			}
			if why := unfounded(e.Settings(), v); why != "" {
				t.Fatalf("acts by %s though %s", v.Rule, why)
			}
		})
	})
}

// unfounded says why an act does not rest on what is known; empty where it
// does. What is unknown must be a truth that makes no difference, and for a
// custom rule nothing may be.
func unfounded(s Settings, v Verdict) string {
	if name, ok := strings.CutPrefix(v.Rule, "rule."); ok {
		at := slices.IndexFunc(s.Custom, func(c Custom) bool { return c.Name == name })
		return words(Lacking(v.Facts, s.Custom[at].When.Needs()))
	}
	guarding, limit, by := ruleOf(s, v.Rule)
	needs := slices.Concat(needsOf(guarding.EnabledIf), needsOf(guarding.Unless), needsOf(by))
	for _, facts := range everyWay(v.Facts, Lacking(v.Facts, needs)) {
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
	return words(slices.DeleteFunc(Lacking(v.Facts, needs), func(f Fact) bool { return f.Kind == Truth }))
}

func words(lacks []Fact) string {
	var words []string
	for _, f := range lacks {
		words = append(words, f.Name+" is unknown")
	}
	return strings.Join(words, "; ")
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

func holds(c Condition, facts List, otherwise bool) (bool, error) {
	if c == nil {
		return otherwise, nil
	}
	return c.Holds(facts)
}

// everyWay gives the facts with each unknown one taken for true and for false.
func everyWay(facts List, lacks []Fact) []List {
	ways := []List{facts}
	for _, lack := range lacks {
		var both []List
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
		steps := DrawSteps(t)
		recorded := false
		for _, s := range steps {
			if _, ok := s.O.(Action); ok {
				recorded = true // and replaces the action that was assumed
			}
		}
		var last time.Time
		Drive(DrawSettings(t), steps, func(e *Engine, v Verdict) {
			if v.Kind != Act {
				return
			}
			if cooldown := e.Settings().Cooldown.AfterAction; !recorded && !last.IsZero() && v.Time.Sub(last) < cooldown {
				t.Fatalf("acts %s after the action before", v.Time.Sub(last))
			}
			if up := v.Facts.Get("uptime"); up.Known && up.Number < e.Settings().Cooldown.AfterAction.Seconds() {
				t.Fatalf("acts %v s after the start", up.Number)
			}
			if since := v.Facts.Get("since_action"); since.Known && since.Number < e.Settings().Cooldown.AfterFailure.Seconds() {
				t.Fatalf("acts %v s after an action", since.Number)
			}
			last = v.Time
		})
	})
}

func TestNeverActsTooSoonAfterAnyOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := DrawSettings(t)
		e, soonest := New(settings), time.Time{}
		for _, l := range DrawNight(t, DrawTrouble) {
			for _, s := range StepsOf([]Look{l}) {
				if s.O != nil {
					e.Observe(s.At, s.O)
				}
			}
			if e.Check(l.At).Kind != Act {
				continue
			}
			if l.At.Before(soonest) {
				t.Fatalf("acts at %s, and might not before %s", l.At, soonest)
			}
			e.Observe(l.At, Action{Outcome: l.Outcome})
			switch l.Outcome {
			case Done, Unclear:
				soonest = l.At.Add(settings.Cooldown.AfterAction)
			case Failed:
				soonest = slices.MaxFunc([]time.Time{soonest, l.At.Add(settings.Cooldown.AfterFailure)}, time.Time.Compare)
			}
		}
	})
}

// How the log is cut into pieces must not matter.
func TestSplitLogChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := DrawSettings(t), DrawSteps(t)
		var split []Happening
		for _, s := range steps {
			log, ok := s.O.(Log)
			if !ok || log.Lines == 0 {
				split = append(split, s)
				continue
			}
			at := rapid.IntRange(0, len(log.Events)).Draw(t, "split at")
			lines := rapid.IntRange(0, log.Lines-1).Draw(t, "lines of the first piece")
			split = append(split,
				Happening{At: s.At, O: Log{Lines: lines, Last: s.At.Add(-time.Second), Events: log.Events[:at]}},
				Happening{At: s.At, O: Log{Lines: log.Lines - lines, Last: log.Last, Events: log.Events[at:]}})
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
		compare(Drive(settings, steps, ignore), Drive(settings, split, ignore))
	})
}

func TestFactsKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var before List
		Drive(DrawSettings(t), DrawSteps(t), func(_ *Engine, v Verdict) {
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
			if caught := v.Facts.Get("caught_up"); caught.Known && caught.Count != max(v.Facts.Get("synced").Count, before.Get("synced").Count)-before.Get("synced").Count {
				t.Fatalf("caught up %d from %s to %s", caught.Count, before.Get("synced"), v.Facts.Get("synced"))
			}
			if len(v.Sentences) == 0 || v.Reason == "" {
				t.Fatalf("verdict %+v says nothing", v)
			}
			before = v.Facts
		})
	})
}
