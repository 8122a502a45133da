package rule

import (
	"fmt"
	"strings"
	"time"
)

// ruling is what one rule came to in a check.
type ruling struct {
	rule        string
	off, shadow bool
	// holds says that its condition holds, fires that it has for long enough.
	holds, fires bool
	// lacks are the unknown facts that it would have needed to tell.
	lacks []Fact
	// limit is the threshold in force of a rule about the lag.
	limit uint64
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
	case r.fires && r.shadow:
		result = "shadow"
	case r.fires:
		result = "fires"
	case r.holds:
		result = "waits"
	case len(r.lacks) > 0:
		result = "unknown"
	}
	return Step{Rule: r.rule, Result: result, Saw: r.saw}
}

// builtInRules is how many rules stand before those of the operator.
const builtInRules = 4

// rulings evaluates every rule, in their order, also those that will not be
// reached: what has to hold for a time is followed at every check.
func (e *Engine) rulings(facts Facts) []ruling {
	all := make([]ruling, e.rules())
	for i := range all {
		all[i] = e.ask(i, facts)
		e.word(i, &all[i], facts)
		all[i].fires = e.heldFor(all[i], e.waitOf(i))
	}
	return all
}

// rules is how many rules there are.
func (e *Engine) rules() int { return builtInRules + len(e.settings.Custom) }

// ask asks one rule, by its place in the order, whether it holds. It changes
// nothing.
func (e *Engine) ask(i int, facts Facts) ruling {
	s := &e.settings
	switch i {
	case 0:
		return builtIn(RuleSevere, s.Severe.Switch, facts, s.Severe.asks)
	case 1:
		return builtIn(RuleSyncStall, s.SyncStall.Switch, facts, s.SyncStall.asks)
	case 2:
		return builtIn(RuleFallingBehind, s.FallingBehind.Switch, facts, s.FallingBehind.asks)
	case 3:
		return builtIn(RuleModerate, s.Moderate.Switch, facts, s.Moderate.asks)
	}
	return custom(s.Custom[i-builtInRules], facts)
}

// word says what a rule says when it fires.
func (e *Engine) word(i int, r *ruling, facts Facts) {
	lag := facts.Get("lag").Count
	switch i {
	case 0:
		r.sentence, r.beside = e.severeSentence(lag, r.limit), e.trendSentences(facts)
	case 1:
		r.sentence = e.stallSentence()
	case 2:
		r.sentence = e.fallingSentence()
	case 3:
		r.sentence = e.moderateSentence(lag, r.limit)
	default:
		if r.holds {
			r.sentence = e.customSentence(e.settings.Custom[i-builtInRules], facts)
		}
	}
}

// waitOf is how long a rule has to hold before it fires.
func (e *Engine) waitOf(i int) time.Duration {
	s := &e.settings
	if i >= builtInRules {
		return s.Custom[i-builtInRules].For
	}
	return [builtInRules]time.Duration{s.Severe.For, 0, s.FallingBehind.For, s.Moderate.For}[i]
}

// heldFor follows since when a rule has held, over the checks of this run.
func (e *Engine) heldFor(r ruling, wait time.Duration) bool {
	if !r.holds {
		delete(e.state.Run.Since, r.rule)
		return false
	}
	if e.state.Run.Since == nil {
		e.state.Run.Since = map[string]time.Time{}
	}
	since, ok := e.state.Run.Since[r.rule]
	if !ok {
		since = e.state.Now
		e.state.Run.Since[r.rule] = since
	}
	return e.state.Now.Sub(since) >= wait
}

// builtIn asks one of the built-in rules.
func builtIn(name string, g Switch, facts Facts, asks func(Facts) answer) ruling {
	if !g.Enabled {
		return ruling{rule: name, off: true, saw: "switched off"}
	}
	t := surely(facts, func(facts Facts) answer { return g.guard(facts, asks) })
	return ruling{rule: name, off: t.off, shadow: g.Shadow, holds: t.holds, lacks: t.lacks, saw: t.saw, limit: t.limit}
}

// custom asks a rule that an operator wrote. One whose condition needs an
// unknown fact does not fire, whatever the fact may be.
func custom(c Custom, facts Facts) ruling {
	r := ruling{rule: customRule + c.Name, shadow: c.Shadow}
	force := surely(facts, func(facts Facts) answer { return inForce(c.EnabledIf, facts) })
	if force.off {
		r.off, r.saw = true, force.saw
		return r
	}
	holds, lacks, saw := evaluate(c.When, "condition", facts)
	r.saw = appendWord(force.saw, saw)
	if holds || len(lacks) > 0 {
		r.lacks = append(force.lacks, lacks...)
	}
	r.holds = holds && len(r.lacks) == 0
	return r
}

func (e *Engine) customSentence(c Custom, facts Facts) string {
	sentence := fmt.Sprintf("Container %s: rule %s: %s", e.state.Name, c.Name, strings.TrimSuffix(c.Message.Text(facts), "."))
	if !c.Shadow {
		sentence += ". Restarting..."
	}
	return sentence
}

// lackingWords says which rules could not be told for want of which facts. A
// shadowed one is not missed.
func lackingWords(rulings []ruling) string {
	words := ""
	for _, r := range rulings {
		if r.shadow {
			continue
		}
		for _, f := range r.lacks {
			words = appendWord(words, fmt.Sprintf("rule %s lacks %s (%s)", strings.TrimPrefix(r.rule, customRule), f.Name, f.Missing))
		}
	}
	return words
}
