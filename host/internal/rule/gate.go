package rule

import (
	"fmt"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// gate stands before the rules: where it decides, no rule does.
type gate struct {
	rule string
	// decide returns the decision of the gate; nil where it lets the rules
	// decide.
	decide func(*Engine, fact.List) *decision
	// passes says what a gate saw that lets the rules decide. A gate without it
	// is shown only where it decides.
	passes func(*Engine) string
}

// gates are all gates, in the order in which they decide.
var gates = []gate{
	{RuleTarget, targetDecides, targetPasses},
	{RuleCrashLoop, crashLoopDecides, nil},
	{RuleCooldown, cooldownDecides, cooldownPasses},
	{RuleTarget, startDecides, nil},
	{RuleCause, causeDecides, causePasses},
	{RuleEvidence, evidenceDecides, evidencePasses},
}

// decision is what a gate or the rules come to, before the guards.
type decision struct {
	kind    VerdictKind
	rule    string
	reasons []string
	// start says that an act is to start the target.
	start bool
}

// Gates are the gates in their order, each asked by itself: the result of a step
// is "would" where the gate would decide if none before it did, else "passes".
func (e *Engine) Gates(facts fact.List) []ruleset.Step {
	var steps []ruleset.Step
	for _, g := range gates {
		if d := g.decide(e, facts); d != nil {
			steps = append(steps, ruleset.Step{Rule: g.rule, Result: "would", Saw: joinReasons(d.reasons)})
		} else if g.passes != nil {
			steps = append(steps, ruleset.Step{Rule: g.rule, Result: "passes", Saw: g.passes(e)})
		}
	}
	return steps
}

// cause is what no restart cures, by name and text: of this run or, where acts are
// judged by what comes of them, of one before it.
func (e *Engine) cause() (name, text string) {
	if cause := e.state.Run.Log.Cause; cause != nil {
		return cause.Name, cause.Text
	}
	if kept := e.state.Acts.Cause; kept != nil && e.settings.Recovery != nil {
		return kept.Name, "an earlier run ended with it, and the node has made no progress since: " + kept.Text
	}
	return "", ""
}

// causeDecides: what no restart cures is held, for a person to see to.
func causeDecides(e *Engine, _ fact.List) *decision {
	name, text := e.cause()
	if name == "" || e.settings.RestartOnFatal {
		return nil
	}
	return &decision{kind: Held, rule: RuleCause,
		reasons: []string{fmt.Sprintf("Container %s reports %s, which no restart cures: %s", e.state.Name, name, text)}}
}

func causePasses(e *Engine) string {
	if name, _ := e.cause(); name != "" {
		return "restart_on_fatal: " + name
	}
	return "no fatal cause in this run's log"
}

// evidenceDecides: without a head and a synced block of this run nothing can be
// compared.
func evidenceDecides(e *Engine, facts fact.List) *decision {
	var missing []string
	if best := facts.Get("best"); !best.Known {
		missing = append(missing, "no usable head ("+best.Missing+")")
	}
	if synced := facts.Get("synced"); !synced.Known {
		missing = append(missing, synced.Missing)
	}
	if missing == nil {
		return nil
	}
	return &decision{kind: Unknown, rule: RuleEvidence, reasons: []string{fmt.Sprintf("Container %s: %s", e.state.Name, joinReasons(missing))}}
}

func evidencePasses(*Engine) string { return "a usable head and a synced block of this run" }
