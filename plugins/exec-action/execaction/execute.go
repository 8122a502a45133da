package execaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// Execute runs the act command. It inspects the target immediately before,
// notes the request before it runs anything, and once the command runs it stays
// until it knows what became of it, whether the host still waits or not.
func (p *plugin) Execute(ctx context.Context, t Target, request sdk.Request) (sdk.Result, error) {
	over, err := p.actLocks.lock(ctx, t.key())
	if err != nil {
		return notDone("another act on this target is still going on"), nil
	}
	defer over()
	before, err := p.inspect(ctx, t)
	if err != nil {
		return unseen(err, request)
	}
	a := &act{plugin: p, target: t, request: request, before: before}
	if request.Resume {
		return a.resume(ctx), nil
	}
	if why := objection(before, request); why != "" {
		return notDone(why), nil
	}
	c, err := a.command()
	switch {
	case err != nil:
		return sdk.Result{}, err
	case request.DryRun:
		return notDone("dry run: would run" + p.config.quote(strings.Join(c.argv, " "))), nil
	}
	return a.do(context.WithoutCancel(ctx), c)
}

func notDone(detail string) sdk.Result { return sdk.Result{Outcome: sdk.NotDone, Detail: detail} }

// unseen is the outcome where the target could not be inspected. Nothing was
// done; but what an earlier call did is not known then.
func unseen(err error, request sdk.Request) (sdk.Result, error) {
	var e *sdk.Error
	switch {
	case request.Resume:
		return sdk.Result{Outcome: sdk.Unknown, Detail: "the target's state cannot be read: " + err.Error()}, nil
	case errors.As(err, &e) && (e.Code() == codes.InvalidArgument || e.Code() == codes.PermissionDenied):
		return sdk.Result{}, err
	}
	return notDone("the target's state cannot be read: " + err.Error()), nil
}

// objection says why a request must not be carried out; empty where it may be.
func objection(s sdk.State, request sdk.Request) string {
	h, forbids := request.Hazard(s.Hazards)
	switch {
	case !s.Exists:
		return "there is no such target"
	case forbids:
		return "preflight: " + h.What + " (" + h.ID + "); to mend it, " + h.Mend
	case s.Refuse != "":
		return s.Refuse
	case request.TargetID != "" && s.ID != request.TargetID:
		return fmt.Sprintf("it is another target now, %q", s.ID)
	case !request.RunStartedAt.IsZero() && !s.StartedAt.Equal(request.RunStartedAt):
		return "it has begun another run since, at " + s.StartedAt.Format(time.RFC3339Nano)
	case s.Paused:
		return "it is paused"
	case s.Restarting:
		return "it is being restarted already"
	case !s.Running && !s.MayStart:
		return "it does not run, and somebody may have stopped it"
	}
	return ""
}

// act is one run of the act command for one request.
type act struct {
	plugin  *plugin
	target  Target
	request sdk.Request
	before  sdk.State // immediately before
	words   string    // how the command ended
}

// do notes the request, runs the command to its end and finds out what it came
// to.
func (a *act) do(ctx context.Context, c command) (sdk.Result, error) {
	out, err := a.plugin.claims.create(a.request.ID)
	switch {
	case errors.Is(err, errClaimed):
		// A request that another process of this plugin began.
		return a.resume(ctx), nil
	case err != nil:
		return notDone(err.Error()), nil
	}
	defer out.Close()
	process, err := a.plugin.forks.start(ctx, c, streams{stdout: out, stderr: out, outlives: true})
	if err != nil {
		return a.notRun(err)
	}
	// Without it a resume takes the time that the act may take for an answer.
	_ = a.plugin.claims.noteProcess(a.request.ID, process.pid)
	inTime := a.await(process, out)
	how := process.how()
	if !inTime {
		how = fmt.Sprintf("took longer than %v and was killed", a.plugin.config.ActTimeout)
	}
	a.words = "act " + how + a.printed()
	return a.settle(ctx, inTime && process.code == 0, inTime), nil
}

// printed is the end of what the command has printed, for one line.
func (a *act) printed() string {
	return a.plugin.config.quote(a.plugin.claims.output(a.request.ID))
}

// command is the act command, with what a script may want to know.
func (a *act) command() (command, error) {
	extra := map[string]string{"request_id": a.request.ID, "reason": a.request.Reason}
	if !a.before.StartedAt.IsZero() {
		extra["run_started_at"] = a.before.StartedAt.Format(time.RFC3339Nano)
	}
	return a.plugin.config.command("act", a.plugin.config.Act, a.target, extra)
}

// notRun is for a command that could not be run.
func (a *act) notRun(err error) (sdk.Result, error) {
	var e *sdk.Error
	if errors.As(err, &e) {
		return sdk.Result{}, err
	}
	return sdk.Result{Outcome: sdk.Failed, Detail: err.Error()}, nil
}

// mostOutput is how large the file of an act's output may grow before it is
// emptied.
const mostOutput = 1 << 20

// await waits for the end of the command, which it kills when its time is over,
// and says whether it ended in time.
func (a *act) await(process *process, out *os.File) (inTime bool) {
	deadline := time.NewTimer(a.plugin.config.ActTimeout)
	defer deadline.Stop()
	watch := time.NewTicker(time.Second)
	defer watch.Stop()
	for {
		select {
		case <-process.done:
			return true
		case <-deadline.C:
			process.end(a.plugin.grace)
			return false
		case <-watch.C:
			if info, err := out.Stat(); err == nil && info.Size() > mostOutput {
				_ = out.Truncate(0) // it is written by appending; a full disk shows elsewhere
			}
		}
	}
}

// The pauses between two looks at a target that should begin another run.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 3 * time.Second
)

// settle looks at the target until its new run is seen, or its time is over.
//
//	another run, going on        done, however the command ended
//	the same run, and it failed  failed, at once
//	else                         looked at again until settle_timeout
func (a *act) settle(ctx context.Context, succeeded, ended bool) sdk.Result {
	deadline := time.Now().Add(a.plugin.config.SettleTimeout)
	pause := firstPause
	for {
		now, err := a.plugin.inspect(ctx, a.target)
		switch {
		case err == nil && a.isNew(now) && now.Running:
			return sdk.Result{Outcome: sdk.Done, Detail: a.words, StartedAt: now.StartedAt}
		case err == nil && !succeeded && ended && a.isSame(now):
			return sdk.Result{Outcome: sdk.Failed, Detail: a.words}
		case time.Until(deadline) < pause:
			return a.leftOpen(now, err, ended)
		}
		if !sleep(ctx, pause) {
			return a.leftOpen(now, err, false)
		}
		pause = min(2*pause, longestPause)
	}
}

// isNew tells whether the target has begun another run than the one that was
// to be ended.
func (a *act) isNew(now sdk.State) bool {
	return now.Exists && !now.StartedAt.IsZero() && !now.StartedAt.Equal(a.run())
}

// isSame tells whether nothing has changed: a command that failed and did
// nothing.
func (a *act) isSame(now sdk.State) bool {
	return now.Exists && now.Running == a.before.Running && !now.Restarting && now.StartedAt.Equal(a.run())
}

// run is the start of the run that was to be ended.
func (a *act) run() time.Time {
	if !a.request.RunStartedAt.IsZero() {
		return a.request.RunStartedAt
	}
	return a.before.StartedAt
}

// leftOpen is the result when the time is over.
func (a *act) leftOpen(now sdk.State, err error, ended bool) sdk.Result {
	var found string
	switch {
	case err != nil:
		return sdk.Result{Outcome: sdk.Unknown, Detail: a.with("the target's state cannot be read: " + err.Error())}
	case !now.Exists:
		found = "the target is gone"
	case a.isNew(now):
		return sdk.Result{Outcome: sdk.Failed, Detail: a.with("it has begun another run, which does not go on"), StartedAt: now.StartedAt}
	case !now.Running:
		found = "the target does not run"
	default:
		found = "the target still has the same run"
	}
	if !ended {
		// What was killed may have asked somebody who is still at it.
		return sdk.Result{Outcome: sdk.Unknown, Detail: a.with(found)}
	}
	return sdk.Result{Outcome: sdk.Failed, Detail: a.with(found)}
}

// with adds what was found to how the command ended.
func (a *act) with(found string) string {
	return strings.TrimPrefix(a.words+"; "+found, "; ")
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
