package judge

import (
	"hash/fnv"
	"time"
)

// Stall says when the network stands, and when it goes on again.
type Stall struct {
	// After is how long the network's height must not rise, FinalityAfter the same
	// for its final one, and Settle how long it must then go on rising; zero stands
	// for what fits the time between blocks.
	After, FinalityAfter, Settle time.Duration
	// Stagger bounds a further time, of each monitor its own, so that not all nodes
	// of a network are judged at once when it goes on.
	Stagger time.Duration
}

// share is the part of the stagger of a monitor.
func (s Stall) share(name string) time.Duration {
	if s.Stagger <= 0 {
		return 0
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // never fails
	return time.Duration(hash.Sum64() % uint64(s.Stagger))
}

// Halt is what is remembered of a halt of the network.
type Halt struct {
	// Since is when the network was found to stand, zero while it goes on.
	Since time.Time `json:"since,omitzero"`
	// Rising is since when it has gone on rising again.
	Rising time.Time `json:"rising,omitzero"`
	// Released is when the newest halt was over.
	Released time.Time `json:"released,omitzero"`
}

// longest is how long a halt can be: a network that makes a block now and then for
// longer than that has got slower.
const longest = 24 * time.Hour

// Stands says whether the network stands, so that its blocks are no measure.
func (h Halt) Stands(now time.Time) bool { return !h.Since.IsZero() && now.Sub(h.Since) < longest }

// limits are the times in force, for the time between blocks; zero for one that
// cannot be told.
func (s Stall) limits(block, usualFinality time.Duration) Stall {
	if s.After == 0 && block > 0 {
		s.After = max(time.Minute, 20*block)
	}
	if s.FinalityAfter == 0 && block > 0 && usualFinality > 0 {
		s.FinalityAfter = max(2*time.Minute, 40*block, 3*usualFinality)
	}
	if s.Settle == 0 {
		s.Settle = max(5*time.Minute, 5*block)
	}
	return s
}

// Follow is the halt as of now, for a monitor of that name. While no height is known
// nothing changes: this machine may be cut off.
func (s Stall) Follow(now time.Time, r Ruling, m Memory, interval time.Duration, name string, h Halt) Halt {
	if !r.Known {
		return h
	}
	limits := s.limits(r.BlockTime, m.UsualFinality())
	stands := limits.After > 0 && r.StandsFor >= limits.After+interval ||
		limits.FinalityAfter > 0 && r.Finalized != nil && r.FinalityStandsFor >= limits.FinalityAfter+interval
	switch step := max(interval, 3*r.BlockTime) + interval; {
	case stands:
		if h.Since.IsZero() {
			h.Since = now
		}
		h.Rising = time.Time{}
	case h.Since.IsZero():
	case r.RoseAt.IsZero() || now.Sub(r.RoseAt) > step || r.RoseAt.Before(h.Since):
		h.Rising = time.Time{}
	case h.Rising.IsZero():
		h.Rising = r.RoseAt
	case now.Sub(h.Rising) >= limits.Settle+s.share(name):
		h = Halt{Released: now}
	}
	return h
}

// Why says what holds in a halt, or empty where nothing does.
func (h Halt) Why(now time.Time) string {
	switch {
	case h.Since.IsZero():
		return ""
	case h.Rising.IsZero():
		return "the network stands"
	}
	return "the network stood, and has gone on for " + seconds(now.Sub(h.Rising))
}
