package explain

import (
	"math"
	"slices"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// turns are the single facts that turn the condition of a rule, each with the
// nearest value at which it does. The rule itself is asked with other values:
// whatever this returns, the rule has confirmed. Of a rule that cannot be told
// it is what the rule lacks.
func turns(r ruleset.Rule, a ruleset.Answer, facts fact.List) []Needs {
	if len(a.Lacks) > 0 {
		return lacking(a.Lacks, facts)
	}
	var all []Needs
	for _, name := range r.Reads {
		at := slices.IndexFunc(facts, func(f fact.Fact) bool { return f.Name == name && f.Known && f.Kind != fact.Text })
		if at < 0 {
			continue
		}
		s := search{now: facts[at], turned: func(tried fact.Fact) bool {
			other := slices.Clone(facts)
			other[at] = tried
			return r.Ask(other).Holds != a.Holds
		}}
		if need, ok := s.need(); ok {
			all = append(all, Needs{need})
		}
	}
	return all
}

// lacking: what a rule lacks has to be known. What is no fact, such as an
// expression that fails, is left out.
func lacking(lacks []fact.Fact, facts fact.List) []Needs {
	var needs Needs
	for _, lack := range lacks {
		isFact := fact.IsCustom(lack.Name) || slices.ContainsFunc(facts, func(f fact.Fact) bool { return f.Name == lack.Name })
		if isFact && !slices.ContainsFunc(needs, func(n Need) bool { return n.What == lack.Name }) {
			needs = append(needs, knownNeed(lack.Name))
		}
	}
	if needs == nil {
		return nil
	}
	return []Needs{needs}
}

// search moves one fact until a rule turns.
type search struct {
	now    fact.Fact
	turned func(fact.Fact) bool
}

func (s search) need() (Need, bool) {
	if s.now.Kind == fact.Truth {
		other := s.now
		other.Truth = !other.Truth
		return truthNeed(other), s.turned(other)
	}
	far, ok := s.nearest()
	if !ok {
		return Need{}, false
	}
	is, boundary, to := s.boundary(far)
	return numberNeed(s.now, is, withNumber(s.now, boundary), withNumber(s.now, to)), true
}

func (s search) turnedAt(value float64) bool { return s.turned(withNumber(s.now, value)) }

// endless stands for a number without end in a search.
const endless = 1e15

// nearest is the first value that turns the rule, going away from the present
// one in ever longer steps.
func (s search) nearest() (value float64, ok bool) {
	now := number(s.now)
	for distance := 1e-3; distance <= endless; distance *= 1.5 {
		up, down := now+distance, now-distance
		if s.now.Kind != fact.Number {
			down = max(0, down)
		}
		if math.IsInf(now, 0) {
			up, down = now, endless/distance
		}
		for _, value := range []float64{up, down} {
			if moved := number(withNumber(s.now, value)); moved != now && s.turnedAt(moved) {
				return moved, true
			}
		}
	}
	return 0, false
}

// boundary is where the rule turns, between the present value and one that turns
// it: the relation to the boundary, and the nearest value on its other side.
func (s search) boundary(to float64) (is string, boundary, nearest float64) {
	from, whole := min(number(s.now), endless), s.now.Kind == fact.Blocks
	up := to > from
	for range 200 {
		middle := from + (to-from)/2
		if whole {
			middle = math.Trunc(middle)
		}
		if middle == from || middle == to {
			break
		}
		if s.turnedAt(middle) {
			to = middle
		} else {
			from = middle
		}
	}
	open, closed := Above, AtLeast
	if !up {
		open, closed = Below, AtMost
	}
	if whole && up {
		return open, from, to
	}
	// A person wrote a number with few digits.
	round := micros(to)
	beyond := round + math.Copysign(max(1e-6, math.Abs(round)*1e-6), to-from)
	if !whole && !s.turnedAt(round) && s.turnedAt(beyond) {
		return open, round, beyond
	}
	if !whole && s.turnedAt(round) {
		to = round
	}
	return closed, to, to
}
