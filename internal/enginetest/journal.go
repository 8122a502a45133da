package enginetest

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// The streams of a container, as frames number them.
const (
	stdout    byte = 1
	stderr    byte = 2
	systemErr byte = 3
)

// pieceSize is the longest record: longer lines are cut into pieces.
const pieceSize = 16 << 10

// record is one line of a log, or one piece of a long line. data ends in a
// newline where the line does.
type record struct {
	at     time.Time
	stream byte
	data   []byte
	// unseen by followers with an id below this.
	unseen int
}

// journal is a container's log. Sequence numbers count records from 0 and stay
// when older records are rotated away. The engine's lock guards it.
type journal struct {
	first   int // the sequence number of records[0]
	records []record
}

func (j *journal) end() int { return j.first + len(j.records) }

// tail is where the last n records begin; n < 0 stands for all.
func (j *journal) tail(n int) int {
	if n < 0 || n > len(j.records) {
		return j.first
	}
	return j.end() - n
}

// from returns the records from next up to limit.
func (j *journal) from(next, limit int) []record {
	next = max(next, j.first)
	limit = min(limit, j.end())
	if next >= limit {
		return nil
	}
	return j.records[next-j.first : limit-j.first : limit-j.first]
}

// forget drops the n oldest records.
func (j *journal) forget(n int) {
	n = min(n, len(j.records))
	j.first += n
	j.records = append([]record(nil), j.records[n:]...)
}

// copier cuts what a program writes to one stream into records, with a fixed
// buffer and the stamp of the first piece on every piece of a line.
type copier struct {
	stream byte
	utf8   bool // replace what is not UTF-8, as the json-file driver does
	buffer []byte
	pieces bool // of the line at hand, some have been recorded
	pieced time.Time
}

func (c *copier) write(p []byte, now time.Time, add func(record)) {
	for len(p) > 0 {
		room := pieceSize - len(c.buffer)
		line := p[:min(room, len(p))]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		c.buffer = append(c.buffer, line...)
		p = p[len(line):]
		if c.buffer[len(c.buffer)-1] == '\n' || len(c.buffer) == pieceSize {
			c.flush(now, add)
		}
	}
}

// flush records what is in the buffer; at the end of a run that is a line
// without its newline.
func (c *copier) flush(now time.Time, add func(record)) {
	if len(c.buffer) == 0 {
		return
	}
	if !c.pieces {
		c.pieced = now
	}
	data := append([]byte(nil), c.buffer...)
	c.pieces = data[len(data)-1] != '\n'
	if c.utf8 {
		data = validUTF8(data)
	}
	add(record{at: c.pieced, stream: c.stream, data: data})
	c.buffer = c.buffer[:0]
}

// validUTF8 replaces each byte that is not UTF-8, not each run of them.
func validUTF8(data []byte) []byte {
	if utf8.Valid(data) {
		return data
	}
	return []byte(string([]rune(string(data))))
}
