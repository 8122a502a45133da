package dockerlog

import (
	"time"

	"github.com/headwatch/headwatch/sdk"
)

const (
	// batchLines and batchText bound a batch to what fits into one message,
	// so that each carries its own cursor.
	batchLines = 1000
	batchText  = 256 << 10
	// gatherTime is how long a line may wait for others. What costs is the
	// message, not the line in it.
	gatherTime = 100 * time.Millisecond
	// keptText is how large a buffer a quiet log may keep.
	keptText = 16 << 10
)

// hostError says that the host is gone.
type hostError struct{ err error }

func (e *hostError) Error() string { return e.err.Error() }
func (e *hostError) Unwrap() error { return e.err }

// batcher gathers lines and sends them and the marks between them in order.
type batcher struct {
	w      sdk.LogWriter
	cursor func() []byte // of the position behind the newest line

	text  []byte
	lines []heldLine
	sent  []sdk.Line  // room for a batch
	due   *time.Timer // runs while lines wait
}

// heldLine is a line whose text is text[:end] from the end of the one before.
type heldLine struct {
	at        int64
	end       int
	stream    sdk.Stream
	truncated bool
}

func newBatcher(w sdk.LogWriter, cursor func() []byte) *batcher {
	b := &batcher{w: w, cursor: cursor, due: time.NewTimer(gatherTime)}
	b.due.Stop()
	return b
}

// full says whether there is no room for a line of this length. The caller
// then sends what waits before it moves the position on.
func (b *batcher) full(length int) bool {
	return len(b.lines) >= batchLines || len(b.lines) > 0 && len(b.text)+length > batchText
}

// add takes a line.
func (b *batcher) add(l line) {
	if len(b.lines) == 0 {
		b.due.Reset(gatherTime)
	}
	b.text = append(b.text, l.text...)
	b.lines = append(b.lines, heldLine{l.at, len(b.text), l.stream, l.truncated})
}

// flush sends the lines that wait.
func (b *batcher) flush() error {
	b.due.Stop()
	if len(b.lines) == 0 {
		return nil
	}
	b.sent = b.sent[:0]
	start := 0
	for _, l := range b.lines {
		b.sent = append(b.sent, sdk.Line{Time: time.Unix(0, l.at).UTC(), Text: b.text[start:l.end:l.end], Stream: l.stream, Truncated: l.truncated})
		start = l.end
	}
	err := b.put(sdk.Lines{Lines: b.sent, Cursor: b.cursor()})
	if cap(b.text) > max(keptText, 4*len(b.text)) {
		b.lines, b.text, b.sent = nil, nil, nil // the flood is over
	}
	b.lines, b.text = b.lines[:0], b.text[:0]
	return err
}

// send sends a mark, after the lines that wait.
func (b *batcher) send(mark sdk.LogItem) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.put(mark)
}

func (b *batcher) put(item sdk.LogItem) error {
	if err := b.w.Send(item); err != nil {
		return &hostError{err}
	}
	return nil
}
