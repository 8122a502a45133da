package ruleset

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// FallingBehind fires when the lag has grown over a window.
type FallingBehind struct {
	Switch
	Threshold
	Window time.Duration
	// For is how long it must have held, over all checks in between.
	For time.Duration
}

func (f FallingBehind) rule() Rule {
	r := f.Switch.rule(RuleFallingBehind, f.LagAboveBy, f.holds, "lag", "falling_behind")
	r.For = f.For
	r.say = func(target string, _ fact.List, _ uint64) string { return f.sentence(target) }
	r.note = func(target string, facts fact.List) string {
		if falling := facts.Get("falling_behind"); falling.Known && falling.Truth && !f.isOff(facts) {
			return f.sentence(target)
		}
		return ""
	}
	return r
}

func (f FallingBehind) holds(facts fact.List) Answer {
	falling := facts.Get("falling_behind")
	if !falling.Known {
		return Answer{Lacks: []fact.Fact{falling}, Saw: "falling_behind is unknown: " + falling.Missing}
	}
	return f.ask(facts).
		and(falling.Truth, fmt.Sprintf("falling_behind %s over %s", falling, fact.Period(f.Window)))
}

func (f FallingBehind) sentence(target string) string {
	return fmt.Sprintf("Container %s falling behind (avg lag increase over %s)", target, fact.Period(f.Window))
}
