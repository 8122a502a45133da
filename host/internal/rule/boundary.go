package rule

import "math"

// endless stands for a number without end in a search.
const endless = 1e15

// boundary lies between two values of a fact: at one a rule turns, at the other
// it does not.
type boundary struct {
	// from is where it does not, to where it does.
	from, to float64
	// whole says that there is nothing between two whole numbers.
	whole bool
	// open says that the rule turns beyond from and not at it.
	open bool
}

// close halves the distance until nothing is left in between.
func (b *boundary) close(turns func(float64) bool) {
	for range 200 {
		middle := b.from + (b.to-b.from)/2
		if b.whole {
			middle = math.Trunc(middle)
		}
		if middle == b.from || middle == b.to || b.whole && math.Abs(b.to-b.from) <= 1 {
			return
		}
		if turns(middle) {
			b.to = middle
		} else {
			b.from = middle
		}
	}
}

// round finds the number with few digits that a person wrote, where the boundary
// is as good as at it.
func (b *boundary) round(turns func(float64) bool) {
	if b.whole {
		b.open = b.to > b.from
		return
	}
	near := math.Max(1e-9, math.Abs(b.to)*1e-9)
	for scale := 1.0; scale <= 1e6; scale *= 10 {
		r := math.Round(b.to*scale) / scale
		if math.Abs(r-b.to) > near {
			continue
		}
		if turns(r) {
			b.to = r
			return
		}
		beyond := r + math.Copysign(math.Max(1e-6, math.Abs(r)*1e-6), b.to-b.from)
		if turns(beyond) {
			b.from, b.to, b.open = r, beyond, true
			return
		}
	}
}

// is is the relation of what turns the rule to value.
func (b *boundary) is() string {
	switch up := b.to > b.from; {
	case up && b.open:
		return Above
	case up:
		return AtLeast
	case b.open:
		return Below
	}
	return AtMost
}

func (b *boundary) value() float64 {
	if b.open {
		return b.from
	}
	return b.to
}
