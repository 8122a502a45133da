package simulate

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// Span is a part of a night, counted from its start.
type Span struct{ From, To time.Duration }

func (s Span) holds(at time.Duration) bool { return at >= s.From && at < s.To }

// Halt is a time in which a network makes no blocks but for a few.
type Halt struct {
	Span
	// Singles are when it makes one.
	Singles []time.Duration
	// Finality says that blocks go on, and only finality stands.
	Finality bool
}

// Chain is a network.
type Chain struct {
	// Block is the usual time between two blocks. Where it is random they come as
	// they are found, else in slots of which a few stay empty.
	Block  time.Duration
	Random bool
	Halts  []Halt
	// FinalEvery and FinalBehind say which blocks become final, and how late, in
	// blocks; zero for a chain without finality.
	FinalEvery, FinalBehind uint64

	blocks []time.Duration
}

// firstBlock is the height of a chain when a simulation begins.
const firstBlock = 20_000_000

// emptySlots is the share of slots without a block.
const emptySlots = 0.02

// grow makes the blocks of a night, and those of the time before it.
func (c *Chain) grow(random *rand.Rand, length time.Duration) {
	c.blocks = nil
	for at := -max(30*time.Minute, 30*c.Block); at < length; {
		step := c.Block
		if c.Random {
			step = time.Duration(random.ExpFloat64() * float64(c.Block))
		}
		at += step
		if !c.stands(at) && (c.Random || random.Float64() >= emptySlots) {
			c.blocks = append(c.blocks, at)
		}
	}
	for _, h := range c.Halts {
		c.blocks = append(c.blocks, h.Singles...)
	}
	slices.Sort(c.blocks)
}

// stands says whether the network makes no blocks.
func (c *Chain) stands(at time.Duration) bool {
	return slices.ContainsFunc(c.Halts, func(h Halt) bool { return !h.Finality && h.holds(at) })
}

// stood says whether the network has made no block in a halt, up to a time, for so
// long that this can be told. One that makes a block every minute has only got slow.
func (c *Chain) stood(h Halt, at time.Duration) bool {
	last := h.From
	for _, single := range append(slices.Clone(h.Singles), at) {
		if single <= at && single-last >= c.seen(h) {
			return true
		}
		last = single
	}
	return false
}

// seen is how long it takes until a halt can be told from blocks that are late.
func (c *Chain) seen(h Halt) time.Duration {
	if h.Finality {
		return max(2*time.Minute, 40*c.Block, 3*time.Duration(c.FinalEvery)*c.Block) + 3*interval
	}
	return max(time.Minute, 20*c.Block) + 2*interval
}

func (c *Chain) height(at time.Duration) uint64 {
	return firstBlock + uint64(sort.Search(len(c.blocks), func(i int) bool { return c.blocks[i] > at }))
}

// made is when a block was made.
func (c *Chain) made(height uint64) time.Duration {
	if height <= firstBlock {
		return c.blocks[0]
	}
	return c.blocks[height-firstBlock-1]
}

// final is the newest final block; zero on a chain without finality.
func (c *Chain) final(at time.Duration) uint64 {
	if c.FinalEvery == 0 {
		return 0
	}
	for _, h := range c.Halts {
		if h.Finality && h.holds(at) {
			at = h.From
		}
	}
	return (c.height(at) - c.FinalBehind) / c.FinalEvery * c.FinalEvery
}

// halting says whether the network is in a halt of any kind.
func (c *Chain) halting(at time.Duration) bool {
	return slices.ContainsFunc(c.Halts, func(h Halt) bool { return h.holds(at) })
}
