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

// slowly is how many windows a gain is given that is less than what counts, and
// leastBlocks how many blocks the network makes in a window at least: where they are
// slow it is longer.
const (
	slowly      = 4
	leastBlocks = 5
)

func (g Gain) window(block time.Duration) time.Duration { return max(g.Window, leastBlocks*block) }

// whole is the time that is looked back at most.
func (g Gain) whole(block time.Duration) time.Duration { return max(slowly*g.Window, g.window(block)) }

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
	// than counts in a window, and may in some.
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
	if m.Counts || gained <= 0 {
		return m
	}
	span, gained = c.gained(block)
	m.Counts = gained >= g.least(block, span)
	m.Open = !m.Counts && span < g.whole(block)-interval
	return m
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
