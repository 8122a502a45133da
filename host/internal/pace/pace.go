// Package pace is how a node gets on from check to check: what it caught up since the
// check before, and whether it falls behind. It remembers nothing; package rule keeps
// the checks.
package pace

import (
	"math"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Sample is what an earlier check saw.
type Sample struct {
	At     time.Time `json:"at"`
	Synced uint64    `json:"synced"`
	Lag    uint64    `json:"lag"`
	LagOK  bool      `json:"lag_ok,omitempty"`
}

// FallingBehind adds a check to those of the window and says whether the lag has grown
// over it: the average of its increases is above zero exactly when the lag now
// is above the lag at the window's start.
func FallingBehind(trend []Sample, now Sample, window, interval time.Duration) (kept []Sample, behind bool) {
	start := now.At.Add(-window)
	trend = slices.DeleteFunc(append(trend, now), func(s Sample) bool { return s.At.Before(start) })
	oldest := trend[0]
	span := now.At.Sub(oldest.At)
	return trend, span > 0 && span >= window-interval && now.Lag > oldest.Lag
}

// CatchUp fills in what comes of comparing two checks of one run; before is nil for the
// first of a run.
func CatchUp(b *fact.Book, before *Sample, now Sample) {
	if before == nil || !now.At.After(before.At) {
		b.Lack("no earlier check of this run to compare with", "caught_up", "sync_rate", "eta")
		return
	}
	caught := now.Synced - min(now.Synced, before.Synced) // the best block may have fallen
	rate := float64(caught) / now.At.Sub(before.At).Seconds()
	b.Count("caught_up", caught, now.At)
	b.Number("sync_rate", rate, now.At)
	switch {
	case !now.LagOK:
		b.Lack(b.Facts.Get("lag").Missing, "eta")
	case rate == 0:
		b.Number("eta", math.Inf(1), now.At)
	default:
		b.Number("eta", float64(now.Lag)/rate, now.At)
	}
}
