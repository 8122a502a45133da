package supervisor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

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
	ctx, cancel := context.WithTimeout(ctx, p.spec.timeout())
	defer cancel()
	process, err := p.current(ctx)
	if err != nil {
		return err
	}
	err = p.ask(ctx, process, call)
	if code(err) == codes.FailedPrecondition && configure(ctx, process) == nil {
		err = p.ask(ctx, process, call)
	}
	return err
}

// Stream is Do without a deadline of its own, for what goes on for ever. Its
// error is ErrDown when the process is gone; the next call waits for nothing,
// so that a caller that tries again should pause.
func (p *Plugin) Stream(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	process, err := p.current(ctx)
	if err != nil {
		return err
	}
	return p.ask(ctx, process, call)
}

// ask makes a call. A process that is gone is down, whatever the error says.
func (p *Plugin) ask(ctx context.Context, process *process, call func(context.Context, *wire.Client) error) error {
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
	if code(err) == codes.Unavailable {
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

// code is the status of an error of a call; OK where it has none.
func code(err error) codes.Code {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return codes.OK
	}
	return e.Code()
}
