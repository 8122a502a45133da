package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// ErrUnreachable says that the engine has refused the connection for too long.
var ErrUnreachable = errors.New("the engine has refused the connection for 10 minutes")

// ErrPluginDown is in the errors of a plugin whose process is not there at the
// moment, or went in the middle of the call: it is being started again, and the
// engine behind it is not to blame.
var ErrPluginDown = errors.New("plugin is down")

// check settles what is open, asks everything anew, has the engine judge, says
// what it says and does what it decides.
func (m *Monitor) check(ctx context.Context) error {
	m.restore()
	if m.unsaved {
		// A failure is told by save, and tried again at the next check.
		_ = m.save()
	}
	m.settle(ctx)
	refused := m.look(ctx)
	if ctx.Err() != nil {
		return nil
	}
	hold := m.hold()
	m.engine.Hold(hold)
	seen := m.engine.Case()
	v := m.engine.Check(time.Now())
	m.remember(v.Time)
	if v.Kind == rule.Act {
		v, hold = m.prepare(v)
	}
	m.record(Seen{At: v.Time, Verdict: &v, Hold: hold})
	m.tell(v)
	if examiner, ok := m.Listener.(Examiner); ok {
		examiner.Examined(m.Name, seen, v)
	}
	m.Listener.Checked(m.Name, v)
	if v.Kind == rule.Act {
		m.act(ctx)
	} else if m.restored {
		_ = m.save()
	}
	return refused
}

// look asks the heads and inspects the target, all at once. Its error is
// ErrUnreachable.
func (m *Monitor) look(ctx context.Context) error {
	var asked sync.WaitGroup
	reports := make(chan rule.Observation, len(m.Heads))
	for name, source := range m.Heads {
		asked.Go(func() { reports <- m.askHead(ctx, name, source) })
	}
	refused := m.observeTarget(ctx)
	asked.Wait()
	close(reports)
	if ctx.Err() != nil {
		return nil
	}
	for report := range reports {
		m.observe(time.Now(), report)
	}
	return refused
}

// askHead turns the answer of a head source into an observation.
func (m *Monitor) askHead(ctx context.Context, name string, source HeadSource) rule.Observation {
	head, err := call(ctx, m.calls.heads[name], m.Patience, source.GetHead)
	if err != nil {
		return rule.HeadError{Source: name, Error: err.Error()}
	}
	return rule.Head{Source: name, Best: head.Best, Finalized: head.Finalized, Hash: head.Hash, BlockTime: head.Time, Endpoint: head.Endpoint}
}

// observeTarget inspects the target. Its error is ErrUnreachable.
func (m *Monitor) observeTarget(ctx context.Context) error {
	state, err := call(ctx, &m.calls.inspect, m.Patience, m.Target.Inspect)
	if ctx.Err() != nil {
		return nil
	}
	now := time.Now()
	if err != nil {
		m.observe(now, rule.Target{Error: err.Error()})
		return m.refusedSince(now, err)
	}
	m.unreachable = time.Time{}
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
	if m.say(&m.said.refused, state.Refuse) {
		m.Logger.Error("this target is watched, but never restarted", "reason", state.Refuse)
	}
	m.observe(now, targetOf(state))
	return nil
}

// refusedSince follows how long the engine has refused the connection.
func (m *Monitor) refusedSince(now time.Time, err error) error {
	if code(err) != codes.Unavailable || errors.Is(err, ErrPluginDown) {
		m.unreachable = time.Time{}
		return nil
	}
	if m.unreachable.IsZero() {
		m.unreachable = now
	}
	if now.Sub(m.unreachable) < unreachableFor {
		return nil
	}
	return fmt.Errorf("monitor %s: %w: %w", m.Name, ErrUnreachable, err)
}

func targetOf(s sdk.State) rule.Target {
	return rule.Target{Exists: s.Exists, Running: s.Running, Paused: s.Paused, Restarting: s.Restarting, StartedAt: s.StartedAt,
		FinishedAt: s.FinishedAt, ExitCode: s.ExitCode, OOMKilled: s.OOMKilled, Name: s.Name, MayStart: s.MayStart, Refuse: s.Refuse}
}

// tell says what the check came to: its sentences at info, and once each what
// an operator must not miss.
func (m *Monitor) tell(v rule.Verdict) {
	for i, sentence := range v.Sentences {
		if i < len(v.Sentences)-1 {
			m.Logger.Info(sentence)
			continue
		}
		attrs := []any{"verdict", string(v.Kind)}
		if v.Rule != "" {
			attrs = append(attrs, "rule", v.Rule)
		}
		m.Logger.Info(sentence, attrs...)
	}
	if m.say(&m.said.blind, blindText(v)) {
		m.Logger.Warn("this monitor is blind", "unknown_for", v.UnknownFor.Round(time.Second), "reason", v.Reason)
	}
	cause := ""
	if v.Rule == rule.RuleCause {
		cause = v.Reason
	}
	if m.say(&m.said.cause, cause) {
		m.Logger.Error("a person has to see to this node; it is not restarted", "reason", cause)
	}
	if m.say(&m.said.trouble, v.Trouble) {
		m.Logger.Warn("the node's log shows trouble", "trouble", v.Trouble)
	}
}

// blindText changes only when a monitor goes blind or sees again.
func blindText(v rule.Verdict) string {
	if v.Blind() {
		return "blind"
	}
	return ""
}

// attrs of a result, for the log.
func resultAttrs(r sdk.Result) []any {
	attrs := []any{slog.String("detail", r.Detail)}
	if r.StopTook > 0 {
		attrs = append(attrs, slog.Duration("stop_took", r.StopTook.Round(time.Millisecond)))
	}
	// Without an exit code it is not known how the run ended.
	if r.ExitCode != nil {
		attrs = append(attrs, slog.Int("exit_code", *r.ExitCode), slog.Bool("killed", r.Killed))
	}
	return attrs
}
