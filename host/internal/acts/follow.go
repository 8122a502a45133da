package acts

import "time"

// Sight is what a check saw, to tell what came of the last act.
type Sight struct {
	Interval time.Duration
	// Began is when the run began that the check is about.
	Began time.Time
	// Line says that this run has said something, RaisedAt when it last had a new
	// block; zero for never.
	Line     bool
	RaisedAt time.Time
	Place
	// Version is what the node says it is; empty where it says nothing.
	Version string
	// Blind says that the log or the network's height cannot be told.
	Blind bool
	// Down says that the target does not run, Loop that it is in a crash loop.
	Down, Loop bool
	// Gains says that the node gains on the network, AtHead that it is at its head.
	Gains, AtHead bool
	// Healthy says that nothing is wrong with the node, Ill that a rule asks for an
	// act. A check at which neither can be told is neither.
	Healthy, Ill bool
}

// Follow takes a check: what has become of the last act is told by the node's
// progress. An act has within for that.
func (l *Ledger) Follow(now time.Time, s Sight, within time.Duration) {
	l.followCause(now, s)
	last := l.Last()
	if last == nil {
		return
	}
	l.Acts = append([]Act(nil), l.Acts...) // others may have the old one
	last = l.Last()
	last.follow(s, now)
	better := last.better(s.Place)
	switch {
	case last.Outcome == Pending:
		if o := l.outcome(now, s, better, within); o != Pending {
			last.Outcome, last.Judged = o, now
		}
	case last.failed() && (better || s.Gains && last.above(s.Place)):
		last.Later = now
	case last.Outcome == Helped:
		l.followHealth(now, s, last)
	}
	if s.Healthy {
		l.Healthy = now
	}
}

// follow takes note of what the run after the act has come to.
func (a *Act) follow(s Sight, now time.Time) {
	if a.FirstLine.IsZero() && s.Line && !s.Began.Before(a.At) {
		a.FirstLine = now
	}
	if a.FirstBlock.IsZero() && s.RaisedAt.After(a.At) {
		a.FirstBlock = s.RaisedAt
	}
	if a.AtHead.IsZero() && !a.FirstBlock.IsZero() && s.AtHead {
		a.AtHead = now
	}
}

// better says whether the node is above the height at which it was stuck, and no
// further behind than then. Where the height was not known, a block since the act is
// above it.
func (a *Act) better(p Place) bool {
	if p.Height == nil || a.Lag != nil && (p.Lag == nil || *p.Lag > *a.Lag) {
		return false
	}
	return a.above(p)
}

// above says whether the node is above the height at which it was stuck.
func (a *Act) above(p Place) bool {
	if a.Height == nil {
		return !a.FirstBlock.IsZero()
	}
	return p.Height != nil && *p.Height > *a.Height
}

// startsWithin is how long a run may take at most to say which block it has: some check
// their database before they say anything else.
const startsWithin = time.Hour

// due is when an act has had its time. A run that was slow to say which block it has is
// given half of it from there.
func (a *Act) due(within time.Duration) time.Time {
	due, named := a.Done.Add(within), a.FirstBlock.Add(within/2)
	if named.After(due) {
		return named
	}
	return due
}

// outcome is that of the last act as of now.
func (l *Ledger) outcome(now time.Time, s Sight, better bool, within time.Duration) Outcome {
	last := l.Last()
	over := !now.Before(last.due(within))
	switch {
	case l.startedByOthers(last.Done):
		return Unclear
	case better:
		return Helped
	case s.Loop:
		return Worse
	case !over || s.Gains && last.above(s.Place):
		return Pending
	case s.Down:
		return Worse
	case s.Blind:
		return Unclear
	case s.Height == nil && last.FirstBlock.IsZero() && now.Before(last.Done.Add(startsWithin)):
		return Pending
	case s.Height != nil && last.Height != nil && *s.Height < *last.Height:
		return Worse
	}
	return NoEffect
}

// startedByOthers says whether a call that is not headwatch's started the target
// since a time.
func (l *Ledger) startedByOthers(since time.Time) bool {
	for _, s := range l.StartsSince(since, true) {
		if s.By == ByCall {
			return true
		}
	}
	return false
}

// followHealth counts how long the node has been in health since the act.
func (l *Ledger) followHealth(now time.Time, s Sight, a *Act) {
	switch {
	case s.Ill:
		a.Healthy, l.Healthy = 0, time.Time{}
	case s.Healthy && l.Healthy.After(a.Done):
		a.Healthy += min(now.Sub(l.Healthy), 2*s.Interval)
	}
}

// Cause is a fatal cause that a run ended with. It stays known in the runs after it
// until the node makes progress, its version changes, or a run has lasted an hour.
type Cause struct {
	Name string `json:"name"`
	Text string `json:"text"`
	// Height is where the node stood, nil where that is not known; Version is that of
	// the node, empty where that is not known.
	Height  *uint64 `json:"height,omitempty"`
	Version string  `json:"version,omitempty"`
	// Rose is the first height of a run after it.
	Rose *uint64 `json:"rose,omitempty"`
}

// causeOutlives is how long a run lasts that shows that a cause is gone.
const causeOutlives = time.Hour

// followCause forgets a cause that is gone.
func (l *Ledger) followCause(now time.Time, s Sight) {
	c := l.Cause
	switch {
	case c == nil:
		return
	case s.Version != "" && c.Version != "" && s.Version != c.Version:
		l.Cause = nil
	case !s.Down && !s.Began.IsZero() && now.Sub(s.Began) >= causeOutlives:
		l.Cause = nil
	case s.Height == nil:
		return
	case c.Height != nil && *s.Height > *c.Height, c.Height == nil && c.Rose != nil && *s.Height > *c.Rose:
		l.Cause = nil
	case c.Height == nil && c.Rose == nil:
		with, height := *c, *s.Height
		with.Rose = &height
		l.Cause = &with
	}
}
