package monitor

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/store"
	"github.com/headwatch/headwatch/sdk"
)

// unwritable is the guard that holds every act while no intent can be kept.
const unwritable = "state cannot be written"

// restore takes what an earlier host kept.
func (m *Monitor) restore() {
	if m.Keeper == nil {
		return
	}
	now := time.Now()
	state, aside, err := m.Keeper.Load(m.Name, now)
	if err != nil {
		m.Logger.Error("the state of this monitor cannot be read; nothing will be restarted", "error", err)
		m.Keeper, m.Unkept = nil, "state cannot be read"
		return
	}
	if aside != "" {
		m.Logger.Warn("the state of this monitor was damaged; it was set aside, and a full cooldown begins", "file", aside)
	}
	m.state = state
	m.engine.Restore(now, state.LastDone, state.LastFailed)
}

// hold is the host's own reason to act on nothing at present; empty for none.
func (m *Monitor) hold() string {
	switch {
	case m.Keeper == nil:
		return m.Unkept
	case m.state.Intent != nil:
		return "the outcome of an earlier action is not known yet"
	}
	return ""
}

// prepare writes the intent of an act. Without one nothing is done: the verdict
// is then held, and the next check tries again.
func (m *Monitor) prepare(v rule.Verdict) rule.Verdict {
	m.state.Intent = &store.Intent{RequestID: rand.Text(), TargetID: m.targetID, RunStartedAt: m.engine.Run(),
		AskedAt: time.Now(), Rule: v.Rule, Reason: v.Reason}
	if err := m.Keeper.Save(m.Name, m.state); err != nil {
		m.Logger.Error("nothing is restarted without a written intent", "error", err)
		m.state.Intent = nil
		return m.engine.Reconsider(v, unwritable)
	}
	return v
}

// act carries out the intent that prepare wrote. It goes on while the host is
// being ended, within a grace time.
func (m *Monitor) act(ctx context.Context, v rule.Verdict) {
	request := m.request(false)
	result := m.execute(ctx, request)
	if ctx.Err() != nil && result.Outcome == sdk.Unknown {
		m.Logger.Warn("the host ends while an action is under way; the next start settles it", "request", request.ID)
		return
	}
	m.finish(request, result)
}

func (m *Monitor) request(resume bool) sdk.Request {
	i := m.state.Intent
	return sdk.Request{ID: i.RequestID, Reason: i.Reason, TargetID: i.TargetID, RunStartedAt: i.RunStartedAt, AskedAt: i.AskedAt, Resume: resume}
}

// execute asks the plugin to act. An error that does not say that nothing was
// done leaves the outcome unknown.
func (m *Monitor) execute(ctx context.Context, request sdk.Request) sdk.Result {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if sleep(working, actGrace) {
			cancel()
		}
	})()
	result, err := m.Target.Execute(working, request)
	switch {
	case err == nil:
		return result
	case request.Resume:
		return sdk.Result{Outcome: sdk.Unknown, Detail: err.Error()}
	}
	return sdk.Result{Outcome: outcomeOf(err), Detail: err.Error()}
}

// finish takes the outcome of an act and closes the intent, unless it is not
// known yet.
func (m *Monitor) finish(request sdk.Request, result sdk.Result) {
	now := time.Now()
	outcome := map[sdk.Outcome]rule.Outcome{sdk.Done: rule.Done, sdk.NotDone: rule.NotDone, sdk.Failed: rule.Failed}[result.Outcome]
	if outcome == "" {
		outcome = rule.Unclear
	}
	m.engine.Observe(now, rule.Action{Outcome: outcome, Detail: result.Detail})
	m.state.LastDone, m.state.LastFailed = m.engine.LastAction()
	if outcome != rule.Unclear {
		m.state.Intent = nil
	}
	if err := m.Keeper.Save(m.Name, m.state); err != nil {
		m.Logger.Error("the outcome of an action could not be written", "error", err)
	}
	m.Listener.Acted(m.Name, request, result)
	switch outcome {
	case rule.Done:
		m.Logger.Info("the target was restarted", resultAttrs(result)...)
	case rule.NotDone:
		m.Logger.Warn("the target was not restarted", resultAttrs(result)...)
	case rule.Failed:
		m.Logger.Error("the target could not be restarted", resultAttrs(result)...)
	default:
		m.Logger.Error("it is not known whether the target was restarted", resultAttrs(result)...)
	}
}

// settle asks after an act whose end was not seen: by this host, or by one that
// died. Nothing else is decided for this target meanwhile.
func (m *Monitor) settle(ctx context.Context) {
	if m.state.Intent == nil {
		return
	}
	request := m.request(true)
	result := m.execute(ctx, request)
	if result.Outcome == sdk.Unknown && time.Since(request.AskedAt) < settleFor {
		m.Logger.Warn("it is not known yet what became of an earlier action", "detail", result.Detail)
		return
	}
	if result.Outcome == sdk.Unknown {
		result.Outcome = sdk.Failed
	}
	m.finish(request, result)
}
