package review

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// The kinds of moments, the one that matters most first. The first moment of each
// kind and cause comes before the second of any, so that a thousand acts of one rule
// hide nothing else. Of several moments at one check the one that matters most
// stays; of those that matter the same, the earlier.
const (
	kindAct       = iota // an act, by rule
	kindCause            // a cause that no restart cures, by its rule
	kindHeld             // an act that a guard held, by rule and guard
	kindShadow           // an act that a shadowed rule would have made, by rule
	kindBlind            // nothing was known for rule.BlindAfter
	kindOtherwise        // the recording host came to something else
	kindLag              // the greatest lag
	kindSilence          // the longest silence of the log
	kindRun              // the target was started anew
	kindChange           // it went blind, or knew again; by what it was before
)

// mostOfKind is how many moments of a kind and cause may be listed.
const mostOfKind = 3

// How large a lag, and how long a silence of the log, must be to be worth a word.
const (
	leastLag     = 10
	leastSilence = time.Minute
)

// moments collects moments, and keeps those that may be among the best.
type moments struct {
	seen map[string]int
	kept []ranked
	// began is the start of the run of the check before, unknown since when
	// the verdict has been unknown.
	began, unknown time.Time
}

// ranked is a moment with its kind, and how many of its kind and cause there were
// up to it.
type ranked struct {
	Moment
	kind, nth int
}

// sameStart is how far two readings of one start may lie apart: the first may be
// of an engine whose clock is a little ahead, and then counts as the time it was
// read.
const sameStart = time.Second

// propose notes a moment of a kind and a cause.
func (m *moments) propose(kind int, cause string, t time.Time, text string) {
	if m.seen == nil {
		m.seen = map[string]int{}
	}
	if m.seen[cause]++; m.seen[cause] > mostOfKind {
		return
	}
	m.kept = append(m.kept, ranked{Moment{t, text}, kind, m.seen[cause]})
	if len(m.kept) > 20*maxMoments {
		m.prune()
	}
}

// add looks at one check beside the one before it, which is zero for the first.
func (m *moments) add(before, v rule.Verdict) {
	m.verdict(before, v)
	for _, name := range v.Shadowed {
		if !slices.Contains(before.Shadowed, name) {
			m.propose(kindShadow, "shadow "+name, v.Time, fmt.Sprintf("rule %s would have acted, and is shadowed", name))
		}
	}
	uptime := v.Facts.Get("uptime")
	if uptime.Known && !m.began.IsZero() && uptime.At.Sub(m.began).Abs() > sameStart {
		m.propose(kindRun, "run", v.Time, fmt.Sprintf("Container %s was started anew at %s", v.Target, stamp(uptime.At)))
	}
	if uptime.Known {
		m.began = uptime.At
	}
	m.knowing(before, v)
}

// verdict notes acts, and what held one.
func (m *moments) verdict(before, v rule.Verdict) {
	same := before.Kind == v.Kind && before.Rule == v.Rule && before.Guard == v.Guard
	switch {
	case v.Kind == rule.Act:
		m.propose(kindAct, "act "+v.Rule, v.Time, v.Reason)
	case same:
	case v.Guard != "":
		m.propose(kindHeld, outcome(v).String(), v.Time, v.Reason)
	case v.Rule == rule.RuleCause:
		m.propose(kindCause, v.Rule, v.Time, v.Reason)
	}
}

// knowing notes when nothing is known any more, and when something is again.
func (m *moments) knowing(before, v rule.Verdict) {
	unknown := v.Kind == rule.Unknown
	switch {
	case unknown && (m.unknown.IsZero() || before.Rule != v.Rule):
		if m.unknown.IsZero() {
			m.unknown = v.Time
		}
		m.propose(kindChange, outcome(v).String(), v.Time, outcome(v).String()+": "+v.Reason)
	case !unknown && !m.unknown.IsZero():
		text := fmt.Sprintf("%s, after %s of unknown: %s", outcome(v), span(v.Time.Sub(m.unknown)), v.Reason)
		m.propose(kindChange, "known", v.Time, text)
		m.unknown = time.Time{}
	}
	if v.Blind() && !before.Blind() {
		m.propose(kindBlind, "blind", v.Time, fmt.Sprintf("blind: nothing known for %s: %s", span(v.UnknownFor), v.Reason))
	}
}

// peaks notes the peaks, which are known at the end only.
func (m *moments) peaks(r *Monitor) {
	if lag := r.GreatestLag; lag != nil && lag.Value >= leastLag {
		m.propose(kindLag, "lag", lag.T, fmt.Sprintf("the greatest lag: %.0f blocks", lag.Value))
	}
	if silence := r.LongestSilence; silence != nil && silence.Value >= leastSilence.Seconds() {
		m.propose(kindSilence, "silence", silence.T, "the longest silence of the log: "+span(seconds(silence.Value)))
	}
}

// best are the best moments in the order of time.
func (m *moments) best() []Moment {
	m.prune()
	best := []Moment{}
	for _, s := range m.kept {
		best = append(best, s.Moment)
	}
	slices.SortStableFunc(best, func(a, b Moment) int { return a.T.Compare(b.T) })
	return best
}

// prune drops all that can no longer be among the best.
func (m *moments) prune() {
	slices.SortStableFunc(m.kept, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.nth, b.nth), cmp.Compare(a.kind, b.kind), a.T.Compare(b.T))
	})
	var kept []ranked
	for _, s := range m.kept {
		if len(kept) < maxMoments && !slices.ContainsFunc(kept, func(k ranked) bool { return k.T.Equal(s.T) }) {
			kept = append(kept, s)
		}
	}
	m.kept = kept
}
