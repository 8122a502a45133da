package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// shareFor is how long an answer of a head source serves other monitors: a
// check rests on a head as fresh as itself, and no block is made faster.
const shareFor = 500 * time.Millisecond

// sharedHead is a head source whose monitors share one call.
type sharedHead struct {
	plugin *supervisor.Plugin

	mu   sync.Mutex
	call *headCall
}

// headCall is one call, under way or answered.
type headCall struct {
	done chan struct{}
	at   time.Time
	head sdk.Head
	err  error
}

var _ monitor.HeadSource = (*sharedHead)(nil)

// GetHead joins a call that is under way or has just been answered.
func (s *sharedHead) GetHead(ctx context.Context) (sdk.Head, error) {
	s.mu.Lock()
	if s.call == nil || s.call.stale(time.Now()) {
		s.call = &headCall{done: make(chan struct{})}
		// The call is not one monitor's: it goes on when the one that began it
		// ends, up to its own deadline.
		go s.ask(context.WithoutCancel(ctx), s.call)
	}
	call := s.call
	s.mu.Unlock()
	select {
	case <-call.done:
		return call.head, call.err
	case <-ctx.Done():
		return sdk.Head{}, ctx.Err()
	}
}

func (s *sharedHead) ask(ctx context.Context, call *headCall) {
	call.err = downError(s.plugin.Do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		call.head, err = c.GetHead(ctx)
		return err
	}))
	call.at = time.Now()
	close(call.done)
}

func (c *headCall) stale(now time.Time) bool {
	select {
	case <-c.done:
		return now.Sub(c.at) > shareFor
	default:
		return false
	}
}

// target is one target of an action plugin.
type target struct {
	plugin *supervisor.Plugin
	json   []byte
}

var _ monitor.Target = (*target)(nil)

// Inspect asks the plugin for the target's state.
func (t *target) Inspect(ctx context.Context) (state sdk.State, err error) {
	err = t.plugin.Do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		state, err = c.Inspect(ctx, t.json)
		return err
	})
	return state, downError(err)
}

// Execute asks the plugin to act.
func (t *target) Execute(ctx context.Context, request sdk.Request) (result sdk.Result, err error) {
	err = t.plugin.Do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		result, err = c.Execute(ctx, t.json, request)
		return err
	})
	return result, downError(err)
}

// logSource is the log of one target.
type logSource struct {
	plugin *supervisor.Plugin
	json   []byte
}

var _ monitor.LogSource = (*logSource)(nil)

// ReadLog follows the log through the plugin.
func (l *logSource) ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	return downError(l.plugin.Stream(ctx, func(ctx context.Context, c *wire.Client) error {
		return c.ReadLog(ctx, l.json, from, send)
	}))
}

// parser is a log parser's plugin.
type parser struct{ plugin *supervisor.Plugin }

var _ monitor.Parser = (*parser)(nil)

// Parse gives lines to the plugin.
func (p *parser) Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []rule.Event, err error) {
	err = p.plugin.Do(ctx, func(ctx context.Context, c *wire.Client) error {
		parsed, said := []wire.ParsedEvent(nil), error(nil)
		if next, parsed, said = c.Parse(ctx, state, lines); said != nil {
			return said
		}
		for _, e := range parsed {
			events = append(events, ruleEvent(lines[e.Line].Time, e.Event))
		}
		return nil
	})
	return next, events, downError(err)
}

// traceParser is a log parser in a replay.
type traceParser struct{ client *wire.Client }

var _ trace.Parser = (*traceParser)(nil)

// Parse gives lines of a trace to the plugin.
func (p *traceParser) Parse(ctx context.Context, state []byte, lines []trace.Line) ([]byte, [][]rule.Event, error) {
	batch := make([]sdk.Line, len(lines))
	for i, line := range lines {
		batch[i] = sdk.Line{Time: line.Time, Text: line.Text}
	}
	next, parsed, err := p.client.Parse(ctx, state, batch)
	if err != nil {
		return nil, nil, err
	}
	// The events come in the order of their lines, so that each line has a
	// piece of one array; an append to such a piece copies it.
	said, events := make([][]rule.Event, len(lines)), make([]rule.Event, 0, len(parsed))
	for _, e := range parsed {
		event, n := ruleEvent(lines[e.Line].Time, e.Event), len(events)
		if said[e.Line] == nil {
			events = append(events, event)
			said[e.Line] = events[n : n+1 : n+1]
			continue
		}
		said[e.Line] = append(said[e.Line], event)
	}
	return next, said, nil
}

// ruleEvent is an event in the engine's words, at the time of its line.
func ruleEvent(at time.Time, e sdk.Event) rule.Event {
	switch e := e.(type) {
	case sdk.BlockImported:
		return rule.Event{Time: at, Kind: rule.BlockImported, Number: e.Number}
	case sdk.BlockFinalized:
		return rule.Event{Time: at, Kind: rule.BlockFinalized, Number: e.Number}
	case sdk.BlockProduced:
		if e.Step == sdk.Sealed {
			return rule.Event{Time: at, Kind: rule.BlockSealed, Number: e.Number}
		}
		return rule.Event{Time: at, Kind: rule.BlockPrepared, Number: e.Number}
	case sdk.SyncState:
		if e.Major {
			return rule.Event{Time: at, Kind: rule.MajorSync}
		}
		return rule.Event{Time: at, Kind: rule.NotMajorSync}
	case sdk.SessionStarted:
		return rule.Event{Time: at, Kind: rule.SessionStarted, Number: e.Number}
	case sdk.NodeStarted:
		return rule.Event{Time: at, Kind: rule.NodeStarted, Text: e.Version}
	case sdk.FatalCause:
		return rule.Event{Time: at, Kind: rule.FatalCause, Name: e.Kind, Text: e.Message, Cures: e.RestartCures}
	case sdk.Fact:
		return rule.Event{Time: at, Kind: rule.FactGiven, Name: e.Name, Value: e.Value}
	case sdk.FactUnknown:
		return rule.Event{Time: at, Kind: rule.FactUnknown, Name: e.Name, Text: e.Reason}
	}
	panic(fmt.Sprintf("event of type %T", e))
}
