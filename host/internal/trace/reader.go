package trace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxLine bounds a line of a trace, in bytes: the longest log line a source
// carries (1 MiB), escaped.
const maxLine = 8 << 20

// Warning is something in a trace that was not used as it stands.
type Warning struct {
	// Line is the number of the line, from 1; 0 for the trace as a whole.
	Line int
	Text string
}

func (w Warning) String() string {
	if w.Line == 0 {
		return w.Text
	}
	return fmt.Sprintf("line %d: %s", w.Line, w.Text)
}

// Reader reads the records of a trace in the order of the file.
type Reader struct {
	in   *bufio.Reader
	warn func(Warning)
	line int
	last time.Time
}

// NewReader reads from r. What cannot be used is given to warn.
func NewReader(r io.Reader, warn func(Warning)) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 256<<10), warn: warn}
}

// Next returns the next record that can be used, with a t that never goes back.
// It returns io.EOF after the last one, and any other error of the file.
func (r *Reader) Next() (Record, error) {
	for {
		line, err := r.readLine()
		if err != nil {
			return Record{}, err
		}
		record, ok := r.parse(line)
		if ok {
			return record, nil
		}
	}
}

// Line is the number of the line that Next read last.
func (r *Reader) Line() int { return r.line }

func (r *Reader) parse(line []byte) (Record, bool) {
	if len(bytes.TrimSpace(line)) == 0 {
		return Record{}, false
	}
	record, ok := plainLog(line)
	if !ok {
		var err error
		if record, err = parseRecord(line); err != nil {
			r.warning("skipped: %v", err)
			return record, false
		}
	}
	if record.T.Before(r.last) {
		r.warning("t goes back from %s to %s; read as the one before", r.last.UTC().Format(time.RFC3339Nano), record.T.UTC().Format(time.RFC3339Nano))
		record.T = r.last
	}
	r.last = record.T
	return record, true
}

// readLine reads up to the next line end; a line over maxLine is skipped.
func (r *Reader) readLine() ([]byte, error) {
	var long []byte
	for {
		piece, err := r.in.ReadSlice('\n')
		if err == nil && long == nil {
			r.line++
			return piece, nil
		}
		if len(long) <= maxLine {
			long = append(long, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(long) == 0) {
			return nil, err
		}
		r.line++
		if len(long) > maxLine {
			r.warning("skipped: longer than %d bytes", maxLine)
			long = nil
			continue
		}
		return long, nil
	}
}

func (r *Reader) warning(format string, args ...any) {
	r.warn(Warning{Line: r.line, Text: fmt.Sprintf(format, args...)})
}
