package trace

import (
	"maps"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// resume takes a snapshot: it says nothing new where the record before it is
// the one that the host saw before it, and begins everything anew where it is
// not. The act that this replay assumed last is remembered all the same, as a
// host remembers its own.
func (d *drive) resume(m *replayed, record Record, before time.Time) error {
	s := record.Snapshot
	if s.After != nil && s.After.Equal(before) {
		return nil
	}
	if err := d.flush(); err != nil {
		return err
	}
	state := rule.State{}
	if s.State != nil {
		state = *s.State
	}
	state.Heads = maps.Clone(state.Heads)
	maps.DeleteFunc(state.Heads, func(source string, _ rule.Seen) bool { return !slices.Contains(m.Sources, source) })
	m.state = s.Parser
	m.engine = rule.New(m.Settings)
	if s.State != nil {
		m.engine.Resume(record.T, state)
	}
	if !m.assumed.IsZero() {
		m.restore(record.T, state.Done, state.Failed)
	}
	return nil
}

// restore takes what the host knew of earlier actions, with the act that only
// this replay assumed.
func (m *replayed) restore(now, done, failed time.Time) {
	if m.assumed.After(done) {
		done = m.assumed
	}
	m.engine.Restore(now, done, failed)
}
