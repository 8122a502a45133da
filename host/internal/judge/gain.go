package judge

import (
	"slices"
	"time"
)

// Gain is how a node that is behind is told to gain on the network.
type Gain struct {
	// Window is what a gain is measured over, Least the least that counts, in
	// blocks; one hundredth of what the network makes does in any case.
	Window time.Duration
	Least  uint64
}

// Climb are the heights of a node over the window, the oldest first.
type Climb []Rise

// Add adds the node's height now. It keeps one interval more than the window.
func (g Gain) Add(c Climb, now Rise, interval time.Duration) Climb {
	start := now.At.Add(-g.Window - interval)
	return slices.DeleteFunc(append(c, now), func(r Rise) bool { return r.At.Before(start) })
}

// Measure says how many blocks a second the node gains, by its own rise less what
// the network makes, and whether that counts. It is not known before the window is
// over but for one interval, nor without a time between blocks.
func (g Gain) Measure(c Climb, block, interval time.Duration) (perSecond float64, counts, known bool) {
	if len(c) == 0 || block <= 0 {
		return 0, false, false
	}
	oldest, newest := c[0], c[len(c)-1]
	span := newest.At.Sub(oldest.At)
	if span <= 0 || span < g.Window-interval {
		return 0, false, false
	}
	made := span.Seconds() / block.Seconds()
	gained := float64(newest.Height) - float64(oldest.Height) - made
	return gained / span.Seconds(), gained >= max(float64(g.Least), made/100), true
}
