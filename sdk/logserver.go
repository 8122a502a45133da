package sdk

import (
	"fmt"
	"sync"

	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// logSourceServer serves an author's log source.
type logSourceServer[T any] struct {
	pluginv1.UnimplementedLogSourceServer
	plugin *plugin
	source LogSource[T]
}

// Read runs until the author's source returns.
func (s *logSourceServer[T]) Read(r *pluginv1.ReadRequest, stream grpc.ServerStreamingServer[pluginv1.ReadResponse]) error {
	if err := s.plugin.ready(); err != nil {
		return err
	}
	target, err := decodeTarget[T](r.GetTargetJson())
	if err != nil {
		return err
	}
	from := ReadFrom{Cursor: r.GetCursor(), Tail: int(r.GetTail()), NoFollow: r.GetNoFollow()}
	if len(from.Cursor) == 0 {
		from.Cursor = nil
	}
	return s.source.ReadLog(stream.Context(), target, from, &logWriter{stream: stream})
}

// logWriter sends items as messages, one at a time.
type logWriter struct {
	mu     sync.Mutex
	stream grpc.ServerStreamingServer[pluginv1.ReadResponse]
}

var _ LogWriter = (*logWriter)(nil)

// Send blocks while the host is busy.
func (w *logWriter) Send(item LogItem) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch item := item.(type) {
	case RunStarted:
		return w.stream.Send(&pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_RunStarted{RunStarted: &pluginv1.RunStarted{StartedAt: stamp(item.StartedAt)}}})
	case Lines:
		return w.sendLines(item)
	case BacklogEnd:
		return w.stream.Send(&pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_BacklogEnd{BacklogEnd: &pluginv1.BacklogEnd{}}})
	case Gap:
		return w.stream.Send(&pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_Gap{Gap: &pluginv1.Gap{After: stamp(item.After), Until: stamp(item.Until), Reason: valid(item.Reason)}}})
	case Unreadable:
		return w.stream.Send(&pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_Unreadable{Unreadable: &pluginv1.Unreadable{Reason: valid(item.Reason)}}})
	}
	return Invalid(fmt.Errorf("log item of type %T is unknown", item))
}

// sendLines cuts a batch that is too large; the cursor goes with its last piece.
func (w *logWriter) sendLines(batch Lines) error {
	for lines := batch.Lines; ; {
		n := handshake.Fitting(len(lines), func(i int) int { return len(lines[i].Text) })
		piece := &pluginv1.Lines{}
		for _, l := range lines[:n] {
			piece.Lines = append(piece.Lines, lineTo(l))
		}
		lines = lines[n:]
		if len(lines) == 0 {
			piece.Cursor = batch.Cursor
		}
		if err := w.stream.Send(&pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_Lines{Lines: piece}}); err != nil {
			return err
		}
		if len(lines) == 0 {
			return nil
		}
	}
}

// lineTo writes a line; one that is too large for a message loses its end.
func lineTo(l Line) *pluginv1.Line {
	text, cut := handshake.Cut(l.Text)
	return &pluginv1.Line{Time: stamp(l.Time), Text: text, Stream: pluginv1.Stream(l.Stream), Truncated: l.Truncated || cut}
}
