package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/launch"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// process is one launch of a plugin; it is never launched again.
type process struct {
	*launch.Process
	spec   Spec
	times  timings
	client *wire.Client
	// log is the process's own standard error; stdout and stderr are what it
	// prints after the handshake.
	log, stdout, stderr *pluginLog
	acts                acts
	// unanswered counts the calls in a row that were not answered in time.
	unanswered atomic.Int32
}

func newProcess(s *Supervisor, spec Spec) *process {
	logger := s.logger.With("plugin", spec.Block)
	return &process{
		spec: spec, times: s.times,
		log:    newPluginLog(logger),
		stdout: newPluginLog(logger.With("stream", "stdout")),
		stderr: newPluginLog(logger.With("stream", "stderr")),
	}
}

// hello asks who the plugin is and whether it is of the kind that is needed.
func (p *process) hello(ctx context.Context) error {
	p.client = wire.NewClient(p.Conn())
	info, err := p.client.Info(ctx)
	if failed := (*sdk.Error)(nil); errors.As(err, &failed) && failed.Code() == codes.Unimplemented {
		return errors.New("it does not serve headwatch.plugin.v1.Plugin")
	}
	if err != nil {
		return fmt.Errorf("ask who it is: %w", p.blame(err))
	}
	if p.spec.Kind != "" && !slices.Contains(info.Kinds, p.spec.Kind) {
		return fmt.Errorf("%s %s serves %v, not %s", info.Name, info.Version, info.Kinds, p.spec.Kind)
	}
	if p.Attached() {
		return nil
	}
	return p.healthy(ctx)
}

// healthy asks after the process with a deadline; a process that hangs does not
// answer, and one that is stopped does not either.
func (p *process) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.times.healthDeadline)
	defer cancel()
	answer, err := grpc_health_v1.NewHealthClient(p.Conn()).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
	if status.Code(err) == codes.DeadlineExceeded {
		return fmt.Errorf("ask after its health: no answer within %s", p.times.healthDeadline)
	}
	if err != nil {
		return fmt.Errorf("ask after its health: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("it calls itself %s", answer.GetStatus())
	}
	return nil
}

// unary gives a call without a deadline that of the block, and counts the acts
// that are under way.
func (p *process) unary(ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if _, bounded := ctx.Deadline(); !bounded {
		limited, cancel := context.WithTimeout(ctx, p.spec.timeout())
		defer cancel()
		ctx = limited
	}
	if method == pluginv1.Action_Execute_FullMethodName {
		defer p.acts.begin()()
	}
	return invoke(ctx, method, request, response, conn, options...)
}

// drain waits a while for acts that are under way.
func (p *process) drain() {
	limit := time.NewTimer(p.times.drain)
	defer limit.Stop()
	select {
	case <-p.acts.idle():
	case <-p.Exited():
	case <-limit.C:
		p.log.logger.Warn("the plugin ends in the middle of an act")
	}
}

// stop asks the process to end, kills it when it does not, and returns when it
// is gone and its output is read. One that somebody else started is left alone.
func (p *process) stop() {
	p.warn(p.Stop(p.times.grace))
	for _, log := range []*pluginLog{p.log, p.stdout, p.stderr} {
		log.flush()
	}
}

// kill ends the process at once.
func (p *process) kill() { p.warn(p.Kill()) }

func (p *process) warn(err error) {
	if err != nil {
		p.log.logger.Warn("the process cannot be ended", "error", err)
	}
}

// acts counts the acts under way. The zero value has none.
type acts struct {
	mu    sync.Mutex
	count int
	none  chan struct{} // closed when count is back at zero
}

// begin counts an act; the returned function ends it.
func (a *acts) begin() func() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == 0 {
		a.none = make(chan struct{})
	}
	a.count++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.count--; a.count == 0 {
			close(a.none)
		}
	}
}

func (a *acts) underWay() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count > 0
}

// idle is closed as soon as no act is under way.
func (a *acts) idle() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.none == nil {
		a.none = make(chan struct{})
		close(a.none)
	}
	return a.none
}
