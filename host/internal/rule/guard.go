package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// The guards. The cooldown stands before the rules, and is shown with them.
const (
	GuardCooldown     = "cooldown"
	GuardDryRun       = "dry run"
	GuardRefused      = "refused target"
	GuardHold         = "host's hold"
	GuardPreflight    = "preflight"
	GuardNetworkStall = "network_stall"
	GuardCatchingUp   = "catching_up"
	GuardOneWitness   = "one_witness"
	GuardClock        = "clock"
	GuardRecovery     = "recovery"
	GuardBudget       = "budget"
	GuardPaused       = "paused"
)

// Standing is what a guard says at a check.
type Standing struct {
	Guard string
	// Holds says that the guard stops the act, Since when it began to, Until when
	// that ends; zero where no time ends it.
	Holds        bool
	Since, Until time.Time
	// Why is the reason in an operator's words, also for a guard that does not
	// hold.
	Why string
	// Named is what a verdict calls the guard, in place of its name.
	Named string
}

// Explains says whether the guard's reason is more than its name.
func (s Standing) Explains() bool { return s.Named == "" && s.Guard != GuardDryRun }

// guard may stop what a rule asks for. One that is not in force has no name.
type guard func(e *Engine, facts fact.List, asks ruleset.Rule) Standing

// guards are all guards; the first that holds gives a verdict its name. Each is
// asked at every check, with a rule of no name where none fires, and may
// remember in the engine's state what it needs later on. To be asked again at
// the same time must change nothing.
var guards = []guard{dryRun, refusedTarget, hostsHold, preflight, networkStall, catchingUp, oneWitness, clock, recovery, budget, paused}

// Guards are all guards in their order, as they stand to what a rule asks for.
func (e *Engine) Guards(facts fact.List, asks ruleset.Rule) []Standing {
	var all []Standing
	for _, g := range e.guards {
		if s := g(e, facts, asks); s.Guard != "" {
			all = append(all, s)
		}
	}
	return all
}

// Unguard takes all guards away, to try what would come of that.
func (e *Engine) Unguard() { e.guards = nil }

func dryRun(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	if e.settings.DryRun {
		return Standing{Guard: GuardDryRun, Holds: true, Why: "nothing is restarted"}
	}
	return Standing{Guard: GuardDryRun, Why: "off"}
}

func refusedTarget(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	if t := e.state.Target; t != nil && t.Refuse != "" {
		return Standing{Guard: GuardRefused, Holds: true, Why: t.Refuse, Named: t.Refuse}
	}
	return Standing{Guard: GuardRefused, Why: "may be acted on"}
}

func hostsHold(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	if hold := e.state.Hold; hold != "" {
		return Standing{Guard: GuardHold, Holds: true, Why: hold, Named: hold}
	}
	return Standing{Guard: GuardHold, Why: "none"}
}
