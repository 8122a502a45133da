package monitor

import (
	"context"
	"log/slog"
	"slices"

	"github.com/headwatch/headwatch/sdk"
)

// sayHazards says each hazard of a target once, where a preflight is asked for. A
// note of the same words is then said already.
func (m *Monitor) sayHazards(state sdk.State) {
	p := m.Settings.Preflight
	if p == nil {
		return
	}
	for _, h := range state.Hazards {
		m.notes[h.What] = true
		key := state.ID + " " + h.ID + " " + h.What
		if m.notes[key] {
			continue
		}
		m.notes[key] = true
		level := slog.LevelInfo
		switch {
		case h.Level == sdk.HazardRefuse && !slices.Contains(p.Allow, h.ID):
			level = slog.LevelError
		case h.Level != sdk.HazardNote:
			level = slog.LevelWarn
		}
		m.Logger.Log(context.Background(), level, "preflight: "+h.What, "hazard", h.ID, "level", h.Level, "mend", h.Mend)
	}
}
