package rule

import "github.com/headwatch/headwatch/host/internal/fact"

// crashLoopDecides: what starts again and again is left to whoever starts it.
func crashLoopDecides(e *Engine, _ fact.List) *decision {
	if e.settings.CrashLoop == nil {
		return nil
	}
	hold := e.settings.CrashLoop.Holds(e.state.Now, &e.state.Acts)
	if hold == nil {
		return nil
	}
	return &decision{kind: Held, rule: RuleCrashLoop, reasons: []string{"Container " + e.state.Name + " " + hold.Why}}
}
