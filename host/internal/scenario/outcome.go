package scenario

import (
	"slices"
	"time"
)

// outcome is what became of one expectation in a history.
type outcome struct {
	*expectation
	// at, first and last are the times of the expectation from the start.
	at          []time.Duration
	first, last time.Duration
	// checked are the checks that it was about.
	checked map[time.Duration]bool
	// failed is the first of them that was other than expected, more the number
	// of the others.
	failed *Failure
	more   int
}

func newOutcome(e *expectation, start time.Time) *outcome {
	return &outcome{expectation: e, at: distances(e.at, start), first: e.from.from(start), last: e.to.from(start), checked: map[time.Duration]bool{}}
}

// covers says whether the expectation is about the check at a time.
func (o *outcome) covers(at time.Duration) bool {
	if len(o.at) > 0 {
		return slices.Contains(o.at, at)
	}
	return (!o.hasFrom || at >= o.first) && (!o.hasTo || at <= o.last)
}

// unmet are the times of the expectation at which there was no check.
func (o *outcome) unmet() []time.Duration {
	var all []time.Duration
	for _, at := range o.at {
		if !o.checked[at] {
			all = append(all, at)
		}
	}
	return all
}

// span names the checks that the expectation is about.
func (o *outcome) span() string {
	switch {
	case o.hasFrom && o.hasTo:
		return "from " + Offset(o.first) + " to " + Offset(o.last)
	case o.hasFrom:
		return "from " + Offset(o.first)
	case o.hasTo:
		return "up to " + Offset(o.last)
	}
	return "at any time"
}
