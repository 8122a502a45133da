package rule

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// facts computes every fact as of now and remembers this check for the next.
func (e *Engine) facts() Facts {
	b := factBook{now: e.state.Now, facts: BuiltIn()}
	b.headFacts(e.Heads())
	e.logFacts(&b)
	e.progressFacts(&b)
	e.timeFacts(&b)
	return b.facts
}

// logFacts are the readings of this run's log, as they stand.
func (e *Engine) logFacts(b *factBook) {
	why := ""
	if e.state.Unreadable != "" {
		why = "the log cannot be read: " + e.state.Unreadable
	}
	for _, l := range logFacts {
		b.set(l.name, func(f *Fact) { *f = e.state.Run.Readings[l.name].fact(*f, l.missing, why) })
	}
	for name, reading := range e.state.Run.Readings {
		if IsCustom(name) {
			b.facts = append(b.facts, reading.fact(Fact{Name: name, Kind: Number}, "no line gave it", why))
		}
	}
	slices.SortFunc(b.facts[len(BuiltIn()):], func(x, y Fact) int { return strings.Compare(x.Name, y.Name) })
}

// fact is f with the value of the reading. Where no line gave one, missing says
// why it is unknown; unreadable says why nothing that was read counts.
func (r Reading) fact(f Fact, missing, unreadable string) Fact {
	if unreadable != "" {
		f.Missing = unreadable
		return f
	}
	f.At = r.At
	switch value := r.Value.(type) {
	case uint64:
		f.Kind, f.Count = Blocks, value
	case bool:
		f.Kind, f.Truth = Truth, value
	case string:
		f.Kind, f.Text = Text, value
	case float64:
		f.Kind, f.Number = Number, value
		if math.IsNaN(value) {
			f.Missing = "the parser gave no number"
		}
	default:
		f.Truth = r.Prepared && r.Sealed
		f.Missing = missing
		if r.Given {
			f.Missing = fmt.Sprintf("the parser gave a %T", value)
		}
	}
	f.Missing = cmp.Or(r.Doubt, f.Missing)
	f.Known = f.Missing == ""
	return f
}

// progressFacts compare this check with those before it.
func (e *Engine) progressFacts(b *factBook) {
	synced, best := b.facts.Get("synced"), b.facts.Get("best")
	if !synced.Known {
		b.lack(synced.Missing, "lag", "caught_up", "sync_rate", "eta", "stalled_for", "falling_behind")
		e.state.Run.Before = nil
		return
	}
	b.number("stalled_for", max(0, e.state.Now.Sub(e.state.Run.RaisedAt)).Seconds(), e.state.Run.RaisedAt)
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
	if acted := later(e.state.Done, e.state.Failed); acted.IsZero() {
		b.lack("nothing was done yet", "since_action")
	} else {
		b.number("since_action", max(0, e.state.Now.Sub(acted)).Seconds(), acted)
	}
}

// factBook fills in facts.
type factBook struct {
	now   time.Time
	facts Facts
}

func (b *factBook) set(name string, fill func(*Fact)) {
	for i := range b.facts {
		if b.facts[i].Name == name {
			fill(&b.facts[i])
			return
		}
	}
}

func (b *factBook) count(name string, value uint64, at time.Time) {
	b.set(name, func(f *Fact) { f.Known, f.Count, f.At = true, value, at })
}

func (b *factBook) number(name string, value float64, at time.Time) {
	b.set(name, func(f *Fact) { f.Known, f.Number, f.At = true, value, at })
}

func (b *factBook) truth(name string, value bool, at time.Time) {
	b.set(name, func(f *Fact) { f.Known, f.Truth, f.At = true, value, at })
}

func (b *factBook) lack(why string, names ...string) {
	for _, name := range names {
		b.set(name, func(f *Fact) { f.Known, f.Missing = false, why })
	}
}

// catchUp compares two checks of one run.
func (b *factBook) catchUp(before *Sample, now Sample) {
	if before == nil || !now.At.After(before.At) {
		b.lack("no earlier check of this run to compare with", "caught_up", "sync_rate", "eta")
		return
	}
	caught := now.Synced - before.Synced
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

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
