package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// VerdictKind is what a check comes to.
type VerdictKind string

// The kinds of verdicts.
const (
	// OK: nothing is to be done.
	OK VerdictKind = "ok"
	// Act: the target is to be restarted now.
	Act VerdictKind = "act"
	// Held: something would be done, and a guard, the cooldown or a cause
	// holds it.
	Held VerdictKind = "held"
	// Unknown: nothing can be told, and nothing is done.
	Unknown VerdictKind = "unknown"
)

// VerdictKinds are all that a check can come to.
func VerdictKinds() []VerdictKind { return []VerdictKind{OK, Act, Held, Unknown} }

// The names of what decides before the rules.
const (
	RuleCrashLoop = "crash_loop"
	RuleTarget    = "target"
	RuleCooldown  = "cooldown"
	RuleEvidence  = "evidence"
	RuleCause     = "cause"
)

// BlindAfter is how long a monitor may know nothing before it says that it is
// blind.
const BlindAfter = 10 * time.Minute

// Verdict is the outcome of one check. It feeds the log, replay, metrics and
// whatever else shows what was decided.
type Verdict struct {
	Time   time.Time
	Target string
	Kind   VerdictKind
	// Rule is the rule that decided; empty for OK.
	Rule string
	// Reason is the decision in an operator's words: Reasons in one line. The
	// first of them is the decision, the others say what holds beside it.
	Reason  string
	Reasons []string
	// Guard names what held an act: "dry run" and the like.
	Guard string
	// Guards are all that may stop an act, in their order.
	Guards []Standing
	// Shadowed are the shadowed rules that fire: each would act if it might.
	// There are none where something before the rules decides.
	Shadowed []string
	// Facts are what the rules read.
	Facts fact.List
	// Fetched is the number of log lines read since the check before.
	Fetched int
	// Sentences are what the log says about this check, in order.
	Sentences []string
	// Steps are the rules in their order with what each saw.
	Steps []ruleset.Step
	// UnknownFor is how long the ruling has been unknown, check after check.
	UnknownFor time.Duration
	// Trouble is a fatal line of this run that a restart may cure; empty for
	// none. No rule acts on it by itself.
	Trouble string
	// Contradiction says how the node's endpoint contradicts its log; empty for
	// none. It is among Reasons too.
	Contradiction string
	// Start says that an act is to start a target that exited by itself, not
	// to restart a running one.
	Start bool
}

// Blind says that nothing has been known for longer than [BlindAfter].
func (v Verdict) Blind() bool { return v.UnknownFor > BlindAfter }

// AppendJSON appends the verdict as one line of replay's output, without HTML
// escapes and without a line end.
func (v Verdict) AppendJSON(dst []byte, monitor string) ([]byte, error) {
	line := struct {
		T       string      `json:"t"`
		Monitor string      `json:"monitor"`
		Verdict VerdictKind `json:"verdict"`
		Rule    string      `json:"rule"`
		Reason  string      `json:"reason"`
		Guard   string      `json:"guard,omitempty"`
		Guards  []string    `json:"guards,omitempty"`
		Shadow  []string    `json:"shadow,omitempty"`
		Facts   fact.List   `json:"facts"`
	}{v.Time.UTC().Format(time.RFC3339Nano), monitor, v.Kind, v.Rule, v.Reason, v.Guard, v.holding(), v.Shadowed, v.Facts}
	return fact.AppendJSON(dst, line)
}

// holding names every guard that holds, in order, where one of them is more than a
// word of the host's own.
func (v Verdict) holding() []string {
	var names []string
	explained := false
	for _, s := range v.Guards {
		if v.Guard != "" && s.Holds {
			names = append(names, s.Guard)
			explained = explained || s.Explains()
		}
	}
	if !explained {
		return nil
	}
	return names
}
