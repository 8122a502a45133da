package rule

import (
	"maps"
	"time"
)

// State is all that an engine knows, so that another can go on from there. Its
// times are the engine's, but for those that came from elsewhere: the start of
// the target, the time of a block, and First.
type State struct {
	// First is when the engine saw something first.
	First      time.Time       `json:"first,omitzero"`
	Name       string          `json:"name,omitempty"`
	Target     *Target         `json:"target,omitempty"`
	Heads      map[string]Seen `json:"heads,omitempty"`
	Unreadable string          `json:"unreadable,omitempty"`
	// UnreadableSince is since when the log cannot be read.
	UnreadableSince time.Time `json:"unreadable_since,omitzero"`
	Run             RunState  `json:"run,omitzero"`
	Done            time.Time `json:"done,omitzero"`
	Failed          time.Time `json:"failed,omitzero"`
	Fetched         int       `json:"fetched,omitempty"`
	UnknownSince    time.Time `json:"unknown_since,omitzero"`
}

// Seen is the newest answer of a head source: a head, or an error.
type Seen struct {
	At    time.Time `json:"at"`
	Head  Head      `json:"head,omitzero"`
	Error string    `json:"error,omitempty"`
}

// RunState is what one run of the target has shown.
type RunState struct {
	StartedAt time.Time                `json:"started_at,omitzero"`
	Began     time.Time                `json:"began,omitzero"`
	LastLine  time.Time                `json:"last_line,omitzero"`
	Gap       *Gap                     `json:"gap,omitempty"`
	Synced    Reading[uint64]          `json:"synced,omitzero"`
	RaisedAt  time.Time                `json:"raised_at,omitzero"`
	Finalized Reading[uint64]          `json:"finalized,omitzero"`
	Session   Reading[uint64]          `json:"session,omitzero"`
	Major     Reading[bool]            `json:"major_sync,omitzero"`
	Producing Production               `json:"producing,omitzero"`
	Facts     map[string]*Reading[any] `json:"facts,omitempty"`
	Cause     *Event                   `json:"cause,omitempty"`
	Trouble   *Event                   `json:"trouble,omitempty"`
	Before    *Sample                  `json:"before,omitempty"`
	Trend     []Sample                 `json:"trend,omitempty"`
	Since     map[string]time.Time     `json:"since,omitempty"`
}

// Gap is a place in the log at which lines are missing.
type Gap struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Reading is a value that lines of the log gave.
type Reading[T any] struct {
	Value T         `json:"value"`
	At    time.Time `json:"at,omitzero"`
	Given bool      `json:"given,omitempty"`
	Doubt string    `json:"doubt,omitempty"`
}

// Production is how far the node is in making a block of its own.
type Production struct {
	Prepared bool      `json:"prepared,omitempty"`
	Sealed   bool      `json:"sealed,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Doubt    string    `json:"doubt,omitempty"`
}

// Sample is what an earlier check saw.
type Sample struct {
	At     time.Time `json:"at"`
	Synced uint64    `json:"synced"`
	Lag    uint64    `json:"lag"`
	LagOK  bool      `json:"lag_ok,omitempty"`
}

// Snapshot is what the engine knows. It shares nothing with the engine.
func (e *Engine) Snapshot() State {
	s := State{First: e.first, Name: e.name, Unreadable: e.log.unreadable, UnreadableSince: e.log.since, Run: e.run.snapshot(),
		Done: e.last.done, Failed: e.last.failed, Fetched: e.fetched, UnknownSince: e.unknowing}
	s.Target = clone(e.target)
	for source, report := range e.heads {
		if s.Heads == nil {
			s.Heads = map[string]Seen{}
		}
		s.Heads[source] = Seen{At: report.at, Head: report.head, Error: report.err}
	}
	return s
}

// Resume makes the engine know what another knew at time now, and forget
// everything else. Time may go back with it: a snapshot is what a clock that
// was set is answered with.
func (e *Engine) Resume(now time.Time, s State) {
	*e = Engine{settings: e.settings, name: orElse(s.Name, e.settings.Name), first: s.First, now: now, target: clone(s.Target),
		heads: map[string]headReport{}, log: logState{s.Unreadable, s.UnreadableSince}, run: s.Run.resume(), last: lastAction{s.Done, s.Failed},
		fetched: s.Fetched, unknowing: s.UnknownSince}
	for source, seen := range s.Heads {
		e.heads[source] = headReport{at: seen.At, head: seen.Head, err: seen.Error}
	}
}

func (r *runState) snapshot() RunState {
	s := RunState{StartedAt: r.startedAt, Began: r.began, LastLine: r.lastLine, Gap: clone(r.gap), RaisedAt: r.raisedAt,
		Synced: r.synced.snapshot(), Finalized: r.finalized.snapshot(), Session: r.session.snapshot(), Major: r.major.snapshot(),
		Producing: Production{r.producing.prepared, r.producing.sealed, r.producing.at, r.producing.doubt},
		Cause:     clone(r.cause), Trouble: clone(r.trouble), Since: maps.Clone(r.since)}
	for name, fact := range r.facts {
		if s.Facts == nil {
			s.Facts = map[string]*Reading[any]{}
		}
		reading := fact.snapshot()
		s.Facts[name] = &reading
	}
	if r.before != nil {
		s.Before = &Sample{r.before.at, r.before.synced, r.before.lag, r.before.lagOK}
	}
	for _, check := range r.trend {
		s.Trend = append(s.Trend, Sample{check.at, check.synced, check.lag, check.lagOK})
	}
	return s
}

func (s *RunState) resume() runState {
	r := runState{startedAt: s.StartedAt, began: s.Began, lastLine: s.LastLine, gap: clone(s.Gap), raisedAt: s.RaisedAt,
		synced: s.Synced.resume(), finalized: s.Finalized.resume(), session: s.Session.resume(), major: s.Major.resume(),
		producing: production{s.Producing.Prepared, s.Producing.Sealed, s.Producing.At, s.Producing.Doubt},
		cause:     clone(s.Cause), trouble: clone(s.Trouble), since: maps.Clone(s.Since)}
	for name, fact := range s.Facts {
		if r.facts == nil {
			r.facts = map[string]reading[any]{}
		}
		if fact != nil {
			r.facts[name] = fact.resume()
		}
	}
	if s.Before != nil {
		r.before = &sample{s.Before.At, s.Before.Synced, s.Before.Lag, s.Before.LagOK}
	}
	for _, check := range s.Trend {
		r.trend = append(r.trend, sample{check.At, check.Synced, check.Lag, check.LagOK})
	}
	return r
}

func (r reading[T]) snapshot() Reading[T] { return Reading[T]{r.value, r.at, r.given, r.doubt} }

func (r Reading[T]) resume() reading[T] { return reading[T]{r.Value, r.At, r.Given, r.Doubt} }

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	value := *p
	return &value
}

// Times lets f change every time that is the engine's own: to tell them by
// another clock. Times that are not known stay so.
func (s *State) Times(f func(time.Time) time.Time) {
	r := &s.Run
	times := []*time.Time{&s.Done, &s.Failed, &s.UnknownSince, &s.UnreadableSince, &r.Began, &r.LastLine, &r.RaisedAt,
		&r.Synced.At, &r.Finalized.At, &r.Session.At, &r.Major.At, &r.Producing.At}
	for _, fact := range r.Facts {
		times = append(times, &fact.At)
	}
	if r.Gap != nil {
		times = append(times, &r.Gap.At)
	}
	for _, event := range []*Event{r.Cause, r.Trouble} {
		if event != nil {
			times = append(times, &event.Time)
		}
	}
	if r.Before != nil {
		times = append(times, &r.Before.At)
	}
	for i := range r.Trend {
		times = append(times, &r.Trend[i].At)
	}
	for _, t := range times {
		if !t.IsZero() {
			*t = f(*t)
		}
	}
	for name, since := range r.Since {
		r.Since[name] = f(since)
	}
	for source, seen := range s.Heads {
		seen.At = f(seen.At)
		s.Heads[source] = seen
	}
}

// Equal says that two observations of a target are the same. One that follows
// its like says nothing new to an engine.
func (t Target) Equal(other Target) bool {
	same := t.StartedAt.Equal(other.StartedAt) && t.FinishedAt.Equal(other.FinishedAt) && (t.ExitCode == nil) == (other.ExitCode == nil) &&
		(t.ExitCode == nil || *t.ExitCode == *other.ExitCode)
	t.StartedAt, t.FinishedAt, t.ExitCode = other.StartedAt, other.FinishedAt, other.ExitCode
	return same && t == other
}
