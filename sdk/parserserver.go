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

// Parse reads a batch. A state that is not this parser's is INVALID_ARGUMENT.
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
	index := uint32(0)
	emit := func(e Event) { events = append(events, s.event(index, e)) }
	for i, line := range r.GetLines() {
		index = uint32(i)
		s.parser.ParseLine(&state, lineOf(line), emit)
	}
	next, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("write the parser's state: %w", err)
	}
	return &pluginv1.ParseResponse{State: next, Events: events}, nil
}

// event writes an event. One that cannot be written is the author's mistake and
// must not cost the events around it.
func (s *logParserServer[S]) event(line uint32, e Event) *pluginv1.Event {
	event, err := eventTo(line, e)
	if err != nil {
		s.plugin.logger.Error("the parser emitted an event that cannot be sent", "error", err)
	}
	return event
}

func lineOf(l *pluginv1.Line) Line {
	line := Line{Text: l.GetText(), Stream: streamOf(l.GetStream()), Truncated: l.GetTruncated()}
	line.Time = timeOf(l.GetTime())
	return line
}

// streamOf is the stream of a line; one of a later protocol is not known.
func streamOf(s pluginv1.Stream) Stream {
	switch s {
	case pluginv1.Stream_STREAM_STDOUT:
		return Stdout
	case pluginv1.Stream_STREAM_STDERR:
		return Stderr
	}
	return StreamUnknown
}
