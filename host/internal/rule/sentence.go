package rule

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// The sentences are what operators grep for: they are a contract, byte for
// byte. Every place that shows a verdict shows these.

// sentences of a check that every ruling but the cooldown has, as far as the
// values are known.
func (e *Engine) checkSentences(facts Facts, fetched int) []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if best := facts.Get("best"); best.Known {
		say("Latest RPC block retrieved: %d", best.Count)
	}
	if synced := facts.Get("synced"); synced.Known {
		say("Latest synced block retrieved: %d", synced.Count)
	}
	if e.state.Unreadable == "" {
		say("Fetched %d lines from docker logs", fetched)
	}
	if session := facts.Get("session"); session.Known {
		say("Current session retrieved: %d", session.Count)
	}
	if major := facts.Get("major_sync"); major.Known {
		say("Container is %sin a major sync state.", not(major.Truth))
	}
	if producing := facts.Get("producing"); producing.Known {
		say("Container is %sproducing blocks.", not(producing.Truth))
	}
	if lag := facts.Get("lag"); lag.Known {
		lines = append(lines, e.lagSentence(facts))
		if lag.Count == 0 {
			say("Container %s is fully caught up at block #%d", e.state.Name, facts.Get("synced").Count)
		}
	}
	return append(lines, e.trendSentences(facts)...)
}

// trendSentences say stall and falling behind wherever they hold, whatever the
// lag.
func (e *Engine) trendSentences(facts Facts) []string {
	var lines []string
	stall, falling := e.settings.SyncStall, e.settings.FallingBehind
	if stalled := facts.Get("stalled_for"); stalled.Known && stalled.Number >= stall.For.Seconds() && !stall.isOff(facts) {
		lines = append(lines, e.stallSentence())
	}
	if f := facts.Get("falling_behind"); f.Known && f.Truth && !falling.isOff(facts) {
		lines = append(lines, e.fallingSentence())
	}
	return lines
}

func (e *Engine) stallSentence() string {
	return fmt.Sprintf("Container %s sync stalled for %s (no progress)", e.state.Name, seconds(e.settings.SyncStall.For))
}

func (e *Engine) fallingSentence() string {
	return fmt.Sprintf("Container %s falling behind (avg lag increase over %s)", e.state.Name, seconds(e.settings.FallingBehind.Window))
}

func (e *Engine) lagSentence(facts Facts) string {
	return fmt.Sprintf("Container %s - Lag: %s blocks, Caught up: %s blocks, Sync rate: %s blocks/s, ETA to catch up: %ss",
		e.state.Name, facts.Get("lag"), facts.Get("caught_up"), rate(facts.Get("sync_rate")), facts.Get("eta"))
}

func (e *Engine) severeSentence(lag, limit uint64) string {
	return fmt.Sprintf("Container %s is behind by %d blocks (>%d). Restarting...", e.state.Name, lag, limit)
}

func (e *Engine) moderateSentence(lag, limit uint64) string {
	return fmt.Sprintf("Container %s is behind by %d blocks (>%d) and not syncing/producing. Restarting...", e.state.Name, lag, limit)
}

func (e *Engine) cooldownSentence(ago, period time.Duration) string {
	return fmt.Sprintf("Container %s was restarted %s ago. Waiting for %s cooldown", e.state.Name, seconds(ago), seconds(period))
}

func (e *Engine) failureSentence(ago, period time.Duration) string {
	return fmt.Sprintf("Container %s could not be restarted %s ago. Waiting for %s cooldown", e.state.Name, seconds(ago), seconds(period))
}

// shadowSentence is that of a rule that fires and never acts.
func shadowSentence(sentence string) string { return sentence + " (shadow: not restarted)" }

// String renders a fact for a sentence: times in whole seconds, without a unit.
func (f Fact) String() string {
	switch {
	case !f.Known:
		return "unknown"
	case f.Infinite():
		return "inf"
	case f.Kind == Blocks:
		return strconv.FormatUint(f.Count, 10)
	case f.Kind == Truth:
		return strconv.FormatBool(f.Truth)
	case f.Kind == Text:
		return f.Text
	case f.Kind == Seconds:
		return strconv.FormatFloat(math.Trunc(f.Number), 'f', 0, 64)
	}
	return strconv.FormatFloat(f.Number, 'f', -1, 64)
}

func rate(f Fact) string {
	if !f.Known {
		return f.String()
	}
	return strconv.FormatFloat(f.Number, 'f', 2, 64)
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) + "s" }

func not(truth bool) string {
	if truth {
		return ""
	}
	return "not "
}
