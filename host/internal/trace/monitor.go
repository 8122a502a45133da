package trace

import (
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// replayed is one monitor in the course of a replay.
type replayed struct {
	Monitor
	// variants are the monitor itself and, where there is one, its Old.
	variants []*variant
	// logs are the logs of the variants, each once.
	logs []*logTrack
	// passed says that its records are passed over.
	passed bool
	// next is when the next check is due, where the trace has none of its own.
	next time.Time
	// made says that checks are made so.
	made bool
	// last is the time of the newest record.
	last time.Time
}

// variant is what one configuration makes of a monitor.
type variant struct {
	settings rule.Settings
	sources  []string
	engine   *rule.Engine
	// assumed is when an act was last assumed that the recording host did not do.
	assumed time.Time
	// log is the monitor's log; both variants may share one.
	log *logTrack
}

// logTrack is the log of a monitor on its way through a parser.
type logTrack struct {
	monitor  string
	parser   Parser
	settings rule.Settings
	// sources are those of the variants that read it, runs an engine that knows
	// no more than when a run begins, batch its part of the batch being read.
	// Only the reading stage uses them.
	sources []string
	runs    *rule.Engine
	batch   *logBatch
	// state is the parser's, for the run. Only the parsing stage uses it.
	state []byte
	// lines are what is left of a batch, said what the parser made of them.
	// Only the judging stage uses them.
	lines []Line
	said  [][]nodelog.Event
}

func newReplayed(m Monitor, made bool) *replayed {
	own := newVariant(m)
	l := &replayed{Monitor: m, made: made, variants: []*variant{own}, logs: []*logTrack{own.log}}
	if m.Old == nil {
		return l
	}
	old := *m.Old
	old.Name = m.Name
	if old.Parser == nil {
		old.Parser = m.Parser
	}
	other := newVariant(old)
	l.variants = append(l.variants, other)
	// When a run begins, and with it the parser's state, may hang on a head.
	if m.Old.Parser == nil && slices.Equal(m.Sources, old.Sources) {
		other.log = own.log
	} else {
		l.logs = append(l.logs, other.log)
	}
	return l
}

func newVariant(m Monitor) *variant {
	return &variant{settings: m.Settings, sources: m.Sources, engine: rule.New(m.Settings),
		log: &logTrack{monitor: m.Name, parser: m.Parser, settings: m.Settings, sources: m.Sources, runs: rule.New(m.Settings)}}
}

// readLine gives the engines what the parser made of the next line.
func (l *replayed) readLine(e entry) {
	for _, s := range l.variants {
		s.engine.Observe(e.t, rule.Log{Lines: 1, Last: s.log.lines[0].Time, Events: s.log.said[0], Partial: e.partial})
	}
	for _, log := range l.logs {
		log.lines, log.said = log.lines[1:], log.said[1:]
	}
}

// observe gives a record that is no log line to the engines.
func (l *replayed) observe(r *Record) {
	o := r.observation()
	for _, s := range l.variants {
		switch {
		case r.Snapshot != nil:
			s.resume(r)
		case r.LastAction != nil:
			s.restore(r.T, r.LastAction.Done, r.LastAction.Failed)
		case r.concerns(s.sources):
			s.engine.Observe(r.T, o)
		}
	}
}

// check makes a check; an act counts as done at once.
func (l *replayed) check(r *Record, before bool) Checked {
	c := Checked{Monitor: l.Name}
	if before {
		c.Before = l.variants[0].before(r)
	}
	c.Verdict = l.variants[0].check(r)
	if len(l.variants) == 2 {
		v := l.variants[1].check(r)
		c.Old = &v
	}
	if !l.made {
		c.Recorded = r.Check
	}
	return c
}

// before is the engine as it is before a check.
func (s *variant) before(r *Record) *rule.Engine {
	s.engine.Hold(r.Check.Hold)
	return s.engine.Clone()
}

func (s *variant) check(r *Record) rule.Verdict {
	s.engine.Hold(r.Check.Hold)
	v := s.engine.Check(r.T)
	if v.Kind == rule.Act {
		s.engine.Observe(r.T, rule.Action{Outcome: rule.Done, Assumed: true, Expected: r.Check.Verdict == rule.Act})
		if r.Check.Verdict != rule.Act {
			s.assumed = r.T
		}
	}
	return v
}

// beginsAnew takes note of a record and says whether the parser begins anew
// before it: with a new run, with a snapshot, and where the host's did.
func (t *logTrack) beginsAnew(r *Record) bool {
	switch {
	case !r.concerns(t.sources):
		return false
	case r.Snapshot != nil:
		t.runs = r.Snapshot.engine(r.T, t.settings, t.sources)
		return true
	case r.Target == nil:
		t.runs.Observe(r.T, nil) // its time counts, and nothing else
		return r.Log != nil && r.Log.Fresh
	}
	begins := t.runs.BeginsRun(*r.Target)
	t.runs.Observe(r.T, *r.Target)
	return begins
}

// head is the head source that a record is from; not ok for other records.
func (r *Record) head() (source string, ok bool) {
	switch {
	case r.Head != nil:
		return r.Head.Source, true
	case r.HeadError != nil:
		return r.HeadError.Source, true
	}
	return "", false
}

// concerns says whether a monitor with these head sources takes the record.
func (r *Record) concerns(sources []string) bool {
	source, ok := r.head()
	return !ok || slices.Contains(sources, source)
}
