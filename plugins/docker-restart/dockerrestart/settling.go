package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// settling judges, look by look, what became of a request.
type settling struct {
	*act
	failed error         // the request's own error; nil where the engine said it was done
	quiet  time.Duration // how long the container must have been stopped before it is started

	stopped  time.Time // first look that found it stopped
	started  bool      // a start was asked for, which happens once
	startErr error
}

// judge takes a look and says whether the matter is settled.
//
//	another run, going on    done
//	another run, ended       failed: it came up and went
//	gone                     failed
//	the same run, ended      the stop worked: start it, once
//	the same run, going on   wait
func (s *settling) judge(ctx context.Context, now look, err error) (sdk.Result, bool) {
	switch {
	case errors.Is(err, docker.ErrAbsent), err == nil && now.ID != s.before.ID:
		return sdk.Result{Outcome: sdk.Failed, Detail: "the container was removed during the " + s.verb()}, true
	case err != nil || now.listedOnly:
		return sdk.Result{}, false
	case !now.StartedAt.Equal(s.before.StartedAt):
		return s.anotherRun(now), true
	case now.Status.Alive():
		s.stopped = time.Time{}
		return sdk.Result{}, false
	}
	return s.whileStopped(ctx)
}

func (s *settling) anotherRun(now look) sdk.Result {
	if now.Status.Alive() {
		return sdk.Result{Outcome: sdk.Done, Detail: s.verb() + "ed", StartedAt: now.StartedAt}
	}
	return sdk.Result{
		Outcome:   sdk.Failed,
		Detail:    fmt.Sprintf("it was %sed and ended again at once with exit code %d", s.verb(), now.ExitCode),
		StartedAt: now.StartedAt,
	}
}

// whileStopped starts the container that the request left stopped, unless
// somebody else asked for a stop too.
func (s *settling) whileStopped(ctx context.Context) (sdk.Result, bool) {
	if s.stopEvents != nil && s.stopEvents.stoppedByOthers() {
		return sdk.Result{Outcome: sdk.Failed, Detail: "somebody else stopped the container during the " + s.verb() + "; it is left stopped"}, true
	}
	if s.stopped.IsZero() {
		s.stopped = time.Now()
	}
	if s.started || time.Since(s.stopped) < s.quiet {
		return sdk.Result{}, false
	}
	s.started = true
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), startBudget, docker.ErrNoAnswer)
	defer cancel()
	_, s.startErr = s.control.Start(ctx, s.before.ID)
	return sdk.Result{}, false
}

// leftOpen is the result when the time is over.
func (s *settling) leftOpen(now look, err error) sdk.Result {
	cause := "the engine said it was done, but no new run began"
	if s.failed != nil {
		cause = s.failed.Error()
	}
	switch {
	case s.startErr != nil:
		return sdk.Result{Outcome: sdk.Failed, Detail: fmt.Sprintf("the container was stopped and could not be started: %v (%s)", s.startErr, cause)}
	case err != nil || now.listedOnly || s.quiet == quietAfterSilence:
		return sdk.Result{Outcome: sdk.Unknown, Detail: fmt.Sprintf("it cannot be told what became of the %s: %s", s.verb(), cause)}
	}
	return sdk.Result{Outcome: sdk.Failed, Detail: fmt.Sprintf("the %s failed: %s", s.verb(), cause)}
}
