package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync"

	"github.com/headwatch/headwatch/sdk"
)

// plugin is what the host talks to.
type plugin struct {
	config Config
	self   identity

	observe *engine // answers and logs
	control *engine // takes restart and start; the same where no other is configured
	find    resolver
	endings *endings // nil unless containers that exited may be started
	turns   turns

	mu    sync.Mutex
	known map[Target]container // as last inspected
}

var (
	_ sdk.Configurable      = (*plugin)(nil)
	_ sdk.Starter           = (*plugin)(nil)
	_ sdk.Action[Target]    = (*plugin)(nil)
	_ sdk.LogSource[Target] = (*plugin)(nil)
)

func newPlugin() *plugin { return &plugin{known: make(map[Target]container)} }

// Config returns the config block to fill.
func (p *plugin) Config() any { return &p.config }

// Start prepares the connections. It does not wait for an engine.
func (p *plugin) Start(ctx context.Context) error {
	to, err := newConnection(p.config.DockerHost, os.Getenv)
	if err != nil {
		return sdk.AttributeError(err, "", "docker_host")
	}
	p.observe = newEngine(to)
	p.control = p.observe
	if p.config.DockerControlHost != "" {
		other, err := newConnection(p.config.DockerControlHost, os.Getenv)
		if err != nil {
			return sdk.AttributeError(err, "", "docker_control_host")
		}
		p.control = newEngine(other)
	}
	p.find = resolver{p.observe}
	p.self = ownIdentity()
	if p.config.StartExited {
		p.endings = newEndings(p.observe)
		go p.endings.run(ctx)
	}
	return nil
}

// Inspect reports the container's state. Where the engine lists the container
// but does not answer for it, the state is that of the list.
func (p *plugin) Inspect(ctx context.Context, target Target) (sdk.State, error) {
	seen, err := p.look(ctx, target)
	switch {
	case errors.Is(err, errAbsent):
		return sdk.State{Name: cmp.Or(target.Container, target.Service)}, nil
	case err != nil:
		return sdk.State{}, p.observe.to.explain(err)
	}
	state := stateOf(seen.container)
	state.MayStart = p.mayStart(seen.container)
	state.Refuse = p.refuse(ctx, seen.container)
	if seen.degraded {
		state.Notes = []string{"the engine lists this container but does not answer for it; it may hang"}
	}
	return state, nil
}

// ReadLog follows the container's log.
func (p *plugin) ReadLog(ctx context.Context, target Target, from sdk.ReadFrom, w sdk.LogWriter) error {
	find := func(ctx context.Context) (container, error) { return p.find.resolve(ctx, target) }
	f, err := newFollower(find, p.observe, from, w)
	if err != nil {
		return err
	}
	return p.observe.to.explain(f.run(ctx))
}

// sight is what a look at a container gave.
type sight struct {
	container
	// degraded says that only the list answered; the start of the run is that
	// of the last inspect.
	degraded bool
}

// look finds the container of a target as it is now.
func (p *plugin) look(ctx context.Context, target Target) (sight, error) {
	c, err := p.find.resolve(ctx, target)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.known[target] = c
		return sight{container: c}, nil
	}
	var unanswered *unansweredError
	last, ok := p.known[target]
	if !errors.As(err, &unanswered) || !ok || last.id != unanswered.seen.id {
		return sight{}, err
	}
	last.status = unanswered.seen.status
	return sight{container: last, degraded: true}, nil
}

// mayStart says whether the host may have this container started.
func (p *plugin) mayStart(c container) bool {
	return p.endings != nil && c.status == statusExited && p.endings.exitedByItself(c)
}
