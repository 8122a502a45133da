package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog"
	"github.com/headwatch/headwatch/sdk"
)

// plugin is what the host talks to.
type plugin struct {
	config Config
	self   identity

	observe *docker.Engine // answers and logs
	control *docker.Engine // takes restart and start; the same where no other is configured
	find    resolver
	endings *endings // nil unless containers that exited may be started
	locks   locks

	mu    sync.Mutex
	known map[Target]docker.Container // as last inspected
}

var (
	_ sdk.Configurable      = (*plugin)(nil)
	_ sdk.Starter           = (*plugin)(nil)
	_ sdk.Action[Target]    = (*plugin)(nil)
	_ sdk.LogSource[Target] = (*plugin)(nil)
)

func newPlugin() *plugin { return &plugin{known: make(map[Target]docker.Container)} }

// Config returns the config block to fill.
func (p *plugin) Config() any { return &p.config }

// Start prepares the connections. It does not wait for an engine.
func (p *plugin) Start(ctx context.Context) error {
	to, err := docker.NewConnection(p.config.DockerHost, os.Getenv)
	if err != nil {
		return sdk.AttributeError(err, "", "docker_host")
	}
	p.observe = docker.NewEngine(to)
	p.control = p.observe
	if p.config.DockerControlHost != "" {
		other, err := docker.NewConnection(p.config.DockerControlHost, os.Getenv)
		if err != nil {
			return sdk.AttributeError(err, "", "docker_control_host")
		}
		p.control = docker.NewEngine(other)
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
	seen, err := p.inspectNow(ctx, target)
	switch {
	case errors.Is(err, docker.ErrAbsent):
		return sdk.State{Name: cmp.Or(target.Container, target.Service)}, nil
	case err != nil:
		return sdk.State{}, p.observe.Explain(err)
	}
	state := stateOf(seen.Container)
	state.MayStart = p.mayStart(seen.Container)
	state.Refuse = p.refuse(ctx, seen.Container)
	if seen.listedOnly {
		state.Notes = []string{"the engine lists this container but does not answer for it; it may hang"}
	}
	return state, nil
}

// ReadLog follows the container's log.
func (p *plugin) ReadLog(ctx context.Context, target Target, from sdk.ReadFrom, w sdk.LogWriter) error {
	find := func(ctx context.Context) (docker.Container, error) { return p.find.resolve(ctx, target) }
	f, err := dockerlog.NewFollower(find, p.observe, from, w)
	if err != nil {
		return err
	}
	return p.observe.Explain(f.Run(ctx))
}

// look is what the engine said of a container at one moment.
type look struct {
	docker.Container
	// listedOnly says that only the list answered; the start of the run is that
	// of the last inspect.
	listedOnly bool
}

// inspectNow finds the container of a target as it is now.
func (p *plugin) inspectNow(ctx context.Context, target Target) (look, error) {
	c, err := p.find.resolve(ctx, target)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.known[target] = c
		return look{Container: c}, nil
	}
	var unanswered *unansweredError
	last, ok := p.known[target]
	if !errors.As(err, &unanswered) || !ok || last.ID != unanswered.seen.ID {
		return look{}, err
	}
	last.Status = unanswered.seen.Status
	return look{Container: last, listedOnly: true}, nil
}

// mayStart says whether the host may have this container started.
func (p *plugin) mayStart(c docker.Container) bool {
	return p.endings != nil && c.Status == docker.Exited && p.endings.exitedByItself(c)
}
