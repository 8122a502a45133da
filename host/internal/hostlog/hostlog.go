// Package hostlog writes the host's log. A reader that does not read, such as a
// log driver that is blocked, stops nobody who logs: what does not fit into the
// buffer is left out, and counted. What is secret is taken out of every line.
package hostlog

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/redact"
)

const (
	// bufferedMost is how many bytes wait for a reader at most.
	bufferedMost = 1 << 20
	// flushFor is how long Close waits for what is buffered to be read.
	flushFor = time.Second
)

// Log is the host's log. Its Close has to be called at the end.
type Log struct {
	*slog.Logger
	out io.Writer
	// clean takes out of a line what is secret.
	clean func([]byte) []byte

	mu      sync.Mutex
	lines   [][]byte
	size    int
	dropped int
	closed  bool
	// more says that there is something to write, or that the end has come.
	more  chan struct{}
	ended chan struct{}
}

// New returns a log in one of the formats text and json.
func New(out io.Writer, format string, level slog.Level, redactor *redact.Redactor) (*Log, error) {
	l := &Log{out: out, more: make(chan struct{}, 1), ended: make(chan struct{})}
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		l.Logger = slog.New(slog.NewTextHandler(l, options))
		l.clean = func(line []byte) []byte { return []byte(redactor.Text(string(line))) }
	case "json":
		l.Logger = slog.New(slog.NewJSONHandler(l, options))
		l.clean = func(line []byte) []byte { return slices.Clone(redactor.JSON(line)) }
	default:
		return nil, fmt.Errorf("log format is %q; it must be text or json", format)
	}
	go l.write()
	return l, nil
}

// Write takes one line of the handler. It never blocks and never fails.
func (l *Log) Write(line []byte) (int, error) {
	clean := l.clean(line)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size+len(clean) > bufferedMost {
		l.dropped++
		return len(line), nil
	}
	l.lines, l.size = append(l.lines, clean), l.size+len(clean)
	l.wake()
	return len(line), nil
}

func (l *Log) wake() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// Dropped is how many lines are left out that nothing has said yet.
func (l *Log) Dropped() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped
}

// write writes what is buffered until the end, and says what was left out once
// the reader reads again.
func (l *Log) write() {
	defer close(l.ended)
	for range l.more {
		for {
			lines, dropped, closed := l.take()
			for _, line := range lines {
				if _, err := l.out.Write(line); err != nil {
					return // nobody is left to tell
				}
			}
			if dropped > 0 {
				l.Warn("lines of this log were left out: nobody read it", "lines", dropped)
				continue
			}
			if closed {
				return
			}
			if len(lines) == 0 {
				break
			}
		}
	}
}

func (l *Log) take() (lines [][]byte, dropped int, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, dropped, closed = l.lines, l.dropped, l.closed && len(l.lines) == 0
	l.lines, l.size, l.dropped = nil, 0, 0
	return lines, dropped, closed
}

// Close writes what is buffered, as far as it is read within a second.
func (l *Log) Close() {
	l.mu.Lock()
	l.closed = true
	l.wake()
	l.mu.Unlock()
	late := time.NewTimer(flushFor)
	defer late.Stop()
	select {
	case <-l.ended:
	case <-late.C:
	}
}
