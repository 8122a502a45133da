package dockerlog

import (
	"encoding/binary"
	"errors"
	"time"
)

// position is where a reading of a log stands.
type position struct {
	id   string    // of the container; empty before the first
	run  time.Time // start of the run the newest line belongs to; zero before it is known
	seen window
}

const (
	// cursorVersion tells cursors of another form apart.
	cursorVersion = 1
	// cursorKeys is how many of the last lines a cursor carries. One would
	// do; the others catch lines that an engine sends twice.
	cursorKeys = 32
)

// errCursor says that a cursor is not one of ours.
var errCursor = errors.New("read cursor: not of this plugin's form")

// cursor is the position in a form that another process can go on from: id and
// run, then the last keys, the oldest first, their stamps as differences.
func (p *position) cursor() []byte {
	anchor, ok := p.seen.anchor()
	if !ok {
		return nil
	}
	keys := p.seen.order[p.seen.start:]
	keys = keys[max(0, len(keys)-cursorKeys):]
	b := make([]byte, 0, 16+len(p.id)+len(keys)*(binary.MaxVarintLen64+8))
	b = append(b, cursorVersion)
	b = binary.AppendUvarint(b, uint64(len(p.id)))
	b = append(b, p.id...)
	b = binary.AppendVarint(b, nanos(p.run))
	b = binary.AppendUvarint(b, uint64(p.seen.has(anchor)))
	b = binary.AppendUvarint(b, uint64(len(keys)))
	last := int64(0)
	for _, k := range keys {
		b = binary.AppendVarint(b, k.at-last)
		b = binary.LittleEndian.AppendUint64(b, k.hash)
		last = k.at
	}
	if p.seen.fine {
		return append(b, 1)
	}
	return append(b, 0)
}

// parseCursor reads what cursor wrote, and nothing else.
func parseCursor(b []byte) (position, error) {
	d := decoder{rest: b}
	if d.byte() != cursorVersion {
		return position{}, errCursor
	}
	p := position{id: string(d.take(d.uvarint(255)))}
	if run := d.varint(); run != 0 {
		p.run = time.Unix(0, run).UTC()
	}
	count, length := d.uvarint(windowLines+1), d.uvarint(cursorKeys)
	keys := make([]key, 0, length)
	last := int64(0)
	for range length {
		last += d.varint()
		keys = append(keys, key{at: last, hash: d.uint64()})
	}
	fine := d.byte() == 1
	if d.bad || len(d.rest) != 0 || len(keys) == 0 || p.id == "" {
		return position{}, errCursor
	}
	p.seen.restore(keys, count, fine)
	return p, nil
}

// restore fills an empty window with the last keys, and with as many like the
// last one as there were.
func (w *window) restore(keys []key, count int, fine bool) {
	anchor := keys[len(keys)-1]
	for _, k := range keys {
		if k == anchor {
			count--
		}
	}
	for range count {
		w.add(anchor)
	}
	for _, k := range keys {
		w.add(k)
	}
	w.fine = fine
}

// nanos is t in nanoseconds since 1970, zero for none.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// decoder reads a cursor. After a mistake it is bad and gives zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.rest) {
		d.bad = true
		return nil
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	if b := d.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.take(n)
	return v
}

// uvarint reads a number up to limit.
func (d *decoder) uvarint(limit int) int {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || v > uint64(limit) {
		d.bad = true
		return 0
	}
	d.take(n)
	return int(v)
}
