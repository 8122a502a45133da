package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/errdefs"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/pause"
	"github.com/headwatch/headwatch/sdk"
)

const (
	// killBudget is what an engine waits for an end after SIGKILL, and a
	// little for itself.
	killBudget = 12 * time.Second
	// startBudget is what a start may take on a busy machine.
	startBudget = 60 * time.Second
	// settleBudget is how long a container is watched after a request whose
	// outcome is not known.
	settleBudget = 60 * time.Second
	// quietAfterError is how long a container must have been stopped before
	// it is started, where the engine gave up; quietAfterSilence, where it did
	// not answer and may still be at it.
	quietAfterError   = 2 * time.Second
	quietAfterSilence = 10 * time.Second
)

// controller is the acting half of an engine. sent says whether the request
// may have reached it.
type controller interface {
	Restart(ctx context.Context, id string, seconds int, signal string) (sent bool, err error)
	Start(ctx context.Context, id string) (sent bool, err error)
}

var _ controller = (*docker.Engine)(nil)

// act is one restart, or one start, of one container.
type act struct {
	inspectNow func(context.Context) (look, error)
	control    controller
	events     interface {
		watcher
		observer
	}
	explain func(error) error

	before     look // immediately before
	request    sdk.Request
	seconds    int // for the stop
	signal     string
	sentAt     time.Time
	stopEvents *stopEvents // nil for a start
}

func (p *plugin) newAct(target Target, before look, request sdk.Request) *act {
	return &act{
		inspectNow: func(ctx context.Context) (look, error) { return p.inspectNow(ctx, target) },
		control:    p.control,
		events:     p.observe,
		explain:    p.control.Explain,
		before:     before,
		request:    request,
		seconds:    p.config.seconds(before.Container),
		signal:     p.config.Signal,
	}
}

// verb is what is asked of the engine.
func (a *act) verb() string {
	if a.before.Status.Alive() {
		return "restart"
	}
	return "start"
}

// budget is how long the engine may take to answer.
func (a *act) budget() time.Duration {
	return time.Duration(a.seconds)*time.Second + killBudget + startBudget
}

// do sends the request and waits for its end. From here on the host's patience
// does not count: on some engines a request that is given up leaves the
// container stopped.
func (a *act) do(ctx context.Context) (sdk.Result, error) {
	ctx = context.WithoutCancel(ctx)
	a.stopEvents = hearStop(ctx, a.events, a.before.Container)
	defer a.stopEvents.end()
	a.sentAt = time.Now()
	sent, err := a.send(ctx)
	switch {
	case err == nil:
		return a.settle(ctx, nil), nil
	case !sent, errdefs.IsPermissionDenied(err), errdefs.IsUnauthorized(err), errdefs.IsInvalidArgument(err), errdefs.IsNotFound(err):
		return a.undone(err)
	}
	return a.settle(ctx, err), nil
}

func (a *act) send(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, a.budget(), docker.ErrNoAnswer)
	defer cancel()
	if a.verb() == "start" {
		return a.control.Start(ctx, a.before.ID)
	}
	return a.control.Restart(ctx, a.before.ID, a.seconds, a.signal)
}

// undone is for a request that the engine never took.
func (a *act) undone(err error) (sdk.Result, error) {
	explained := a.explain(err)
	var wrapped *sdk.Error
	if errors.As(explained, &wrapped) && !isTransient(wrapped) {
		return sdk.Result{}, explained
	}
	return notDone(fmt.Sprintf("the %s was not taken: %v", a.verb(), err)), nil
}

// isTransient says whether an error may pass by itself; as a result it then
// says more than as an error.
func isTransient(err *sdk.Error) bool {
	return err.Code() == codes.Unavailable || err.Code() == codes.Unknown
}

// settle watches the container until it is known what became of the request;
// failed is the request's own error. A container that the request stopped and
// did not start again is started, once.
func (a *act) settle(ctx context.Context, failed error) sdk.Result {
	s := settling{act: a, failed: failed, quiet: quietAfterError}
	if errors.Is(failed, docker.ErrNoAnswer) || errors.Is(failed, context.DeadlineExceeded) {
		s.quiet = quietAfterSilence
	}
	return a.settleWith(ctx, &s)
}

func (a *act) settleWith(ctx context.Context, s *settling) sdk.Result {
	ctx, cancel := context.WithTimeout(ctx, settleBudget)
	defer cancel()
	between := pause.Doubling(50*time.Millisecond, time.Second)
	for {
		now, err := a.inspectNow(ctx)
		if result, done := s.judge(ctx, now, err); done {
			return a.withStopFacts(ctx, result, now)
		}
		if pause.For(ctx, between.NextBackOff()) != nil {
			return a.withStopFacts(ctx, s.leftOpen(now, err), now)
		}
	}
}

// withStopFacts adds to a result what the events and the engine's notes say about the
// run that was ended.
func (a *act) withStopFacts(ctx context.Context, result sdk.Result, now look) sdk.Result {
	if a.stopEvents == nil || a.verb() == "start" {
		return result
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lateEvents)
	defer cancel()
	told := a.stopEvents.read(ctx, result.Outcome == sdk.Done)
	result.ExitCode, result.Killed = told.exitCode, told.killed
	result.StopTook = told.took
	if result.StopTook == 0 && now.FinishedAt.After(a.before.StartedAt) {
		result.StopTook = min(max(now.FinishedAt.Sub(a.sentAt), 0), time.Since(a.sentAt))
	}
	if result.Outcome == sdk.Done {
		result.Detail += told.words(result.StopTook, a.seconds)
	}
	return result
}
