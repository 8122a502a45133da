package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// reading is what came of a log up to the mark of its backlog's end.
type reading struct {
	items []*pluginv1.ReadResponse
	lines []*pluginv1.Line
	marks []mark
	gaps  int
}

// mark is a cursor, and how many lines came before it.
type mark struct {
	lines  int
	cursor []byte
}

// wholeLog is the tail of a first reading: enough for any example.
const wholeLog = 3000

// readLog reads a log to the mark of its backlog's end.
func readLog(ctx context.Context, i *subject.Instance, request *pluginv1.ReadRequest) (*reading, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	stream, err := i.Log.Read(ctx, request)
	if err != nil {
		return nil, failedOrAbsent(i, "Read", err)
	}
	r := &reading{}
	for {
		item, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && request.GetNoFollow():
			return nil, wrong("send BacklogEnd where all that there is was sent", "Read ends without BacklogEnd")
		case errors.Is(err, io.EOF):
			return nil, wrong("a log is followed until the host cancels: wait for a target that does not run", "Read ends the log by itself")
		case err != nil && status.Code(err) == codes.DeadlineExceeded:
			return nil, wrong("send BacklogEnd as soon as every line up to now is sent, also where there is none", "Read sends no BacklogEnd within %s", callLimit)
		case err != nil:
			return nil, failedOrAbsent(i, "Read", err)
		}
		ended, err := r.add(item)
		if err == nil && ended && request.GetNoFollow() {
			err = endsNow(stream)
		}
		if err != nil || ended {
			return r, err
		}
	}
}

// endsNow demands that nothing comes behind the end of what was to be read once.
func endsNow(stream pluginv1.LogSource_ReadClient) error {
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return wrong("with no_follow a reading ends with nil after its BacklogEnd", "with no_follow Read does not end: %v", err)
	}
	return nil
}

// add adds an item, and says whether the backlog has ended.
func (r *reading) add(item *pluginv1.ReadResponse) (ended bool, err error) {
	r.items = append(r.items, item)
	switch item := item.GetItem().(type) {
	case *pluginv1.ReadResponse_BacklogEnd:
		return true, nil
	case *pluginv1.ReadResponse_Unreadable:
		return false, absent("the log cannot be read: %s", shortened(item.Unreadable.GetReason()))
	case *pluginv1.ReadResponse_Gap:
		r.gaps++
	case *pluginv1.ReadResponse_Lines:
		r.lines = append(r.lines, item.Lines.GetLines()...)
		if cursor := item.Lines.GetCursor(); len(cursor) > 0 {
			r.marks = append(r.marks, mark{lines: len(r.lines), cursor: cursor})
		}
	}
	return false, nil
}

// sameLine compares what a log says. Stamps are left out: where the log has none
// they are those of the reading.
func sameLine(a, b *pluginv1.Line) bool { return bytes.Equal(a.GetText(), b.GetText()) }

// lineAt is a line in a report.
func lineAt(lines []*pluginv1.Line, at int) string {
	if at >= len(lines) {
		return "nothing"
	}
	return excerpt(lines[at].GetText())
}

// eachBacked makes a check for every example, with an instance that has its
// config. Where the back-end of one is not there, it is not asked again.
func (r *run) eachBacked(ctx context.Context, do func(e example, i *subject.Instance) error) error {
	return r.eachExample(func(e example) error {
		if why, ok := r.away[e.index]; ok {
			return why
		}
		instance, err := r.configured(ctx, e)
		if err != nil {
			return err
		}
		err = do(e, instance)
		var away *absence
		if errors.As(err, &away) {
			r.away[e.index] = absent("see the check %s", r.current)
		}
		return err
	})
}

// eachTarget makes a check for every example with a target.
func (r *run) eachTarget(ctx context.Context, do func(e example, i *subject.Instance) error) error {
	return r.eachBacked(ctx, func(e example, i *subject.Instance) error {
		if e.Target == "" && block.NeedsAnything(r.target) {
			return noTarget()
		}
		return do(e, i)
	})
}

// eachReading makes a check for every example whose log has lines.
func (r *run) eachReading(ctx context.Context, do func(e example, i *subject.Instance, whole *reading) error) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if e.Missing {
			return noLines()
		}
		whole, err := readLog(ctx, i, &pluginv1.ReadRequest{TargetJson: e.target.JSON(), Tail: wholeLog})
		if err != nil {
			return err
		}
		if len(whole.lines) == 0 {
			return noLines()
		}
		r.note = fmt.Sprintf("%s, %s", plural(len(whole.lines), "line"), plural(len(whole.marks), "cursor"))
		return do(e, i, whole)
	})
}

// noLines is for checks that need a log with lines.
func noLines() error {
	return skipped("the log of no example has lines: publish one with a log of its own in Info.Examples, or give --config")
}
