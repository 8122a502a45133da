package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// Execute restarts the container, or starts it where it exited by itself and
// the config allows that. It looks at the container immediately before, acts
// by its full id, and once the request is on its way it stays until it knows
// what became of it, whether the host still waits or not.
func (p *plugin) Execute(ctx context.Context, target Target, request sdk.Request) (sdk.Result, error) {
	seen, err := p.inspectNow(ctx, target)
	if err != nil {
		return p.unseen(err, request)
	}
	over, err := p.locks.lock(ctx, seen.ID)
	if err != nil {
		return notDone("another act on this container is still going on"), nil
	}
	defer over()
	first := seen.ID
	if seen, err = p.inspectNow(ctx, target); err != nil {
		return p.unseen(err, request)
	}
	if seen.ID != first {
		return notDone("the container was replaced by another one just now"), nil
	}
	a := p.newAct(target, seen, request)
	if request.Resume {
		return a.resume(ctx)
	}
	if why := p.objection(ctx, seen.Container, request); why != "" {
		return notDone(why), nil
	}
	if request.DryRun {
		return notDone(fmt.Sprintf("dry run: a %s would be asked for, with %ds to stop", a.verb(), a.seconds)), nil
	}
	return a.do(ctx)
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
	case c.Status == docker.Running || p.mayStart(c):
		return ""
	case c.Status == docker.Exited:
		return fmt.Sprintf("it does not run (exit code %d), and somebody may have stopped it", c.ExitCode)
	}
	return fmt.Sprintf("it is %s", c.Status)
}
