package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// oneWitness holds while fewer head sources than the quorum stand at the network's
// height, unless the node stands still itself while that height rises.
func oneWitness(e *Engine, facts fact.List, _ Rule) Standing {
	if !e.settings.OneWitness || e.settings.Judge == nil {
		return Standing{}
	}
	s := Standing{Guard: GuardOneWitness, Why: "a quorum of head sources agrees"}
	corroborated, stalled, block := facts.Get("corroborated"), facts.Get("stalled_for"), facts.Get("block_time")
	if corroborated.Known && corroborated.Truth {
		return s
	}
	times := 10 * time.Duration(block.Number*float64(time.Second))
	rises := facts.Get("network_stalled_for").At
	stands := stalled.Known && stalled.Number >= max(3*time.Minute, times).Seconds()
	risen := !rises.IsZero() && e.state.Now.Sub(rises) <= max(time.Minute, times)+e.settings.Interval
	switch {
	case stands && risen:
		s.Why = "one head source alone says it, and the node stands still while that one goes on"
	case stands:
		s.Holds, s.Why = true, "one head source alone says how high the network is, and it does not go on"
	default:
		s.Holds, s.Why = true, "one head source alone says how high the network is, and the node imports blocks"
	}
	return s
}
