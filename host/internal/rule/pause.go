package rule

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Pause is a person's word to do nothing for a time; without a time, to go on.
type Pause struct {
	// Since is when the engine took it.
	Since  time.Time     `json:"since,omitzero"`
	For    time.Duration `json:"for,omitempty"`
	Reason string        `json:"reason,omitempty"`
	By     string        `json:"by"`
}

// Until is when the pause ends.
func (p Pause) Until() time.Time { return p.Since.Add(p.For) }

// observePause takes a person's word. Where it ends a pause, or there is none, what
// waits for a person is let go as well.
func (e *Engine) observePause(p Pause) {
	p.Since = e.state.Now
	e.state.Pause = &p
	if p.For <= 0 {
		e.state.Pause = nil
		e.state.Acts.Resume(e.state.Now)
	}
}

// paused holds everything while a person's pause lasts.
func paused(e *Engine, _ fact.List, _ ruleset.Rule) Standing {
	p := e.Paused()
	if p == nil {
		return Standing{}
	}
	return Standing{Guard: GuardPaused, Holds: true, Since: p.Since, Until: p.Until(), Why: fmt.Sprintf("%s paused it: %s", p.By, p.Reason)}
}

// Paused is the pause that lasts; nil for none.
func (e *Engine) Paused() *Pause {
	if p := e.state.Pause; p != nil && e.state.Now.Before(p.Until()) {
		return p
	}
	return nil
}
