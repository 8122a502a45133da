// Package ruleset has the rules that an operator may set: the built-in ones and his
// own, with what each asks of the facts and what it says where it fires. A rule
// remembers nothing; package rule follows for how long one has held, and decides.
package ruleset

import (
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// The names of the built-in rules.
const (
	RuleSevere        = "block_lag.severe"
	RuleSyncStall     = "sync_stall"
	RuleFallingBehind = "falling_behind"
	RuleModerate      = "block_lag.moderate"
	customRule        = "rule."
)

// ShortName is the name of a rule without what says that it is an operator's own.
func ShortName(rule string) string { return strings.TrimPrefix(rule, customRule) }

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
	// WithNotes says that the notes of all rules stand beside its sentence.
	WithNotes bool

	// ask evaluates the condition; it changes nothing. say is the sentence of a
	// rule that fires.
	ask func(fact.List) Answer
	say func(target string, facts fact.List, limit uint64) string
	// note is what the rule has to say at a check whether it fires or not; empty
	// for nothing. A rule may have none.
	note func(target string, facts fact.List) string
}

// Set is what an operator may set of the rules.
type Set struct {
	Severe        BlockLag
	SyncStall     SyncStall
	FallingBehind FallingBehind
	Moderate      BlockLag
	Custom        []Custom
}

// Rules are all rules, in the order in which they decide.
func (s Set) Rules() []Rule {
	severe := s.Severe.rule(RuleSevere, severeSentence)
	severe.WithNotes = true
	all := []Rule{severe, s.SyncStall.rule(), s.FallingBehind.rule(), s.Moderate.rule(RuleModerate, moderateSentence)}
	for _, c := range s.Custom {
		all = append(all, c.rule())
	}
	return all
}

// Ask says whether the condition of the rule holds, but for how long it has.
func (r Rule) Ask(facts fact.List) Answer { return r.ask(facts) }

// Say is the sentence of the rule where it fires with an answer.
func (r Rule) Say(target string, facts fact.List, a Answer) string {
	return r.say(target, facts, a.limit)
}

// Note is what the rule has to say at a check whether it fires or not; empty for
// nothing.
func (r Rule) Note(target string, facts fact.List) string {
	if r.note == nil {
		return ""
	}
	return r.note(target, facts)
}

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

// Condition is a compiled yes-or-no expression over facts.
type Condition interface {
	factReader
	// Holds evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a fact of another type than expected.
	Holds(facts fact.List) (bool, error)
}

// Quantity is a compiled expression over facts that gives a number of blocks.
type Quantity interface {
	factReader
	// Count evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a value that is no whole number.
	Count(facts fact.List) (uint64, error)
}

// Message is a compiled text with facts in it.
type Message interface {
	// Text renders it; a fact that is unknown reads "unknown".
	Text(facts fact.List) string
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

func appendWord(list, word string) string {
	if list == "" {
		return word
	}
	return list + "; " + word
}
