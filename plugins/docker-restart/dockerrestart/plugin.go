package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog"
	"github.com/headwatch/headwatch/sdk"
)

// plugin is what the host talks to.
type plugin struct {
	config   Config
	self     identity
	stateDir string // for claims; empty for none

	observe *docker.Engine // answers, logs and events
	control *docker.Engine // takes restart and start; the same where no other is configured
	find    resolver
	around  surroundings
	history *history
	claims  *claim.Folder
	locks   locks
	works   works

	life    context.Context // done when the plugin ends
	running sync.WaitGroup

	mu    sync.Mutex
	known map[Target]docker.Container // as last inspected
}

var (
	_ sdk.Configurable      = (*plugin)(nil)
	_ sdk.Starter           = (*plugin)(nil)
	_ sdk.Action[Target]    = (*plugin)(nil)
	_ sdk.LogSource[Target] = (*plugin)(nil)
	_ io.Closer             = (*plugin)(nil)
)

func newPlugin() *plugin {
	return &plugin{stateDir: sdk.StateDir(), known: make(map[Target]docker.Container)}
}

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
	p.around.engine = p.observe
	p.self = ownIdentity()
	p.claims, err = claim.Open(p.stateDir)
	if err != nil {
		slog.Warn("claims of earlier acts cannot be read; what those stopped is not started again", "error", err)
	}
	p.life = ctx
	p.history = newHistory(p.observe)
	p.running.Go(func() { p.history.run(ctx) })
	return nil
}

// Close waits for what is under way. The context of Start is done by then, so
// that no act is begun or waited for; only a request that was sent is.
func (p *plugin) Close() error {
	p.works.running.Wait()
	p.running.Wait()
	return nil
}

// Inspect reports the container's state. Where the engine lists the container
// but does not answer for it, the state is that of the list.
func (p *plugin) Inspect(ctx context.Context, target Target) (sdk.State, error) {
	seen, err := p.inspectNow(ctx, target)
	var short *shortIDError
	switch {
	case errors.As(err, &short):
		return sdk.State{Name: target.Container, Alarm: short.Error()}, nil
	case errors.Is(err, docker.ErrAbsent):
		return sdk.State{Name: cmp.Or(target.Container, target.Service)}, nil
	case err != nil:
		return sdk.State{}, p.observe.Explain(err)
	}
	state := stateOf(seen.Container)
	state.MayStart = p.mayStart(seen.Container)
	state.Refuse = p.refuse(ctx, seen.Container)
	state.Alarm = p.alarm(seen.Container)
	// A host that ends between stop and start would leave the container stopped.
	state.ActTakes, state.StopTakes = p.config.actTakes(seen.Container), time.Duration(p.config.seconds(seen.Container))*time.Second+p.config.MinDown
	if ahead, _, known := p.observe.ClockAhead(); known {
		state.ClockAhead = &ahead
	}
	state.Hazards = p.hazards(ctx, target, seen.Container, false)
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
	return p.config.StartExited && c.Status == docker.Exited && p.history.exitedByItself(c)
}

// alarm calls for a person where headwatch stopped a container and it does not
// start again; empty for nothing.
func (p *plugin) alarm(c docker.Container) string {
	ours, ok := p.claims.Of(c.ID)
	if !ok || !ours.EndedByUs || c.Status.Alive() || !c.StartedAt.Equal(ours.Run) {
		return ""
	}
	under := p.works.of(ours.RequestID) != nil
	if under && ours.Words == "" && time.Now().Before(ours.DownUntil.Add(startBudget)) {
		return ""
	}
	next := "it is left to a person now"
	if under {
		next = "it is tried again until " + clockTime(ours.StartUntil)
	}
	return fmt.Sprintf("headwatch stopped this container for a restart, at %s, and it does not start: %s; %s", clockTime(ours.WrittenAt), cmp.Or(ours.Words, "the engine said nothing"), next)
}
