package rule

import (
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// What tests from outside may look at.
var (
	Lacking = fact.List.Lacking
	Rate    = rate
)

// State is what the engine remembers, itself.
func (e *Engine) State() *State { return &e.state }

// SetGuard leaves one guard in force.
func (e *Engine) SetGuard(standing func(facts fact.List, asks ruleset.Rule) Standing) {
	e.guards = []guard{func(_ *Engine, facts fact.List, asks ruleset.Rule) Standing { return standing(facts, asks) }}
}
