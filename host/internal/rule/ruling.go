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

// rulings evaluates every rule, in their order, also those that will not be
// reached: what has to hold for a time is followed at every check.
func (e *Engine) rulings(facts Facts) []ruling {
	s := e.settings
	severe, severeLimit := builtIn(RuleSevere, s.Severe.Guarding, facts, s.Severe.asks)
	stall, _ := builtIn(RuleSyncStall, s.SyncStall.Guarding, facts, s.SyncStall.asks)
	falling, _ := builtIn(RuleFallingBehind, s.FallingBehind.Guarding, facts, s.FallingBehind.asks)
	moderate, moderateLimit := builtIn(RuleModerate, s.Moderate.Guarding, facts, s.Moderate.asks)
	lag := facts.Get("lag").Count
	severe.sentence, severe.beside = e.severeSentence(lag, severeLimit), e.trendSentences(facts)
	stall.sentence = e.stallSentence()
	falling.sentence = e.fallingSentence()
	moderate.sentence = e.moderateSentence(lag, moderateLimit)
	all := []ruling{severe, stall, falling, moderate}
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

// builtIn asks one of the built-in rules and gives the threshold in force.
func builtIn(name string, g Guarding, facts Facts, asks func(Facts) answer) (ruling, uint64) {
	if !g.Enabled {
		return ruling{rule: name, off: true, saw: "switched off"}, 0
	}
	t := surely(facts, func(facts Facts) answer { return g.guard(facts, asks) })
	return ruling{rule: name, off: t.off, shadow: g.Shadow, holds: t.holds, lacks: t.lacks, saw: t.saw}, t.limit
}

// custom asks a rule that an operator wrote. One whose condition needs an
// unknown fact does not fire, whatever the fact may be.
func (e *Engine) custom(c Custom, facts Facts) ruling {
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
	if r.holds {
		r.sentence = fmt.Sprintf("Container %s: rule %s: %s", e.name, c.Name, strings.TrimSuffix(c.Message.Text(facts), "."))
		if !c.Shadow {
			r.sentence += ". Restarting..."
		}
	}
	return r
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
