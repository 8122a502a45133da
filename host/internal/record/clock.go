package record

import "time"

// offMost is how far the clock of the host may be from that of a recording before
// the recording is set: the two are read one after the other, and the host may be
// busy in between.
const offMost = 10 * time.Millisecond

// clock tells the time of an engine in words that can be written down. An
// engine counts by the time that goes by, which a host whose clock is set does
// not see change; so does a clock, until it is set as well.
type clock struct {
	// base is when the clock was set, with what the process has counted; wall
	// is what the host's clock said then.
	base, wall time.Time
	// read is what the host's clock says at a time; nil for the time's own word.
	read func(time.Time) time.Time
}

func (c *clock) set(now time.Time) { c.base, c.wall = now, c.says(now).UTC() }

func (c *clock) says(now time.Time) time.Time {
	if c.read != nil {
		return c.read(now)
	}
	return now.Round(0)
}

// at is a time of the engine's.
func (c *clock) at(t time.Time) time.Time { return c.wall.Add(t.Sub(c.base)) }

// stamp is a time from elsewhere as an engine takes it at now: never in its
// future, and now where there is none.
func (c *clock) stamp(now, t time.Time) time.Time {
	if t.IsZero() {
		return c.at(now)
	}
	return c.at(now).Add(-max(0, now.Sub(t)))
}

// off says how far the host's clock has been set since.
func (c *clock) off(now time.Time) time.Duration { return c.says(now).Sub(c.at(now)) }
