package record

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
)

// entry is something that an engine has just taken: an observation, a check, or,
// where both are nil, the times of the last action put right.
type entry struct {
	at    time.Time
	seen  rule.Observation
	check *monitor.Check
	// lines are those that an observation of the log comes from; fresh says that
	// the parser began anew with them.
	lines []sdk.Line
	fresh bool
	monitor.Knowledge
}

func (s entry) restored() bool { return s.seen == nil && s.check == nil }

// record turns what was seen into records. What says nothing new to an engine
// is left out, and what the log says is put together until something else
// comes.
func (t *MonitorRecorder) record(s entry) {
	if s.check == nil {
		if log, ok := s.seen.(rule.Log); ok {
			t.log(s, log)
			return
		}
	}
	if target, ok := s.seen.(rule.Target); ok && t.target != nil && t.target.Equal(target) {
		return
	}
	if failed, ok := s.seen.(rule.LogError); ok && t.unreadable != "" && t.unreadable == failed.Error && t.read == nil {
		return
	}
	t.flush()
	switch {
	case s.check != nil:
		v := s.check.Verdict
		t.write(v.Time, trace.Record{Check: &trace.Check{Verdict: v.Kind, Rule: v.Rule, Guard: v.Guard, Hold: s.check.Hold}})
	case s.restored():
		done, failed := s.Engine.LastAction()
		t.write(s.at, trace.Record{LastAction: &trace.LastAction{Done: t.own(done), Failed: t.own(failed)}})
	default:
		t.write(s.at, t.observation(s.seen))
	}
}

// observation is what was seen as a record.
func (t *MonitorRecorder) observation(o rule.Observation) (r trace.Record) {
	switch o := o.(type) {
	case rule.Target:
		t.target = &o
		r.Target = targetRecord(o)
	case rule.Head:
		best := o.Best
		r.Head = &trace.Head{Source: o.Source, Best: &best, Finalized: o.Finalized, Hash: o.Hash, BlockTime: given(o.BlockTime),
			Endpoint: t.recorder.redact.Address(o.Endpoint)}
	case rule.HeadError:
		r.HeadError = &trace.HeadError{Source: o.Source, Error: o.Error}
	case rule.LogError:
		t.unreadable = o.Error
		r.LogError = &trace.LogError{Error: o.Error}
	case rule.LogGap:
		r.LogGap = &trace.LogGap{Reason: o.Reason}
	case rule.Action:
		r.Action = &trace.Action{Outcome: o.Outcome, Detail: o.Detail}
	}
	return r
}

// log takes a piece of the log: its lines, or what they say.
func (t *MonitorRecorder) log(s entry, log rule.Log) {
	if !log.Partial {
		t.unreadable = ""
	}
	if t.recorder.Lines && len(s.lines) > 0 {
		t.flush()
		t.lines(s, log.Partial)
		return
	}
	if t.read != nil && t.read.Partial != log.Partial {
		t.flush()
	}
	// The engine's times: what an event is stamped with depends on when it came.
	stamped := make([]rule.Event, len(log.Events))
	for i, event := range log.Events {
		event.Time = t.clock.stamp(s.at, event.Time)
		stamped[i] = event
	}
	log.Events, log.Last = stamped, t.clock.stamp(s.at, log.Last)
	if t.read == nil {
		t.read = &rule.Log{Partial: log.Partial}
	}
	merged := t.read.Merge(log)
	t.read, t.readAt = &merged, s.at
}

// lines records lines as they are, but for what is secret in them.
func (t *MonitorRecorder) lines(s entry, partial bool) {
	now := t.clock.at(s.at)
	for i, line := range s.lines {
		log := trace.NewLog([]byte(t.recorder.redact.Text(string(line.Text))))
		log.Partial, log.Fresh = partial, s.fresh && i == 0
		if at := t.clock.stamp(s.at, line.Time); !at.Equal(now) {
			log.At = &at
		}
		t.write(s.at, trace.Record{Log: log})
	}
}

// flush records what was read of the log.
func (t *MonitorRecorder) flush() {
	if t.read == nil {
		return
	}
	read, now := t.read, t.clock.at(t.readAt)
	t.read = nil
	events := &trace.Events{Lines: read.Lines, Partial: read.Partial}
	if read.Lines > 0 && !read.Last.Equal(now) {
		events.Last = &read.Last
	}
	for _, e := range read.Events {
		event := trace.Event{Kind: e.Kind, Number: e.Number, Name: e.Name, Text: e.Text, Cures: e.Cures, Value: e.Value}
		if at := e.Time; !at.Equal(now) {
			event.T = &at
		}
		events.Events = append(events.Events, event)
	}
	t.write(t.readAt, trace.Record{Events: events})
}

// own is a time of the engine's; nil for none.
func (t *MonitorRecorder) own(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = t.clock.at(at)
	return &at
}

// given is a time from elsewhere, as it was given; nil for none.
func given(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func targetRecord(o rule.Target) *trace.Target {
	return &trace.Target{Exists: o.Exists, Running: o.Running, Paused: o.Paused, Restarting: o.Restarting, StartedAt: given(o.StartedAt),
		FinishedAt: given(o.FinishedAt), ExitCode: o.ExitCode, OOMKilled: o.OOMKilled, Name: o.Name, Error: o.Error,
		MayStart: o.MayStart, Refuse: o.Refuse}
}
