package rule

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// The sentences are what operators grep for: they are a contract, byte for
// byte. Every place that shows a verdict shows these.

// sentences are what the log says about a check. In the cooldown only its own
// sentence comes.
func (e *Engine) sentences(v Verdict, findings []finding) []string {
	if v.Rule == RuleCooldown {
		return v.Reasons
	}
	lines := e.checkSentences(v.Facts, v.Fetched)
	for _, f := range findings {
		if slices.Contains(v.Shadowed, f.Name) {
			lines = append(lines, f.Say(v.Target, v.Facts, f.Answer)+" (shadow: not restarted)")
		}
	}
	if decision := v.Reasons[0]; !slices.Contains(lines, decision) {
		lines = append(lines, decision)
	}
	return lines
}

// checkSentences are those of every check but in the cooldown, as far as the
// values are known.
func (e *Engine) checkSentences(facts fact.List, fetched int) []string {
	lines, not := []string(nil), map[bool]string{false: "not "}
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if best := facts.Get("best"); best.Known {
		say("Latest RPC block retrieved: %d", best.Count)
	}
	if synced := facts.Get("synced"); synced.Known {
		say("Latest synced block retrieved: %d", synced.Count)
	}
	if e.state.Unreadable == "" && !e.settings.NoLog {
		say("Fetched %d lines from docker logs", fetched)
	}
	if session := facts.Get("session"); session.Known {
		say("Current session retrieved: %d", session.Count)
	}
	if e.state.Target.State() == TargetAbsent {
		return lines // what its log said is about a container that is gone
	}
	if major := facts.Get("major_sync"); major.Known {
		say("Container is %sin a major sync state.", not[major.Truth])
	}
	if producing := facts.Get("producing"); producing.Known {
		say("Container is %sproducing blocks.", not[producing.Truth])
	}
	if lag := facts.Get("lag"); lag.Known {
		lines = append(lines, e.lagSentence(facts))
		if lag.Count == 0 {
			lines = append(lines, e.okSentence(facts))
		}
	}
	return append(lines, e.notes(facts)...)
}

func (e *Engine) lagSentence(facts fact.List) string {
	return fmt.Sprintf("Container %s - Lag: %s blocks, Caught up: %s blocks, Sync rate: %s blocks/s, ETA to catch up: %ss",
		e.state.Name, facts.Get("lag"), facts.Get("caught_up"), rate(facts.Get("sync_rate")), facts.Get("eta"))
}

func (e *Engine) okSentence(facts fact.List) string {
	if facts.Get("lag").Count == 0 {
		return fmt.Sprintf("Container %s is fully caught up at block #%d", e.state.Name, facts.Get("synced").Count)
	}
	return e.lagSentence(facts)
}

// rate renders a number of blocks a second.
func rate(f fact.Fact) string {
	if !f.Known {
		return f.String()
	}
	return strconv.FormatFloat(f.Number, 'f', 2, 64)
}
