package ruleset

import (
	"fmt"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Custom is a rule that an operator wrote.
type Custom struct {
	Name    string
	When    Condition
	For     time.Duration
	Message Message
	// EnabledIf limits the rule to the checks at which it holds; nil for all.
	EnabledIf Condition
	// Shadow says that the rule is asked and told of, and never acts.
	Shadow bool
}

func (c Custom) rule() Rule {
	return Rule{Name: customRule + c.Name, Shadow: c.Shadow, For: c.For, Reads: readsOf(nil, c.When, c.EnabledIf), ask: c.ask, say: c.sentence}
}

// ask: a rule whose condition needs an unknown fact does not fire, whatever the
// fact may be.
func (c Custom) ask(facts fact.List) Answer {
	a := surely(facts, func(facts fact.List) Answer { return inForce(c.EnabledIf, facts) })
	if a.Off {
		return a
	}
	holds, lacks, saw := evaluate(c.When, "condition", facts)
	force := a.Lacks
	a = Answer{Saw: appendWord(a.Saw, saw)}
	if holds || len(lacks) > 0 {
		a.Lacks = append(force, lacks...)
	}
	a.Holds = holds && len(a.Lacks) == 0
	return a
}

func (c Custom) sentence(target string, facts fact.List, _ uint64) string {
	sentence := fmt.Sprintf("Container %s: rule %s: %s", target, c.Name, strings.TrimSuffix(c.Message.Text(facts), "."))
	if !c.Shadow {
		sentence += ". Restarting..."
	}
	return sentence
}
