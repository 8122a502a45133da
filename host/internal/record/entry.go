package record

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
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

// observation is what was seen as a record. Times from elsewhere stay as they
// were given.
func (t *MonitorRecorder) observation(o rule.Observation) (r trace.Record) {
	switch o := o.(type) {
	case rule.Target:
		t.target = new(o)
		o.StartedAt, o.FinishedAt = o.StartedAt.UTC(), o.FinishedAt.UTC()
		r.Target = &o
	case rule.Head:
		o.BlockTime, o.Endpoint = o.BlockTime.UTC(), t.recorder.redact.Address(o.Endpoint)
		r.Head = &o
	case rule.HeadError:
		r.HeadError = &o
	case rule.Node:
		o.BlockTime, o.Endpoint = o.BlockTime.UTC(), t.recorder.redact.Address(o.Endpoint)
		r.Node = &o
	case rule.NodeError:
		r.NodeError = &o
	case rule.LogError:
		t.unreadable = o.Error
		r.LogError = &o
	case rule.LogGap:
		r.LogGap = &o
	case rule.Action:
		r.Action = &o
	case rule.Pause:
		r.Pause = &o
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
	stamped := make([]nodelog.Event, len(log.Events))
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
			log.At = at
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
	// A time that is the record's own is left out.
	if read.Lines == 0 || read.Last.Equal(now) {
		read.Last = time.Time{}
	}
	for i := range read.Events {
		if read.Events[i].Time.Equal(now) {
			read.Events[i].Time = time.Time{}
		}
	}
	t.write(t.readAt, trace.Record{Events: read})
}

// own is a time of the engine's as it is recorded.
func (t *MonitorRecorder) own(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return t.clock.at(at)
}
