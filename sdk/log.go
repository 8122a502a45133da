package sdk

import (
	"context"
	"time"
)

// Stream is the output that a line was written to.
type Stream int

// The outputs of a process. A line of a terminal has no known stream.
const (
	StreamUnknown Stream = iota
	Stdout
	Stderr
)

// Line is one line of a log.
type Line struct {
	// Time is the stamp that the keeper of the log gave the line, never the
	// stamp in its text.
	Time time.Time
	// Text is the line without its line end. It need not be UTF-8. It is valid
	// only during the call that it was given to.
	Text []byte
	// Stream is the output that the line was written to.
	Stream Stream
	// Truncated says that the line was longer than its source carries.
	Truncated bool
}

// ReadFrom says where a reading of a log begins.
type ReadFrom struct {
	// Cursor is what the last batch carried; nil for a first read. It comes
	// back as it was given, perhaps to another process of the same plugin.
	Cursor []byte
	// Tail is how many lines of the target's current run a first read
	// delivers at most.
	Tail int
	// NoFollow asks for what there is now: the reading ends with nil after its
	// [BacklogEnd]. Its lines have the texts and stamps that a reading which
	// follows gives them. What cannot be read is an error then, never an
	// [Unreadable]. A source that follows all the same is ended by the host.
	NoFollow bool
}

// LogSource serves the log of a target. T is the struct that the target block
// of a monitor is decoded into; see [Configurable] for its tags.
type LogSource[T any] interface {
	// ReadLog sends the log to w and follows it until ctx is done. It sends a
	// [RunStarted] before the first line of every run of the target, and a
	// [BacklogEnd] as soon as all lines up to now are sent. A target that does
	// not exist or does not run is waited for. What cannot be read for a while
	// is an [Unreadable] while the source goes on trying, or an error; after an
	// error the host calls again with the last cursor, pausing longer each
	// time. An error made with [Unsupported] says that this log can never be
	// read: the host says so once and tries seldom. Where from says NoFollow it
	// returns after the BacklogEnd.
	ReadLog(ctx context.Context, target T, from ReadFrom, w LogWriter) error
}

// LogWriter takes what a [LogSource] reads.
type LogWriter interface {
	// Send delivers one item. It blocks while the host is busy. Its error says
	// that the host is gone; return it.
	Send(item LogItem) error
}

// LogItem is one of [RunStarted], [Lines], [BacklogEnd], [Gap] and
// [Unreadable].
type LogItem interface{ logItem() }

// RunStarted says that the lines after it belong to the run of the target that
// began at StartedAt, exactly as State.StartedAt gives it. A source that cannot
// know it leaves it zero: the host takes the lines for the run that the target is
// in.
type RunStarted struct{ StartedAt time.Time }

// Lines is a batch of complete lines. The SDK cuts batches that are too large
// for one message only between lines; Cursor then goes with the last piece.
type Lines struct {
	Lines []Line
	// Cursor is where to go on after the last line. It may be left nil in most
	// batches; the host keeps the newest it was given.
	Cursor []byte
}

// BacklogEnd says that all lines up to now are sent, and, in a reading that
// follows, that those to come are being delivered. It comes after the start of
// a read and after each [Unreadable] that has ended.
type BacklogEnd struct{}

// Gap says that lines are missing here. The host then holds what it read from
// the log for unknown until a later line says it again.
type Gap struct {
	// After and Until are the stamps of the last line before and the first
	// line after the gap; zero where they are not known.
	After, Until time.Time
	// Reason is in words for an operator.
	Reason string
}

// Unreadable says that the log cannot be read at present. The host holds what
// it read from the log for unknown until the next [BacklogEnd].
type Unreadable struct {
	// Reason is in words for an operator.
	Reason string
}

func (RunStarted) logItem() {}
func (Lines) logItem()      {}
func (BacklogEnd) logItem() {}
func (Gap) logItem()        {}
func (Unreadable) logItem() {}
