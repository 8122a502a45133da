package ruleset

import (
	"slices"
	"strings"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// and adds a condition that is known: where it does not hold, nothing else has
// to be known.
func (a Answer) and(holds bool, saw string) Answer {
	a.Saw = appendWord(a.Saw, saw)
	if !holds {
		a.Holds, a.Lacks = false, nil
	}
	return a
}

// quantity asks a threshold that is an expression.
func quantity(by Quantity, facts fact.List) (limit uint64, lacks []fact.Fact, saw string) {
	saw = sawOf(by.Needs(), facts)
	if lacks = facts.Lacking(by.Needs()); len(lacks) > 0 {
		return 0, lacks, saw
	}
	limit, err := by.Count(facts)
	if err != nil {
		return 0, []fact.Fact{{Name: "lag_above", Missing: err.Error()}}, err.Error()
	}
	return limit, nil, saw
}

// evaluate asks a condition. Where it needs a fact that is unknown it is not
// asked: it neither holds nor does not. One that cannot be told lacks what.
func evaluate(c Condition, what string, facts fact.List) (holds bool, lacks []fact.Fact, saw string) {
	saw = sawOf(c.Needs(), facts)
	if lacks = facts.Lacking(c.Needs()); len(lacks) > 0 {
		return false, lacks, saw
	}
	holds, err := c.Holds(facts)
	if err != nil {
		return false, []fact.Fact{{Name: what, Missing: err.Error()}}, err.Error()
	}
	return holds, nil, saw
}

func sawOf(needs []string, facts fact.List) string {
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
func surely(facts fact.List, ask func(fact.List) Answer) Answer {
	a := ask(facts)
	sure, ok := eitherWay(facts, ask, a, mostUnknown)
	if !ok {
		return a
	}
	sure.Saw = a.Saw
	return sure
}

func eitherWay(facts fact.List, ask func(fact.List) Answer, a Answer, tries int) (Answer, bool) {
	if len(a.Lacks) == 0 {
		return a, true
	}
	lack := slices.IndexFunc(a.Lacks, func(f fact.Fact) bool { return f.Kind == fact.Truth })
	if lack < 0 || tries == 0 {
		return a, false
	}
	at := slices.IndexFunc(facts, func(f fact.Fact) bool { return f.Name == a.Lacks[lack].Name })
	var answers [2]Answer
	for i, truth := range []bool{false, true} {
		tried := slices.Clone(facts)
		tried[at].Known, tried[at].Truth = true, truth
		sure, ok := eitherWay(tried, ask, ask(tried), tries-1)
		if !ok {
			return a, false
		}
		answers[i] = sure
	}
	no, yes := answers[0], answers[1]
	if no.Holds != yes.Holds {
		return a, false
	}
	// It holds above either threshold: the higher one is the surer word.
	no.Off, no.limit = no.Off && yes.Off, max(no.limit, yes.limit)
	return no, true
}
