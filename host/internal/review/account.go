package review

import (
	"cmp"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// goneAfter is how many intervals two checks may lie apart before the time
// between them counts as not checked.
const goneAfter = 3

// notChecked is the state of a time in which nobody checked.
const notChecked = "not checked"

// account is the summary of one monitor in the making.
type account struct {
	result   *Monitor
	interval time.Duration
	verdicts map[Outcome]*Verdicts
	shadowed map[string]*Verdicts
	states   map[string]time.Duration
	moments  moments
	// before is the check before this one, with its state.
	before rule.Verdict
	state  string
	// blind is the stretch of unknown verdicts that this check is in; different
	// that of differences from the recording.
	blind     *Stretch
	different *Difference
}

func newAccount(name string, interval time.Duration) *account {
	return &account{result: &Monitor{Name: name}, interval: interval, verdicts: map[Outcome]*Verdicts{},
		shadowed: map[string]*Verdicts{}, states: map[string]time.Duration{}}
}

func (a *account) add(c trace.Checked) {
	v := c.Verdict
	if a.count(v); a.result.Checks == 1 {
		a.result.From = v.Time
	} else {
		a.spend(v.Time)
	}
	a.result.To = v.Time
	a.measure(v)
	a.followBlindness(v)
	a.compare(c)
	a.moments.add(a.before, v)
	a.before, a.state = v, stateOf(v)
}

func (a *account) end() {
	a.endBlindness()
	a.endDifference()
	r := a.result
	for _, counted := range a.verdicts {
		r.Verdicts = append(r.Verdicts, *counted)
	}
	for _, counted := range a.shadowed {
		r.Shadowed = append(r.Shadowed, *counted)
	}
	for _, list := range [][]Verdicts{r.Verdicts, r.Shadowed} {
		slices.SortFunc(list, func(a, b Verdicts) int {
			return cmp.Or(cmp.Compare(b.Checks, a.Checks), cmp.Compare(a.String(), b.String()))
		})
	}
	for name, time := range a.states {
		r.States = append(r.States, State{name, time.Seconds()})
	}
	slices.SortFunc(r.States, func(a, b State) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Name, b.Name))
	})
	a.moments.peaks(r)
	r.Moments = a.moments.best()
}

// count counts a verdict, and keeps an act.
func (a *account) count(v rule.Verdict) {
	a.result.Checks++
	tally(a.verdicts, outcome(v), v.Time, outcome(v))
	for _, name := range v.Shadowed {
		tally(a.shadowed, name, v.Time, Outcome{Rule: name})
	}
	if v.Kind != rule.Act {
		return
	}
	if a.result.ActionCount++; a.result.ActionCount <= maxActions {
		a.result.Actions = append(a.result.Actions, Action{T: v.Time, Rule: v.Rule, Reason: firstReason(v)})
	}
}

func tally[K comparable](counts map[K]*Verdicts, key K, t time.Time, o Outcome) {
	if counts[key] == nil {
		counts[key] = &Verdicts{Outcome: o, First: t}
	}
	counts[key].Checks++
}

func firstReason(v rule.Verdict) string {
	if len(v.Reasons) > 0 {
		return v.Reasons[0]
	}
	return v.Reason
}

// spend books the time since the check before on the state it was in.
func (a *account) spend(now time.Time) {
	since := now.Sub(a.result.To)
	if a.interval > 0 && since > goneAfter*a.interval {
		a.states[notChecked] += since - a.interval
		since = a.interval
	}
	a.states[a.state] += since
}

// stateOf names the state that a verdict begins.
func stateOf(v rule.Verdict) string {
	switch {
	case v.Kind == rule.OK:
		return "ok"
	case v.Kind == rule.Act:
		return "acting"
	case v.Kind == rule.Held && v.Guard != "":
		return "held (" + v.Guard + ")"
	case v.Kind == rule.Held && v.Rule == rule.RuleCooldown:
		return "cooldown"
	}
	return string(v.Kind) + " (" + v.Rule + ")"
}

// measure keeps the peaks.
func (a *account) measure(v rule.Verdict) {
	if lag := v.Facts.Get("lag"); lag.Known {
		a.result.GreatestLag = higher(a.result.GreatestLag, v.Time, float64(lag.Count))
	}
	if silence := v.Facts.Get("log_age"); silence.Known {
		a.result.LongestSilence = higher(a.result.LongestSilence, v.Time, silence.Number)
	}
}

func higher(peak *Peak, t time.Time, value float64) *Peak {
	if peak == nil || value > peak.Value {
		return &Peak{T: t, Value: value}
	}
	return peak
}

// followBlindness follows how long nothing is known; it lasts to the check that
// knows something again.
func (a *account) followBlindness(v rule.Verdict) {
	if a.blind != nil {
		a.blind.To = v.Time
	}
	switch {
	case v.Kind != rule.Unknown:
		a.endBlindness()
	case a.blind == nil:
		a.blind = &Stretch{From: v.Time, To: v.Time, Reason: v.Reason}
	}
}

func (a *account) endBlindness() {
	if a.blind != nil && (a.result.LongestBlind == nil || a.blind.length() > a.result.LongestBlind.length()) {
		a.result.LongestBlind = a.blind
	}
	a.blind = nil
}

// compare follows where the recording host came to something else.
func (a *account) compare(c trace.Checked) {
	if c.Recorded == nil || c.Recorded.Verdict == "" {
		a.endDifference()
		return
	}
	a.result.Recorded++
	recorded := Outcome{Verdict: c.Recorded.Verdict, Rule: c.Recorded.Rule, Guard: c.Recorded.Guard}
	replayed := outcome(c.Verdict)
	if recorded.Verdict == replayed.Verdict && recorded.Rule == replayed.Rule {
		a.endDifference()
		return
	}
	a.result.Otherwise++
	if d := a.different; d != nil && d.Recorded == recorded && d.Replayed == replayed {
		d.To, d.Checks = c.Verdict.Time, d.Checks+1
		return
	}
	a.endDifference()
	a.different = &Difference{From: c.Verdict.Time, To: c.Verdict.Time, Checks: 1, Recorded: recorded, Replayed: replayed, Reason: c.Verdict.Reason}
	a.moments.propose(kindOtherwise, "otherwise", c.Verdict.Time, "recorded as "+recorded.String()+"; replayed: "+replayed.String()+": "+c.Verdict.Reason)
}

func (a *account) endDifference() {
	if a.different == nil {
		return
	}
	if a.result.Stretches++; a.result.Stretches <= maxDifferences {
		a.result.Differences = append(a.result.Differences, *a.different)
	}
	a.different = nil
}
