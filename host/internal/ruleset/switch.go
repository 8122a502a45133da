package ruleset

import "github.com/headwatch/headwatch/host/internal/fact"

// Switch says when a built-in rule is in force, and what stops it.
type Switch struct {
	// Enabled says whether the rule is in force.
	Enabled bool
	// EnabledIf limits that to the checks at which it holds; nil for all.
	EnabledIf Condition
	// Unless stops the rule where it holds; nil for never.
	Unless Condition
	// Shadow says that the rule is asked and told of, and never acts.
	Shadow bool
}

// rule is a built-in rule with this switch, but for what it says.
func (s Switch) rule(name string, by Quantity, ask func(fact.List) Answer, reads ...string) Rule {
	return Rule{Name: name, Shadow: s.Shadow, Reads: readsOf(reads, by, s.Unless, s.EnabledIf),
		ask: func(facts fact.List) Answer {
			if !s.Enabled {
				return Answer{Off: true, Saw: "switched off"}
			}
			return surely(facts, func(facts fact.List) Answer { return s.answer(facts, ask) })
		}}
}

// answer adds to an answer whether the rule is in force and what stops it. A
// rule whose enabled or unless cannot be told does not fire.
func (s Switch) answer(facts fact.List, ask func(fact.List) Answer) Answer {
	force := inForce(s.EnabledIf, facts)
	if force.Off {
		return force
	}
	a := ask(facts)
	a.Saw = appendWord(force.Saw, a.Saw)
	if !a.Holds && len(a.Lacks) == 0 {
		return a
	}
	a.Lacks = append(a.Lacks, force.Lacks...)
	if s.Unless != nil {
		stops, lacks, saw := evaluate(s.Unless, "condition", facts)
		a = a.and(!stops, "unless: "+saw)
		if !stops {
			a.Lacks = append(a.Lacks, lacks...)
		}
	}
	a.Holds = a.Holds && len(a.Lacks) == 0
	return a
}

// isOff says whether a rule is surely not in force.
func (s Switch) isOff(facts fact.List) bool {
	return !s.Enabled || surely(facts, func(facts fact.List) Answer { return inForce(s.EnabledIf, facts) }).Off
}

// inForce says whether a rule is in force at this check.
func inForce(enabled Condition, facts fact.List) Answer {
	if enabled == nil {
		return Answer{}
	}
	holds, lacks, saw := evaluate(enabled, "enabled", facts)
	switch {
	case len(lacks) > 0:
		return Answer{Lacks: lacks, Saw: "enabled: " + saw}
	case !holds:
		return Answer{Off: true, Saw: "switched off: " + saw}
	}
	return Answer{Saw: "enabled: " + saw}
}
