package monitor

import (
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/deepcopy"
)

// remember puts what the checks of this run saw with the state, for the next
// host. Its times are told by the wall clock of this check, counted back from it,
// so that a clock that was set meanwhile moves nothing.
func (m *Monitor) remember(now time.Time) {
	m.keepLasting(now)
	wall := now.Round(0).UTC()
	all := m.engine.Snapshot()
	seen := all.Memory()
	seen.Times(func(t time.Time) time.Time { return wall.Add(t.Sub(now)) })
	m.state.Memory = &Memory{At: wall, Rules: m.Rules, Seen: seen}
}

// keepLasting puts with the state what outlives every host.
func (m *Monitor) keepLasting(now time.Time) {
	wall := now.Round(0).UTC()
	lasting := deepcopy.Of(m.engine.Snapshot().Lasting(), func(t time.Time) time.Time { return wall.Add(t.Sub(now)) })
	m.state.Lasting = &lasting
}

// recall gives an engine that has seen nothing what the checks of an earlier host saw, as if that
// one had gone on. It does not where a check was missed since, or the clock was
// set back: then the engine begins to look anew. A rule that has held for a time
// has done so only where the rules are still the same.
func (m *Monitor) recall(now time.Time) {
	memory := m.state.Memory
	if memory == nil || !m.engine.Snapshot().First.IsZero() || now.Before(memory.At) || now.Sub(memory.At) > 2*m.Settings.Interval {
		return
	}
	seen := memory.Seen
	if !slices.Equal(memory.Rules, m.Rules) {
		seen.Run.Since = nil
	}
	m.engine.Resume(now, seen)
}
