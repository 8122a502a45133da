package rule

import (
	"cmp"
	"math"
	"slices"
)

// rulesSeen are the rules in their order, with what would change each.
func (e *Engine) rulesSeen(facts Facts) []RuleSeen {
	seen := make([]RuleSeen, len(e.rules))
	for i, r := range e.rules {
		a := r.Ask(facts)
		since := e.state.Run.Since[r.Name]
		seen[i] = RuleSeen{Step: r.Step(a, a.Holds && e.state.Now.Sub(since) >= r.For), Shadowed: r.Shadow, For: secondsOf(r.For)}
		if a.Holds {
			seen[i].Since, seen[i].Held = utc(since), e.age(since)
		}
		if !a.Off {
			seen[i].Ways = ways(r, facts, a)
		}
	}
	return seen
}

// Bounds on the search: so many ways are told of one rule, so many facts are
// moved at once, and so often is a rule asked.
const (
	mostWays  = 4
	mostMoved = 3
	mostAsks  = 4000
)

// ways searches what would make a rule's condition hold, or no longer hold, by
// asking the rule itself: single facts first, and where none is enough, two and
// three at once. Whatever it returns the rule has confirmed.
func ways(r Rule, facts Facts, a Answer) []Way {
	if len(a.Lacks) > 0 {
		return lackingWay(a.Lacks)
	}
	s := search{facts: facts, asks: mostAsks}
	s.turns = func(tried Facts) bool {
		s.asks--
		return r.Ask(tried).Holds != a.Holds
	}
	names := r.Reads
	for size := 1; size <= mostMoved; size++ {
		s.subsets(names, size, nil)
		if len(s.found) > 0 {
			break
		}
	}
	return s.found
}

// lackingWay: the facts that a rule lacks have to be known. What is no fact, such
// as an expression that fails, is left out.
func lackingWay(lacks []Fact) []Way {
	way := Way{}
	for _, lack := range lacks {
		known := func(n Need) bool { return n.What == lack.Name }
		if (IsCustom(lack.Name) || isBuiltIn(lack.Name)) && !slices.ContainsFunc(way, known) {
			way = append(way, knownNeed(lack))
		}
	}
	if len(way) == 0 {
		return nil
	}
	return []Way{way}
}

func isBuiltIn(name string) bool {
	return slices.ContainsFunc(BuiltIn(), func(f Fact) bool { return f.Name == name })
}

// search moves facts until a rule turns.
type search struct {
	facts Facts
	turns func(Facts) bool
	// asks is how often the rule may still be asked.
	asks  int
	found []Way
}

// subsets tries each choice of so many of the names.
func (s *search) subsets(names []string, size int, chosen []int) {
	if size == 0 {
		if way := s.try(chosen); way != nil && len(s.found) < mostWays {
			s.found = append(s.found, way)
		}
		return
	}
	for i, name := range names {
		if at := s.place(name); at >= 0 {
			s.subsets(names[i+1:], size-1, append(slices.Clone(chosen), at))
		}
	}
}

// place is where a fact that can be moved stands; -1 for none.
func (s *search) place(name string) int {
	return slices.IndexFunc(s.facts, func(f Fact) bool { return f.Name == name && f.Known && f.Kind != Text })
}

// try moves the facts at the given places to values at which the rule turns, and
// each of them back as near to where it is as the rule still does.
func (s *search) try(places []int) Way {
	tried := slices.Clone(s.facts)
	if !s.turn(tried, places, len(places) == 1) {
		return nil
	}
	var way Way
	for _, at := range places {
		switch now := s.facts[at]; {
		case now.Kind == Truth:
			way = append(way, truthNeed(tried[at]))
		case s.moves(tried, at):
			way = append(way, s.nearest(tried, at))
		}
	}
	return way
}

// moves says whether a fact has to be moved at all, beside the others.
func (s *search) moves(tried Facts, at int) bool {
	moved := tried[at]
	if tried[at] = s.facts[at]; s.turns(tried) {
		return false
	}
	tried[at] = moved
	return true
}

// turn looks for values at which the rule turns, nearest first.
func (s *search) turn(tried Facts, places []int, fine bool) bool {
	if len(places) == 0 {
		return s.turns(tried)
	}
	at := places[0]
	for _, value := range values(s.facts[at], fine) {
		if s.asks <= 0 {
			return false
		}
		tried[at] = value
		if s.turn(tried, places[1:], fine) {
			return true
		}
	}
	tried[at] = s.facts[at]
	return false
}

// values are those to which a fact is moved, the nearest first.
func values(f Fact, fine bool) []Fact {
	if f.Kind == Truth {
		f.Truth = !f.Truth
		return []Fact{f}
	}
	now := f.value()
	steps := []float64{1, 100, 1e4, 1e9}
	if fine {
		steps = fineSteps()
	}
	tries := []float64{0}
	for _, step := range steps {
		tries = append(tries, step)
		if !math.IsInf(now, 0) {
			tries = append(tries, now+step, now-step)
		}
	}
	var moved []Fact
	for _, value := range tries {
		if to := f.with(value); to.value() != now && (value >= 0 || f.Kind == Number) {
			moved = append(moved, to)
		}
	}
	far := func(f Fact) float64 {
		if math.IsInf(now, 0) {
			return -f.value()
		}
		return math.Abs(f.value() - now)
	}
	slices.SortStableFunc(moved, func(a, b Fact) int { return cmp.Compare(far(a), far(b)) })
	return moved
}

// fineSteps go from a thousandth to a thousand million.
func fineSteps() []float64 {
	var steps []float64
	for decade := 1e-3; decade <= 1e9; decade *= 10 {
		steps = append(steps, decade, 2*decade, 5*decade)
	}
	return steps
}

// value is that of a number of whichever kind.
func (f Fact) value() float64 {
	if f.Kind == Blocks {
		return float64(f.Count)
	}
	return f.Number
}

// with is the fact with another value; a number of blocks is a whole one.
func (f Fact) with(value float64) Fact {
	if f.Kind == Blocks {
		f.Count = uint64(max(0, math.Ceil(value)))
		return f
	}
	f.Number = value
	return f
}

// nearest moves one fact as far back as the rule still turns.
func (s *search) nearest(tried Facts, at int) Need {
	now := s.facts[at]
	turns := func(value float64) bool {
		tried[at] = now.with(value)
		return s.turns(tried)
	}
	b := boundary{from: now.value(), to: tried[at].value(), whole: now.Kind == Blocks}
	if math.IsInf(b.from, 0) {
		b.from = endless
	}
	b.close(turns)
	b.round(turns)
	tried[at] = now.with(b.to)
	return numberNeed(now, b.is(), b.value(), tried[at])
}
