package nodelog

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Essential leaves out events that make no difference to an engine at the end of
// all, whatever it knew before them.
func Essential(events []Event) []Event {
	s := settled{later: map[string]bool{}, highest: map[EventKind]int{}, kept: map[int]bool{}}
	s.keepBlocks(events)
	s.keepStarts(events)
	s.keepProgress(events)
	s.keepContexts(events)
	for i, ev := range events {
		if at, ok := s.highest[ev.Kind]; !ok || ev.Number > events[at].Number {
			s.highest[ev.Kind] = i
		}
	}
	kept := make([]Event, 0, 8)
	for i := len(events) - 1; i >= 0; i-- {
		if s.matters(i, events[i]) {
			kept = append(kept, events[i])
		}
	}
	slices.Reverse(kept)
	return kept
}

// settled goes through events from the last to the first.
type settled struct {
	// later is what a later event has settled, by what it is about.
	later map[string]bool
	// highest is the first event of each kind with the highest number.
	highest map[EventKind]int
	// kept are the blocks and the starts that matter.
	kept map[int]bool
}

// keepBlocks keeps what decides which block is synced and when it rose: the
// highest import before the first best block, that best block, the last rise of
// the best block with the one before it, the last best block, the highest import
// after it, and the last stretch without best blocks in which imports count. For a
// fatal line of before, it keeps the first block, and each that no later one
// exceeds.
func (s *settled) keepBlocks(events []Event) {
	highest, best := -1, -1
	var rise, stretch []int
	endStretch := func() {
		if highest >= 0 && best >= 0 && events[highest].Time.Sub(events[best].Time) > bestLasts {
			stretch = []int{best, highest}
		}
	}
	for i, ev := range events {
		switch {
		case !ev.isBlock():
		case ev.Kind == BlockImported:
			if highest < 0 || ev.Number > events[highest].Number {
				highest = i
			}
		case best < 0:
			s.keep(highest, i)
			highest, best = -1, i
		default:
			endStretch()
			if ev.Number > events[best].Number {
				rise = []int{best, i}
			}
			highest, best = -1, i
		}
	}
	s.keep(highest, best)
	s.keep(rise...)
	s.keep(stretch...)
	s.keepPeaks(events)
}

// keepPeaks keeps the first block, and each that no later one exceeds.
func (s *settled) keepPeaks(events []Event) {
	first, peak := -1, uint64(0)
	for i := len(events) - 1; i >= 0; i-- {
		if ev := events[i]; ev.isBlock() {
			if first = i; ev.Number > peak {
				s.keep(i)
				peak = ev.Number
			}
		}
	}
	s.keep(first)
}

// isBlock says whether the event names a block that may be synced.
func (ev Event) isBlock() bool {
	return ev.Number > 0 && (ev.Kind == BlockImported || ev.Kind == BlockBest)
}

// keepStarts keeps the last start of another version with the one before it, or
// the first start where all are of one.
func (s *settled) keepStarts(events []Event) {
	last := -1
	var change []int
	for i, ev := range events {
		if ev.Kind != NodeStarted || ev.Text == "" {
			continue
		}
		if last < 0 || ev.Text != events[last].Text {
			change = []int{last, i}
		}
		last = i
	}
	s.keep(change...)
}

// keepProgress keeps what decides whether the newest fatal lines are over: the
// height at each, the first block after it, and the highest that comes long enough
// after it.
func (s *settled) keepProgress(events []Event) {
	newest := map[bool]int{}
	for i, ev := range events {
		if ev.Kind == FatalCause {
			newest[ev.Cures] = i
		}
	}
	for _, cause := range newest {
		s.keepHeight(events[:cause])
		first, peak := -1, -1
		for i := cause + 1; i < len(events); i++ {
			ev := events[i]
			if !ev.isBlock() {
				continue
			}
			if first < 0 {
				first = i
			}
			if !ev.Time.Before(events[cause].Time.Add(overcomeAfter)) && (peak < 0 || ev.Number > events[peak].Number) {
				peak = i
			}
		}
		s.keep(first, peak)
	}
}

// keepContexts keeps what decides whether a kept import raises the height, and
// whether that counts.
func (s *settled) keepContexts(events []Event) {
	for _, i := range slices.Collect(maps.Keys(s.kept)) {
		if i >= 0 && events[i].Kind == BlockImported {
			s.keepHeight(events[:i])
		}
	}
}

// keepHeight keeps what decides how high the node is at the end: the last best block
// and the highest import after it.
func (s *settled) keepHeight(events []Event) {
	highest, best := -1, -1
	for i, ev := range events {
		switch {
		case !ev.isBlock():
		case ev.Kind == BlockBest:
			highest, best = -1, i
		case highest < 0 || ev.Number > events[highest].Number:
			highest = i
		}
	}
	s.keep(highest, best)
}

func (s *settled) keep(events ...int) {
	for _, i := range events {
		s.kept[i] = true
	}
}

func (s *settled) matters(i int, ev Event) bool {
	switch ev.Kind {
	case FactGiven:
		return s.first(fact.CustomPrefix + ev.Name)
	case FactUnknown:
		return s.doubtMatters(ev.Name)
	case NodeStarted:
		return s.kept[i] || ev.Text == "" && s.first(string(ev.Kind))
	case FatalCause:
		return s.first(fmt.Sprint(ev.Kind, ev.Cures))
	}
	matters := false
	for _, f := range logFacts {
		for _, effect := range f.effects {
			if effect.kind == ev.Kind {
				matters = s.effectMatters(i, ev, f.name, effect) || matters
			}
		}
	}
	return matters
}

func (s *settled) effectMatters(i int, ev Event, name string, e effect) bool {
	switch e.matters {
	case newestOfKind:
		return !s.later[name] && s.first(string(e.kind))
	case ofBlocks:
		return ev.Number > 0 && s.first(name) || s.kept[i]
	case newestAndHighest:
		return s.first(name) || i == s.highest[e.kind]
	}
	return s.first(name)
}

// doubtMatters: until a later event gives the value again.
func (s *settled) doubtMatters(name string) bool {
	f := logFactOf(name)
	switch {
	case f == nil:
		name = fact.CustomPrefix + name
	case f.restarts:
		return s.first(name)
	}
	return !s.later[name] && s.first("doubt of "+name)
}

// first says whether nothing later is about this, and notes it.
func (s *settled) first(about string) bool {
	first := !s.later[about]
	s.later[about] = true
	return first
}
