package explain

import (
	"net/url"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Verdict explains a verdict. before is the engine as it was before the check
// that came to it; it is not changed, and may be asked from any goroutine.
func Verdict(monitor string, before *rule.Engine, v rule.Verdict) (Explanation, error) {
	t := trial{before: before.Clone(), after: before.Clone(), was: v}
	if again := t.after.Check(v.Time); again.Kind == rule.Act && v.Kind == rule.Held {
		// The host came to hold it after the check.
		t.before.Hold(v.Guard)
		t.after.Hold(v.Guard)
	}
	facts, err := v.Facts.MarshalJSON()
	if err != nil {
		return Explanation{}, err
	}
	s := seen{t.after, t.after.Snapshot()}
	x := Explanation{T: utc(v.Time), Monitor: monitor, Verdict: v.Kind, Rule: v.Rule, Reason: v.Reason, Guard: v.Guard, Shadow: v.Shadowed, Facts: facts,
		Name: v.Target, Sentences: v.Sentences, Trouble: v.Trouble, UnknownFor: secondsOf(v.UnknownFor), Interval: secondsOf(t.after.Settings().Interval),
		Heads: s.heads(), Target: s.target(), Log: s.log(v.Fetched), Actions: s.actions(), Outcomes: s.outcomes(), LastAct: s.lastAct(), Readings: s.facts(v.Facts), Guards: s.guards(v.Facts)}
	rules := s.rules(v.Facts)
	x.Rules = append(s.gates(v.Facts), rules...)
	x.Changes = t.changes(rules)
	return x, nil
}

// seen is what an engine knows right after a check.
type seen struct {
	engine *rule.Engine
	state  rule.State
}

// age is how long ago t was, as of the check.
func (s seen) age(t time.Time) float64 { return secondsOf(max(0, s.state.Now.Sub(t))) }

func (s seen) ageOf(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	return new(s.age(t))
}

// heads are the newest answers of the head sources, by name.
func (s seen) heads() []Head {
	heads := []Head{}
	for _, judged := range s.engine.Heads() {
		h := Head{Source: judged.Source, Use: UseUsable, Why: judged.Unusable, At: utc(judged.At), Age: s.age(judged.At), MaxAge: secondsOf(judged.MaxAge)}
		switch {
		case judged.Error != "":
			h.Use = UseError
		case judged.Unusable != "":
			h.Use = UseStale
		case judged.Best:
			h.Use = UseBest
		}
		if judged.Error == "" {
			h.Best, h.HeadAge = new(judged.Head.Best), new(secondsOf(judged.Age))
			h.BlockTime, h.Endpoint = utc(judged.Head.BlockTime), schemeAndHost(judged.Head.Endpoint)
		}
		heads = append(heads, h)
	}
	return heads
}

// schemeAndHost is all that is shown of an address: the rest may hold a key.
func schemeAndHost(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s seen) target() Target {
	t := Target{State: s.state.Target.State()}
	if s.state.Target != nil {
		t.Target = *s.state.Target
		t.StartedAt, t.FinishedAt = utc(s.state.Run.StartedAt), utc(t.FinishedAt)
	}
	return t
}

func (s seen) log(fetched int) Log {
	run := s.state.Run
	l := Log{Unreadable: s.state.Unreadable, Since: utc(s.state.UnreadableSince), LastLine: utc(run.LastLine), Age: s.ageOf(run.LastLine), Lines: fetched}
	if run.Gap != nil {
		l.Gap, l.GapAt = run.Gap.Reason, utc(run.Gap.At)
	}
	return l
}

// actions are the newest actions, and what is known of earlier ones.
func (s seen) actions() []Action {
	actions := []Action{}
	add := func(t time.Time, a rule.Action) { actions = append(actions, Action{utc(t), s.age(t), a, a.Assumed}) }
	earlier := func(t time.Time, outcome rule.Outcome) {
		if !t.IsZero() && !slices.ContainsFunc(s.state.Actions, func(a rule.PastAction) bool { return a.At.Equal(t) }) {
			add(t, rule.Action{Outcome: outcome, Detail: "known from before"})
		}
	}
	earlier(s.state.Done, rule.Done)
	earlier(s.state.Failed, rule.Failed)
	for _, a := range s.state.Actions {
		add(a.At, a.Action)
	}
	slices.SortStableFunc(actions, func(a, b Action) int { return a.At.Compare(b.At) })
	return actions
}

// lastAct is the newest act with what came of it; nil for none.
func (s seen) lastAct() *Act {
	ledger := s.engine.Acts()
	last := ledger.Last()
	if last == nil {
		return nil
	}
	return &Act{At: utc(last.Done), Rule: last.Rule, Outcome: last.Outcome, Judged: utc(last.Judged), StopTook: secondsOf(last.Took), Killed: last.Killed,
		FirstLine: utc(last.FirstLine), FirstBlock: utc(last.FirstBlock), AtHead: utc(last.AtHead)}
}

// outcomes are what came of the acts, rule by rule.
func (s seen) outcomes() []Tally {
	var all []Tally
	ledger := s.engine.Acts()
	for _, t := range ledger.Tallies() {
		all = append(all, Tally{t.Rule, t.Judged, t.Helped, secondsOf(t.Median), t.String()})
	}
	return all
}

// facts are the facts with their ages.
func (s seen) facts(facts fact.List) []Fact {
	all := []Fact{}
	for _, f := range facts {
		shown := Fact{Fact: f.Name, Value: valueJSON(f), Missing: f.Missing}
		if f.Kind == fact.Seconds {
			shown.Unit = "s"
		}
		if f.Known && !f.At.IsZero() {
			shown.At, shown.Age = utc(f.At), s.ageOf(f.At)
		}
		all = append(all, shown)
	}
	return all
}

// gates are what stands before the rules, each asked by itself: the first that
// would decide does.
func (s seen) gates(facts fact.List) []Rule {
	var all []Rule
	decided := false
	for _, step := range s.engine.Gates(facts) {
		if step.Result == "would" && !decided {
			step.Result, decided = "decides", true
		}
		all = append(all, Rule{Step: step})
	}
	return all
}

// rules are the rules in their order, with what would turn each.
func (s seen) rules(facts fact.List) []Rule {
	var all []Rule
	for _, r := range s.engine.Rules() {
		a, since := r.Ask(facts), s.state.Run.Since[r.Name]
		seen := Rule{Step: r.Step(a, a.Holds && s.state.Now.Sub(since) >= r.For), Shadowed: r.Shadow, For: secondsOf(r.For)}
		if a.Holds {
			seen.Since, seen.Held = utc(since), s.age(since)
		}
		if !a.Off {
			seen.Turns = turns(r, a, facts)
		}
		all = append(all, seen)
	}
	return all
}

// guards are all that can stop an act, and the cooldown.
func (s seen) guards(facts fact.List) []Guard {
	var all []Guard
	for _, g := range append([]rule.Standing{s.engine.Cooldown()}, s.engine.Guards(facts, ruleset.Rule{})...) {
		guard := Guard{Guard: g.Guard, Stands: g.Holds, Until: utc(g.Until), Text: g.Why}
		if g.Holds && !g.Until.IsZero() {
			guard.Left = secondsOf(g.Until.Sub(s.state.Now))
		}
		all = append(all, guard)
	}
	return all
}
