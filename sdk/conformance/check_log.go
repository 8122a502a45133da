package conformance

import (
	"bytes"
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// checkLogOrder demands that a log says which run its lines belong to.
func (r *run) checkLogOrder(ctx context.Context) error {
	return r.eachReading(ctx, func(_ example, _ *subject.Instance, whole *reading) error {
		hint := "send RunStarted before the first line of every run, with its start exactly as Inspect gives it, or without one where that is not known"
		begun := false
		for _, item := range whole.items {
			switch item := item.GetItem().(type) {
			case *pluginv1.ReadResponse_RunStarted:
				begun = true
				if at := item.RunStarted.GetStartedAt(); at != nil && !at.IsValid() {
					return wrong(hint, "RunStarted gives a start that is no time")
				}
			case *pluginv1.ReadResponse_Lines:
				if !begun {
					return wrong(hint, "lines come before any RunStarted: the first is %s", lineAt(item.Lines.GetLines(), 0))
				}
			}
		}
		return nil
	})
}

// checkLogBatch judges the size of batches and the form of lines.
func (r *run) checkLogBatch(ctx context.Context) error {
	return r.eachReading(ctx, func(_ example, _ *subject.Instance, whole *reading) error {
		for _, item := range whole.items {
			size, lines := 0, item.GetLines().GetLines()
			for n, line := range lines {
				size += len(line.GetText())
				switch {
				case bytes.HasSuffix(line.GetText(), []byte("\n")):
					return wrong("send the text of a line without its line end", "the line %s has its line end", lineAt(lines, n))
				case line.GetTime() != nil && !line.GetTime().IsValid():
					return wrong("leave time out where the log's keeper gives none", "the stamp of the line %s is no time", lineAt(lines, n))
				}
			}
			if len(lines) > handshake.MaxBatchLines || len(lines) > 1 && size > handshake.MaxBatchBytes {
				return wrong("cut larger batches between lines", "a batch has %d lines and %d bytes of text, of at most %d and %d", len(lines), size, handshake.MaxBatchLines, handshake.MaxBatchBytes)
			}
			if len(item.GetLines().GetCursor()) > 64<<10 {
				return wrong("a cursor is a place in the log, not the log", "a cursor takes %d bytes, of at most 64 KiB", len(item.GetLines().GetCursor()))
			}
		}
		return nil
	})
}

// checkLogTail asks for the end of a log only.
func (r *run) checkLogTail(ctx context.Context) error {
	return r.eachReading(ctx, func(e example, i *subject.Instance, whole *reading) error {
		for _, tail := range []int{1, len(whole.lines) - 1} {
			if tail < 1 {
				continue
			}
			part, err := readLog(ctx, i, &pluginv1.ReadRequest{TargetJson: e.target.JSON(), Tail: uint32(tail)})
			if err != nil {
				return err
			}
			last := whole.lines[len(whole.lines)-1]
			grown := len(part.lines) > 0 && !sameLine(part.lines[len(part.lines)-1], last)
			hint := "tail is how many lines of the past a first read delivers at most: the newest ones"
			switch {
			case grown:
				return skipped("the log of the example grows while it is read")
			case len(part.lines) > tail:
				return wrong(hint, "with a tail of %d, %d lines come before BacklogEnd", tail, len(part.lines))
			case len(part.lines) == 0:
				return wrong(hint, "with a tail of %d no line comes", tail)
			}
		}
		return nil
	})
}

// checkLogOnce reads what there is now, without following: the same lines.
func (r *run) checkLogOnce(ctx context.Context) error {
	return r.eachReading(ctx, func(e example, i *subject.Instance, whole *reading) error {
		once, err := readLog(ctx, i, &pluginv1.ReadRequest{TargetJson: e.target.JSON(), Tail: wholeLog, NoFollow: true})
		switch {
		case err != nil:
			return err
		case len(once.lines) == 0 && once.gaps > 0:
			return skipped("the log of the example cannot be read a second time")
		}
		hint := "with no_follow a line has the text and the stamp that a reading that follows gives it: the host compares them"
		for n, line := range whole.lines {
			switch {
			case n >= len(once.lines):
				return wrong(hint, "with no_follow the line %s is missing", lineAt(whole.lines, n))
			case !sameLine(once.lines[n], line):
				return wrong(hint, "with no_follow there comes %s in place of %s", lineAt(once.lines, n), lineAt(whole.lines, n))
			case !proto.Equal(once.lines[n].GetTime(), line.GetTime()):
				return wrong(hint, "with no_follow the line %s has another stamp", lineAt(whole.lines, n))
			}
		}
		return nil
	})
}

// checkLogResume goes on from every cursor, as the host does after a lost
// connection; from one of them with another process, as after a crash.
func (r *run) checkLogResume(ctx context.Context) error {
	return r.eachReading(ctx, func(e example, i *subject.Instance, whole *reading) error {
		if len(whole.marks) == 0 {
			return wrong("send a cursor with a batch of lines, at least now and then", "no batch carries a cursor: after a lost connection every line would come again")
		}
		other, err := r.startConfigured(ctx, e)
		if err != nil {
			return err
		}
		const enough = 15
		step := max(1, len(whole.marks)/enough)
		for n := 0; n < len(whole.marks); n += step {
			from := i
			if n == 0 {
				from = other
			}
			if err := resumes(ctx, from, e, whole, whole.marks[n]); err != nil {
				return err
			}
		}
		return nil
	})
}

// resumes reads on from a cursor and compares.
func resumes(ctx context.Context, i *subject.Instance, e example, whole *reading, from mark) error {
	again, err := readLog(ctx, i, &pluginv1.ReadRequest{TargetJson: e.target.JSON(), Cursor: from.cursor, Tail: wholeLog})
	if err != nil {
		return err
	}
	want := whole.lines[from.lines:]
	hint := "a cursor stands for the place behind the last line of its batch; it comes back as it was given, perhaps to another process"
	for n, line := range want {
		switch {
		case n >= len(again.lines):
			return wrong(hint, "read on from the cursor after line %d, the line %s is lost", from.lines, lineAt(want, n))
		case sameLine(again.lines[n], line):
		case slices.ContainsFunc(whole.lines[:from.lines], func(old *pluginv1.Line) bool { return sameLine(old, again.lines[n]) }):
			return wrong(hint, "read on from the cursor after line %d, the line %s is repeated", from.lines, lineAt(again.lines, n))
		default:
			return wrong(hint, "read on from the cursor after line %d, there comes %s in place of %s", from.lines, lineAt(again.lines, n), lineAt(want, n))
		}
	}
	for _, extra := range again.lines[len(want):] {
		if slices.ContainsFunc(whole.lines, func(old *pluginv1.Line) bool { return sameLine(old, extra) }) {
			return wrong(hint, "read on from the cursor after line %d, the line %s is repeated", from.lines, excerpt(extra.GetText()))
		}
	}
	if again.gaps > 0 {
		return wrong("a Gap says that lines are missing: the host then holds what it read for unknown", "read on from the cursor after line %d, a Gap comes although no line is missing", from.lines)
	}
	return nil
}

// checkLogMissing reads the log of a target that does not exist.
func (r *run) checkLogMissing(ctx context.Context) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if !e.Missing {
			return noMissing()
		}
		read, err := readLog(ctx, i, &pluginv1.ReadRequest{TargetJson: e.target.JSON(), Tail: wholeLog})
		if err == nil && len(read.lines) > 0 {
			err = wrong("an example with Missing names a target that does not exist", "the log of a missing target has lines, such as %s", lineAt(read.lines, 0))
		}
		return err
	})
}

// noMissing is for checks that need a target which does not exist.
func noMissing() error {
	return skipped("no example has a target that is missing: publish one with Missing in Info.Examples")
}

// cancelled is how many readings are cancelled, more than the threads that a
// server for calls usually has.
const cancelled = 40

// checkCancel cancels many readings and then reads.
func (r *run) checkCancel(ctx context.Context) error {
	return r.eachTarget(ctx, func(e example, _ *subject.Instance) error {
		instance, err := r.startConfigured(ctx, e)
		if err != nil {
			return err
		}
		target := e.target.JSON()
		if _, err := readLog(ctx, instance, &pluginv1.ReadRequest{TargetJson: target, Tail: wholeLog}); err != nil && !isSkip(err) {
			return skipped("the log cannot be read: %v", err)
		} else if err != nil {
			return err
		}
		hint := "a reading ends when its call is cancelled, also while it waits for a line: pass the context on to what waits"
		for range cancelled {
			reading, cancel := context.WithTimeout(ctx, backLimit)
			stream, err := instance.Log.Read(reading, &pluginv1.ReadRequest{TargetJson: target, Tail: wholeLog})
			if err == nil {
				_, err = stream.Recv()
			}
			cancel()
			if err != nil {
				return wrong(hint, "after readings that were cancelled, Read answers no more: %v", err)
			}
		}
		if _, err := readLog(ctx, instance, &pluginv1.ReadRequest{TargetJson: target, Tail: wholeLog}); err != nil {
			return wrong(hint, "after %d readings that were cancelled: %v", cancelled, err)
		}
		r.note = plural(cancelled, "reading")
		return r.demandNoCallGoesOn(instance, hint)
	})
}

// demandNoCallGoesOn demands of a plugin in the same process that no call goes on.
func (r *run) demandNoCallGoesOn(i *subject.Instance, hint string) error {
	if i.Process != nil {
		return nil
	}
	r.all = slices.DeleteFunc(r.all, func(each *subject.Instance) bool { return each == i })
	if err := i.Stop(); err != nil {
		return wrong(hint, "%v", err)
	}
	return nil
}
