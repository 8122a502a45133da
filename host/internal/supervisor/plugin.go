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

	"github.com/headwatch/headwatch/sdk/wire"
)

// Plugin is one block's plugin, kept up while Run runs.
type Plugin struct {
	spec       Spec
	supervisor *Supervisor
	logger     *slog.Logger

	mu sync.Mutex
	// opened is a process that Run has not taken over yet.
	opened  *process
	process *process
	why     error
	// changed is closed when the plugin goes up, or fails to.
	changed chan struct{}
	// settled says that a launch has ended one way or the other, so that a call
	// need not wait.
	settled bool

	// failures counts how often it went down since it was last well. Only Run
	// uses it.
	failures int
}

// Keep returns a plugin that comes up when its Run is called.
func (s *Supervisor) Keep(spec Spec) *Plugin {
	return &Plugin{spec: spec, supervisor: s, logger: s.logger.With("plugin", spec.Block), changed: make(chan struct{})}
}

// Logger is the host's log, with the name of the block.
func (p *Plugin) Logger() *slog.Logger { return p.logger }

// Run keeps the process up until ctx is done, and returns when it is gone. An
// act that is under way then is waited for a few seconds; any other call ends.
// Run is called once.
func (p *Plugin) Run(ctx context.Context) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval, pauses.Multiplier = p.supervisor.times.firstPause, p.supervisor.times.longestPause, 2
	for {
		err := p.once(ctx, pauses)
		if ctx.Err() != nil {
			p.set(nil, context.Cause(ctx))
			return
		}
		pause := pauses.NextBackOff()
		p.sayDown(err, pause)
		again := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

// Ask makes a call that needs no configuration, with the block's timeout as the
// deadline: of the process that was opened, or of the one that runs.
func (p *Plugin) Ask(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	p.mu.Lock()
	opened := p.opened
	p.mu.Unlock()
	if opened == nil {
		return p.Do(ctx, call)
	}
	ctx, cancel := context.WithTimeout(ctx, p.spec.timeout())
	defer cancel()
	err := opened.blame(call(ctx, opened.client))
	if errors.Is(err, errGone) {
		return opened.log.explain(err)
	}
	return err
}

// SetConfig sets what the plugin is configured with, before Run is called.
func (p *Plugin) SetConfig(json []byte) { p.spec.ConfigJSON = json }

// Close ends a process that was opened and is not run.
func (p *Plugin) Close() {
	if opened := p.takeOpened(); opened != nil {
		opened.stop()
	}
}

func (p *Plugin) takeOpened() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	opened := p.opened
	p.opened = nil
	return opened
}

// once runs one process from its launch to its end and says why it ended.
func (p *Plugin) once(ctx context.Context, pauses *backoff.ExponentialBackOff) error {
	process, err := p.takeOpened(), error(nil)
	if process == nil {
		process, err = p.supervisor.launch(ctx, p.spec)
	} else {
		process.spec.ConfigJSON = p.spec.ConfigJSON
	}
	if err != nil {
		p.set(nil, err)
		return err
	}
	if err = configure(ctx, process); err == nil {
		p.set(process, nil)
		p.sayUp(process)
		err = p.watch(ctx, process, pauses)
	}
	p.set(nil, err)
	if ctx.Err() != nil {
		process.drain()
	}
	process.stop()
	err = process.log.explain(err)
	p.set(nil, err)
	return err
}

// configure gives a process its configuration. One that was checked before may
// still be refused, where the plugin cannot start with it.
func configure(ctx context.Context, process *process) error {
	ctx, cancel := context.WithTimeout(ctx, process.times.handshake)
	defer cancel()
	found, err := process.client.Configure(ctx, process.spec.ConfigJSON)
	if err != nil {
		return fmt.Errorf("configure: %w", process.blame(err))
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

// watch returns when the process is gone or does not answer twice in a row, or
// ctx is done.
func (p *Plugin) watch(ctx context.Context, process *process, pauses *backoff.ExponentialBackOff) error {
	tick := time.NewTicker(process.times.health)
	defer tick.Stop()
	well := time.NewTimer(process.times.well)
	defer well.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-process.Exited():
			return fmt.Errorf("%w: %w", errGone, process.Result())
		case <-well.C:
			pauses.Reset()
			p.sayWell()
		case <-tick.C:
			if process.Attached() {
				continue
			}
			err := process.healthy(ctx)
			if err != nil {
				err = process.healthy(ctx)
			}
			if err != nil && ctx.Err() == nil && !process.Gone() {
				process.kill()
				return err
			}
		}
	}
}

func (p *Plugin) set(process *process, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process, p.why, p.settled = process, why, true
	close(p.changed)
	p.changed = make(chan struct{})
}

// sayDown reports that the plugin is down: the first time, and once more when it
// does so again before it was well. After that only who debugs hears of it.
func (p *Plugin) sayDown(err error, pause time.Duration) {
	p.failures++
	level, message := slog.LevelError, "the plugin is down"
	if p.failures > 1 {
		message = "the plugin goes down again and again"
	}
	if p.failures > 2 {
		level = slog.LevelDebug
	}
	p.logger.Log(context.Background(), level, message, "error", err, "position", p.spec.Position, "again_in", pause.Round(time.Millisecond))
}

func (p *Plugin) sayUp(process *process) {
	level := slog.LevelDebug
	if p.failures == 1 {
		level = slog.LevelInfo
	}
	p.logger.Log(context.Background(), level, "the plugin is up", "pid", process.PID())
}

// sayWell ends a time of trouble.
func (p *Plugin) sayWell() {
	if p.failures > 0 {
		p.logger.Info("the plugin is well again", "went_down", p.failures)
	}
	p.failures = 0
}
