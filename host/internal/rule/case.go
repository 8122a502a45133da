package rule

import (
	"time"
)

// Case keeps what an engine had seen before a check, so that the check can be
// explained later on, and tried again with other input. It may be asked from any
// goroutine; keeping one costs the memory of an engine.
type Case struct{ before *Engine }

// Case is what the engine has seen so far. The engine may go on.
func (e *Engine) Case() Case { return Case{e.Clone()} }

// Explain explains the check that was made of the case and came to v.
func (c Case) Explain(monitor string, v Verdict) (Explanation, error) {
	before := c.before.Clone()
	after := before.Clone()
	if again := after.Check(v.Time); again.Kind == Act && v.Kind == Held {
		// The host came to hold it after the check.
		before.Hold(v.Guard)
		after.Hold(v.Guard)
	}
	facts, err := v.Facts.MarshalJSON()
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{T: v.Time.Round(0).UTC(), Monitor: monitor, Verdict: v.Kind, Rule: v.Rule, Reason: v.Reason, Guard: v.Guard, Shadow: v.Shadowed, Facts: facts,
		Name: v.Target, Sentences: v.Sentences, Trouble: v.Trouble, UnknownFor: secondsOf(v.UnknownFor), Interval: secondsOf(after.settings.Interval),
		Heads: after.headsSeen(), Target: after.targetSeen(), Log: after.logSeen(v), Actions: after.actionsSeen(),
		Guards: after.guardsSeen(v.Facts)}
	if x.Readings, err = after.readings(v.Facts); err != nil {
		return Explanation{}, err
	}
	x.Rules = append(after.gatesSeen(v), after.rulesSeen(v.Facts)...)
	x.Changes = (&trial{before: before, after: after, was: v, rules: x.Rules[len(x.Rules)-len(after.rules):]}).changes()
	return x, nil
}

// secondsOf is a period as an explanation tells it.
func secondsOf(d time.Duration) float64 { return micros(d.Seconds()) }

// age is how long ago t was, as of the check.
func (e *Engine) age(t time.Time) float64 { return secondsOf(max(0, e.state.Now.Sub(t))) }

func (e *Engine) ageOf(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	age := e.age(t)
	return &age
}

// utc is a time as an explanation tells it.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Round(0).UTC()
}
