package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

const (
	// resumeHearing is how long a resumed act listens for what the engine
	// remembers of the first call.
	resumeHearing = 3 * time.Second
	// clockDifference is how far the engine's clock may be from ours.
	clockDifference = 2 * time.Second
)

// resume finds out what became of an earlier call of which the host lost
// sight. It finishes a restart whose stop worked, and begins none.
func (a *act) resume(ctx context.Context) (sdk.Result, error) {
	c := a.before
	switch {
	case a.request.TargetID != "" && c.id != a.request.TargetID:
		return notDone("it is another container now, " + shortID(c.id)), nil
	case a.request.RunStartedAt.IsZero():
		return sdk.Result{Outcome: sdk.Unknown, Detail: "it is not known which run the act was about"}, nil
	case !c.startedAt.Equal(a.request.RunStartedAt):
		return a.sinceThen(c), nil
	case c.status.alive():
		return a.resumeRunning(ctx)
	}
	return a.resumeStopped(ctx)
}

// sinceThen is for a container that has begun another run.
func (a *act) sinceThen(now sight) sdk.Result {
	if !now.status.alive() {
		return sdk.Result{
			Outcome:   sdk.Failed,
			Detail:    fmt.Sprintf("it has begun another run and ended with exit code %d", now.exitCode),
			StartedAt: now.startedAt,
		}
	}
	return sdk.Result{
		Outcome:   sdk.Done,
		Detail:    "it has begun another run at " + now.startedAt.Format(time.RFC3339Nano),
		StartedAt: now.startedAt,
	}
}

// until is when the first call must be over on the engine's side.
func (a *act) until() time.Time { return a.request.AskedAt.Add(a.budget()) }

// resumeRunning is for a container that still has the run it had. Where the
// engine remembers that it was asked for an end, the restart is under way;
// else it is taken that the first call never got there.
func (a *act) resumeRunning(ctx context.Context) (sdk.Result, error) {
	under, known := a.underWay(ctx)
	if known && !under && !a.before.degraded {
		return notDone("the first call did not reach the engine"), nil
	}
	pause := newBackoff(100*time.Millisecond, time.Second)
	for time.Now().Before(a.until()) {
		if err := wait(ctx, pause.NextBackOff()); err != nil {
			return sdk.Result{Outcome: sdk.Unknown, Detail: "the restart may still be under way"}, nil
		}
		now, err := a.look(ctx)
		switch {
		case errors.Is(err, errAbsent):
			return notDone("the container was removed"), nil
		case err != nil || now.degraded:
			continue
		case !now.startedAt.Equal(a.request.RunStartedAt):
			return a.sinceThen(now), nil
		case !now.status.alive():
			return a.resumeStopped(ctx)
		}
	}
	if known || a.before.degraded {
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the container was asked to stop and still has the same run"}, nil
	}
	return notDone("the first call did not reach the engine, or had no effect"), nil
}

// underWay asks the engine's memory whether somebody asked the container to
// end since the host asked for the act. known is false where it cannot be
// heard.
func (a *act) underWay(ctx context.Context) (under, known bool) {
	ctx, cancel := context.WithTimeout(ctx, resumeHearing)
	defer cancel()
	heard := false
	q := eventQuery{container: a.before.id, since: a.request.AskedAt.Add(-clockDifference)}
	err := a.events.watch(ctx, q, func() {}, func(one event) {
		if one.id == a.before.id && one.action == "kill" && asksForEnd(one.signal) {
			heard = true
			cancel()
		}
	})
	return heard, heard || errors.Is(err, context.DeadlineExceeded)
}

// resumeStopped is for a container that is stopped in the run it had. It was
// stopped by our call only where it ended while that was under way.
func (a *act) resumeStopped(ctx context.Context) (sdk.Result, error) {
	now, err := a.look(ctx)
	if err != nil {
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the container's state cannot be read: " + err.Error()}, nil
	}
	ended := now.finishedAt
	if ended.Before(a.request.AskedAt.Add(-clockDifference)) || ended.After(a.until()) {
		return notDone(fmt.Sprintf("it was stopped at %s, and not by this act", ended.Format(time.RFC3339))), nil
	}
	s := settling{act: a, failed: errLostSight, quiet: quietAfterSilence}
	ctx = context.WithoutCancel(ctx)
	return a.settleWith(ctx, &s), nil
}

// errLostSight stands for the outcome of the first call.
var errLostSight = errors.New("the host lost sight of the restart")
