package monitor

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// follow reads the log into items until ctx is done, opening it again with the
// last cursor whenever reading ends.
func (m *Monitor) follow(ctx context.Context, items chan<- sdk.LogItem) {
	from := sdk.ReadFrom{Tail: m.Tail}
	pause := reopenFirst
	send := func(item sdk.LogItem) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case items <- item:
		}
		if lines, ok := item.(sdk.Lines); ok {
			pause = reopenFirst
			if lines.Cursor != nil {
				from.Cursor = lines.Cursor
			}
		}
		return nil
	}
	for {
		err := m.Log.ReadLog(ctx, from, send)
		if ctx.Err() != nil {
			return
		}
		if send(sdk.Unreadable{Reason: reasonOf(err)}) != nil {
			return
		}
		if code(err) == codes.Unimplemented || code(err) == codes.InvalidArgument {
			pause = reopenMost
		}
		if !sleep(ctx, pause/2+rand.N(pause)) {
			return
		}
		pause = min(2*pause, reopenMost)
	}
}

// takeItem takes one item of the log.
func (m *Monitor) takeItem(ctx context.Context, item sdk.LogItem) {
	now := time.Now()
	switch item := item.(type) {
	case sdk.RunStarted:
		m.streamRun, m.parserState = item.StartedAt, nil
		if item.StartedAt.After(m.engine.Run()) {
			m.engine.Observe(now, rule.Target{Exists: true, Running: true, StartedAt: item.StartedAt})
		}
	case sdk.Lines:
		m.waiting = append(m.waiting, item.Lines...)
		m.parse(ctx)
	case sdk.BacklogEnd:
		m.live = true
		m.say(&m.said.logState, "")
		m.engine.Observe(now, rule.Log{})
	case sdk.Gap:
		m.Logger.Warn("lines of the log are missing", "reason", item.Reason, "after", item.After, "until", item.Until)
		m.engine.Observe(now, rule.LogGap{Reason: "lines of the log are missing: " + item.Reason})
	case sdk.Unreadable:
		m.live = false
		if m.say(&m.said.logState, item.Reason) {
			m.Logger.Warn("the log cannot be read", "reason", item.Reason)
		}
		m.engine.Observe(now, rule.LogError{Error: item.Reason})
	}
}

// parse gives the waiting lines to the parser. Lines of a run that is over are
// dropped: they say nothing about this one. Where the parser cannot be reached
// the lines wait, and the log counts as unreadable meanwhile.
func (m *Monitor) parse(ctx context.Context) {
	if len(m.waiting) == 0 {
		return
	}
	if !m.streamRun.IsZero() && m.streamRun.Before(m.engine.Run()) {
		m.waiting = nil
		return
	}
	next, events, err := m.Parser.Parse(ctx, m.parserState, m.waiting)
	now := time.Now()
	if err != nil {
		if m.say(&m.said.logState, "parser: "+err.Error()) {
			m.Logger.Warn("the log cannot be parsed", "error", err)
		}
		m.engine.Observe(now, rule.LogError{Error: "parser: " + err.Error()})
		return
	}
	log := rule.Log{Lines: len(m.waiting), Last: m.waiting[len(m.waiting)-1].Time, Events: events, Partial: !m.live}
	if m.live {
		m.say(&m.said.logState, "")
	}
	m.parserState, m.waiting = next, nil
	m.engine.Observe(now, log)
}

// say remembers what was said last and tells whether it is news.
func (m *Monitor) say(last *string, text string) bool {
	news := *last != text
	*last = text
	return news && text != ""
}

// reasonOf is what an end of reading means for an operator.
func reasonOf(err error) string {
	if err == nil {
		return "the log source ended"
	}
	return err.Error()
}

// code is the status of an error of a plugin.
func code(err error) codes.Code {
	var e *sdk.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return codes.DeadlineExceeded
	}
	return codes.Unknown
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
