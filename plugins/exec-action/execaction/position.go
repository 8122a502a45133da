package execaction

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// position is how far a log was read: the newest stamp that was delivered, and
// how many lines with it. It is also the cursor.
type position struct {
	Run time.Time `json:"run"`
	At  time.Time `json:"at,omitzero"`
	N   int       `json:"n,omitempty"`
}

func parseCursor(text []byte) (position, error) {
	var at position
	if json.Unmarshal(text, &at) != nil || at.Run.IsZero() || at.N < 0 {
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
	if l.Time.Equal(p.At) {
		p.N++
		return
	}
	p.At, p.N = l.Time, 1
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
// reading repeats the lines with the newest known stamp; one that does not has
// lost something.
type overlap struct {
	from  position
	found bool // a line with the newest known stamp
	over  bool
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
		o.found = true
		if o.from.N > 0 {
			o.from.N--
			return false, false
		}
	default:
		gap = !o.found
	}
	o.over = true
	return true, gap
}
