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

// Climb are the heights of a node over the time in which a slow gain shows, the
// oldest first.
type Climb []Rise

// FirstSeen is when a run is to have gained that was never seen to: at its start where
// it is at the head when it is first seen, and at that time where it is not, for a
// pause in its sync says no more then than later.
func (c Climb) FirstSeen(gained, now, began time.Time, atHead bool) time.Time {
	switch {
	case !gained.IsZero() || len(c) > 0:
		return gained
	case atHead && began.Before(now):
		return began
	}
	return now
}

// slowly is how many windows a gain is given that is less than what counts. Where
// blocks are slow a window is longer: leastBlocks of them, and at most longestWindow.
const (
	slowly        = 4
	leastBlocks   = 5
	longestWindow = time.Hour
)

func (g Gain) window(block time.Duration) time.Duration {
	return max(g.Window, min(leastBlocks*block, longestWindow))
}

// whole is the time that is looked back at most. Where blocks are slow nobody knows
// well how slow: then it is that of the longest window.
func (g Gain) whole(block time.Duration) time.Duration {
	if g.window(block) > g.Window {
		return max(slowly*g.Window, longestWindow)
	}
	return slowly * g.Window
}

// Add adds the node's height now. It keeps one interval more than is measured.
func (g Gain) Add(c Climb, now Rise, block, interval time.Duration) Climb {
	return append(c, now).since(now.At.Add(-g.whole(block) - interval))
}

// since is what is not older than a time.
func (c Climb) since(start time.Time) Climb {
	return slices.DeleteFunc(slices.Clone(c), func(r Rise) bool { return r.At.Before(start) })
}

// Measured is what a climb comes to.
type Measured struct {
	// Known says that PerSecond is known, the blocks a second that the node gains:
	// its own rise less what the network makes.
	Known     bool
	PerSecond float64
	// Counts says that it gains, Open that this cannot be told yet: it gains less
	// than counts in a window, and may in some, or has stood still until just now.
	Counts, Open bool
}

// Measure says what a node gains. It is not known before the window is over but for
// one interval, nor without a time between blocks.
func (g Gain) Measure(c Climb, block, interval time.Duration) Measured {
	if len(c) == 0 || block <= 0 {
		return Measured{}
	}
	newest := c[len(c)-1].At
	span, gained := c.since(newest.Add(-g.window(block) - interval)).gained(block)
	if span <= 0 || span < g.window(block)-interval {
		return Measured{}
	}
	m := Measured{Known: true, PerSecond: gained / span.Seconds(), Counts: gained >= g.least(block, span)}
	if m.Counts {
		return m
	}
	short := gained > 0
	if short {
		span, gained = c.gained(block)
		m.Counts = gained >= g.least(block, span)
		short = span < g.whole(block)-interval
	}
	m.Open = !m.Counts && (short || c.wakes(block, interval))
	return m
}

// wakes says whether a node that stood still has just begun to make blocks, or gains
// since then: what it lost before says nothing about that.
func (c Climb) wakes(block, interval time.Duration) bool {
	stood := len(c) - 1
	for stood > 0 && c[stood].Height > c[stood-1].Height {
		stood--
	}
	if stood == 0 || stood == len(c)-1 {
		return false
	}
	_, gained := c[stood+1:].gained(block)
	return gained > 0 || c[len(c)-1].At.Sub(c[stood].At) <= 2*interval
}

// gained is how many blocks more than the network a node made, and in which time.
func (c Climb) gained(block time.Duration) (span time.Duration, blocks float64) {
	oldest, newest := c[0], c[len(c)-1]
	span = newest.At.Sub(oldest.At)
	return span, float64(newest.Height) - float64(oldest.Height) - span.Seconds()/block.Seconds()
}

// least is the least gain that counts: Least, or where the network makes few blocks
// in a window a fifth of them, and one at least; and a hundredth of what it makes in
// all that time.
func (g Gain) least(block, span time.Duration) float64 {
	fifth := max(1, g.window(block).Seconds()/block.Seconds()/5)
	return max(min(float64(g.Least), fifth), span.Seconds()/block.Seconds()/100)
}
