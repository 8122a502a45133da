package plugin

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Parser is the plugin as the log parser of a monitor.
func (p *Plugin) Parser() monitor.Parser { return (*parser)(p) }

// TraceParser is the plugin as the log parser of a replay.
func (p *Plugin) TraceParser() trace.Parser { return (*traceParser)(p) }

type (
	parser      Plugin
	traceParser Plugin
)

var (
	_ monitor.Parser = (*parser)(nil)
	_ trace.Parser   = (*traceParser)(nil)
)

// Parse gives lines to the plugin.
func (p *parser) Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []nodelog.Event, err error) {
	err = (*Plugin)(p).do(ctx, func(ctx context.Context, c *wire.Client) error {
		parsed, said := []wire.ParsedEvent(nil), error(nil)
		if next, parsed, said = c.Parse(ctx, state, lines); said != nil {
			return said
		}
		for _, e := range parsed {
			if event, ok := p.event(lines[e.Line].Time, e); ok {
				events = append(events, event)
			}
		}
		return nil
	})
	return next, events, err
}

// Parse gives lines of a trace to the plugin.
func (p *traceParser) Parse(ctx context.Context, state []byte, lines []trace.Line) (next []byte, said [][]nodelog.Event, err error) {
	batch := make([]sdk.Line, len(lines))
	for i, line := range lines {
		batch[i] = sdk.Line{Time: line.Time, Text: line.Text}
	}
	var parsed []wire.ParsedEvent
	err = p.kept.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		next, parsed, err = c.Parse(ctx, state, batch)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	// The events come in the order of their lines, so that each line has a
	// piece of one array; an append to such a piece copies it.
	said, events := make([][]nodelog.Event, len(lines)), make([]nodelog.Event, 0, len(parsed))
	for _, e := range parsed {
		event, ok := (*parser)(p).event(lines[e.Line].Time, e)
		switch n := len(events); {
		case !ok:
		case said[e.Line] == nil:
			events = append(events, event)
			said[e.Line] = events[n : n+1 : n+1]
		default:
			said[e.Line] = append(said[e.Line], event)
		}
	}
	return next, said, nil
}

// event is an event in the engine's words. One that the host does not know is
// counted and left out.
func (p *parser) event(at time.Time, e wire.ParsedEvent) (nodelog.Event, bool) {
	event, ok := observe.Event(at, e.Event)
	if !ok {
		p.unknown.Add(cmp.Or(e.Later, fmt.Sprintf("%T", e.Event)))
	}
	return event, ok
}
