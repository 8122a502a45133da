package docker

import (
	"net/http"
	"sync"
	"time"
)

// drift is how far two clocks may run apart while nothing is heard of one.
const drift = 1.0 / 2000

// clock learns how far the engine's clock is ahead of this machine's, from
// bounds that get narrower with each answer. The zero value knows nothing.
type clock struct {
	mu        sync.Mutex
	low, high time.Duration // the truth lies between
	at        time.Time     // of the newest bounds; zero for none
}

// bound takes bounds that hold now. Where they cannot be reconciled with those
// of before, one of the clocks was set, and only the new ones count.
func (c *clock) bound(low, high time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if !c.at.IsZero() {
		apart := time.Duration(float64(now.Sub(c.at)) * drift)
		oldLow, oldHigh := c.low-apart, c.high+apart
		if oldLow <= high && low <= oldHigh {
			low, high = max(low, oldLow), min(high, oldHigh)
		}
	}
	c.low, c.high, c.at = low, high, now
}

// answered learns from the Date of an answer, which is cut to the second.
func (c *clock) answered(header http.Header, asked, answered time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.bound(date.Sub(answered), date.Add(time.Second).Sub(asked))
}

// read learns from an exact time that the engine told between two moments.
func (c *clock) read(at, asked, answered time.Time) { c.bound(at.Sub(answered), at.Sub(asked)) }

// sawStamp learns from the stamp of a line that has just arrived: the engine's
// clock has passed it. A stamp that contradicts what is known is left aside: a
// log may hold lines of before a clock was set back.
func (c *clock) sawStamp(stamp, arrived time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if low := stamp.Sub(arrived); !c.at.IsZero() && low > c.low && low <= c.high {
		c.low = low
	}
}

// ahead is how far the engine's clock is ahead, give or take spread; known is
// false before the first answer.
func (c *clock) ahead() (by, spread time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (c.low + c.high) / 2, (c.high - c.low) / 2, !c.at.IsZero()
}
