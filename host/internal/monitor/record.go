package monitor

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Recorder takes everything that the engine of a monitor takes, in the order in
// which it does. Its method returns at once, and never waits for a disk.
type Recorder interface{ Seen(Seen) }

// Seen is something that an engine has just taken.
type Seen struct {
	At time.Time
	// Observation, Verdict or Restored is set: what was observed, the outcome of
	// a check, or that the times of the last action were put right.
	Observation rule.Observation
	Verdict     *rule.Verdict
	Restored    bool
	// Hold is the host's own reason to act on nothing, at a check.
	Hold string
	// Lines are those that an observation of the log comes from, Fresh says that
	// the parser began anew with them.
	Lines []sdk.Line
	Fresh bool
	// Engine and Parser are what is known now: the engine, and the parser's
	// memory of the run. They are the monitor's, and only for the time of the
	// call.
	Engine *rule.Engine
	Parser []byte
}

// observe gives an observation to the engine, and to the recorder.
func (m *Monitor) observe(t time.Time, o rule.Observation) {
	m.engine.Observe(t, o)
	m.record(Seen{At: t, Observation: o})
}

// restoreEngine puts the times of the last action right.
func (m *Monitor) restoreEngine(now, done, failed time.Time) {
	m.engine.Restore(now, done, failed)
	m.record(Seen{At: now, Restored: true})
}

func (m *Monitor) record(s Seen) {
	if m.Recorder == nil {
		return
	}
	s.Engine, s.Parser = m.engine, m.parserState
	m.Recorder.Seen(s)
}
