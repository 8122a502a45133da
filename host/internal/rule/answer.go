package rule

import (
	"fmt"
	"slices"
	"strings"
)

// answer is what a rule's expressions come to, but for how long it has held.
type answer struct {
	// off says that the rule is not in force at this check.
	off, holds bool
	// lacks are the unknown facts without which it cannot be told.
	lacks []Fact
	// limit is the threshold in force.
	limit uint64
	saw   string
}

// and adds a condition that is known: where it does not hold, nothing else has
// to be known.
func (a answer) and(holds bool, saw string) answer {
	a.saw = appendWord(a.saw, saw)
	if !holds {
		a.holds, a.lacks = false, nil
	}
	return a
}

func (b BlockLag) asks(facts Facts) answer { return lagAbove(facts, b.LagAbove, b.LagAboveBy) }

func (s SyncStall) asks(facts Facts) answer {
	stalled := facts.Get("stalled_for")
	if !stalled.Known {
		return answer{lacks: []Fact{stalled}, saw: "stalled_for is unknown: " + stalled.Missing}
	}
	return lagAbove(facts, s.LagAbove, s.LagAboveBy).
		and(stalled.Number >= s.For.Seconds(), fmt.Sprintf("stalled for %ss of %s", stalled, seconds(s.For)))
}

func (f FallingBehind) asks(facts Facts) answer {
	falling := facts.Get("falling_behind")
	if !falling.Known {
		return answer{lacks: []Fact{falling}, saw: "falling_behind is unknown: " + falling.Missing}
	}
	return lagAbove(facts, f.LagAbove, f.LagAboveBy).
		and(falling.Truth, fmt.Sprintf("falling_behind %s over %s", falling, seconds(f.Window)))
}

// lagAbove compares the lag with a limit, or with what by gives at this check.
func lagAbove(facts Facts, limit uint64, by Quantity) answer {
	lag := facts.Get("lag")
	if !lag.Known {
		return answer{lacks: []Fact{lag}, saw: "lag is unknown: " + lag.Missing}
	}
	words := ""
	if by != nil {
		var lacks []Fact
		if limit, lacks, words = quantity(by, facts); len(lacks) > 0 {
			return answer{lacks: lacks, saw: fmt.Sprintf("lag %d, threshold unknown (%s)", lag.Count, words)}
		}
		words = " (" + words + ")"
	}
	return answer{holds: lag.Count > limit, limit: limit, saw: fmt.Sprintf("lag %d, threshold %d%s", lag.Count, limit, words)}
}

// quantity asks a threshold that is an expression.
func quantity(by Quantity, facts Facts) (limit uint64, lacks []Fact, saw string) {
	saw = sawOf(by.Needs(), facts)
	if lacks = facts.lacking(by.Needs()); len(lacks) > 0 {
		return 0, lacks, saw
	}
	limit, err := by.Count(facts)
	if err != nil {
		return 0, []Fact{{Name: "lag_above", Missing: err.Error()}}, err.Error()
	}
	return limit, nil, saw
}

// guard adds to an answer whether the rule is in force and what stops it. A rule
// whose enabled or unless cannot be told does not fire.
func (g Switch) guard(facts Facts, asks func(Facts) answer) answer {
	force := inForce(g.EnabledIf, facts)
	if force.off {
		return force
	}
	a := asks(facts)
	a.saw = appendWord(force.saw, a.saw)
	if !a.holds && len(a.lacks) == 0 {
		return a
	}
	a.lacks = append(a.lacks, force.lacks...)
	if g.Unless != nil {
		stops, lacks, saw := evaluate(g.Unless, "condition", facts)
		a = a.and(!stops, "unless: "+saw)
		if !stops {
			a.lacks = append(a.lacks, lacks...)
		}
	}
	a.holds = a.holds && len(a.lacks) == 0
	return a
}

// inForce asks whether a rule is in force at this check.
func inForce(enabled Condition, facts Facts) answer {
	if enabled == nil {
		return answer{}
	}
	holds, lacks, saw := evaluate(enabled, "enabled", facts)
	switch {
	case len(lacks) > 0:
		return answer{lacks: lacks, saw: "enabled: " + saw}
	case !holds:
		return answer{off: true, saw: "switched off: " + saw}
	}
	return answer{saw: "enabled: " + saw}
}

// isOff says whether a rule is surely not in force.
func (g Switch) isOff(facts Facts) bool {
	return !g.Enabled || surely(facts, func(facts Facts) answer { return inForce(g.EnabledIf, facts) }).off
}

// evaluate asks a condition. Where it needs a fact that is unknown it is not
// asked: it neither holds nor does not. One that cannot be told lacks what.
func evaluate(c Condition, what string, facts Facts) (holds bool, lacks []Fact, saw string) {
	saw = sawOf(c.Needs(), facts)
	if lacks = facts.lacking(c.Needs()); len(lacks) > 0 {
		return false, lacks, saw
	}
	holds, err := c.Holds(facts)
	if err != nil {
		return false, []Fact{{Name: what, Missing: err.Error()}}, err.Error()
	}
	return holds, nil, saw
}

func sawOf(needs []string, facts Facts) string {
	var words []string
	for _, name := range needs {
		words = append(words, name+" "+facts.Get(name).String())
	}
	return strings.Join(words, ", ")
}

// mostUnknown bounds the unknown truths that are tried both ways.
const mostUnknown = 4

// surely asks, and where a truth is unknown it asks again with that taken for
// true and for false: the answer counts where it is the same each time. A node
// in major sync stops "major_sync || producing", whether or not it is producing.
func surely(facts Facts, ask func(Facts) answer) answer {
	a := ask(facts)
	sure, ok := eitherWay(facts, ask, a, mostUnknown)
	if !ok {
		return a
	}
	sure.saw = a.saw
	return sure
}

func eitherWay(facts Facts, ask func(Facts) answer, a answer, tries int) (answer, bool) {
	if len(a.lacks) == 0 {
		return a, true
	}
	lack := slices.IndexFunc(a.lacks, func(f Fact) bool { return f.Kind == Truth })
	if lack < 0 || tries == 0 {
		return a, false
	}
	at := slices.IndexFunc(facts, func(f Fact) bool { return f.Name == a.lacks[lack].Name })
	var answers [2]answer
	for way := range answers {
		tried := slices.Clone(facts)
		tried[at].Known, tried[at].Truth = true, way == 1
		answer, ok := eitherWay(tried, ask, ask(tried), tries-1)
		if !ok {
			return a, false
		}
		answers[way] = answer
	}
	no, yes := answers[0], answers[1]
	if no.holds != yes.holds {
		return a, false
	}
	// It holds above either threshold: the higher one is the surer word.
	no.off, no.limit = no.off && yes.off, max(no.limit, yes.limit)
	return no, true
}
