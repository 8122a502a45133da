package rule

import (
	"fmt"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// standing is what a guard says whose hold is known; nil for none.
func standing(guard, otherwise string, hold *acts.Hold) Standing {
	if hold == nil {
		return Standing{Guard: guard, Why: otherwise}
	}
	return Standing{Guard: guard, Holds: true, Since: hold.Since, Until: hold.Until, Why: hold.Why}
}

// recovery holds every act after those that did not help.
func recovery(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	r := e.settings.Recovery
	if r == nil {
		return Standing{}
	}
	return standing(GuardRecovery, "no act failed to help since the last that did", r.Holds(e.state.Now, &e.state.Acts, e.settings.Interval))
}

// budget holds once so much was done that a person has to look.
func budget(e *Engine, _ fact.List, asks ruleset.Rule) Standing {
	b := e.settings.Budget
	if b == nil {
		return Standing{}
	}
	b.Follow(e.state.Now, &e.state.Acts, asks.Name != "")
	return standing(GuardBudget, fmt.Sprintf("%d of %d acts within %s are spent", b.Spent(e.state.Now, &e.state.Acts), b.Actions, b.Per), b.Holds(e.state.Now, &e.state.Acts))
}
