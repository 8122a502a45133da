package rule

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// finding is what a rule came to in a check.
type finding struct {
	ruleset.Rule
	ruleset.Answer
	fires bool
}

// findings asks every rule, also those that will not be reached: what has to
// hold for a time is followed at every check.
func (e *Engine) findings(facts fact.List) []finding {
	all := make([]finding, len(e.rules))
	for i, r := range e.rules {
		answer := r.Ask(facts)
		all[i] = finding{r, answer, e.heldFor(r.Name, answer.Holds) >= r.For && answer.Holds}
	}
	return all
}

// heldFor follows how long the condition of a rule has held, over the checks of
// this run.
func (e *Engine) heldFor(rule string, holds bool) time.Duration {
	run := &e.state.Run
	if !holds {
		delete(run.Since, rule)
		return 0
	}
	if run.Since == nil {
		run.Since = map[string]time.Time{}
	}
	if _, ok := run.Since[rule]; !ok {
		run.Since[rule] = e.state.Now
	}
	return e.state.Now.Sub(run.Since[rule])
}

// lackingText says which rules could not be told for want of which facts. A
// shadowed one is not missed.
func lackingText(findings []finding) string {
	var lacks []string
	for _, f := range findings {
		if f.Shadow {
			continue
		}
		for _, lack := range f.Lacks {
			lacks = append(lacks, fmt.Sprintf("rule %s lacks %s (%s)", ruleset.ShortName(f.Name), lack.Name, lack.Missing))
		}
	}
	return joinReasons(lacks)
}

// notes are what rules have to say at every check.
func (e *Engine) notes(facts fact.List) []string {
	var notes []string
	for _, r := range e.rules {
		if text := r.Note(e.state.Name, facts); text != "" {
			notes = append(notes, text)
		}
	}
	return notes
}
