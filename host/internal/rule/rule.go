package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Rule is one of the rules in force, with its settings.
type Rule struct {
	Name   string
	Shadow bool
	// For is how long its condition must have held before it fires, over all
	// checks in between.
	For time.Duration
	// Reads names the facts that it reads, each once: those of its condition
	// before those of its switch.
	Reads []string

	// ask evaluates the condition; it changes nothing. say is the sentence of a
	// rule that fires.
	ask func(fact.List) Answer
	say func(target string, facts fact.List, limit uint64) string
	// note is what the rule has to say at a check whether it fires or not; empty
	// for nothing. A rule may have none.
	note func(target string, facts fact.List) string
	// withNotes says that the notes of all rules stand beside its sentence.
	withNotes bool
}

// rules lists all rules, in the order in which they decide.
func (s *Settings) rules() []Rule {
	severe := s.Severe.rule(RuleSevere, severeSentence)
	severe.withNotes = true
	all := []Rule{severe, s.SyncStall.rule(), s.FallingBehind.rule(), s.Moderate.rule(RuleModerate, moderateSentence)}
	for _, c := range s.Custom {
		all = append(all, c.rule())
	}
	return all
}

// Ask says whether the condition of the rule holds, but for how long it has.
func (r Rule) Ask(facts fact.List) Answer { return r.ask(facts) }

// Answer is what a rule's expressions come to.
type Answer struct {
	// Off says that the rule is not in force at this check.
	Off, Holds bool
	// Lacks are the unknown facts without which it cannot be told.
	Lacks []fact.Fact
	// Saw says what the rule looked at.
	Saw string
	// limit is the threshold in force of a rule about the lag.
	limit uint64
}

// finding is what a rule came to in a check.
type finding struct {
	Rule
	Answer
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

// Step is what one rule came to in a check.
type Step struct {
	Rule string `json:"rule"`
	// Result is "fires", "waits" (it holds, but not yet for long enough), "no",
	// "unknown", "off", "shadow" (it would fire, but never acts), or "decides"
	// for what stands before the rules.
	Result string `json:"result"`
	// Saw says what the rule looked at.
	Saw string `json:"saw"`
}

// Step is what the rule comes to with an answer, where it fires or not.
func (r Rule) Step(a Answer, fires bool) Step {
	result := "no"
	switch {
	case a.Off:
		result = "off"
	case fires && r.Shadow:
		result = "shadow"
	case fires:
		result = "fires"
	case a.Holds:
		result = "waits"
	case len(a.Lacks) > 0:
		result = "unknown"
	}
	return Step{Rule: r.Name, Result: result, Saw: a.Saw}
}

// lackingText says which rules could not be told for want of which facts. A
// shadowed one is not missed.
func lackingText(findings []finding) string {
	text := ""
	for _, f := range findings {
		if f.Shadow {
			continue
		}
		for _, lack := range f.Lacks {
			text = appendWord(text, fmt.Sprintf("rule %s lacks %s (%s)", strings.TrimPrefix(f.Name, customRule), lack.Name, lack.Missing))
		}
	}
	return text
}

// notes are what rules have to say at every check.
func (e *Engine) notes(facts fact.List) []string {
	var notes []string
	for _, r := range e.rules {
		if r.note == nil {
			continue
		}
		if text := r.note(e.state.Name, facts); text != "" {
			notes = append(notes, text)
		}
	}
	return notes
}

// factReader is an expression over facts: Needs names those that it reads, such as
// "lag" and "fact.peers".
type factReader interface{ Needs() []string }

// readsOf names facts and those that expressions read, each once.
func readsOf(names []string, expressions ...factReader) []string {
	for _, x := range expressions {
		if x == nil {
			continue
		}
		for _, name := range x.Needs() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
