package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// oneWitness holds while fewer providers than the quorum agree on the network's
// height. It lets go where the node itself stands still and that height rises.
func oneWitness(e *Engine, facts fact.List, asks ruleset.Rule) Standing {
	if !e.settings.OneWitness || e.settings.Judge == nil || asks.Name == RuleTarget {
		return Standing{}
	}
	s := Standing{Guard: GuardOneWitness, Why: "a quorum of head sources agrees"}
	corroborated, stalled, block := facts.Get("corroborated"), facts.Get("stalled_for"), facts.Get("block_time")
	if corroborated.Known && corroborated.Truth {
		return s
	}
	times := 10 * time.Duration(block.Number*float64(time.Second))
	rose := facts.Get("network_stalled_for").At // this fact counts from the last rise
	stands := stalled.Known && block.Known && stalled.Number >= max(3*time.Minute, times).Seconds()
	risen := !rose.IsZero() && e.state.Now.Sub(rose) <= max(time.Minute, times)+e.settings.Interval
	switch {
	case stands && risen:
		s.Why = "too few head sources agree, and the node stands still while the network's height rises"
	case stands:
		s.Holds, s.Why = true, "too few head sources agree on how high the network is, and that height does not rise"
	default:
		s.Holds, s.Why = true, "too few head sources agree on how high the network is, and the node has not stood still for long enough"
	}
	return s
}
