package monitor

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// The host's own reasons to act on nothing.
const (
	unwritable = "state cannot be written"
	unreadable = "state cannot be read"
	unsettled  = "the outcome of an earlier action is not known yet"
)

// restore takes what an earlier host kept. Until that works nothing is done to
// the target, and each check tries again.
func (m *Monitor) restore() {
	if m.restored {
		return
	}
	now := time.Now()
	state, aside, err := m.Keeper.Load(m.Name, now)
	if err != nil {
		m.unrestored = unreadable
		if errors.Is(err, ErrUnwritable) {
			m.unrestored = unwritable
		}
		if m.said.store.changes(m.unrestored) {
			m.Logger.Error("the state of this monitor cannot be read; nothing is restarted until it can", "error", err)
		}
		return
	}
	if aside != "" {
		m.Logger.Warn("the state of this monitor was damaged; it was set aside, and a full cooldown begins", "file", aside)
	}
	m.restored, m.state = true, state
	m.recall(now)
	if lasting := state.Lasting; lasting != nil {
		if state.Intent == nil {
			lasting.Acts.Asked = nil // what became of it is known
		}
		m.engine.Recall(now, *lasting)
		if p := m.engine.Paused(); p != nil {
			m.Logger.Warn("this monitor is paused, and acts on nothing", "until", p.Until().UTC().Format(time.RFC3339), "by", p.By, "reason", p.Reason)
		}
	}
	m.restoreEngine(now, state.LastDone, state.LastFailed)
	m.state.LastDone, m.state.LastFailed = m.engine.LastAction()
	m.doneBefore = m.state.LastDone
	if aside != "" || !m.state.LastDone.Equal(state.LastDone) || !m.state.LastFailed.Equal(state.LastFailed) {
		// The next host must find the cooldown that this one begins with.
		_ = m.save()
	}
}

// save writes the state. Where that fails, the next check tries again.
func (m *Monitor) save() error {
	err := m.Keeper.Save(m.Name, m.state)
	m.unsaved = err != nil
	switch {
	case err == nil:
		m.said.store = ""
	case m.said.store.changes(unwritable):
		m.Logger.Error("the state of this monitor cannot be written; nothing is restarted until it can", "error", err)
	}
	return err
}

// hold is the host's own reason to act on nothing at present; empty for none.
func (m *Monitor) hold() string {
	switch {
	case !m.restored:
		return m.unrestored
	case m.state.Intent != nil:
		return unsettled
	}
	return ""
}

// prepare writes the intent of an act. Without one nothing is done: the verdict
// is then held, for the reason it returns, and the next check tries again.
func (m *Monitor) prepare(v rule.Verdict) (prepared rule.Verdict, hold string) {
	m.doneBefore = m.state.LastDone
	m.state.Intent = &Intent{RequestID: rand.Text(), TargetID: m.targetID, RunStartedAt: m.engine.Run(),
		AskedAt: time.Now(), Rule: v.Rule, Reason: v.Reason}
	if m.save() != nil {
		m.state.Intent = nil
		return m.engine.Reconsider(v, unwritable), unwritable
	}
	return v, ""
}

// act carries out the intent that prepare wrote. It goes on while the host is
// being ended, within a grace time.
func (m *Monitor) act(ctx context.Context) {
	request := m.request(false)
	if ctx.Err() != nil {
		m.finish(request, sdk.Result{Outcome: sdk.NotDone, Detail: "the host ends"})
		return
	}
	result, err := m.execute(ctx, request)
	if err != nil {
		result = sdk.Result{Outcome: outcomeOf(err), Detail: err.Error()}
	}
	if ctx.Err() != nil && !known(result.Outcome) {
		m.Logger.Warn("the host ends while an action is under way; the next start settles it", "request", request.ID)
		return
	}
	m.finish(request, result)
}

func (m *Monitor) request(resume bool) sdk.Request {
	i := m.state.Intent
	request := sdk.Request{ID: i.RequestID, Reason: i.Reason, TargetID: i.TargetID, RunStartedAt: i.RunStartedAt, AskedAt: i.AskedAt, Resume: resume}
	if p := m.Settings.Preflight; p != nil {
		request.Preflight, request.AllowedHazards = true, p.Allow
	}
	return request
}

// execute asks the plugin to act, and goes on for as long as the target may take
// to stop after the host is being ended. Where only this monitor is replaced the act goes
// on to its end.
func (m *Monitor) execute(ctx context.Context, request sdk.Request) (sdk.Result, error) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), ErrReplaced) {
			return
		}
		grace := max(actGrace, m.actTakes)
		if m.stopTakes > 0 {
			grace = m.stopTakes + stopGrace
		}
		m.Logger.Warn("the host ends after the act that is under way, or when it has waited long enough", "at_most", grace)
		if sleep(working, grace) {
			cancel()
		}
	})()
	return call(working, &m.calls.execute, max(m.Patience, m.actTakes+heedAct), func(ctx context.Context) (sdk.Result, error) {
		return m.Target.Execute(ctx, request)
	})
}

// finish takes the outcome of an act and closes the intent, unless it is not
// known yet.
func (m *Monitor) finish(request sdk.Request, result sdk.Result) {
	now := time.Now()
	m.observe(now, rule.Action{Outcome: observed(result.Outcome), Detail: result.Detail,
		Killed: result.Killed, StopTook: result.StopTook.Seconds(), ExitCode: result.ExitCode})
	if request.Resume {
		m.correct(now, result)
	}
	m.state.LastDone, m.state.LastFailed = m.engine.LastAction()
	m.remember(now)
	if known(result.Outcome) {
		m.state.Intent, m.asking = nil, time.Time{}
	}
	// A failure is told by save, and tried again at the next check.
	_ = m.save()
	m.notifyActed(request, result)
}

// correct puts the cooldown right once it is known what became of an act that
// counted as done: it was done when the target started, or not at all.
func (m *Monitor) correct(now time.Time, result sdk.Result) {
	done, failed := m.engine.LastAction()
	switch {
	case result.Outcome == sdk.Done && !result.StartedAt.IsZero():
		done = result.StartedAt
	case result.Outcome == sdk.NotDone:
		done = m.doneBefore
	}
	m.restoreEngine(now, done, failed)
}

// settle asks after an act whose end was not seen: by this host, or by one that
// died. Nothing else is decided for this target meanwhile. The time that a
// plugin has for it counts only while it can be asked. A dry run leaves the
// intent to a host that may act, for settling may mean to finish the act.
func (m *Monitor) settle(ctx context.Context) {
	if m.state.Intent == nil || m.Settings.DryRun || ctx.Err() != nil {
		return
	}
	request := m.request(true)
	result, err := m.execute(ctx, request)
	if err != nil {
		result = sdk.Result{Outcome: sdk.Unknown, Detail: err.Error()}
	}
	if ctx.Err() != nil && !known(result.Outcome) {
		return
	}
	now := time.Now()
	if m.asking.IsZero() || absent(err) {
		m.asking = now
	}
	if !known(result.Outcome) {
		if now.Sub(m.asking) < settleFor || now.Before(result.OpenUntil) {
			m.Logger.Warn("it is not known yet what became of an earlier action", "detail", result.Detail)
			return
		}
		result.Outcome = sdk.Failed
	}
	m.finish(request, result)
}
