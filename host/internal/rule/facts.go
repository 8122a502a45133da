package rule

import (
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/pace"
	"github.com/headwatch/headwatch/host/internal/witness"
)

// facts computes every fact as of now and remembers this check for the next.
func (e *Engine) facts() fact.List {
	b := fact.Book{Facts: fact.BuiltIn()}
	e.headFacts(&b)
	e.logFacts(&b)
	if e.settings.Node {
		e.state.Run.Node.Facts(e.state.Now, e.settings.Interval, e.logSays(), &b)
	} else {
		witness.Lack(&b)
	}
	e.progressFacts(&b)
	e.gainFacts(&b)
	e.timeFacts(&b)
	return b.Facts
}

// logFacts are the readings of this run's log, as they stand.
func (e *Engine) logFacts(b *fact.Book) {
	unreadable := ""
	if e.state.Unreadable != "" {
		unreadable = "the log cannot be read: " + e.state.Unreadable
	}
	for _, f := range e.state.Run.Log.Facts(unreadable) {
		if fact.IsCustom(f.Name) {
			b.Facts = append(b.Facts, f)
		} else {
			b.Set(f.Name, func(known *fact.Fact) { *known = f })
		}
	}
}

// progressFacts compare this check with those before it.
func (e *Engine) progressFacts(b *fact.Book) {
	synced, best := b.Facts.Get("synced"), b.Facts.Get("best")
	if !synced.Known {
		b.Lack(synced.Missing, "lag", "caught_up", "sync_rate", "eta", "stalled_for", "falling_behind")
		e.state.Run.Before = nil
		return
	}
	raised := e.state.Run.Log.RaisedAt
	if e.settings.Node {
		raised = e.state.Run.Node.Raised(e.state.Now, e.settings.Interval, e.logSays())
	}
	b.Number("stalled_for", max(0, e.state.Now.Sub(raised)).Seconds(), raised)
	now := pace.Sample{At: e.state.Now, Synced: synced.Count, LagOK: best.Known}
	if best.Known {
		now.Lag = best.Count - min(best.Count, synced.Count)
		b.Count("lag", now.Lag, best.At)
		behind := false
		e.state.Run.Trend, behind = pace.FallingBehind(e.state.Run.Trend, now, e.settings.FallingBehind.Window, e.settings.Interval)
		b.Truth("falling_behind", behind, time.Time{})
	} else {
		b.Lack(best.Missing, "lag", "falling_behind")
	}
	pace.CatchUp(b, e.state.Run.Before, now)
	e.state.Run.Before = &now
}

// timeFacts are told by the clock.
func (e *Engine) timeFacts(b *fact.Book) {
	started, last := e.state.Run.Began, e.state.Run.LastLine
	switch {
	case started.IsZero():
		b.Lack("the start of the run is not known", "uptime")
	case e.state.Target != nil && !e.state.Target.Running:
		b.Lack("the target "+e.state.Target.wrong(), "uptime")
	default:
		b.Number("uptime", max(0, e.state.Now.Sub(started)).Seconds(), started)
	}
	if last.IsZero() {
		last = started
	}
	switch {
	case e.settings.NoLog:
		b.Lack("the log is not read", "log_age")
	case e.state.Unreadable != "":
		b.Lack("the log cannot be read: "+e.state.Unreadable, "log_age")
	case last.IsZero():
		b.Lack("no line in this run's log", "log_age")
	default:
		b.Number("log_age", max(0, e.state.Now.Sub(last)).Seconds(), last)
	}
	if e.state.Target == nil {
		b.Lack("the target was not inspected yet", "starts")
	} else {
		b.Number("starts", float64(e.state.Acts.StartsLastHour(e.state.Now)), time.Time{})
	}
	b.Number("unhelpful", float64(e.state.Acts.Unhelpful()), time.Time{})
	if acted := slices.MaxFunc([]time.Time{e.state.Done, e.state.Failed}, time.Time.Compare); acted.IsZero() {
		b.Lack("nothing was done yet", "since_action")
	} else {
		b.Number("since_action", max(0, e.state.Now.Sub(acted)).Seconds(), acted)
	}
}
