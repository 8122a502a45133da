package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxLine bounds a line of a trace, in bytes: the longest log line a source
// carries (1 MiB), escaped.
const maxLine = 8 << 20

// The sizes of the buffers that a file is read with.
const (
	readBuffer = 256 << 10
	peekBuffer = 4 << 10
)

// Position is a place in a trace.
type Position struct {
	// File is empty where there is only one trace.
	File string
	// Line is counted from 1; 0 is the trace as a whole.
	Line int
}

func (p Position) String() string {
	text := p.File
	if p.Line > 0 {
		text = strings.TrimPrefix(fmt.Sprintf("%s: line %d", p.File, p.Line), ": ")
	}
	return text
}

// Warning is something in a trace that was not used as it stands.
type Warning struct {
	Position
	// Kind is the same for all warnings that say the same of other lines.
	Kind WarningKind
	Text string
}

// WarningKind is a kind of warnings, in words that a sum of them can begin with.
type WarningKind string

// The kinds of warnings.
const (
	Unreadable   WarningKind = "lines that cannot be read"
	TimeGoesBack WarningKind = "lines whose t goes back"
	Foreign      WarningKind = "records that the config does not know"
	CutOff       WarningKind = "traces that are cut off"
	Overlap      WarningKind = "traces that overlap"
	NotRecorded  WarningKind = "places where records are missing"
)

func (w Warning) String() string {
	return strings.TrimPrefix(w.Position.String()+": "+w.Text, ": ")
}

// Reader reads the records of a trace in the order of the file.
type Reader struct {
	in   *bufio.Reader
	warn func(Warning)
	file string
	line int
	// last and monitor are those of the record before.
	last    time.Time
	monitor string
}

// NewReader reads from r. What cannot be used is given to warn.
func NewReader(r io.Reader, warn func(Warning)) *Reader { return newReader("", r, readBuffer, warn) }

func newReader(file string, r io.Reader, buffer int, warn func(Warning)) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, buffer), warn: warn, file: file}
}

// Next returns the next record that can be used, with a t that never goes back
// but with a snapshot.
// It returns io.EOF after the last one, and any other error of the file. Where
// compressed data is damaged the trace ends, with a warning.
func (r *Reader) Next() (Record, error) {
	for {
		line, err := r.readLine()
		if errors.Is(err, ErrDamaged) {
			r.warning(CutOff, "the trace ends here: %v", err)
			return Record{}, io.EOF
		}
		if err != nil {
			return Record{}, err
		}
		record, ok := r.parse(line)
		if ok {
			return record, nil
		}
	}
}

// Position is that of the line that Next read last.
func (r *Reader) Position() Position { return Position{File: r.file, Line: r.line} }

func (r *Reader) parse(line []byte) (Record, bool) {
	if len(bytes.TrimSpace(line)) == 0 {
		return Record{}, false
	}
	record, ok := plainLog(line, r.monitor)
	if !ok {
		var err error
		if record, err = parseRecord(line); err != nil {
			r.broken(line, err)
			return record, false
		}
	}
	if record.T.Before(r.last) && record.Snapshot != nil {
		r.warning(TimeGoesBack, "t goes back from %s to %s: the clock of the host was set", r.last.UTC().Format(time.RFC3339Nano), record.T.UTC().Format(time.RFC3339Nano))
	} else if record.T.Before(r.last) {
		r.warning(TimeGoesBack, "t goes back from %s to %s; read as the one before", r.last.UTC().Format(time.RFC3339Nano), record.T.UTC().Format(time.RFC3339Nano))
		record.T = r.last
	}
	r.last, r.monitor = record.T, record.Monitor
	return record, true
}

// broken reports a line of which nothing can be made. One that ends too early and
// has no line end was not written to its end.
func (r *Reader) broken(line []byte, err error) {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset >= int64(len(line)) && !bytes.HasSuffix(line, []byte("\n")) {
		r.warning(CutOff, "skipped: the trace ends in the middle of this line")
		return
	}
	r.warning(Unreadable, "skipped: %v", err)
}

// readLine reads up to the next line end; a line over maxLine is skipped.
func (r *Reader) readLine() ([]byte, error) {
	var long []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if err == nil && long == nil {
			r.line++
			return part, nil
		}
		if len(long) <= maxLine {
			long = append(long, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) && !errors.Is(err, ErrDamaged) || len(long) == 0) {
			return nil, err
		}
		r.line++
		if len(long) > maxLine {
			r.warning(Unreadable, "skipped: longer than %d bytes", maxLine)
			long = nil
			continue
		}
		return long, nil
	}
}

func (r *Reader) warning(kind WarningKind, format string, args ...any) {
	r.warn(Warning{Position: r.Position(), Kind: kind, Text: fmt.Sprintf(format, args...)})
}
