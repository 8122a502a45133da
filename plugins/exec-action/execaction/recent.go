package execaction

import (
	"slices"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Bounds on the lines that are kept for a run that is noticed late.
const (
	recentLines = 2000
	recentBytes = 1 << 20
)

// recent is the lines since the run was last confirmed, of a log that cannot be
// read again: they may turn out to be of the next run.
type recent struct {
	lines []sdk.Line
	bytes int
	lost  bool // some were dropped
}

func (r *recent) add(line sdk.Line) {
	r.lines = append(r.lines, line)
	r.bytes += len(line.Text)
	if len(r.lines) > recentLines || r.bytes > recentBytes {
		r.drop(len(r.lines)/2 + 1)
		r.lost = true
	}
}

func (r *recent) drop(n int) {
	for _, line := range r.lines[:n] {
		r.bytes -= len(line.Text)
	}
	r.lines = slices.Clone(r.lines[n:])
}

// forget drops what came before then, which is of the run that was confirmed.
func (r *recent) forget(then time.Time) {
	n := slices.IndexFunc(r.lines, func(line sdk.Line) bool { return !line.Time.Before(then) })
	if n < 0 {
		n = len(r.lines)
	}
	r.drop(n)
	r.lost = false
}

// take empties it, and says whether it held all.
func (r *recent) take() (lines []sdk.Line, whole bool) {
	lines, whole = r.lines, !r.lost
	*r = recent{}
	return lines, whole
}
