package sdk

import (
	"context"
	"encoding/json"
	"fmt"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// logParserServer serves an author's parser: it goes through a batch line by
// line, so that where a batch is cut makes no difference.
type logParserServer[S any] struct {
	pluginv1.UnimplementedLogParserServer
	plugin *plugin
	parser LogParser[S]
}

func (s *logParserServer[S]) Parse(_ context.Context, r *pluginv1.ParseRequest) (*pluginv1.ParseResponse, error) {
	if err := s.plugin.ready(); err != nil {
		return nil, err
	}
	var state S
	if len(r.GetState()) > 0 {
		if err := json.Unmarshal(r.GetState(), &state); err != nil {
			return nil, Invalid(fmt.Errorf("read the parser's state: %w", err))
		}
	}
	var events []*pluginv1.Event
	var failed error
	index := uint32(0)
	emit := func(e Event) {
		event, err := eventTo(index, e)
		if err != nil {
			failed = err
			return
		}
		events = append(events, event)
	}
	for i, line := range r.GetLines() {
		index = uint32(i)
		s.parser.ParseLine(&state, lineOf(line), emit)
	}
	if failed != nil {
		return nil, Invalid(failed)
	}
	next, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("write the parser's state: %w", err)
	}
	return &pluginv1.ParseResponse{State: next, Events: events}, nil
}

func lineOf(l *pluginv1.Line) Line {
	line := Line{Text: l.GetText(), Stream: Stream(l.GetStream()), Truncated: l.GetTruncated()}
	if l.GetTime() != nil {
		line.Time = l.GetTime().AsTime()
	}
	return line
}
