package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// ErrDown says that a plugin's process is not there at the moment. It is being
// started again.
var ErrDown = errors.New("plugin is down")

// Timings of keeping a plugin up.
const (
	healthInterval = 5 * time.Second
	healthDeadline = 3 * time.Second
	firstPause     = 250 * time.Millisecond
	longestPause   = 30 * time.Second
	// wellFor is how long a process must have been up for the pauses to begin
	// short again.
	wellFor = time.Minute
)

// Plugin is one block's plugin, kept up while Run runs.
type Plugin struct {
	spec       Spec
	supervisor *Supervisor
	logger     *slog.Logger

	mu      sync.Mutex
	process *process
	why     error
	// changed is closed when the plugin goes up, or fails to.
	changed chan struct{}
	// settled says that a launch has ended one way or the other, so that a call
	// need not wait.
	settled bool
}

// Keep returns a plugin that comes up when its Run is called.
func (s *Supervisor) Keep(spec Spec) *Plugin {
	return &Plugin{spec: spec, supervisor: s, logger: s.logger.With("plugin", spec.Block), changed: make(chan struct{})}
}

// Run keeps the process up until ctx is done, and returns when it is gone.
func (p *Plugin) Run(ctx context.Context) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, longestPause
	for {
		began := time.Now()
		err := p.once(ctx)
		p.set(nil, err)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > wellFor {
			pauses.Reset()
		}
		pause := pauses.NextBackOff()
		p.logger.Error("the plugin is down", "error", err, "position", p.spec.Position, "again_in", pause.Round(time.Millisecond))
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// once runs one process from its launch to its end and says why it ended.
func (p *Plugin) once(ctx context.Context) error {
	process, err := p.supervisor.launch(ctx, p.spec)
	if err != nil {
		return err
	}
	defer process.stop()
	if err := configure(ctx, process); err != nil {
		return process.log.explain(err)
	}
	p.set(process, nil)
	p.logger.Debug("the plugin is up", "pid", process.child.pid)
	return watch(ctx, process)
}

func configure(ctx context.Context, process *process) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeDeadline)
	defer cancel()
	found, err := process.client.Configure(ctx, process.spec.ConfigJSON)
	if err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	var words []string
	for _, d := range found {
		if !d.Warning {
			words = append(words, strings.Join(append(d.Path, d.Summary), ": "))
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("configure: %s", strings.Join(words, "; "))
	}
	return nil
}

// watch returns when the process is gone or does not answer, or ctx is done.
func watch(ctx context.Context, process *process) error {
	tick := time.NewTicker(healthInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-process.child.exited:
			return process.log.explain(fmt.Errorf("process %d ended: %w", process.child.pid, result(process.child)))
		case <-tick.C:
			if err := process.healthy(ctx, healthDeadline); err != nil && ctx.Err() == nil {
				process.kill()
				return err
			}
		}
	}
}

// result is how a process that is gone ended.
func result(c *child) error {
	if c.result == nil {
		return errors.New("exit code 0")
	}
	return c.result
}

func (p *Plugin) set(process *process, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process, p.why, p.settled = process, why, true
	close(p.changed)
	p.changed = make(chan struct{})
}

// Do calls the plugin with the block's timeout as the deadline. While the first
// launch is under way it waits; while the plugin is down it returns ErrDown at
// once, and when the process dies in the middle of the call as soon as it is
// gone.
func (p *Plugin) Do(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.spec.Timeout)
	defer cancel()
	return p.Stream(ctx, call)
}

// Stream is Do without a deadline of its own.
func (p *Plugin) Stream(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	process, err := p.current(ctx)
	if err != nil {
		return err
	}
	err = call(ctx, process.client)
	if err == nil {
		return nil
	}
	select {
	case <-process.child.exited:
		return p.down(fmt.Errorf("its process ended during the call: %w", err))
	default:
		return err
	}
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
