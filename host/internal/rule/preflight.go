package rule

import (
	"slices"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Preflight holds every act while the target has a hazard of level refuse, but for
// those that are allowed, by their ids.
type Preflight struct{ Allow []string }

// Refuses says whether a hazard forbids an act.
func (p *Preflight) Refuses(h Hazard) bool {
	return h.Level == HazardRefuse && !slices.Contains(p.Allow, h.ID)
}

// Hazards are those of the target, as far as they are known.
func (e *Engine) Hazards() []Hazard {
	if e.state.Target == nil {
		return nil
	}
	return e.state.Target.Hazards
}

func preflight(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	p := e.settings.Preflight
	if p == nil {
		return Standing{}
	}
	if at := slices.IndexFunc(e.Hazards(), p.Refuses); at >= 0 {
		h := e.Hazards()[at]
		return Standing{Guard: GuardPreflight, Holds: true, Why: h.ID + ": " + h.What + "; to mend it: " + h.Mend}
	}
	return Standing{Guard: GuardPreflight, Why: "no hazard is known that forbids an act"}
}
