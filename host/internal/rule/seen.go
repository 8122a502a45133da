package rule

import (
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
	return TargetSeen{State: t.State(), Error: t.Error, StartedAt: utc(e.state.Run.StartedAt), FinishedAt: utc(t.FinishedAt),
		ExitCode: t.ExitCode, OOMKilled: t.OOMKilled, MayStart: t.MayStart, Refuse: t.Refuse}
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
func (e *Engine) guardsSeen(facts Facts) []GuardSeen {
	var seen []GuardSeen
	for _, g := range append([]Standing{e.Cooldown()}, e.Guards(facts, Rule{})...) {
		s := GuardSeen{Guard: g.Guard, Stands: g.Holds, Until: utc(g.Until), Text: g.Why}
		if g.Holds && !g.Until.IsZero() {
			s.Left = secondsOf(g.Until.Sub(e.state.Now))
		}
		seen = append(seen, s)
	}
	return seen
}

// gatesSeen is what stands before the rules, each asked by itself: the first
// that would decide does.
func (e *Engine) gatesSeen(v Verdict) []RuleSeen {
	var seen []RuleSeen
	decided := false
	for _, step := range e.Gates(v.Facts) {
		if step.Result == "would" && !decided {
			step.Result, decided = "decides", true
		}
		seen = append(seen, RuleSeen{Step: step})
	}
	return seen
}
