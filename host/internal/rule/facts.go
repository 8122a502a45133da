package rule

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// facts computes every fact as of now and remembers this check for the next.
func (e *Engine) facts() Facts {
	b := factBook{now: e.now, facts: BuiltIn()}
	best, bestOK, missing := e.bestHead()
	if bestOK {
		b.count("best", best.head.Best, best.at)
		b.number("head_age", best.age(e.now).Seconds(), best.at)
	} else {
		b.lack(missing, "best", "head_age")
	}
	e.logFacts(&b)
	e.progressFacts(&b)
	e.timeFacts(&b)
	return b.facts
}

// logFacts are the readings of this run's log, as they stand.
func (e *Engine) logFacts(b *factBook) {
	r := &e.run
	if why := e.log.unreadable; why != "" {
		b.lack("the log cannot be read: "+why, "synced", "finalized", "session", "major_sync", "producing")
		for name := range r.facts {
			b.facts = append(b.facts, Fact{Name: customPrefix + name, Kind: Number, Missing: "the log cannot be read: " + why})
		}
		b.sortCustom()
		return
	}
	b.reading("synced", r.synced, "no synced block in this run's log")
	b.reading("finalized", r.finalized, "no finalized block in this run's log")
	b.reading("session", r.session, "no session line in this run's log")
	if r.major.doubt != "" {
		b.lack(r.major.doubt, "major_sync")
	} else {
		b.truth("major_sync", r.major.value, r.major.at)
	}
	if r.producing.doubt != "" {
		b.lack(r.producing.doubt, "producing")
	} else {
		b.truth("producing", r.producing.is(), r.producing.at)
	}
	for name, fact := range r.facts {
		b.facts = append(b.facts, customFact(name, fact))
	}
	b.sortCustom()
}

func customFact(name string, r reading[any]) Fact {
	f := Fact{Name: customPrefix + name, At: r.at, Known: r.given && r.doubt == "", Missing: r.doubt}
	switch value := r.value.(type) {
	case bool:
		f.Kind, f.Truth = Truth, value
	case string:
		f.Kind, f.Text = Text, value
	case float64:
		f.Kind, f.Number = Number, value
	default:
		f.Kind, f.Known, f.Missing = Number, false, orElse(f.Missing, fmt.Sprintf("the parser gave a %T", value))
	}
	if math.IsNaN(f.Number) {
		f.Known, f.Missing = false, orElse(f.Missing, "the parser gave no number")
	}
	return f
}

// progressFacts compare this check with those before it.
func (e *Engine) progressFacts(b *factBook) {
	synced, best := b.facts.Get("synced"), b.facts.Get("best")
	if !synced.Known {
		b.lack(synced.Missing, "lag", "caught_up", "sync_rate", "eta", "stalled_for", "falling_behind")
		e.run.before = nil
		return
	}
	b.number("stalled_for", max(0, e.now.Sub(e.run.raisedAt)).Seconds(), e.run.raisedAt)
	now := sample{at: e.now, synced: synced.Count, lagOK: best.Known}
	if best.Known {
		now.lag = best.Count - min(best.Count, synced.Count)
		b.count("lag", now.lag, best.At)
		b.truth("falling_behind", e.fallingBehind(now), time.Time{})
	} else {
		b.lack(best.Missing, "lag", "falling_behind")
	}
	b.catchUp(e.run.before, now)
	e.run.before = &now
}

// fallingBehind adds a check to the window and says whether the lag has grown
// over it: the average of its increases is above zero exactly when the lag now
// is above the lag at the window's start.
func (e *Engine) fallingBehind(now sample) bool {
	start := e.now.Add(-e.settings.FallingBehind.Window)
	trend := slices.DeleteFunc(append(e.run.trend, now), func(s sample) bool { return s.at.Before(start) })
	e.run.trend = trend
	oldest := trend[0]
	span := now.at.Sub(oldest.at)
	return span > 0 && span >= e.settings.FallingBehind.Window-e.settings.Interval && now.lag > oldest.lag
}

// timeFacts are told by the clock.
func (e *Engine) timeFacts(b *factBook) {
	started, last := e.run.began, e.run.lastLine
	switch {
	case started.IsZero():
		b.lack("the start of the run is not known", "uptime")
	case e.target != nil && !e.target.Running:
		b.lack("the target "+e.target.wrong(), "uptime")
	default:
		b.number("uptime", max(0, e.now.Sub(started)).Seconds(), started)
	}
	if last.IsZero() {
		last = started
	}
	switch {
	case e.log.unreadable != "":
		b.lack("the log cannot be read: "+e.log.unreadable, "log_age")
	case last.IsZero():
		b.lack("no line in this run's log", "log_age")
	default:
		b.number("log_age", max(0, e.now.Sub(last)).Seconds(), last)
	}
	if acted := later(e.last.done, e.last.failed); acted.IsZero() {
		b.lack("nothing was done yet", "since_action")
	} else {
		b.number("since_action", max(0, e.now.Sub(acted)).Seconds(), acted)
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

func (b *factBook) reading(name string, r reading[uint64], never string) {
	switch {
	case r.doubt != "":
		b.lack(r.doubt, name)
	case !r.given:
		b.lack(never, name)
	default:
		b.count(name, r.value, r.at)
	}
}

// catchUp compares two checks of one run.
func (b *factBook) catchUp(before *sample, now sample) {
	if before == nil || !now.at.After(before.at) {
		b.lack("no earlier check of this run to compare with", "caught_up", "sync_rate", "eta")
		return
	}
	caught := now.synced - before.synced
	rate := float64(caught) / now.at.Sub(before.at).Seconds()
	b.count("caught_up", caught, now.at)
	b.number("sync_rate", rate, now.at)
	switch {
	case !now.lagOK:
		b.lack(b.facts.Get("lag").Missing, "eta")
	case rate == 0:
		b.number("eta", math.Inf(1), now.at)
	default:
		b.number("eta", float64(now.lag)/rate, now.at)
	}
}

func (b *factBook) sortCustom() {
	slices.SortFunc(b.facts[len(BuiltIn()):], func(x, y Fact) int { return strings.Compare(x.Name, y.Name) })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
