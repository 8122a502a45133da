package rule

import "time"

// What tests from outside may look at.
var (
	LogFacts  = len(logFacts)
	MostFacts = mostFacts
	Lacking   = Facts.lacking
	Rate      = rate
)

// State is what the engine remembers, itself.
func (e *Engine) State() *State { return &e.state }

// SetGuard leaves one guard in force.
func (e *Engine) SetGuard(standing func(facts Facts, asks Rule) Standing) {
	e.guards = []guard{func(_ *Engine, facts Facts, asks Rule) Standing { return standing(facts, asks) }}
}

// Later is the later of two times.
func Later(a, b time.Time) time.Time { return later(a, b) }
