package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// ages are the facts that rest on this machine's clock and another one.
var ages = []string{"head_age", "stalled_for", "log_age", "uptime", "since_action", "network_stalled_for", "node_age"}

// clockOff is how far in the future a block may be.
const clockOff = 5 * time.Second

// clock holds the rules that read ages while blocks come from the future: this
// machine's clock is behind.
func clock(e *Engine, _ fact.List, asks ruleset.Rule) Standing {
	j := e.settings.Judge
	if j == nil || !e.settings.Clock {
		return Standing{}
	}
	s := Standing{Guard: GuardClock, Why: "no block comes from the future"}
	providers, most := map[string]bool{}, time.Duration(0)
	for _, a := range e.answers() {
		if ahead := e.state.Heads[a.Source].Ahead; a.Error == "" && ahead > clockOff {
			providers[a.Provider], most = true, max(most, ahead)
		}
	}
	if len(providers) < max(1, j.Quorum) {
		return s
	}
	s.Why = fmt.Sprintf("%d head sources give a block that is up to %s in the future: this machine's clock is behind", len(providers), fact.Period(most))
	s.Holds = asks.Name != RuleTarget && (asks.Name == "" || slices.ContainsFunc(asks.Reads, func(name string) bool { return slices.Contains(ages, name) }))
	return s
}
