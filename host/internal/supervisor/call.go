package supervisor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// ErrDown says that a plugin's process is not there at the moment. It is being
// started again.
var ErrDown = errors.New("plugin is down")

// errGone says that a process ended during a call.
var errGone = errors.New("its process ended")

// noticed is how long after a call that failed the end of its process is waited
// for: the connection breaks a few milliseconds before.
const noticed = 50 * time.Millisecond

// Do calls the plugin with the block's timeout as the deadline. While the first
// launch is under way it waits; while the plugin is down it returns ErrDown at
// once, and when the process dies in the middle of the call as soon as it is
// gone. A plugin that says it is not configured is configured anew and asked
// once more.
func (p *Plugin) Do(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	return p.DoFor(ctx, p.spec.timeout(), call)
}

// DoFor is Do with another deadline.
func (p *Plugin) DoFor(ctx context.Context, limit time.Duration, call func(context.Context, *wire.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	process, err := p.current(ctx)
	if err != nil {
		return err
	}
	err = p.call(ctx, process, call)
	if sdk.FailureOf(err) == sdk.FailureNotReady && configure(ctx, process) == nil {
		err = p.call(ctx, process, call)
	}
	p.noteAnswer(process, err != nil && timeIsUp(ctx))
	return err
}

// mostUnanswered is how many calls in a row may go without an answer before the
// process is ended, to be started anew: a call that hangs for ever does not heal
// by itself, while the health check may be answered all the time.
const mostUnanswered = 5

// noteAnswer counts the calls in a row that a process has not answered in time.
// It is never ended during an act.
func (p *Plugin) noteAnswer(process *process, late bool) {
	if !late {
		process.unanswered.Store(0)
		return
	}
	if n := process.unanswered.Add(1); n < mostUnanswered || process.acts.underWay() || process.Attached() {
		return
	}
	process.unanswered.Store(0)
	p.logger.Error("the plugin leaves call after call unanswered; it is started anew", "calls", mostUnanswered, "deadline", p.spec.timeout())
	process.kill()
}

// timeIsUp says whether the deadline of ctx has passed. On a busy machine the
// answer that a call ran out of time arrives before ctx says so.
func timeIsUp(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline)
}

// Stream is Do without a deadline of its own, for what goes on for ever. Its
// error is ErrDown when the process is gone; the next call waits for nothing,
// so that a caller that tries again should pause.
func (p *Plugin) Stream(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	process, err := p.current(ctx)
	if err != nil {
		return err
	}
	return p.call(ctx, process, call)
}

// call makes a call. A process that is gone is down, whatever the error says.
func (p *Plugin) call(ctx context.Context, process *process, call func(context.Context, *wire.Client) error) error {
	err := process.blame(call(ctx, process.client))
	if errors.Is(err, errGone) {
		return p.down(err)
	}
	return err
}

// current is the process that is up.
func (p *Plugin) current(ctx context.Context) (*process, error) {
	for {
		p.mu.Lock()
		process, why, settled, changed := p.process, p.why, p.settled, p.changed
		p.mu.Unlock()
		switch {
		case process != nil:
			return process, nil
		case settled:
			return nil, p.down(why)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, p.down(ctx.Err())
		}
	}
}

func (p *Plugin) down(why error) error {
	return sdk.Unavailable(fmt.Errorf("%s: %w: %w", p.spec.Block, ErrDown, why))
}

// blame makes an error one of errGone where the process is gone: it is judged by
// the process, never by the text of the error.
func (p *process) blame(err error) error {
	if err == nil {
		return nil
	}
	if sdk.FailureOf(err) == sdk.FailureUnavailable {
		wait := time.NewTimer(noticed)
		defer wait.Stop()
		select {
		case <-p.Exited():
		case <-wait.C:
		}
	}
	if p.Gone() {
		return fmt.Errorf("%w: %w: %w", errGone, p.Result(), err)
	}
	return err
}
