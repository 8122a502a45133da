package rule

import "time"

// Engine judges one monitor. It is not safe for concurrent use.
type Engine struct {
	settings Settings
	name     string

	// first is the time of the first observation, now the newest time seen: an
	// engine never goes back.
	first, now time.Time

	target *Target
	heads  map[string]headReport
	log    logState
	run    runState
	last   lastAction
	// assumed is what was known before an action that a replay assumed.
	assumed *beforeAction
	// acted are the newest actions, the last of them the newest.
	acted     []ActionSeen
	fetched   int
	unknowing time.Time
	hold      string
}

// lastAction is what the cooldown counts from, beside the start of the run.
type lastAction struct {
	done, failed time.Time
}

// beforeAction is what an action changes.
type beforeAction struct {
	last  lastAction
	trend []sample
}

// New returns an engine that has seen nothing.
func New(settings Settings) *Engine {
	return &Engine{settings: settings, name: settings.Name, heads: map[string]headReport{}}
}

// Configure puts other settings in force and keeps everything that was seen.
func (e *Engine) Configure(settings Settings) {
	e.settings = settings
	if e.target == nil || e.target.Name == "" {
		e.name = settings.Name
	}
}

// Observe takes an observation made at time t. A time that goes back is read as
// the newest seen so far.
func (e *Engine) Observe(t time.Time, o Observation) {
	e.advance(t)
	switch o := o.(type) {
	case Target:
		e.observeTarget(o)
	case Head:
		e.heads[o.Source] = newHeadReport(e.now, o)
	case HeadError:
		e.heads[o.Source] = headReport{at: e.now, err: orElse(o.Error, "it answered with an error")}
	case Log:
		e.observeLog(o)
	case LogError:
		e.log.fail(e.now, orElse(o.Error, "no reason given"))
	case LogGap:
		e.run.gap = &Gap{e.now, orElse(o.Reason, "lines of the log are missing")}
		e.run.forget(e.run.gap.Reason)
	case Action:
		e.observeAction(o)
	}
}

// Hold stops every act for a reason of the host's own, such as "state cannot be
// written"; an empty reason ends it.
func (e *Engine) Hold(reason string) { e.hold = reason }

// Run is the start of the target's run that the engine takes log lines for;
// zero where it is not known.
func (e *Engine) Run() time.Time { return e.run.startedAt }

// Restore takes what a store kept of earlier actions; times in the future are
// read as now, so that a clock that was set back makes no cooldown longer than
// a full one.
func (e *Engine) Restore(now, done, failed time.Time) {
	e.advance(now)
	e.last, e.assumed = lastAction{}, nil
	if !done.IsZero() {
		e.last.done = e.stamp(done)
	}
	if !failed.IsZero() {
		e.last.failed = e.stamp(failed)
	}
}

// LastAction returns what Restore takes: the times of the last action that was
// or may have been done, and of the last that failed.
func (e *Engine) LastAction() (done, failed time.Time) { return e.last.done, e.last.failed }

func (e *Engine) advance(t time.Time) {
	if e.first.IsZero() {
		e.first = t
	}
	if t.After(e.now) {
		e.now = t
	}
}

// stamp is a time that came from another clock, as of now: one in the future is
// read as now, and none at all too. It is counted back from now, so that a host
// clock that is set later on moves nothing: a live now is monotonic.
func (e *Engine) stamp(t time.Time) time.Time {
	if t.IsZero() {
		return e.now
	}
	return e.now.Add(-max(0, e.now.Sub(t)))
}

// observeTarget begins a new run where the start of the target is another one.
func (e *Engine) observeTarget(t Target) {
	e.target = &t
	if t.Name != "" {
		e.name = t.Name
	}
	if !t.says() || t.StartedAt.Equal(e.run.startedAt) {
		return
	}
	if e.BeginsRun(t) {
		e.run = runState{}
		if e.assumed != nil {
			e.assumed.trend = nil
		}
	}
	e.run.startedAt, e.run.began = t.StartedAt, e.stamp(t.StartedAt)
}

// BeginsRun says whether observing t would begin a new run, for which a parser
// starts anew as well. Where nothing was known of the run so far, a start before
// the first observation is the start of the run that was being read all along.
func (e *Engine) BeginsRun(t Target) bool {
	if !t.says() || t.StartedAt.Equal(e.run.startedAt) {
		return false
	}
	return !e.run.startedAt.IsZero() || t.StartedAt.After(e.first)
}

func (e *Engine) observeLog(l Log) {
	if !l.Partial {
		e.log.readable()
	}
	e.fetched += l.Lines
	if l.Lines > 0 {
		e.run.lastLine = e.stamp(l.Last)
	}
	for _, event := range l.Events {
		event.Time = e.stamp(event.Time)
		e.run.take(event)
	}
}

func (e *Engine) observeAction(a Action) {
	e.noteAction(a)
	if e.assumed != nil {
		e.last, e.run.trend, e.assumed = e.assumed.last, e.assumed.trend, nil
	}
	if a.Assumed {
		e.assumed = &beforeAction{e.last, e.run.trend}
	}
	switch a.Outcome {
	case Done, Unclear:
		e.last.done = e.now
		e.run.trend = nil
	case Failed:
		e.last.failed = e.now
	}
}

// mostActions is how many actions are shown.
const mostActions = 5

// noteAction keeps an action for those who ask later.
func (e *Engine) noteAction(a Action) {
	if n := len(e.acted); n > 0 && e.acted[n-1].Assumed {
		e.acted = e.acted[:n-1]
	}
	e.acted = append(e.acted, ActionSeen{At: e.now, Outcome: a.Outcome, Detail: a.Detail, Assumed: a.Assumed})
	e.acted = e.acted[max(0, len(e.acted)-mostActions):]
}

// logState says whether the log can be read, and since when it cannot.
type logState struct {
	unreadable string
	since      time.Time
}

func (l *logState) readable() { *l = logState{} }

func (l *logState) fail(now time.Time, why string) {
	if l.unreadable == "" {
		l.since = now
	}
	l.unreadable = why
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
