package rule

import (
	"math"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// facts computes every fact as of now and remembers this check for the next.
func (e *Engine) facts() fact.List {
	b := factBook{now: e.state.Now, facts: fact.BuiltIn()}
	e.headFacts(&b)
	e.logFacts(&b)
	e.progressFacts(&b)
	e.gainFacts(&b)
	e.timeFacts(&b)
	return b.facts
}

// logFacts are the readings of this run's log, as they stand.
func (e *Engine) logFacts(b *factBook) {
	unreadable := ""
	if e.state.Unreadable != "" {
		unreadable = "the log cannot be read: " + e.state.Unreadable
	}
	for _, f := range e.state.Run.Log.Facts(unreadable) {
		if fact.IsCustom(f.Name) {
			b.facts = append(b.facts, f)
		} else {
			b.set(f.Name, func(known *fact.Fact) { *known = f })
		}
	}
}

// progressFacts compare this check with those before it.
func (e *Engine) progressFacts(b *factBook) {
	synced, best := b.facts.Get("synced"), b.facts.Get("best")
	if !synced.Known {
		b.lack(synced.Missing, "lag", "caught_up", "sync_rate", "eta", "stalled_for", "falling_behind")
		e.state.Run.Before = nil
		return
	}
	b.number("stalled_for", max(0, e.state.Now.Sub(e.state.Run.Log.RaisedAt)).Seconds(), e.state.Run.Log.RaisedAt)
	now := Sample{At: e.state.Now, Synced: synced.Count, LagOK: best.Known}
	if best.Known {
		now.Lag = best.Count - min(best.Count, synced.Count)
		b.count("lag", now.Lag, best.At)
		b.truth("falling_behind", e.fallingBehind(now), time.Time{})
	} else {
		b.lack(best.Missing, "lag", "falling_behind")
	}
	b.catchUp(e.state.Run.Before, now)
	e.state.Run.Before = &now
}

// fallingBehind adds a check to the window and says whether the lag has grown
// over it: the average of its increases is above zero exactly when the lag now
// is above the lag at the window's start.
func (e *Engine) fallingBehind(now Sample) bool {
	start := e.state.Now.Add(-e.settings.FallingBehind.Window)
	trend := slices.DeleteFunc(append(e.state.Run.Trend, now), func(s Sample) bool { return s.At.Before(start) })
	e.state.Run.Trend = trend
	oldest := trend[0]
	span := now.At.Sub(oldest.At)
	return span > 0 && span >= e.settings.FallingBehind.Window-e.settings.Interval && now.Lag > oldest.Lag
}

// timeFacts are told by the clock.
func (e *Engine) timeFacts(b *factBook) {
	started, last := e.state.Run.Began, e.state.Run.LastLine
	switch {
	case started.IsZero():
		b.lack("the start of the run is not known", "uptime")
	case e.state.Target != nil && !e.state.Target.Running:
		b.lack("the target "+e.state.Target.wrong(), "uptime")
	default:
		b.number("uptime", max(0, e.state.Now.Sub(started)).Seconds(), started)
	}
	if last.IsZero() {
		last = started
	}
	switch {
	case e.state.Unreadable != "":
		b.lack("the log cannot be read: "+e.state.Unreadable, "log_age")
	case last.IsZero():
		b.lack("no line in this run's log", "log_age")
	default:
		b.number("log_age", max(0, e.state.Now.Sub(last)).Seconds(), last)
	}
	if e.state.Target == nil {
		b.lack("the target was not inspected yet", "starts")
	} else {
		b.number("starts", float64(e.state.Acts.StartsLastHour(e.state.Now)), time.Time{})
	}
	b.number("unhelpful", float64(e.state.Acts.Unhelpful()), time.Time{})
	if acted := slices.MaxFunc([]time.Time{e.state.Done, e.state.Failed}, time.Time.Compare); acted.IsZero() {
		b.lack("nothing was done yet", "since_action")
	} else {
		b.number("since_action", max(0, e.state.Now.Sub(acted)).Seconds(), acted)
	}
}

// factBook fills in facts.
type factBook struct {
	now   time.Time
	facts fact.List
}

func (b *factBook) set(name string, fill func(*fact.Fact)) {
	for i := range b.facts {
		if b.facts[i].Name == name {
			fill(&b.facts[i])
			return
		}
	}
}

func (b *factBook) count(name string, value uint64, at time.Time) {
	b.set(name, func(f *fact.Fact) { f.Known, f.Missing, f.Count, f.At = true, "", value, at })
}

func (b *factBook) number(name string, value float64, at time.Time) {
	b.set(name, func(f *fact.Fact) { f.Known, f.Missing, f.Number, f.At = true, "", value, at })
}

func (b *factBook) truth(name string, value bool, at time.Time) {
	b.set(name, func(f *fact.Fact) { f.Known, f.Missing, f.Truth, f.At = true, "", value, at })
}

func (b *factBook) lack(why string, names ...string) {
	for _, name := range names {
		b.set(name, func(f *fact.Fact) { f.Known, f.Missing = false, why })
	}
}

// catchUp compares two checks of one run.
func (b *factBook) catchUp(before *Sample, now Sample) {
	if before == nil || !now.At.After(before.At) {
		b.lack("no earlier check of this run to compare with", "caught_up", "sync_rate", "eta")
		return
	}
	caught := now.Synced - min(now.Synced, before.Synced) // the best block may have fallen
	rate := float64(caught) / now.At.Sub(before.At).Seconds()
	b.count("caught_up", caught, now.At)
	b.number("sync_rate", rate, now.At)
	switch {
	case !now.LagOK:
		b.lack(b.facts.Get("lag").Missing, "eta")
	case rate == 0:
		b.number("eta", math.Inf(1), now.At)
	default:
		b.number("eta", float64(now.Lag)/rate, now.At)
	}
}
