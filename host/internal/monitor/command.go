package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// MostPause is the longest that a person may pause a monitor for.
const MostPause = 7 * 24 * time.Hour

// Command is a person's word to a running monitor: a pause, its end, or a check
// now.
type Command struct {
	// Pause is the pause that begins, or ends where it is for no time; nil for a
	// check.
	Pause *rule.Pause
}

// Answer is what came of a command.
type Answer struct {
	// Verdict is that of a check that was asked for.
	Verdict *rule.Verdict `json:"-"`
	// Text says what holds now, in an operator's words.
	Text string `json:"text"`
}

// errEnded is the answer of a monitor that is gone.
var errEnded = errors.New("the monitor has ended")

// order is a command with where its answer goes.
type order struct {
	Command
	answer chan result
}

type result struct {
	Answer
	err error
}

// Do gives the monitor a command, and waits for its answer or the end of ctx. Any
// goroutine may call it.
func (m *Monitor) Do(ctx context.Context, c Command) (Answer, error) {
	o := order{c, make(chan result, 1)}
	select {
	case m.orders <- o:
	case <-m.ended:
		return Answer{}, errEnded
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("the monitor is busy, with an act or a slow call: %w", ctx.Err())
	}
	select {
	case r := <-o.answer:
		return r.Answer, r.err
	case <-m.ended:
		return Answer{}, errEnded
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("the monitor took the command, and its answer did not come in time: %w", ctx.Err())
	}
}

// obey carries out a command.
func (m *Monitor) obey(ctx context.Context, o order) {
	if o.Pause != nil {
		text, err := m.pause(*o.Pause)
		o.answer <- result{Answer{Text: text}, err}
		return
	}
	m.parse(ctx)
	m.drain(ctx)
	v := m.check(ctx)
	if v == nil {
		o.answer <- result{err: errEnded}
		return
	}
	o.answer <- result{Answer: Answer{Verdict: v, Text: string(v.Kind) + ": " + v.Reason}}
}

// pause begins or ends a pause. It is in force also where it cannot be kept, which is
// then its error.
func (m *Monitor) pause(p rule.Pause) (string, error) {
	now := time.Now()
	if p.For > MostPause {
		return "", fmt.Errorf("a pause lasts for seven days at most, not for %s", p.For)
	}
	m.observe(now, p)
	text := "resumed by " + p.By
	if p := m.engine.Paused(); p != nil {
		text = fmt.Sprintf("paused by %s until %s: %s", p.By, p.Until().UTC().Format(time.RFC3339), p.Reason)
	}
	m.Logger.Warn("a person's word: "+text, "by", p.By)
	m.keepLasting(now)
	if !m.restored {
		return text, fmt.Errorf("%s; it lasts until this host ends, for %s", text, m.unrestored)
	}
	if m.save() != nil {
		return text, fmt.Errorf("%s; it lasts until this host ends, for %s", text, unwritable)
	}
	return text, nil
}
