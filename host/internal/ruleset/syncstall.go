package ruleset

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// SyncStall fires when no line has raised synced for a time.
type SyncStall struct {
	Switch
	Threshold
	// For is how long the node must have stood still.
	For time.Duration
}

func (s SyncStall) rule() Rule {
	r := s.Switch.rule(RuleSyncStall, s.LagAboveBy, s.holds, "lag", "stalled_for")
	r.say = func(target string, _ fact.List, _ uint64) string { return s.sentence(target) }
	r.note = func(target string, facts fact.List) string {
		if stalled := facts.Get("stalled_for"); stalled.Known && stalled.Number >= s.For.Seconds() && !s.isOff(facts) {
			return s.sentence(target)
		}
		return ""
	}
	return r
}

func (s SyncStall) holds(facts fact.List) Answer {
	stalled := facts.Get("stalled_for")
	if !stalled.Known {
		return Answer{Lacks: []fact.Fact{stalled}, Saw: "stalled_for is unknown: " + stalled.Missing}
	}
	return s.ask(facts).
		and(stalled.Number >= s.For.Seconds(), fmt.Sprintf("stalled for %ss of %s", stalled, fact.Period(s.For)))
}

func (s SyncStall) sentence(target string) string {
	return fmt.Sprintf("Container %s sync stalled for %s (no progress)", target, fact.Period(s.For))
}
