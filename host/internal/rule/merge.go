package rule

import "slices"

// Merge joins two readings of a log, of which next came right after l, and
// leaves out what makes no difference to an engine at the end of both, whatever
// it knew before them. The events must carry the engine's times, and both be
// partial or neither.
func (l Log) Merge(next Log) Log {
	l.Lines += next.Lines
	if next.Lines > 0 {
		l.Last = next.Last
	}
	l.Events = essential(append(l.Events[:len(l.Events):len(l.Events)], next.Events...))
	return l
}

// essential leaves out events whose effect a later one takes the place of.
func essential(events []Event) []Event {
	s := settled{later: map[string]bool{}, highest: -1, final: -1}
	for i, ev := range events {
		switch {
		case ev.Kind == BlockImported && (s.highest < 0 || ev.Number > events[s.highest].Number):
			s.highest = i
		case ev.Kind == BlockFinalized && (s.final < 0 || ev.Number >= events[s.final].Number):
			s.final = i
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
	// highest is the import that raises synced the most, and first; final the
	// last of the highest finalized blocks.
	highest, final int
}

func (s *settled) matters(i int, ev Event) bool {
	switch ev.Kind {
	case BlockImported:
		// The last one is when synced was confirmed.
		return s.first("synced") || i == s.highest
	case BlockFinalized:
		return s.first("finalized") || i == s.final
	case BlockPrepared, BlockSealed:
		return !s.later["producing"] && s.first(string(ev.Kind))
	case MajorSync, NotMajorSync:
		return s.first("major_sync")
	case SessionStarted:
		// Production begins anew with it.
		s.later["producing"] = true
		return s.first("session")
	case FactGiven:
		return s.first(customPrefix + ev.Name)
	case FactUnknown:
		return s.doubtMatters(ev.Name)
	case FatalCause:
		if ev.Cures {
			return s.first("trouble")
		}
		return s.first("cause")
	}
	return s.first(string(ev.Kind))
}

// doubtMatters: until a later event gives the value again.
func (s *settled) doubtMatters(name string) bool {
	switch name {
	case "producing":
		return s.first(name)
	case "synced", "finalized", "session", "major_sync":
	default:
		name = customPrefix + name
	}
	return !s.later[name] && s.first("doubt of "+name)
}

// first says whether nothing later is about this, and notes it.
func (s *settled) first(about string) bool {
	first := !s.later[about]
	s.later[about] = true
	return first
}
