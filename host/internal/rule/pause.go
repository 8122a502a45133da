package rule

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Pause is a person's word to do nothing for a time.
type Pause struct {
	Since  time.Time     `json:"since"`
	For    time.Duration `json:"for"`
	Reason string        `json:"reason"`
	By     string        `json:"by"`
}

// Until is when the pause ends.
func (p Pause) Until() time.Time { return p.Since.Add(p.For) }

// SetPause begins a pause; nil ends one. Where a person ends one, or there is none,
// what held until a person looks is let go as well.
func (e *Engine) SetPause(p *Pause) {
	e.state.Pause = p
	if p == nil {
		e.state.Acts.Resume(e.state.Now)
	}
}

// paused holds everything while a person's pause lasts.
func paused(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	p := e.state.Pause
	if p == nil || !e.state.Now.Before(p.Until()) {
		return Standing{}
	}
	return Standing{Guard: GuardPaused, Holds: true, Since: p.Since, Until: p.Until(), Why: fmt.Sprintf("%s paused it: %s", p.By, p.Reason)}
}
