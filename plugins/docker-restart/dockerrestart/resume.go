package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/pause"
	"github.com/headwatch/headwatch/sdk"
)

// errLostSight stands for the outcome of the first call.
var errLostSight = errors.New("headwatch lost sight of the restart")

// resume finds out what became of an earlier call of which the host lost sight.
// It finishes an act that has a claim, and begins none.
func (a *act) resume(ctx context.Context) (sdk.Result, error) {
	claimed, ok := a.claims.Of(a.request.TargetID)
	if !ok || claimed.RequestID != a.request.ID {
		return a.resumeUnclaimed(), nil
	}
	if claimed.Result != nil {
		return claimed.Result.SDK(), nil
	}
	a.claim = claimed
	a.note("it is being found out what became of the "+a.verb(), time.Now().Add(a.budget()))
	return a.conclude(a.resumeClaimed(ctx)), nil
}

// resumeUnclaimed is for an act without a claim: its request was never sent, or
// there is no folder for claims. Either way nothing is started.
func (a *act) resumeUnclaimed() sdk.Result {
	c, run := a.before, a.request.RunStartedAt
	switch {
	case a.claims.Durable():
		return notDone("the request was never sent")
	case a.request.TargetID != "" && c.ID != a.request.TargetID:
		return notDone("it is another container now, " + docker.ShortID(c.ID))
	case !run.IsZero() && c.StartedAt.After(run):
		return sinceThen(c)
	case c.Status.Alive():
		return notDone("the request was not sent, or had no effect")
	}
	return notDone(fmt.Sprintf("it was stopped at %s, and without a folder for claims it cannot be told by whom; it is left so", clockTime(c.FinishedAt)))
}

// resumeClaimed is for an act whose request may have been sent.
func (a *act) resumeClaimed(ctx context.Context) sdk.Result {
	c := a.before
	switch {
	case c.ID != a.claim.Container:
		return notDone("it is another container now, " + docker.ShortID(c.ID))
	case !c.StartedAt.Equal(a.claim.Run):
		return sinceThen(c)
	case c.Status.Alive():
		return a.resumeRunning(ctx)
	}
	return a.settle(ctx, errLostSight)
}

// sinceThen is for a container that has begun another run.
func sinceThen(now look) sdk.Result {
	if !now.Status.Alive() {
		return sdk.Result{
			Outcome:   sdk.Failed,
			Detail:    fmt.Sprintf("it has begun another run and ended with exit code %d", now.ExitCode),
			StartedAt: now.StartedAt,
		}
	}
	return sdk.Result{
		Outcome:   sdk.Done,
		Detail:    "it has begun another run at " + now.StartedAt.Format(time.RFC3339Nano),
		StartedAt: now.StartedAt,
	}
}

// resumeRunning is for a container that still has the run it had. Where the
// engine remembers that the act has reached it, the restart is under way; else
// it is taken that the request never got there.
func (a *act) resumeRunning(ctx context.Context) sdk.Result {
	under, known := a.reached(ctx)
	if known && !under && !a.before.listedOnly {
		return notDone("the first call did not reach the engine")
	}
	between := pause.Doubling(100*time.Millisecond, time.Second)
	for until := a.claim.WrittenAt.Add(a.budget()); time.Now().Before(until); {
		if err := pause.For(ctx, between.NextBackOff()); err != nil {
			return *a.progress.Load()
		}
		now, err := a.inspectNow(ctx)
		switch {
		case errors.Is(err, docker.ErrAbsent), err == nil && now.ID != a.claim.Container:
			return notDone("the container was removed")
		case err != nil || now.listedOnly:
			continue
		case !now.StartedAt.Equal(a.claim.Run):
			return sinceThen(now)
		case !now.Status.Alive():
			return a.settle(ctx, errLostSight)
		}
	}
	if known || a.before.listedOnly {
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the container was asked to stop and still has the same run"}
	}
	return notDone("the first call did not reach the engine, or had no effect")
}

// reached asks the engine's memory whether a request to end the run has come
// since the claim. known is false where it cannot be read.
func (a *act) reached(ctx context.Context) (under, known bool) {
	if _, err := a.history.ask(ctx, a.claim.From.Add(-claimWindow)); err != nil || a.claim.From.IsZero() {
		return false, false
	}
	for _, one := range a.history.eventsOf(a.claim.Container, a.claim.Run).events {
		if one.Action == "kill" && asksForEnd(one.Signal, a.before.StopSignal, a.claim.Signal) && !one.At.Before(a.claim.From) {
			return true, true
		}
	}
	return false, true
}
