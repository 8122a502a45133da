package monitor

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Observer is told what a monitor decides and does, in the order in which it
// happens. The monitor's goroutine calls it, so that its methods return at once:
// an observer that may block, on a disk or a network, has a bounded queue of its
// own.
type Observer interface {
	// Checked is called after each check, before its verdict is carried out.
	Checked(Check)
	// Acted is called after each act, and again when one whose outcome was not
	// known is settled.
	Acted(Act)
}

// Recorder is an [Observer] that is told of each observation as well.
type Recorder interface {
	Observer
	// Observed is called after the engine has taken an observation.
	Observed(Observation)
}

// Knowledge is what a monitor knows at the time of a call. It is the monitor's,
// and to be used during the call only.
type Knowledge struct {
	Engine *rule.Engine
	// Parser is the parser's memory of the run.
	Parser []byte
}

// Check is one check of a monitor.
type Check struct {
	Monitor string
	// Before is the engine as it was before the check, to explain the verdict
	// with; whoever has it may ask it, and must not change it.
	Before  *rule.Engine
	Verdict rule.Verdict
	// Hold is the host's own reason to act on nothing; empty for none.
	Hold string
	// CannotAct says why this monitor may act on nothing at present, whatever its
	// rules say: Hold, a dry run, or a target that is refused; empty where it may.
	CannotAct string
	// LogDelay is how old the newest line of the log was when it arrived; negative
	// while that is not known.
	LogDelay time.Duration
	// Hazards are what makes it dangerous to act on the target.
	Hazards []rule.Hazard
	// Heads are the head sources with what each is worth, Acts what was done and what
	// came of it.
	Heads []rule.JudgedHead
	Acts  acts.Ledger
	Knowledge
}

// Act is one act of a monitor, with its outcome.
type Act struct {
	Monitor string
	Request sdk.Request
	Result  sdk.Result
}

// Observation is what an engine has just taken: an observation, or, where that is
// nil, that the times of the last action were put right.
type Observation struct {
	Monitor string
	At      time.Time
	Seen    rule.Observation
	// Lines are those that an observation of the log comes from; Fresh says that
	// the parser began anew with them.
	Lines []sdk.Line
	Fresh bool
	Knowledge
}

func (m *Monitor) knowledge() Knowledge { return Knowledge{Engine: m.engine, Parser: m.parserState} }

// observe gives an observation to the engine, and to the recorders.
func (m *Monitor) observe(t time.Time, o rule.Observation) {
	m.engine.Observe(t, o)
	m.notifyObserved(Observation{At: t, Seen: o})
}

// restoreEngine puts the times of the last action right.
func (m *Monitor) restoreEngine(now, done, failed time.Time) {
	m.engine.Restore(now, done, failed)
	m.notifyObserved(Observation{At: now})
}

func (m *Monitor) notifyObserved(o Observation) {
	o.Monitor, o.Knowledge = m.Name, m.knowledge()
	for _, observer := range m.Observers {
		if recorder, ok := observer.(Recorder); ok {
			recorder.Observed(o)
		}
	}
}

func (m *Monitor) notifyChecked(c Check) {
	c.Monitor, c.Knowledge = m.Name, m.knowledge()
	for _, observer := range m.Observers {
		observer.Checked(c)
	}
}

func (m *Monitor) notifyActed(request sdk.Request, result sdk.Result) {
	for _, observer := range m.Observers {
		observer.Acted(Act{Monitor: m.Name, Request: request, Result: result})
	}
}
