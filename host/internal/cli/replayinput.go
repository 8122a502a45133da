package cli

import (
	"context"
	"slices"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// replayMonitors are the monitors of the first configuration with their parsers
// at work, each with what the second one makes of it.
func replayMonitors(ctx context.Context, s streams, parsers *plugin.Parsers, configs []*config.Config) ([]trace.Monitor, error) {
	var sides [][]trace.Monitor
	for _, c := range configs {
		side, found := parsers.TraceMonitors(ctx, c)
		if err := report(s, found); err != nil {
			return nil, err
		}
		sides = append(sides, side)
	}
	if len(sides) == 2 {
		pair(sides[0], sides[1])
	}
	return sides[0], nil
}

// pair puts the old monitors beside the new ones of the same name.
func pair(monitors, old []trace.Monitor) {
	for i := range monitors {
		m := &monitors[i]
		at := slices.IndexFunc(old, func(o trace.Monitor) bool { return o.Name == m.Name })
		if at < 0 {
			continue
		}
		if m.Old = &old[at]; m.Old.Parser == m.Parser {
			m.Old.Parser = nil // one pass through it serves both
		}
	}
}
