package rule

import (
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/fact"
)

// start is a start of the target, with how the run before it went. An engine shows
// the exit code of a run only until the next one.
func (e *Engine) start(before *Target, t Target) acts.Start {
	s := acts.Start{At: e.stamp(t.began()), StartedAt: t.StartedAt, By: t.StartedBy}
	if run := e.state.Run.StartedAt; !run.IsZero() && t.FinishedAt.After(run) {
		s.Ran = t.FinishedAt.Sub(run)
	}
	switch {
	case before != nil && !before.Running && before.FinishedAt.Equal(t.FinishedAt):
		s.ExitCode = before.ExitCode
	case t.ExitCode != nil && *t.ExitCode != 0:
		s.ExitCode = t.ExitCode
	}
	return s
}

// keepCause keeps the fatal cause of a run that ends.
func (e *Engine) keepCause() {
	log := &e.state.Run.Log
	if log.Cause == nil {
		return
	}
	kept := acts.Cause{Name: log.Cause.Name, Text: log.Cause.Text, Version: log.Version}
	if height, ok := log.Synced(); ok {
		kept.Height = &height
	}
	e.state.Acts.Cause = &kept
}

// followActs tells what has become of the last act, before anything is decided.
func (e *Engine) followActs(facts fact.List, d *decision) {
	sight := e.sight(facts)
	sight.Healthy = d.kind == OK || d.kind == Act && sight.Gains
	sight.Ill = d.kind == Act && !sight.Gains && !e.gainedLately()
	e.state.Acts.Follow(e.state.Now, sight, e.settings.Recovery.WithinOf(&e.state.Acts))
}

// gainedLately says whether the node gained on the network so short a time ago that
// catching_up has patience with it.
func (e *Engine) gainedLately() bool {
	c, gained := e.settings.CatchingUp, e.state.Run.GainedAt
	return c != nil && !gained.IsZero() && e.state.Now.Before(gained.Add(c.Patience))
}

func (e *Engine) sight(facts fact.List) acts.Sight {
	run := &e.state.Run
	s := acts.Sight{Interval: e.settings.Interval, Began: run.Began, Line: !run.LastLine.IsZero() || !run.Node.FirstAt.IsZero(), RaisedAt: run.Log.RaisedAt, Version: run.Log.Version}
	synced, lag, converging := facts.Get("synced"), facts.Get("lag"), facts.Get("converging")
	s.Place = acts.PlaceOf(synced, lag)
	if run.Node.RaisedAt.After(s.RaisedAt) {
		s.RaisedAt = run.Node.RaisedAt
	}
	s.Blind = (e.state.Unreadable != "" || e.settings.NoLog) && !synced.Known || !facts.Get("best").Known
	if state := e.state.Target.State(); state != TargetRunning && state != TargetUnseen {
		s.Down, s.Blind = state != TargetUnreadable, s.Blind || state == TargetUnreadable
	}
	s.Loop = e.settings.CrashLoop != nil && e.settings.CrashLoop.Holds(e.state.Now, &e.state.Acts) != nil
	s.Gains = converging.Known && converging.Truth
	s.AtHead = lag.Known && lag.Count <= e.tolerated(facts)
	return s
}

// atHead is how far behind, in time, a node is at most that is at its head.
const atHead = 10 * time.Second

// tolerated is the same in blocks.
func (e *Engine) tolerated(facts fact.List) uint64 {
	if block := facts.Get("block_time"); block.Known && block.Number > 0 {
		return max(2, uint64(atHead.Seconds()/block.Number))
	}
	return 2
}

// asks remembers a verdict that asks for an act, until its end is seen.
func (e *Engine) asks(v Verdict) {
	ask := acts.Ask{At: v.Time, Rule: v.Rule, Place: acts.PlaceOf(v.Facts.Get("synced"), v.Facts.Get("lag"))}
	if cause := e.state.Run.Log.Cause; cause != nil {
		ask.Cause = cause.Name
	}
	e.state.Acts.Asked = &ask
}

// Acts are those that are remembered. They are the caller's to read.
func (e *Engine) Acts() acts.Ledger { return acts.Ledger{Acts: slices.Clone(e.state.Acts.Acts)} }
