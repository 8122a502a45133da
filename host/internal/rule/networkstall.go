package rule

import (
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// followHalt follows whether the network stands. At the end of a halt whatever must
// hold for a time begins anew.
func (e *Engine) followHalt(r judge.Ruling) {
	before := e.state.Halt
	if stall := e.settings.NetworkStall; stall == nil {
		e.state.Halt = judge.Halt{}
	} else {
		e.state.Halt = stall.Follow(e.state.Now, r, e.state.Network, e.settings.Interval, e.settings.Name, before)
	}
	if !before.Since.IsZero() && e.state.Halt.Since.IsZero() {
		e.state.Run.Since = nil
	}
}

// networkStall holds every act in a halt. After it, it holds sync_stall for as long
// as that rule waits.
func networkStall(e *Engine, _ fact.List, asks ruleset.Rule) Standing {
	if e.settings.NetworkStall == nil || e.settings.Judge == nil || asks.Name == RuleTarget {
		return Standing{}
	}
	s, halt := Standing{Guard: GuardNetworkStall, Why: "the network goes on"}, e.state.Halt
	if why := halt.Why(e.state.Now); why != "" {
		s.Holds, s.Since, s.Why = true, halt.Since, why
	} else if until := halt.Released.Add(e.settings.SyncStall.For); asks.Name == ruleset.RuleSyncStall && e.state.Now.Before(until) {
		s.Holds, s.Since, s.Until = true, halt.Released, until
		s.Why = "the network goes on again, and a node that stood with it may need a moment"
	}
	return s
}
