package rule

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"
)

// headsSeen are the newest answers of the head sources, by name.
func (e *Engine) headsSeen() []HeadSeen {
	seen := []HeadSeen{}
	best, found, _ := e.bestHead()
	for _, name := range slices.Sorted(maps.Keys(e.state.Heads)) {
		report := e.state.Heads[name]
		h := HeadSeen{Source: name, Use: UseUsable, Why: e.unusable(name, report), At: utc(report.At), Age: e.age(report.At), MaxAge: secondsOf(e.maxAge(name))}
		if report.Error != "" {
			h.Use = UseError
			seen = append(seen, h)
			continue
		}
		switch {
		case h.Why != "":
			h.Use = UseStale
		case found && report.Head.Source == best.Head.Source:
			h.Use = UseBest
		}
		height, age := report.Head.Best, secondsOf(report.age(e.state.Now))
		h.Best, h.HeadAge, h.BlockTime, h.Endpoint = &height, &age, utc(report.Head.BlockTime), schemeAndHost(report.Head.Endpoint)
		seen = append(seen, h)
	}
	return seen
}

// schemeAndHost is all that is shown of an address: the rest may hold a key.
func schemeAndHost(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (e *Engine) targetSeen() TargetSeen {
	if e.state.Target == nil {
		return TargetSeen{State: "not seen"}
	}
	t := e.state.Target
	return TargetSeen{State: t.state(), Error: t.Error, StartedAt: utc(e.state.Run.StartedAt), FinishedAt: utc(t.FinishedAt),
		ExitCode: t.ExitCode, OOMKilled: t.OOMKilled, MayStart: t.MayStart, Refuse: t.Refuse}
}

// state is what a target is, in a word.
func (t *Target) state() string {
	switch {
	case t.Error != "":
		return "unreadable"
	case !t.Exists:
		return "absent"
	case t.Paused:
		return "paused"
	case t.Restarting:
		return "restarting"
	case !t.Running:
		return "stopped"
	}
	return "running"
}

func (e *Engine) logSeen(v Verdict) LogSeen {
	seen := LogSeen{Unreadable: e.state.Unreadable, Since: utc(e.state.UnreadableSince), LastLine: utc(e.state.Run.LastLine), Age: e.ageOf(e.state.Run.LastLine), Lines: v.Fetched}
	if gap := e.state.Run.Gap; gap != nil {
		seen.Gap, seen.GapAt = gap.Reason, utc(gap.At)
	}
	return seen
}

// actionsSeen are the newest actions, and what is known of earlier ones.
func (e *Engine) actionsSeen() []ActionSeen {
	past := slices.Clone(e.state.Actions)
	earlier := func(t time.Time, outcome Outcome) {
		if !t.IsZero() && !slices.ContainsFunc(e.state.Actions, func(a PastAction) bool { return a.At.Equal(t) }) {
			past = append(past, PastAction{t, Action{Outcome: outcome, Detail: "known from before"}})
		}
	}
	earlier(e.state.Done, Done)
	earlier(e.state.Failed, Failed)
	slices.SortStableFunc(past, func(a, b PastAction) int { return a.At.Compare(b.At) })
	seen := []ActionSeen{}
	for _, a := range past {
		seen = append(seen, ActionSeen{At: utc(a.At), Age: e.age(a.At), Outcome: a.Action.Outcome, Detail: a.Action.Detail, Assumed: a.Action.Assumed})
	}
	return seen
}

// readings are the facts with their ages.
func (e *Engine) readings(facts Facts) ([]FactSeen, error) {
	seen := []FactSeen{}
	for _, f := range facts {
		value, err := f.appendValue(nil)
		if err != nil {
			return nil, err
		}
		r := FactSeen{Fact: f.Name, Value: value, Missing: f.Missing}
		if f.Kind == Seconds {
			r.Unit = "s"
		}
		if f.Known && !f.At.IsZero() {
			r.At, r.Age = utc(f.At), e.ageOf(f.At)
		}
		seen = append(seen, r)
	}
	return seen, nil
}

// guardsSeen are all that can stop an act.
func (e *Engine) guardsSeen() []GuardSeen {
	guards := []GuardSeen{e.cooldownSeen(),
		{Guard: GuardDryRun, Stands: e.settings.DryRun, Text: "off"},
		{Guard: GuardRefused, Text: "may be acted on"},
		{Guard: GuardHold, Stands: e.state.Hold != "", Text: cmp.Or(e.state.Hold, "none")}}
	if e.settings.DryRun {
		guards[1].Text = "nothing is restarted"
	}
	if e.state.Target != nil && e.state.Target.Refuse != "" {
		guards[2].Stands, guards[2].Text = true, e.state.Target.Refuse
	}
	return guards
}

// cooldownSeen tells of the cooldown that ends last.
func (e *Engine) cooldownSeen() GuardSeen {
	s := e.settings.Cooldown
	g := GuardSeen{Guard: GuardCooldown, Text: "nothing was done and no start is known"}
	for _, c := range e.cooldowns() {
		if c.since.IsZero() || c.period <= 0 || !g.Until.IsZero() && !c.since.Add(c.period).After(g.Until) {
			continue
		}
		g.Until = c.since.Add(c.period)
		g.Text = fmt.Sprintf("%s since %s %s ago", seconds(c.period), c.what, seconds(e.state.Now.Sub(c.since)))
	}
	if s.AfterAction <= 0 && s.AfterFailure <= 0 {
		g.Text = "switched off"
	}
	g.Stands = e.state.Now.Before(g.Until)
	if g.Stands {
		g.Left = secondsOf(g.Until.Sub(e.state.Now))
	}
	g.Until = utc(g.Until)
	return g
}

// cooldown is a time in which nothing is done.
type cooldown struct {
	since  time.Time
	period time.Duration
	what   string
}

func (e *Engine) cooldowns() []cooldown {
	s := e.settings.Cooldown
	all := []cooldown{{e.state.Done, s.AfterAction, "the last action"}, {e.state.Failed, s.AfterFailure, "the action that failed"}}
	if e.state.Run.Began.After(e.state.Done) {
		all[0].since, all[0].what = e.state.Run.Began, "the start of the container"
	}
	return all
}

// gatesSeen is what stands before the rules, each asked by itself.
func (e *Engine) gatesSeen(v Verdict) []RuleSeen {
	gates := []struct {
		rule    string
		decides func(*Verdict) bool
		passes  string
	}{
		{RuleTarget, func(v *Verdict) bool { return e.targetDecides(v) }, "it is " + e.targetSeen().State},
		{RuleCooldown, e.cooldownDecides, "over: " + e.cooldownSeen().Text},
		{RuleTarget, e.startDecides, ""},
		{RuleEvidence, e.evidenceDecides, "a usable head and a synced block of this run"},
		{RuleCause, e.causeDecides, "no fatal cause in this run's log"},
	}
	if e.state.Run.Cause != nil {
		gates[4].passes = "restart_on_fatal: " + e.state.Run.Cause.Name
	}
	var seen []RuleSeen
	decided := false
	for _, gate := range gates {
		scratch := Verdict{Time: v.Time, Facts: v.Facts}
		step := Step{Rule: gate.rule, Result: "passes", Saw: gate.passes}
		if gate.decides(&scratch) {
			step.Result, step.Saw = "would", scratch.Reason
			if !decided {
				step.Result, decided = "decides", true
			}
		} else if gate.passes == "" {
			continue
		}
		seen = append(seen, RuleSeen{Step: step})
	}
	return seen
}
