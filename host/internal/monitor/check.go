package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// ErrPluginDown is in the errors of a plugin whose process is not there at the
// moment, or went in the middle of the call: it is being started again, and the
// engine behind it is not to blame.
var ErrPluginDown = errors.New("plugin is down")

// check settles what is open, asks everything anew, has the engine judge, says
// what it says and does what it decides.
func (m *Monitor) check(ctx context.Context) *rule.Verdict {
	m.restore()
	if m.unsaved {
		// A failure is told by save, and tried again at the next check.
		_ = m.save()
	}
	m.settle(ctx)
	m.look(ctx)
	if ctx.Err() != nil {
		return nil
	}
	hold := m.hold()
	m.engine.Hold(hold)
	m.confirmLog(ctx, time.Now())
	if ctx.Err() != nil {
		return nil
	}
	before := m.engine.Clone()
	v := m.engine.Check(time.Now())
	m.remember(v.Time)
	if v.Kind == rule.Act {
		v, hold = m.prepare(v)
	}
	m.notifyChecked(Check{Before: before, Verdict: v, Hold: hold, CannotAct: m.cannotAct(hold), LogDelay: m.delivery.delay,
		Hazards: m.engine.Hazards(), Heads: m.engine.Heads(), Acts: m.engine.Acts()})
	if v.Kind == rule.Act {
		m.act(ctx)
	} else if m.restored {
		_ = m.save()
	}
	return &v
}

// cannotAct says why nothing may be done, whatever the rules say.
func (m *Monitor) cannotAct(hold string) string {
	switch {
	case hold != "":
		return hold
	case m.Settings.DryRun:
		return "dry run"
	case m.engine.Paused() != nil:
		return "paused"
	}
	return string(m.said.refused)
}

// look asks the heads and the node, and inspects the target, all at once.
func (m *Monitor) look(ctx context.Context) {
	var asked sync.WaitGroup
	reports := make(chan rule.Observation, len(m.Heads)+1)
	for name, source := range m.Heads {
		asked.Go(func() { reports <- m.askHead(ctx, name, source) })
	}
	if m.Node != nil {
		asked.Go(func() { reports <- m.askNode(ctx) })
	}
	m.observeTarget(ctx)
	asked.Wait()
	close(reports)
	if ctx.Err() != nil {
		return
	}
	for report := range reports {
		m.observe(time.Now(), report)
	}
}

// askHead turns the answer of a head source into an observation.
func (m *Monitor) askHead(ctx context.Context, name string, source HeadSource) rule.Observation {
	head, err := call(ctx, m.calls.heads[name], m.Patience, source.GetHead)
	if err != nil {
		return rule.HeadError{Source: name, Error: err.Error()}
	}
	return observe.Head(name, head)
}

// askNode turns the answer of the node's own endpoint into an observation.
func (m *Monitor) askNode(ctx context.Context) rule.Observation {
	node, err := call(ctx, &m.calls.node, m.Patience, m.Node.GetHead)
	if err != nil {
		return rule.NodeError{Source: m.NodeName, Error: err.Error()}
	}
	return rule.Node(observe.Head(m.NodeName, node))
}

// observeTarget inspects the target.
func (m *Monitor) observeTarget(ctx context.Context) {
	state, err := call(ctx, &m.calls.inspect, m.Patience, m.Target.Inspect)
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	if err != nil {
		m.observe(now, rule.Target{Error: err.Error()})
		m.followRefusal(now, err)
		return
	}
	m.accepted()
	m.clockAhead, m.ahead, m.actTakes, m.stopTakes = state.ClockAhead, observe.Ahead(state), state.ActTakes, state.StopTakes
	m.sayClock()
	if state.Alarm != "" {
		m.Logger.Error(state.Alarm)
	}
	m.sayHazards(state)
	for _, note := range state.Notes {
		if !m.notes[note] {
			m.notes[note] = true
			m.Logger.Warn(note)
		}
	}
	if state.Exists {
		m.targetID = state.ID
		if owner := m.Claims.Claim(m.Name, state.ID); owner != "" {
			state.Refuse = fmt.Sprintf("monitor %s watches the same target", owner)
		}
	}
	if m.said.refused.changes(state.Refuse) {
		m.Logger.Error("this target is watched, but never restarted", "reason", state.Refuse)
	}
	m.observe(now, observe.Target(state))
}

// Differences between this machine's clock and that which stamps the log: from the
// first it is said once, from the second it is a mistake that a person should mend.
const (
	clockOff    = 5 * time.Second
	clockFarOff = time.Minute
)

// sayClock says once that the clocks differ.
func (m *Monitor) sayClock() {
	level, words := slog.LevelWarn, ""
	switch off := m.ahead.Abs(); {
	case off > clockFarOff:
		level, words = slog.LevelError, "far"
	case off > clockOff:
		words = "a little"
	}
	if !m.said.clock.changes(words) {
		return
	}
	which := "behind"
	if m.ahead > 0 {
		which = "ahead of"
	}
	m.Logger.Log(context.Background(), level, "the clock that stamps the log is "+which+" this machine's; ages are told by this machine's clock",
		"difference", m.ahead.Abs().Round(time.Second))
}

// followRefusal follows since when the engine has refused the connection, and
// says once when that has lasted long. The monitor goes on trying.
func (m *Monitor) followRefusal(now time.Time, err error) {
	if sdk.FailureOf(err) != sdk.FailureUnavailable || errors.Is(err, ErrPluginDown) {
		m.accepted()
		return
	}
	m.refused.CompareAndSwap(0, now.UnixNano())
	if now.Sub(m.RefusedSince()) < refusedMost {
		return
	}
	if m.said.engine.changes("refused") {
		m.Logger.Error("the engine has refused the connection for ten minutes; this monitor is blind and goes on trying", "error", err)
	}
}

// accepted says that the engine did not refuse the connection.
func (m *Monitor) accepted() {
	m.refused.Store(0)
	m.said.engine.changes("")
}

// RefusedSince is since when the engine has refused the connection at each
// attempt; zero while it does not. Any goroutine may call it.
func (m *Monitor) RefusedSince() time.Time {
	nanos := m.refused.Load()
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}
