package dockerrestart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/errdefs"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/failpoint"
	"github.com/headwatch/headwatch/plugins/docker-restart/pause"
	"github.com/headwatch/headwatch/sdk"
)

const (
	// againFirst and againMost are the pauses between attempts to start again
	// what this plugin has stopped.
	againFirst = 2 * time.Second
	againMost  = 30 * time.Second
	// lookWhileDown is the pause between looks at a container that is to stay stopped.
	lookWhileDown = 2 * time.Second
)

// settle watches the container until it is known what became of the request;
// failed is the request's own error. A container that the request stopped and
// did not start is started again.
func (a *act) settle(ctx context.Context, failed error) sdk.Result {
	s := settling{act: a, failed: failed, quiet: quietAfterError}
	if failed == nil && a.claim.MinDown > 0 {
		s.quiet = 0
	}
	if errors.Is(failed, docker.ErrNoAnswer) || errors.Is(failed, context.DeadlineExceeded) || errors.Is(failed, errLostSight) {
		s.quiet = quietAfterSilence
	}
	return s.run(ctx)
}

// settling judges, look by look, what became of a request.
type settling struct {
	*act
	failed error         // the request's own error; nil where the engine said it was done
	quiet  time.Duration // how long the container must have been stopped before it is started

	stopped time.Time // first look that found it stopped
}

func (s *settling) run(ctx context.Context) sdk.Result {
	watching, cancel := context.WithTimeout(ctx, settleBudget)
	defer cancel()
	between := pause.Doubling(50*time.Millisecond, time.Second)
	for {
		now, err := s.inspectNow(watching)
		result, done := s.judge(now, err)
		switch {
		case done:
			return s.withStopFacts(ctx, result, now)
		case s.stoppedForLong() && !s.claim.Start:
			return s.startAgain(ctx, now)
		case s.stoppedForLong() && s.failed != nil && s.quiet == quietAfterError:
			return s.leftOpen(ctx, now, err) // the host decides anew over what exited by itself
		}
		if pause.For(watching, between.NextBackOff()) != nil {
			return s.withStopFacts(ctx, s.leftOpen(ctx, now, err), now)
		}
	}
}

// judge takes a look and says whether the matter is settled.
//
//	another run, going on    done
//	another run, ended       failed: it came up and went
//	gone                     failed
//	the same run, ended      the stop worked: to be started again
//	the same run, going on   wait
func (s *settling) judge(now look, err error) (sdk.Result, bool) {
	switch {
	case errors.Is(err, docker.ErrAbsent), err == nil && now.ID != s.before.ID:
		return sdk.Result{Outcome: sdk.Failed, Detail: "the container was removed during the " + s.verb()}, true
	case err != nil || now.listedOnly:
		return sdk.Result{}, false
	case !now.StartedAt.Equal(s.claim.Run):
		return s.anotherRun(now), true
	case now.Status.Alive():
		s.stopped = time.Time{}
	case s.stopped.IsZero():
		s.stopped = time.Now()
	}
	return sdk.Result{}, false
}

func (s *settling) anotherRun(now look) sdk.Result {
	if now.Status.Alive() {
		detail := s.verb() + "ed" + s.wasDown(now)
		if s.claim.Words != "" {
			detail += ", though it did not start at first (" + s.claim.Words + ")"
		}
		return sdk.Result{Outcome: sdk.Done, Detail: detail, StartedAt: now.StartedAt}
	}
	return sdk.Result{
		Outcome:   sdk.Failed,
		Detail:    fmt.Sprintf("it was %sed and ended again at once with exit code %d", s.verb(), now.ExitCode),
		StartedAt: now.StartedAt,
	}
}

// wasDown says how long the container was stopped, where that counts.
func (s *settling) wasDown(now look) string {
	if s.claim.MinDown == 0 || now.FinishedAt.Before(s.claim.Run) {
		return ""
	}
	down := now.StartedAt.Sub(now.FinishedAt)
	words := " after " + down.Round(time.Second).String()
	if down < s.claim.MinDown {
		words += fmt.Sprintf(", by somebody else: it was to be down for %s", s.claim.MinDown)
	}
	return words
}

func (s *settling) stoppedForLong() bool {
	return !s.stopped.IsZero() && time.Since(s.stopped) >= s.quiet
}

// leftOpen is the result when the time is over, or the plugin ends.
func (s *settling) leftOpen(ctx context.Context, now look, err error) sdk.Result {
	if ctx.Err() != nil {
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the plugin ended while the " + s.verb() + " was under way"}
	}
	if err != nil || now.listedOnly || s.quiet == quietAfterSilence {
		return sdk.Result{Outcome: sdk.Unknown, Detail: fmt.Sprintf("it cannot be told what became of the %s: %s", s.verb(), cause(s.failed))}
	}
	return sdk.Result{Outcome: sdk.Failed, Detail: fmt.Sprintf("the %s failed: %s", s.verb(), cause(s.failed))}
}

// startAgain starts a container that is stopped in the run that the act is
// about, if it is proven that the act has ended it, until it runs, somebody acts
// on it, or the time for it is over.
func (s *settling) startAgain(ctx context.Context, now look) sdk.Result {
	if s.claim.Words == "" && s.failed != nil && !errors.Is(s.failed, errLostSight) {
		s.claim.Words = s.failed.Error()
	}
	for !s.claim.EndedByUs {
		why, final := s.prove(ctx, now)
		if final {
			return s.withStopFacts(ctx, sdk.Result{
				Outcome: sdk.Failed,
				Detail:  fmt.Sprintf("the container is stopped, and it is left so, for somebody else may have stopped it (%s): %s", why, cause(s.failed)),
			}, now)
		}
		if !s.claim.EndedByUs && pause.For(ctx, time.Second) != nil {
			return *s.progress.Load()
		}
	}
	if result, done := s.stayDown(ctx); done {
		return result
	}
	s.note(s.stillDown(), s.claim.StartUntil)
	between := pause.Doubling(againFirst, againMost)
	for {
		if result, done := s.tryStart(ctx); done {
			return result
		}
		s.note(s.stillDown(), s.claim.StartUntil)
		if pause.For(ctx, between.NextBackOff()) != nil {
			return *s.progress.Load()
		}
	}
}

// prove finds out whether the act has ended the run, and writes that down where
// it has. why says why it cannot be told; final, that it never will be.
func (s *settling) prove(ctx context.Context, now look) (why string, final bool) {
	at, known := engineNow(s.history.engine)
	if !known || s.claim.From.IsZero() || at.Sub(s.claim.From) > s.stopTime()+stopMargin {
		return "that is too long ago to tell", true
	}
	asked, err := s.history.ask(ctx, s.claim.From.Add(-claimWindow))
	if err != nil {
		return "the engine's events cannot be read: " + err.Error(), ctx.Err() == nil && isFinal(err)
	}
	if proven, why := s.history.provenOurs(s.claim, now.Container, asked); !proven {
		return why, true
	}
	s.claim.EndedByUs = true
	if s.claim.MinDown > 0 {
		s.claim.DownUntil = time.Now().Add(s.claim.MinDown - at.Sub(now.FinishedAt)).UTC()
	}
	s.claim.StartUntil = time.Now().Add(s.again + s.claim.MinDown).UTC()
	s.note(s.stillDown(), s.claim.StartUntil)
	s.keep()
	return "", false
}

// stayDown waits until the container has been stopped for as long as it is to be,
// or somebody starts or removes it.
func (s *settling) stayDown(ctx context.Context) (sdk.Result, bool) {
	if s.claim.DownUntil.IsZero() {
		return sdk.Result{}, false
	}
	s.note("the container is stopped, and is to be until "+clockTime(s.claim.DownUntil), s.claim.StartUntil)
	for left := time.Until(s.claim.DownUntil); left > 0; left = time.Until(s.claim.DownUntil) {
		failpoint.HitSoon("down")
		if pause.For(ctx, min(left, lookWhileDown)) != nil {
			return *s.progress.Load(), true
		}
		now, err := s.inspectNow(ctx)
		if result, done := s.judge(now, err); done {
			return s.withStopFacts(ctx, result, now), true
		}
	}
	return sdk.Result{}, false
}

// isFinal says whether trying again does not mend an error of the engine's.
func isFinal(err error) bool { return errdefs.IsPermissionDenied(err) || errdefs.IsUnauthorized(err) }

// stopTime is how long the run had to end.
func (a *act) stopTime() time.Duration { return time.Duration(a.claim.StopSeconds) * time.Second }

// tryStart looks and starts, once.
func (s *settling) tryStart(ctx context.Context) (sdk.Result, bool) {
	now, err := s.inspectNow(ctx)
	result, done := s.judge(now, err)
	switch {
	case done:
		return s.withStopFacts(ctx, result, now), true
	case err != nil || now.listedOnly:
		return s.overTime(ctx, now)
	case now.Status.Alive():
		return sdk.Result{}, false
	}
	// What cannot be asked now is asked at the next attempt.
	_, _ = s.history.ask(ctx, s.claim.From)
	if did := s.history.actedSince(s.claim, now.Container); did != "" {
		return s.withStopFacts(ctx, sdk.Result{Outcome: sdk.Failed, Detail: "the container is stopped and left so: " + did + " (" + s.words(s.failed) + ")"}, now), true
	}
	if result, over := s.overTime(ctx, now); over {
		return result, true
	}
	starting, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), startBudget, docker.ErrNoAnswer)
	defer cancel()
	if _, err := s.control.Start(starting, s.before.ID); err != nil {
		s.hear(err)
		return sdk.Result{}, false
	}
	now, err = s.inspectNow(ctx)
	result, done = s.judge(now, err)
	if done {
		result = s.withStopFacts(ctx, result, now)
	}
	return result, done
}

// overTime ends the attempts when their time is over.
func (s *settling) overTime(ctx context.Context, now look) (sdk.Result, bool) {
	if time.Now().Before(s.claim.StartUntil) {
		return sdk.Result{}, false
	}
	return s.withStopFacts(ctx, sdk.Result{Outcome: sdk.Failed, Detail: "the container was stopped and could not be started: " + s.words(s.failed)}, now), true
}

// hear keeps the engine's words on why the container does not start.
func (s *settling) hear(err error) {
	if words := err.Error(); words != s.claim.Words {
		s.claim.Words = words
		s.keep()
	}
}

// stillDown says how it stands with a container that does not start again.
func (s *settling) stillDown() string {
	return fmt.Sprintf("the container was stopped and does not start: %s; it is tried again until %s", s.words(s.failed), clockTime(s.claim.StartUntil))
}
