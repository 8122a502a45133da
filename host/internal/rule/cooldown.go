package rule

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Cooldown is the time in which nothing acts.
type Cooldown struct {
	// AfterAction counts from the later of the last action and the start of the
	// target's run.
	AfterAction time.Duration
	// AfterFailure counts from an action that failed.
	AfterFailure time.Duration
}

// cooldown is a time in which nothing acts.
type cooldown struct {
	since  time.Time
	period time.Duration
	// from says what it counts from, done what happened then.
	from, done string
}

// cooldowns are those after an action or a start, whoever caused it, and after
// an action that failed. One that never began is since no time.
func (e *Engine) cooldowns() []cooldown {
	s := e.settings.Cooldown
	after := cooldown{e.state.Done, s.AfterAction, "the last action", "was restarted"}
	if e.state.Run.Began.After(e.state.Done) {
		after.since, after.from = e.state.Run.Began, "the start of the container"
	}
	return []cooldown{after, {e.state.Failed, s.AfterFailure, "the action that failed", "could not be restarted"}}
}

// cooldownDecides: the first that is not over.
func cooldownDecides(e *Engine, _ fact.List) *decision {
	for _, c := range e.cooldowns() {
		if ago := max(0, e.state.Now.Sub(c.since)); !c.since.IsZero() && ago < c.period {
			return &decision{kind: Held, rule: RuleCooldown,
				reasons: []string{fmt.Sprintf("Container %s %s %s ago. Waiting for %s cooldown", e.state.Name, c.done, fact.Period(ago), fact.Period(c.period))}}
		}
	}
	return nil
}

func cooldownPasses(e *Engine) string { return "over: " + e.Cooldown().Why }

// Cooldown is the cooldown that ends last.
func (e *Engine) Cooldown() Standing {
	last := Standing{Guard: GuardCooldown, Why: "nothing was done and no start is known"}
	for _, c := range e.cooldowns() {
		if c.since.IsZero() || c.period <= 0 || !last.Until.IsZero() && !c.since.Add(c.period).After(last.Until) {
			continue
		}
		last.Since, last.Until = c.since, c.since.Add(c.period)
		last.Why = fmt.Sprintf("%s since %s %s ago", fact.Period(c.period), c.from, fact.Period(e.state.Now.Sub(c.since)))
	}
	if s := e.settings.Cooldown; s.AfterAction <= 0 && s.AfterFailure <= 0 {
		last.Why = "switched off"
	}
	last.Holds = e.state.Now.Before(last.Until)
	return last
}
