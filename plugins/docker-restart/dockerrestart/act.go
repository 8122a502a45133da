package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/failpoint"
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
	// claimWindow is how long after its claim an act may reach the engine.
	claimWindow = 2 * time.Second
	// slowDisk is how long the writing of a claim may take before it is written
	// again, with a newer moment.
	slowDisk = time.Second
	// lateEvents is how long an event may lag behind the engine's answer.
	lateEvents = time.Second
)

// controller is the acting half of an engine. sent says whether the request
// may have reached it.
type controller interface {
	Restart(ctx context.Context, id string, seconds int, signal string) (sent bool, err error)
	Stop(ctx context.Context, id string, seconds int, signal string) (sent bool, err error)
	Start(ctx context.Context, id string) (sent bool, err error)
}

var _ controller = (*docker.Engine)(nil)

// act is one restart, or one start, of one container.
type act struct {
	inspectNow func(context.Context) (look, error)
	control    controller
	history    *history
	claims     *claim.Folder
	explain    func(error) error
	again      time.Duration // how long it is started again where it does not start

	before  look // immediately before
	request sdk.Request
	claim   claim.Claim
	sentAt  time.Time
	// progress is what is known so far, for a host that does not wait for the end.
	progress atomic.Pointer[sdk.Result]
}

func (p *plugin) newAct(target Target, before look, request sdk.Request) *act {
	return &act{
		inspectNow: func(ctx context.Context) (look, error) { return p.inspectNow(ctx, target) },
		control:    p.control,
		history:    p.history,
		claims:     p.claims,
		explain:    p.control.Explain,
		again:      p.config.StartAgainFor,
		before:     before,
		request:    request,
		claim: claim.Claim{
			RequestID: request.ID, Container: before.ID, Name: before.Name, Run: before.StartedAt,
			Start: !before.Status.Alive(), StopSeconds: p.config.seconds(before.Container), Signal: p.config.Signal,
			MinDown: p.minDown(before.Container),
		},
	}
}

// minDown is how long an act stops a container for; a start stops nothing.
func (p *plugin) minDown(c docker.Container) time.Duration {
	if !c.Status.Alive() {
		return 0
	}
	return p.config.MinDown
}

// verb is what is asked of the engine.
func (a *act) verb() string {
	if a.claim.Start {
		return "start"
	}
	return "restart"
}

// budget is how long the engine may take to answer.
func (a *act) budget() time.Duration {
	return time.Duration(a.claim.StopSeconds)*time.Second + killBudget + startBudget
}

// do claims the act, sends the request and waits for its end.
func (a *act) do(ctx context.Context) (sdk.Result, error) {
	if err := a.stake(); err != nil {
		return notDone(err.Error() + "; nothing was done"), nil
	}
	failpoint.Hit("claimed")
	a.sentAt = time.Now()
	a.note("the "+a.verb()+" is under way", a.sentAt.Add(a.budget()+settleBudget))
	failpoint.HitSoon("sent")
	sent, err := a.send(ctx)
	failpoint.Hit("answered")
	switch {
	case err == nil:
		return a.conclude(a.settle(ctx, nil)), nil
	case !sent, errdefs.IsPermissionDenied(err), errdefs.IsUnauthorized(err), errdefs.IsInvalidArgument(err), errdefs.IsNotFound(err):
		return a.undone(err)
	}
	return a.conclude(a.settle(ctx, err)), nil
}

// stake writes the claim. Where the disk is slow it is written again: what
// counts is the moment of the request.
func (a *act) stake() error {
	for range 3 {
		began := time.Now()
		a.claim.WrittenAt = began.UTC()
		if by, spread, known := a.history.engine.ClockAhead(); known {
			a.claim.From = began.Add(by - spread).UTC()
			a.claim.Until = began.Add(by + spread + claimWindow).UTC()
		}
		if err := a.claims.Put(a.claim); err != nil {
			return err
		}
		if time.Since(began) < slowDisk {
			break
		}
	}
	return nil
}

// send sends the request. Once it is on its way it is not given up, whatever
// becomes of the host: on some engines that leaves the container stopped.
func (a *act) send(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), a.budget(), docker.ErrNoAnswer)
	defer cancel()
	switch {
	case a.claim.Start:
		return a.control.Start(ctx, a.before.ID)
	case a.claim.MinDown > 0:
		return a.control.Stop(ctx, a.before.ID, a.claim.StopSeconds, a.claim.Signal)
	}
	return a.control.Restart(ctx, a.before.ID, a.claim.StopSeconds, a.claim.Signal)
}

// undone is for a request that the engine never took.
func (a *act) undone(err error) (sdk.Result, error) {
	if err := a.claims.Remove(a.claim); err != nil {
		slog.Warn("the claim of an act that was not taken stays", "error", err)
	}
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

// note takes down what is known so far.
func (a *act) note(detail string, until time.Time) {
	a.progress.Store(&sdk.Result{Outcome: sdk.Unknown, Detail: detail, OpenUntil: until})
}

// conclude writes a final outcome into the claim, so that the same request is
// answered with it by a later process too.
func (a *act) conclude(result sdk.Result) sdk.Result {
	if result.Outcome != sdk.Unknown {
		a.claim.Result = claim.From(result)
		a.keep()
		failpoint.Hit("saved")
	}
	return result
}

// keep writes what is new in the claim. Where that fails, this process knows it
// all the same.
func (a *act) keep() {
	if err := a.claims.Put(a.claim); err != nil {
		slog.Warn("what became of an act cannot be kept", "error", err)
	}
}

// withStopFacts adds to a result what the events and the engine's notes say
// about the run that was ended.
func (a *act) withStopFacts(ctx context.Context, result sdk.Result, now look) sdk.Result {
	if a.claim.Start {
		return result
	}
	if result.Outcome == sdk.Done {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lateEvents)
		defer cancel()
		a.history.awaitEnd(ctx, a.before.ID, a.claim.Run)
	}
	facts := a.history.stopFacts(a.before.ID, a.claim.Run, a.before.StopSignal, a.claim.Signal)
	result.ExitCode, result.Killed, result.StopTook = facts.exitCode, facts.killed, facts.took
	if result.StopTook == 0 && !a.claim.From.IsZero() && now.FinishedAt.After(a.claim.Run) {
		result.StopTook = max(now.FinishedAt.Sub(a.claim.From), 0)
	}
	if result.Outcome == sdk.Done {
		result.Detail += facts.words(result.StopTook, a.claim.StopSeconds)
	}
	return result
}

// cause is why a request did not do what it was to do.
func cause(failed error) string {
	if failed == nil {
		return "the engine said it was done, but no new run began"
	}
	return failed.Error()
}

// words are the newest that the engine said about a start.
func (a *act) words(failed error) string { return cmp.Or(a.claim.Words, cause(failed)) }
