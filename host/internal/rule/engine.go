package rule

import (
	"cmp"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Engine judges one monitor. It is not safe for concurrent use.
type Engine struct {
	settings Settings
	state    State
	// rules are those of the settings, guards what may stop them.
	rules  []ruleset.Rule
	guards []guard
}

// New returns an engine that has seen nothing.
func New(settings Settings) *Engine {
	e := &Engine{settings: settings, rules: settings.rules(), guards: guards}
	e.Resume(time.Time{}, State{})
	return e
}

// Configure puts other settings in force and keeps everything that was seen.
func (e *Engine) Configure(settings Settings) {
	e.settings, e.rules = settings, settings.rules()
	if e.state.Target == nil || e.state.Target.Name == "" {
		e.state.Name = settings.Name
	}
}

// Settings are those in force.
func (e *Engine) Settings() Settings { return e.settings }

// Rules are all rules in the order in which they decide.
func (e *Engine) Rules() []ruleset.Rule { return e.rules }

// Observe takes an observation made at time t. A time that goes back is read as
// the newest seen so far.
func (e *Engine) Observe(t time.Time, o Observation) {
	e.advance(t)
	if e.ignores(o) {
		return
	}
	switch o := o.(type) {
	case Target:
		e.observeTarget(o)
	case Head:
		ahead := max(0, o.BlockTime.Sub(e.state.Now))
		if !judge.Believable(o.BlockTime, e.state.Now) {
			o.BlockTime = time.Time{}
		}
		e.report(o.Source, HeadReport{At: e.state.Now, Head: o, Ahead: ahead})
	case HeadError:
		e.report(o.Source, HeadReport{At: e.state.Now, Error: cmp.Or(o.Error, "it answered with an error")})
	case Node:
		e.observeNode(o)
	case NodeError:
		e.state.Run.Node.Fail(e.state.Now, o.Error)
	case Log:
		e.observeLog(o)
	case LogError:
		e.observeLogError(o)
	case LogGap:
		gap := Gap{e.state.Now, cmp.Or(o.Reason, "lines of the log are missing")}
		e.state.Run.Gap = &gap
		e.state.Run.Log.DoubtAll(gap.Reason)
	case Action:
		e.observeAction(o)
	case Pause:
		e.observePause(o)
	}
}

// Hold stops every act for a reason of the host's own, such as "state cannot be
// written"; an empty reason ends it.
func (e *Engine) Hold(reason string) { e.state.Hold = reason }

// Run is the start of the target's run that the engine takes log lines for;
// zero where it is not known.
func (e *Engine) Run() time.Time { return e.state.Run.StartedAt }

// Restore takes what a store kept of earlier actions; times in the future are
// read as now, so that a clock that was set back makes no cooldown longer than
// a full one.
func (e *Engine) Restore(now, done, failed time.Time) {
	e.advance(now)
	e.state.Done, e.state.Failed, e.state.Assumed = time.Time{}, time.Time{}, nil
	if !done.IsZero() {
		e.state.Done = e.stamp(done)
	}
	if !failed.IsZero() {
		e.state.Failed = e.stamp(failed)
	}
}

// LastAction returns what Restore takes: the times of the last action that was
// or may have been done, and of the last that failed.
func (e *Engine) LastAction() (done, failed time.Time) { return e.state.Done, e.state.Failed }

func (e *Engine) advance(t time.Time) {
	if e.state.First.IsZero() {
		e.state.First = t
	}
	if t.After(e.state.Now) {
		e.state.Now = t
	}
}

// stamp is a time that came from another clock, as of now: one in the future is
// read as now, and none at all too. It is counted back from now, so that a host
// clock that is set later on moves nothing: a live now is monotonic.
func (e *Engine) stamp(t time.Time) time.Time {
	if t.IsZero() {
		return e.state.Now
	}
	return e.state.Now.Add(-max(0, e.state.Now.Sub(t)))
}

// observeTarget begins a new run where the start of the target is another one.
func (e *Engine) observeTarget(t Target) {
	before := e.state.Target
	e.state.Target = &t
	if t.Name != "" {
		e.state.Name = t.Name
	}
	if !t.says() {
		return
	}
	if t.StartedAt.Equal(e.state.Run.StartedAt) {
		e.correctBegan(t)
		return
	}
	e.state.Acts.Started(e.start(before, t))
	if e.BeginsRun(t) {
		e.keepCause()
		e.state.Run = Run{}
		if e.state.Assumed != nil {
			e.state.Assumed.Trend = nil
		}
	}
	e.state.Run.StartedAt, e.state.Run.Began = t.StartedAt, e.stamp(t.began())
}

// correctBegan puts the start of a run right, where the difference between the
// clocks became known later.
func (e *Engine) correctBegan(t Target) {
	if began := e.stamp(t.began()); began.Sub(e.state.Run.Began).Abs() > beganWithin && !t.Began.IsZero() {
		e.state.Run.Began = began
	}
}

// BeginsRun says whether observing t would begin a new run, for which a parser
// starts anew as well. Where nothing was known of the run so far, a start before
// the first observation is the start of the run that was being read all along.
func (e *Engine) BeginsRun(t Target) bool {
	if !t.says() || t.StartedAt.Equal(e.state.Run.StartedAt) {
		return false
	}
	return !e.state.Run.StartedAt.IsZero() || t.began().After(e.state.First)
}

func (e *Engine) report(source string, r HeadReport) {
	if e.state.Heads == nil {
		e.state.Heads = map[string]HeadReport{}
	}
	e.state.Heads[source] = r
}

func (e *Engine) observeLog(l Log) {
	if !l.Partial {
		e.state.Unreadable, e.state.UnreadableSince = "", time.Time{}
	}
	e.state.Fetched += l.Lines
	if l.Lines > 0 {
		e.state.Run.LastLine = e.stamp(l.Last)
	}
	for _, event := range l.Events {
		event.Time = e.stamp(event.Time)
		e.state.Run.Log.Read(event)
	}
}

func (e *Engine) observeLogError(l LogError) {
	if e.state.Unreadable == "" {
		e.state.UnreadableSince = e.state.Now
	}
	e.state.Unreadable = cmp.Or(l.Error, "no reason given")
}

// mostActions is how many actions are remembered.
const mostActions = 5

// observeAction takes an action. One that was observed replaces one that a
// replay assumed.
func (e *Engine) observeAction(a Action) {
	s := &e.state
	if n := len(s.Actions); n > 0 && e.isAssumed(s.Actions[n-1], a) {
		s.Actions = s.Actions[:n-1]
		if before := s.Assumed; before != nil {
			s.Done, s.Failed, s.Run.Trend, s.Acts = before.Done, before.Failed, before.Trend, before.Acts
		}
	}
	s.Actions = append(s.Actions, PastAction{s.Now, a})
	s.Actions = s.Actions[max(0, len(s.Actions)-mostActions):]
	s.Assumed = nil
	if a.Assumed {
		s.Assumed = &BeforeAction{s.Done, s.Failed, s.Run.Trend, s.Acts}
	}
	switch a.Outcome {
	case Done, Unclear:
		s.Done, s.Run.Trend = s.Now, nil
		s.Acts.Did(s.Now, acts.Stop{Took: time.Duration(a.StopTook * float64(time.Second)), Killed: a.Killed, ExitCode: a.ExitCode})
	case Failed:
		s.Failed = s.Now
		s.Acts.Asked = nil
	default:
		s.Acts.Asked = nil
	}
}

// isAssumed says whether an action that is observed is one that a replay assumed: the
// one that was expected, or one that came within an interval.
func (e *Engine) isAssumed(p PastAction, observed Action) bool {
	took := time.Duration(observed.StopTook * float64(time.Second))
	return p.Action.Assumed && !observed.Assumed && (p.Action.Expected || e.state.Now.Sub(p.At) <= e.settings.Interval+took)
}
