package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Execute restarts the container, or starts it where it exited by itself and
// the config allows that. It looks at the container immediately before, acts
// by its full id, and once the request is on its way it stays until it knows
// what became of it, whether the host still waits or not.
func (p *plugin) Execute(ctx context.Context, target Target, request sdk.Request) (sdk.Result, error) {
	seen, err := p.look(ctx, target)
	if err != nil {
		return p.unseen(err, request)
	}
	over, err := p.turns.take(ctx, seen.id)
	if err != nil {
		return notDone("another act on this container is still going on"), nil
	}
	defer over()
	first := seen.id
	if seen, err = p.look(ctx, target); err != nil {
		return p.unseen(err, request)
	}
	if seen.id != first {
		return notDone("the container was replaced by another one just now"), nil
	}
	a := p.newAct(target, seen, request)
	if request.Resume {
		return a.resume(ctx)
	}
	if why := p.objection(ctx, seen.container, request); why != "" {
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
	explained := p.observe.to.explain(err)
	switch {
	case errors.Is(err, errAbsent):
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
func (p *plugin) objection(ctx context.Context, c container, request sdk.Request) string {
	if why := p.refuse(ctx, c); why != "" {
		return why
	}
	switch {
	case request.TargetID != "" && c.id != request.TargetID:
		return fmt.Sprintf("it is another container now, %s", shortID(c.id))
	case !request.RunStartedAt.IsZero() && !c.startedAt.Equal(request.RunStartedAt):
		return fmt.Sprintf("it has begun another run since, at %s", c.startedAt.Format(time.RFC3339Nano))
	case c.status == statusRunning || p.mayStart(c):
		return ""
	case c.status == statusExited:
		return fmt.Sprintf("it does not run (exit code %d), and somebody may have stopped it", c.exitCode)
	}
	return fmt.Sprintf("it is %s", c.status)
}
