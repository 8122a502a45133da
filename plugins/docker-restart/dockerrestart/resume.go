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
	case a.request.TargetID != "" && c.ID != a.request.TargetID:
		return notDone("it is another container now, " + docker.ShortID(c.ID)), nil
	case a.request.RunStartedAt.IsZero():
		return sdk.Result{Outcome: sdk.Unknown, Detail: "it is not known which run the act was about"}, nil
	case !c.StartedAt.Equal(a.request.RunStartedAt):
		return a.sinceThen(c), nil
	case c.Status.Alive():
		return a.resumeRunning(ctx)
	}
	return a.resumeStopped(ctx)
}

// sinceThen is for a container that has begun another run.
func (a *act) sinceThen(now look) sdk.Result {
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

// until is when the first call must be over on the engine's side.
func (a *act) until() time.Time { return a.request.AskedAt.Add(a.budget()) }

// resumeRunning is for a container that still has the run it had. Where the
// engine remembers that it was asked for an end, the restart is under way;
// else it is taken that the first call never got there.
func (a *act) resumeRunning(ctx context.Context) (sdk.Result, error) {
	under, known := a.underWay(ctx)
	if known && !under && !a.before.listedOnly {
		return notDone("the first call did not reach the engine"), nil
	}
	between := pause.Doubling(100*time.Millisecond, time.Second)
	for time.Now().Before(a.until()) {
		if err := pause.For(ctx, between.NextBackOff()); err != nil {
			return sdk.Result{Outcome: sdk.Unknown, Detail: "the restart may still be under way"}, nil
		}
		now, err := a.inspectNow(ctx)
		switch {
		case errors.Is(err, docker.ErrAbsent):
			return notDone("the container was removed"), nil
		case err != nil || now.listedOnly:
			continue
		case !now.StartedAt.Equal(a.request.RunStartedAt):
			return a.sinceThen(now), nil
		case !now.Status.Alive():
			return a.resumeStopped(ctx)
		}
	}
	if known || a.before.listedOnly {
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
	q := docker.EventQuery{Container: a.before.ID, Since: a.request.AskedAt.Add(-clockDifference)}
	err := a.events.Watch(ctx, q, func() {}, func(one docker.Event) {
		if one.ID == a.before.ID && one.Action == "kill" && asksForEnd(one.Signal) {
			heard = true
			cancel()
		}
	})
	return heard, heard || errors.Is(err, context.DeadlineExceeded)
}

// resumeStopped is for a container that is stopped in the run it had. It was
// stopped by our call only where it ended while that was under way.
func (a *act) resumeStopped(ctx context.Context) (sdk.Result, error) {
	now, err := a.inspectNow(ctx)
	if err != nil {
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the container's state cannot be read: " + err.Error()}, nil
	}
	ended := now.FinishedAt
	if ended.Before(a.request.AskedAt.Add(-clockDifference)) || ended.After(a.until()) {
		return notDone(fmt.Sprintf("it was stopped at %s, and not by this act", ended.Format(time.RFC3339))), nil
	}
	s := settling{act: a, failed: errLostSight, quiet: quietAfterSilence}
	ctx = context.WithoutCancel(ctx)
	return a.settleWith(ctx, &s), nil
}

// errLostSight stands for the outcome of the first call.
var errLostSight = errors.New("the host lost sight of the restart")
