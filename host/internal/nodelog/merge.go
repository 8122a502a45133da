package nodelog

import (
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Essential leaves out events that make no difference to an engine at the end of
// all, whatever it knew before them.
func Essential(events []Event) []Event {
	s := settled{later: map[string]bool{}, highest: map[EventKind]int{}}
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
}

func (s *settled) matters(i int, ev Event) bool {
	switch ev.Kind {
	case FactGiven:
		return s.first(fact.CustomPrefix + ev.Name)
	case FactUnknown:
		return s.doubtMatters(ev.Name)
	case FatalCause:
		return s.first(fmt.Sprint(ev.Kind, ev.Cures))
	}
	matters, known := false, false
	for _, f := range logFacts {
		for _, effect := range f.effects {
			if effect.kind == ev.Kind {
				known = true
				matters = s.effectMatters(i, f.name, effect) || matters
			}
		}
	}
	return matters || !known && s.first(string(ev.Kind))
}

func (s *settled) effectMatters(i int, name string, e effect) bool {
	switch e.matters {
	case newestOfKind:
		return !s.later[name] && s.first(string(e.kind))
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
