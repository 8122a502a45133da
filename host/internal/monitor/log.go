package monitor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// follow reads the log into items until ctx is done, opening it again with the
// last cursor whenever reading ends.
func (m *Monitor) follow(ctx context.Context, items chan<- sdk.LogItem) {
	place := logPlace{from: sdk.ReadFrom{Tail: m.Tail}}
	send := func(item sdk.LogItem) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case items <- item:
		}
		place.note(item)
		return nil
	}
	for pause := reopenFirst; ; {
		opened := time.Now()
		err := m.readOnce(ctx, place.from, send)
		if ctx.Err() != nil || send(sdk.Unreadable{Reason: reasonOf(err)}) != nil {
			return
		}
		if place.lost() && send(sdk.Gap{Reason: "the log source gave no cursor to go on from"}) != nil {
			return
		}
		if errors.Is(err, errReopened) {
			pause = reopenFirst
			continue
		}
		pause = nextPause(pause, time.Since(opened), err)
		if !sleep(ctx, pause/2+rand.N(pause/2)) {
			return
		}
	}
}

// logPlace is the place in a log up to which it was read.
type logPlace struct {
	from sdk.ReadFrom
	// read says that lines were read since the last loss.
	read bool
}

func (p *logPlace) note(item sdk.LogItem) {
	if lines, ok := item.(sdk.Lines); ok {
		p.read = true
		if lines.Cursor != nil {
			p.from.Cursor = lines.Cursor
		}
	}
}

// lost says, once, that there is no place to go on from.
func (p *logPlace) lost() bool {
	lost := p.read && p.from.Cursor == nil
	p.read = p.read && !lost
	return lost
}

// readOnce reads the log until that ends, or until it is to be opened again.
func (m *Monitor) readOnce(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	m.reopen.Store(stop)
	err := m.readLog(reading, from, send)
	if errors.Is(context.Cause(reading), errReopened) {
		return errReopened
	}
	return err
}

func (m *Monitor) readLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	_, err := call(ctx, &m.calls.log, 0, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, m.Log.ReadLog(ctx, from, send)
	})
	return err
}

// nextPause grows the pause with each reading that did not last, and makes it
// long at once where trying again soon is of no use.
func nextPause(pause, lasted time.Duration, err error) time.Duration {
	switch failure := sdk.FailureOf(err); {
	case failure == sdk.FailureUnsupported || failure == sdk.FailureInvalid:
		return reopenMost
	case lasted > reopenMost:
		return reopenFirst
	}
	return min(2*pause, reopenMost)
}

// takeItem takes one item of the log.
func (m *Monitor) takeItem(ctx context.Context, item sdk.LogItem) {
	now := time.Now()
	switch item := item.(type) {
	case sdk.RunStarted:
		m.accepted()
		if !item.StartedAt.Equal(m.streamRun) {
			m.streamRun, m.parserState, m.delivery.recent = item.StartedAt, nil, nil
		}
		if item.StartedAt.After(m.engine.Run()) {
			m.observe(now, observe.Target(sdk.State{Exists: true, Running: true, StartedAt: item.StartedAt, ClockAhead: m.clockAhead}))
		}
	case sdk.Lines:
		if len(item.Lines) == 0 {
			return
		}
		m.accepted()
		m.noteDelivered(item.Lines, now)
		m.waiting = append(m.waiting, m.byThisClock(item.Lines)...)
		m.parse(ctx)
	case sdk.BacklogEnd:
		m.live, m.delivery.late, m.delivery.doubted = true, false, false
		m.accepted()
		m.said.logState.changes("")
		m.observe(now, rule.Log{})
	case sdk.Gap:
		m.Logger.Warn("lines of the log are missing", "reason", item.Reason, "after", item.After, "until", item.Until)
		m.observe(now, rule.LogGap{Reason: "lines of the log are missing: " + item.Reason})
	case sdk.Unreadable:
		m.live = false
		if m.said.logState.changes(item.Reason) {
			m.Logger.Warn("the log cannot be read", "reason", item.Reason)
		}
		m.observe(now, rule.LogError{Error: item.Reason})
	}
}

// byThisClock are the lines with their stamps as this machine's clock told them.
func (m *Monitor) byThisClock(lines []sdk.Line) []sdk.Line {
	if m.ahead == 0 {
		return lines
	}
	lines = slices.Clone(lines)
	for i := range lines {
		if !lines[i].Time.IsZero() {
			lines[i].Time = lines[i].Time.Add(-m.ahead)
		}
	}
	return lines
}

// parse gives the waiting lines to the parser. Lines of a run that is over are
// dropped: they say nothing about this one. Where the parser cannot be reached
// the lines wait, and the log counts as unreadable meanwhile.
func (m *Monitor) parse(ctx context.Context) {
	if len(m.waiting) == 0 {
		return
	}
	if !m.streamRun.IsZero() && m.streamRun.Before(m.engine.Run()) {
		m.waiting, m.broken = nil, 0
		return
	}
	state, lines := m.parserState, m.waiting
	p, err := call(ctx, &m.calls.parse, m.Patience, func(ctx context.Context) (parsed, error) {
		next, events, err := m.Parser.Parse(ctx, state, lines)
		return parsed{next, events}, err
	})
	switch {
	case err == nil:
		m.take(p)
	case ctx.Err() == nil:
		m.parseFailed(err)
	}
}

// parsed is the answer of a parser.
type parsed struct {
	state  []byte
	events []nodelog.Event
}

// take takes what the parser made of the waiting lines.
func (m *Monitor) take(p parsed) {
	lines, fresh := m.waiting, m.parserState == nil
	log := m.read(p)
	if m.live {
		m.said.logState.changes("")
	}
	now := time.Now()
	m.engine.Observe(now, log)
	m.notifyObserved(Observation{At: now, Seen: log, Lines: lines, Fresh: fresh})
}

// read ends the wait of the lines and is what was read with them.
func (m *Monitor) read(p parsed) rule.Log {
	log := rule.Log{Lines: len(m.waiting), Last: m.waiting[len(m.waiting)-1].Time, Events: p.events, Partial: !m.live || m.delivery.late || m.delivery.doubted}
	m.parserState, m.waiting, m.broken = p.state, nil, 0
	return log
}

// parseFailed makes the log count as unreadable. Lines that the parser itself
// breaks on time and again are given up: else one of them would make this
// monitor blind for as long as the run lasts.
func (m *Monitor) parseFailed(err error) {
	reason := "parser: " + err.Error()
	if m.said.logState.changes(reason) {
		m.Logger.Warn("the log cannot be parsed", "error", err)
	}
	m.observe(time.Now(), rule.LogError{Error: reason})
	if failure := sdk.FailureOf(err); failure == sdk.FailurePanic || failure == sdk.FailureInvalid {
		m.broken++
	}
	if m.broken < parseTries {
		return
	}
	lost := len(m.waiting)
	if m.live {
		m.said.logState.changes("")
	}
	m.observe(time.Now(), m.read(parsed{}))
	m.Logger.Error("lines are left out that the parser breaks on", "lines", lost, "error", err)
	m.observe(time.Now(), rule.LogGap{Reason: fmt.Sprintf("the parser broke on %d lines: %v", lost, err)})
}

// reasonOf is what an end of reading means for an operator.
func reasonOf(err error) string {
	if err == nil {
		return "the log source ended"
	}
	return err.Error()
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
