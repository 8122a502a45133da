package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// Execute restarts the container, or starts it where it exited by itself and
// the config allows that. It looks at the container immediately before and acts
// by its full id. A request that is on its way is followed to its end, whether
// the host still waits or not; a host that asks again waits for the same end.
func (p *plugin) Execute(ctx context.Context, target Target, request sdk.Request) (sdk.Result, error) {
	ctx, cancel := beforeDeadline(ctx)
	defer cancel()
	if w := p.works.of(request.ID); w != nil {
		return w.wait(ctx)
	}
	seen, err := p.inspectNow(ctx, target)
	if err != nil {
		return p.unseen(err, request)
	}
	unlock, err := p.locks.lock(ctx, seen.ID)
	if err != nil {
		return notDone("another act on this container is still going on"), nil
	}
	a, result, err := p.prepare(ctx, target, request, seen.ID)
	if a == nil {
		unlock()
		return result, err
	}
	w := p.works.begin(p.life, a, unlock)
	return w.wait(ctx)
}

// prepare looks once more and makes the act, or says why there is none.
func (p *plugin) prepare(ctx context.Context, target Target, request sdk.Request, id string) (*act, sdk.Result, error) {
	seen, err := p.inspectNow(ctx, target)
	if err != nil {
		result, err := p.unseen(err, request)
		return nil, result, err
	}
	if seen.ID != id {
		return nil, notDone("the container was replaced by another one just now"), nil
	}
	a := p.newAct(target, seen, request)
	if request.Resume {
		return a, sdk.Result{}, nil
	}
	if request.Preflight {
		if h, forbids := request.Hazard(p.hazards(ctx, target, seen.Container, true)); forbids {
			return nil, notDone("preflight: " + h.What + " (" + h.ID + "); to mend it, " + h.Mend), nil
		}
	}
	if why := p.objection(ctx, seen.Container, request); why != "" {
		return nil, notDone(why), nil
	}
	if request.DryRun {
		down := ""
		if a.claim.MinDown > 0 {
			down = fmt.Sprintf(" and %s down", a.claim.MinDown)
		}
		return nil, notDone(fmt.Sprintf("dry run: a %s would be asked for, with %ds to stop%s", a.verb(), a.claim.StopSeconds, down)), nil
	}
	return a, sdk.Result{}, nil
}

func notDone(detail string) sdk.Result {
	return sdk.Result{Outcome: sdk.NotDone, Detail: detail}
}

// unseen is the outcome where the container could not be looked at. Nothing
// was done; but what an earlier call did is not known then.
func (p *plugin) unseen(err error, request sdk.Request) (sdk.Result, error) {
	var wrapped *sdk.Error
	explained := p.observe.Explain(err)
	switch {
	case errors.Is(err, docker.ErrAbsent):
		return notDone("there is no such container"), nil
	case request.Resume:
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the container's state cannot be read: " + err.Error()}, nil
	case errors.As(explained, &wrapped) && !isTransient(wrapped):
		return sdk.Result{}, explained
	}
	return notDone("the container's state cannot be read: " + err.Error()), nil
}

// objection says why this request must not be carried out; empty where it may
// be.
func (p *plugin) objection(ctx context.Context, c docker.Container, request sdk.Request) string {
	if why := p.refuse(ctx, c); why != "" {
		return why
	}
	switch {
	case request.TargetID != "" && c.ID != request.TargetID:
		return fmt.Sprintf("it is another container now, %s", docker.ShortID(c.ID))
	case !request.RunStartedAt.IsZero() && !c.StartedAt.Equal(request.RunStartedAt):
		return fmt.Sprintf("it has begun another run since, at %s", c.StartedAt.Format(time.RFC3339Nano))
	case c.Status == docker.Running:
		return p.interference(ctx, c)
	case p.mayStart(c):
		return cmp.Or(p.tooEarly(c), p.interference(ctx, c))
	case c.Status == docker.Exited:
		return fmt.Sprintf("it does not run (exit code %d), and somebody may have stopped it", c.ExitCode)
	}
	return fmt.Sprintf("it is %s", c.Status)
}

// tooEarly says that a container which exited by itself is to stay down a little
// longer; empty where it may be started.
func (p *plugin) tooEarly(c docker.Container) string {
	now, _ := engineNow(p.observe)
	if until := c.FinishedAt.Add(p.config.MinDown); now.Before(until) {
		return fmt.Sprintf("it exited at %s, and is to be down until %s (min_down in the action's config)", clockTime(c.FinishedAt), clockTime(until))
	}
	return ""
}

// interference says what somebody is doing to the container; empty for nothing.
// What the engine does not tell counts as something.
func (p *plugin) interference(ctx context.Context, c docker.Container) string {
	now, known := engineNow(p.observe)
	if !known {
		now = time.Now()
	}
	if _, err := p.history.ask(ctx, now.Add(-max(longestStop, stopTime(c)+stopMargin))); err != nil {
		return "the engine's events cannot be read, so it is not known whether somebody is stopping it: " + err.Error()
	}
	ours, _ := p.claims.Of(c.ID)
	return p.history.underWay(c, ours)
}
