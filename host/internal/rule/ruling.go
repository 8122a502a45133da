package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ruling is what one rule came to in a check.
type ruling struct {
	rule string
	off  bool
	// holds says that its condition holds, fires that it has for long enough.
	holds, fires bool
	// lacks are the unknown facts that it would have needed to tell.
	lacks []Fact
	saw   string
	// sentence is what it says when it fires, beside what is said with it.
	sentence string
	beside   []string
}

func (r ruling) step() Step {
	result := "no"
	switch {
	case r.off:
		result = "off"
	case r.fires:
		result = "fires"
	case r.holds:
		result = "waits"
	case len(r.lacks) > 0:
		result = "unknown"
	}
	return Step{Rule: r.rule, Result: result, Saw: r.saw}
}

// rulings evaluates every rule, in their order, also those that will not be
// reached: what has to hold for a time is followed at every check.
func (e *Engine) rulings(facts Facts) []ruling {
	s := e.settings
	lag := facts.Get("lag")
	all := []ruling{
		e.builtIn(RuleSevere, s.Severe.Guarding, facts, lagAbove(lag, s.Severe.LagAbove)),
		e.builtIn(RuleSyncStall, s.SyncStall.Guarding, facts, stalled(facts, s.SyncStall)),
		e.builtIn(RuleFallingBehind, s.FallingBehind.Guarding, facts, falling(facts, s.FallingBehind)),
		e.builtIn(RuleModerate, s.Moderate.Guarding, facts, lagAbove(lag, s.Moderate.LagAbove)),
	}
	all[0].sentence, all[0].beside = e.severeSentence(lag.Count), e.trendSentences(facts)
	all[1].sentence = e.stallSentence()
	all[2].sentence = e.fallingSentence()
	all[3].sentence = e.moderateSentence(lag.Count)
	waits := []time.Duration{s.Severe.For, 0, s.FallingBehind.For, s.Moderate.For}
	for _, c := range s.Custom {
		all = append(all, e.custom(c, facts))
		waits = append(waits, c.For)
	}
	for i := range all {
		all[i].fires = e.heldFor(all[i], waits[i])
	}
	return all
}

// heldFor follows since when a rule has held, over the checks of this run.
func (e *Engine) heldFor(r ruling, wait time.Duration) bool {
	if !r.holds {
		delete(e.run.since, r.rule)
		return false
	}
	if e.run.since == nil {
		e.run.since = map[string]time.Time{}
	}
	since, ok := e.run.since[r.rule]
	if !ok {
		since = e.now
		e.run.since[r.rule] = since
	}
	return e.now.Sub(since) >= wait
}

// test is the first half of a built-in rule's condition.
type test struct {
	holds bool
	lacks []Fact
	saw   string
}

func lagAbove(lag Fact, limit uint64) test {
	if !lag.Known {
		return test{lacks: []Fact{lag}, saw: "lag is unknown: " + lag.Missing}
	}
	return test{holds: lag.Count > limit, saw: fmt.Sprintf("lag %d, threshold %d", lag.Count, limit)}
}

func stalled(facts Facts, s SyncStall) test {
	t := lagAbove(facts.Get("lag"), s.LagAbove)
	stalled := facts.Get("stalled_for")
	if !stalled.Known {
		return test{lacks: []Fact{stalled}, saw: "stalled_for is unknown: " + stalled.Missing}
	}
	t.holds = t.holds && stalled.Number >= s.For.Seconds()
	t.saw += fmt.Sprintf("; stalled for %ss of %s", stalled, seconds(s.For))
	return t
}

func falling(facts Facts, s FallingBehind) test {
	t := lagAbove(facts.Get("lag"), s.LagAbove)
	falling := facts.Get("falling_behind")
	if !falling.Known {
		return test{lacks: []Fact{falling}, saw: "falling_behind is unknown: " + falling.Missing}
	}
	t.holds = t.holds && falling.Truth
	t.saw += fmt.Sprintf("; falling_behind %s over %s", falling, seconds(s.Window))
	return t
}

// builtIn adds to a test whether the rule is in force and what stops it. A rule
// whose unless cannot be told does not fire.
func (e *Engine) builtIn(name string, g Guarding, facts Facts, t test) ruling {
	r := ruling{rule: name, off: !g.Enabled, holds: t.holds, lacks: t.lacks, saw: t.saw}
	if r.off {
		return ruling{rule: name, off: true, saw: "switched off"}
	}
	if !r.holds || g.Unless == nil {
		return r
	}
	stops, lacks, saw := evaluate(g.Unless, facts)
	r.saw += "; unless: " + saw
	if either, sure := whicheverWay(g.Unless, facts, lacks); sure {
		stops, lacks = either, nil
	}
	if len(lacks) > 0 {
		r.holds, r.lacks = false, lacks
		return r
	}
	r.holds = !stops
	return r
}

func (e *Engine) custom(c Custom, facts Facts) ruling {
	r := ruling{rule: customRule + c.Name}
	r.holds, r.lacks, r.saw = evaluate(c.When, facts)
	if r.holds {
		r.sentence = fmt.Sprintf("Container %s: rule %s: %s. Restarting...", e.name, c.Name, strings.TrimSuffix(c.Message.Text(facts), "."))
	}
	return r
}

// evaluate asks a condition. Where it needs a fact that is unknown it is not
// asked: it neither holds nor does not.
func evaluate(c Condition, facts Facts) (holds bool, lacks []Fact, saw string) {
	var words []string
	for _, name := range c.Needs() {
		words = append(words, name+" "+facts.Get(name).String())
	}
	saw = strings.Join(words, ", ")
	if lacks = facts.lacking(c.Needs()); len(lacks) > 0 {
		return false, lacks, saw
	}
	holds, err := c.Holds(facts)
	if err != nil {
		return false, []Fact{{Name: "condition", Missing: err.Error()}}, err.Error()
	}
	return holds, nil, saw
}

// mostUnknown bounds the unknown truths that are tried both ways.
const mostUnknown = 4

// whicheverWay tries a condition with each unknown truth taken for true and for
// false. It is sure where the answer is the same each time: a node in major sync
// stops "major_sync || producing", whether or not it is producing.
func whicheverWay(c Condition, facts Facts, lacks []Fact) (holds, sure bool) {
	if len(lacks) == 0 || len(lacks) > mostUnknown {
		return false, false
	}
	for way := range 1 << len(lacks) {
		tried := slices.Clone(facts)
		for i, lack := range lacks {
			at := slices.IndexFunc(tried, func(f Fact) bool { return f.Name == lack.Name })
			if at < 0 || lack.Kind != Truth {
				return false, false
			}
			tried[at].Known, tried[at].Truth = true, way>>i&1 == 1
		}
		answer, err := c.Holds(tried)
		if err != nil || way > 0 && answer != holds {
			return false, false
		}
		holds = answer
	}
	return holds, true
}

// lackingWords says which rules could not be told for want of which facts.
func lackingWords(rulings []ruling) string {
	words := ""
	for _, r := range rulings {
		for _, f := range r.lacks {
			words = appendWord(words, fmt.Sprintf("rule %s lacks %s (%s)", strings.TrimPrefix(r.rule, customRule), f.Name, f.Missing))
		}
	}
	return words
}
