package execaction

import (
	"encoding/json"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// position is how far a log was read: the stamp of the line that was delivered
// last, and the last lines with that stamp, as hashes: several may have the
// same, of which a first reading need not have seen all. It is also the cursor.
type position struct {
	Run  time.Time `json:"run"`
	At   time.Time `json:"at,omitzero"`
	Last []uint64  `json:"last,omitempty"`
}

// mostLast is how many hashes are kept.
const mostLast = 8

func parseCursor(text []byte) (position, error) {
	var at position
	if json.Unmarshal(text, &at) != nil || at.Run.IsZero() || at.At.IsZero() != (len(at.Last) == 0) {
		return position{}, errors.New("the cursor cannot be read")
	}
	return at, nil
}

func (p *position) cursor() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		// Years beyond 9999 cannot be written, and were read from a stamp.
		return nil
	}
	return text
}

// passed takes note of a line that was delivered.
func (p *position) passed(l sdk.Line) {
	if !l.Time.Equal(p.At) {
		p.At, p.Last = l.Time, nil
	}
	p.Last = lastOf(p.Last, l.Text)
}

// lastOf adds a line to the hashes of those before it.
func lastOf(before []uint64, text []byte) []uint64 {
	h := fnv.New64a()
	h.Write(text)
	return append(slices.Clone(before[max(0, len(before)-mostLast+1):]), h.Sum64())
}

// early is how much older than the start of its run a line's stamp may be.
const early = 50 * time.Millisecond

// since is where a reading begins.
func (p *position) since() time.Time {
	if p.At.IsZero() {
		return p.Run.Add(-early)
	}
	return p.At
}

// overlap tells which lines of a reading that began at a position are new. The
// reading repeats the last known lines; one that does not has lost something.
type overlap struct {
	from position
	last []uint64 // of the lines with the newest known stamp
	over bool
}

// admit tells whether a line is new, and whether lines are missing before it.
func (o *overlap) admit(l sdk.Line) (isNew, gap bool) {
	switch {
	case o.over:
		return true, false
	case l.Time.Before(o.from.since()):
		return false, false
	case o.from.At.IsZero():
	case l.Time.Equal(o.from.At):
		o.last = lastOf(o.last, l.Text)
		o.over = slices.Equal(o.last[max(0, len(o.last)-len(o.from.Last)):], o.from.Last)
		return false, false
	default:
		gap = true
	}
	o.over = true
	return true, gap
}
