package dockerlog

import (
	"bytes"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/headwatch/headwatch/sdk"
)

// MaxLine bounds a joined line. What is longer is cut off and marked.
const MaxLine = 1 << 20

// line is a whole line of a log. text is valid only during the call that it is
// given to.
type line struct {
	at        int64 // stamp in nanoseconds since 1970, of its first piece
	stream    sdk.Stream
	text      []byte
	truncated bool
}

// key tells lines apart. A stamp to the nanosecond is as good as unique; where
// stamps are coarser, equal keys are counted.
type key struct {
	at   int64
	hash uint64
}

func (l line) key() key {
	return key{l.at, xxhash.Sum64(l.text)*31 + uint64(l.stream)}
}

// joiner makes lines of records: it takes the stamps off and puts the pieces
// of a long line together, for each stream by itself. The zero value is ready.
type joiner struct {
	// boundary is the first stamp of the current run. What an earlier run left
	// without a line end ends there.
	boundary int64
	crossed  bool

	stamps stamper
	open   [sdk.Stderr + 1]piece
}

// piece is the beginning of a line whose end has not come.
type piece struct {
	line
	active bool
	last   int // length of the newest piece
}

// add takes a record and gives the line that it ends, if any, to emit. A line
// that was left without an end by a run that is over goes before it.
func (j *joiner) add(r record, emit func(line) error) error {
	at, text, err := j.stamps.read(r.data)
	if err != nil {
		return err
	}
	if !j.crossed && at >= j.boundary {
		j.crossed = true
		if err := j.endEarlier(emit); err != nil {
			return err
		}
	}
	open := &j.open[r.stream]
	if open.active && at != open.at && open.last < pieceSize {
		if err := open.flush(emit); err != nil {
			return err
		}
	}
	ended := len(text) > 0 && text[len(text)-1] == '\n'
	if !open.active && ended {
		whole := line{at: at, stream: r.stream, text: withoutEnd(text)}
		whole.cut()
		return emit(whole)
	}
	open.append(r.stream, at, text)
	if ended {
		return open.flush(emit)
	}
	return nil
}

// append adds a piece. One byte more than fits is kept, so that it is known
// that there was more, and two for a line end.
func (p *piece) append(stream sdk.Stream, at int64, text []byte) {
	if !p.active {
		p.line, p.active = line{at: at, stream: stream, text: p.text[:0]}, true
	}
	p.last = len(text)
	p.text = append(p.text, text[:min(len(text), MaxLine+3-len(p.text))]...)
}

// flush emits the line as far as it came.
func (p *piece) flush(emit func(line) error) error {
	whole := p.line
	whole.text = withoutEnd(whole.text)
	whole.cut()
	p.active = false
	if cap(p.text) > 4*pieceSize {
		p.text = nil
	}
	return emit(whole)
}

// endEarlier emits what an earlier run left without a line end.
func (j *joiner) endEarlier(emit func(line) error) error { return j.end(emit, j.boundary) }

// endAll emits all that has no line end, as after the last run.
func (j *joiner) endAll(emit func(line) error) error { return j.end(emit, math.MaxInt64) }

func (j *joiner) end(emit func(line) error, before int64) error {
	for i := range j.open {
		if j.open[i].active && j.open[i].at < before {
			if err := j.open[i].flush(emit); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut shortens a line that is too long and marks it.
func (l *line) cut() {
	if len(l.text) > MaxLine {
		l.text, l.truncated = l.text[:MaxLine], true
	}
}

// withoutEnd takes the line end off, that of a terminal too.
func withoutEnd(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\r'})
}
