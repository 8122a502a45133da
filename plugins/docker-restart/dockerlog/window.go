package dockerlog

import "time"

const (
	// windowLines bounds how many delivered lines are remembered.
	windowLines = 8192
	// windowSpan bounds how far back they reach, by their stamps.
	windowSpan = 60 * time.Second
	// windowLeast are kept however old they are.
	windowLeast = 16
)

// window remembers the lines that were delivered of late, in the order of the
// log. The last one is the anchor: a later reading goes on behind it. The
// order of a log never changes, while its stamps may go back.
type window struct {
	order []key // the oldest first
	start int   // order[:start] is forgotten
	count map[key]int
	// fine says that stamps are exact to the nanosecond, so that two lines
	// with the same stamp, stream and text are one line.
	fine bool
}

// anchor is the last line.
func (w *window) anchor() (key, bool) {
	if len(w.order) == w.start {
		return key{}, false
	}
	return w.order[len(w.order)-1], true
}

// add remembers a line.
func (w *window) add(k key) {
	if w.count == nil {
		w.count = make(map[key]int)
	}
	w.order = append(w.order, k)
	w.count[k]++
	w.fine = w.fine || k.at%int64(time.Microsecond) != 0
	for w.tooMuch(k.at) {
		w.forget()
	}
}

// tooMuch says whether the oldest line may be forgotten.
func (w *window) tooMuch(newest int64) bool {
	kept := len(w.order) - w.start
	return kept > windowLines || kept > windowLeast && newest-w.order[w.start].at > int64(windowSpan)
}

func (w *window) forget() {
	oldest := w.order[w.start]
	if w.count[oldest]--; w.count[oldest] == 0 {
		delete(w.count, oldest)
	}
	w.start++
	if w.start > windowLeast && w.start*2 > len(w.order) {
		w.order = w.order[:copy(w.order, w.order[w.start:])]
		w.start = 0
	}
}

// has says how many lines with this key are remembered.
func (w *window) has(k key) int { return w.count[k] }

// overlap finds the place behind the anchor in a new reading of the same log.
// What stands before it was delivered, was old when the reading began, or was left
// out by the stream: some engines do so where a file is rotated.
type overlap struct {
	seen   *window
	anchor key
	left   int  // how many more lines equal to the anchor must pass
	within bool // behind a line that was delivered
	passed bool // behind the anchor
}

// newOverlap begins a reading. Without an anchor everything is new.
func newOverlap(seen *window) *overlap {
	anchor, ok := seen.anchor()
	return &overlap{seen: seen, anchor: anchor, left: seen.has(anchor), passed: !ok}
}

// admit says whether the line with this key is a new one.
func (o *overlap) admit(k key) bool {
	known := o.seen.has(k) > 0
	if o.passed {
		// Old engines send a few lines again when they rotate a file.
		return !o.seen.fine || !known
	}
	leftOut := o.within && o.seen.fine && !known
	o.within = o.within || known
	if k == o.anchor {
		o.left--
		o.passed = o.left <= 0
	}
	return leftOut
}
