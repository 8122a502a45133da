package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Differences between two clocks: from the first on they are told, from the second
// on somebody should mend them.
const (
	clockOff    = 5 * time.Second
	clockFarOff = time.Minute
)

// judgeTarget says what the container is.
func (e *examination) judgeTarget(found *findings) {
	name := cmp.Or(e.state.Name, e.Settings.Name)
	switch s := e.state; {
	case e.stateErr != nil:
		found.add(Error, mendEngine(e.stateErr), "the engine cannot be asked about %s: %v", name, e.stateErr)
		return
	case !s.Exists:
		found.add(Error, cmp.Or(s.Alarm, "Name it as docker ps -a shows it, under NAMES; a container that appears later is waited for."), "there is no container %s", name)
		return
	case s.Restarting:
		found.add(Warning, "Its restart policy starts it again and again: see docker logs.", "%s restarts at this moment%s", name, exitOf(s))
	case s.Paused:
		found.add(Warning, "docker unpause lets it go on; headwatch does not.", "%s is paused", name)
	case !s.Running:
		found.add(Warning, "Start it (docker start): headwatch never starts what somebody stopped.", "%s does not run%s", name, exitOf(s))
	default:
		found.add(OK, "", "the engine answers, and %s has run %s", name, since(s.StartedAt))
	}
	e.judgeHazards(found)
	e.judgeEngineClock(found)
}

// mendEngine is what mends an engine that cannot be asked; its error says more where
// it knows more.
func mendEngine(err error) string {
	switch sdk.FailureOf(err) {
	case sdk.FailureUnavailable:
		return "Start the engine, or set DOCKER_HOST to its address; in a container, mount its socket."
	case sdk.FailureDenied:
		return "Give the user that headwatch runs as the socket's group."
	case sdk.FailureUnsupported:
		return ""
	}
	return "See whether docker inspect answers; an engine that hangs is restarted by a person."
}

// exitOf is how the last run ended.
func exitOf(s sdk.State) string {
	switch {
	case s.OOMKilled:
		return ", its last run ran out of memory"
	case s.ExitCode != nil:
		return fmt.Sprintf(", its last run ended with exit code %d", *s.ExitCode)
	}
	return ""
}

// judgeHazards tells what makes it dangerous to restart the container.
func (e *examination) judgeHazards(found *findings) {
	for _, text := range []string{e.state.Refuse, e.state.Alarm} {
		if text != "" {
			found.add(Error, "", "%s", text)
		}
	}
	for _, note := range e.state.Notes {
		if !slices.ContainsFunc(e.state.Hazards, func(h sdk.Hazard) bool { return h.What == note }) {
			found.add(Note, "", "%s", note)
		}
	}
	for _, h := range observe.Target(e.state).Hazards {
		level, what := Note, h.ID+": "+h.What
		switch {
		case h.Level == rule.HazardWarn:
			level = Warning
		case h.Level == rule.HazardRefuse && e.Settings.Preflight != nil && !e.Settings.Preflight.Refuses(h):
			what += " (preflight allows it)"
		case h.Level == rule.HazardRefuse:
			level = Error
		}
		found.add(level, h.Mend, "%s", what)
	}
}

// judgeEngineClock compares this machine's clock with the engine's.
func (e *examination) judgeEngineClock(found *findings) {
	if e.state.ClockAhead == nil || e.state.ClockAhead.Abs() <= clockOff {
		return
	}
	level, which := Warning, "ahead of"
	if e.state.ClockAhead.Abs() > clockFarOff {
		level = Error
	}
	if *e.state.ClockAhead < 0 {
		which = "behind"
	}
	found.add(level, "Let both keep their time by NTP.", "the engine's clock is %s %s this machine's", e.state.ClockAhead.Abs().Round(time.Second), which)
}

// judgeVerdict says what the first check would come to, and what after the cooldown.
func (e *examination) judgeVerdict(found *findings, engine *rule.Engine) {
	after := engine.Clone()
	v := engine.Check(time.Now())
	judgeLag(found, v.Facts)
	level, mend := OK, ""
	switch {
	case v.Kind == rule.Act:
		level, mend = Warning, "With DRY_RUN=true nothing is restarted while you look at it."
	case v.Kind == rule.Held:
		level = Note
	case v.Kind == rule.Unknown && e.lacksOnlyBlockTime(v, after.Clone()):
		level, mend = Note, `block_time is learned in the first minutes; block_time = "6s" in the monitor, or what its chain has, says it from the start.`
	case v.Kind == rule.Unknown:
		level, mend = Warning, "What is unknown restarts nothing. Some of it is known after a few checks."
	}
	found.add(level, mend, "the first verdict would be %s", words(v))
	if v.Kind != rule.Held || v.Rule != "cooldown" {
		return
	}
	settings := e.Settings
	settings.Cooldown = rule.Cooldown{}
	after.Configure(settings)
	found.add(Note, "", "without the cooldown it would be %s", words(after.Check(time.Now())))
}

// judgeLag says how far the node is behind, as the first verdict has it. A block 0 is
// what a node says that has none yet.
func judgeLag(found *findings, facts fact.List) {
	lag, synced, best := facts.Get("lag"), facts.Get("synced"), facts.Get("best")
	if !lag.Known || !synced.Known || !best.Known {
		return
	}
	level := OK
	switch {
	case synced.Count == 0 || best.Count == 0:
		level = Warning
	case lag.Count > farApart:
		level = Note
	}
	found.add(level, "", "the node has block %d and the network %d: lag %d", synced.Count, best.Count, lag.Count)
}

// lacksOnlyBlockTime says whether a verdict would be known if the time between blocks
// were: engine is one that has not checked yet.
func (e *examination) lacksOnlyBlockTime(v rule.Verdict, engine *rule.Engine) bool {
	if e.Settings.Judge == nil || v.Facts.Get("block_time").Known {
		return false
	}
	settings, judge := e.Settings, *e.Settings.Judge
	judge.BlockTime = e.Settings.Interval // any will do
	settings.Judge = &judge
	engine.Configure(settings)
	return engine.Check(time.Now()).Kind != rule.Unknown
}

// words are a verdict in one line.
func words(v rule.Verdict) string {
	what := string(v.Kind)
	if v.Rule != "" {
		what += ", rule " + v.Rule
	}
	if v.Guard != "" {
		what += ", held by " + v.Guard
	}
	if v.Reason != "" {
		what += ": " + v.Reason
	}
	return what
}

// ago and since are how long ago something was.
func ago(t time.Time) string {
	if t.IsZero() {
		return "without a stamp"
	}
	return "from " + age(time.Since(t)) + " ago"
}

func since(t time.Time) string {
	if t.IsZero() {
		return "for an unknown time"
	}
	return "for " + age(time.Since(t))
}

// age is a duration in the unit that people would use.
func age(d time.Duration) string {
	switch d = max(0, d); {
	case d < 2*time.Minute:
		return d.Round(time.Second).String()
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
