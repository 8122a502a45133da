package supervisor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/headwatch/headwatch/sdk/wire"
)

// Deadlines of a process's life.
const (
	// handshakeDeadline is how long a plugin may take to say where it listens.
	handshakeDeadline = 10 * time.Second
	// helloDeadline bounds the first call.
	helloDeadline = 5 * time.Second
	// stopGrace is how long a plugin may take to end by itself.
	stopGrace = 2 * time.Second
)

// process is one launch of a plugin. It is never launched again: go-plugin's
// parts are good for one.
type process struct {
	spec   Spec
	child  *child
	goplug *goplugin.Client
	client *wire.Client
	health grpc_health_v1.HealthClient
	log    *pluginLog
}

// connection hands the connection of go-plugin out.
type connection struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (connection) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("a host serves no plugin")
}

func (connection) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// launch starts a process and speaks with it once, to be sure that it is a
// plugin of the kind that the block needs.
func (s *Supervisor) launch(ctx context.Context, spec Spec) (*process, error) {
	if err := checkBinary(spec.Path); err != nil {
		return nil, err
	}
	p := &process{spec: spec, log: newPluginLog(s.logger.With("plugin", spec.Block))}
	p.child = &child{supervisor: s, exited: make(chan struct{})}
	config, err := s.clientConfig(p)
	if err != nil {
		return nil, err
	}
	p.goplug = goplugin.NewClient(config)
	done := make(chan error, 1)
	go func() { done <- p.connect() }()
	select {
	case err = <-done:
	case <-ctx.Done():
		p.kill()
		<-done
		err = ctx.Err()
	}
	if err == nil {
		err = p.hello(ctx)
	}
	if err != nil {
		p.stop()
		return nil, p.log.explain(fmt.Errorf("start plugin %s: %w", spec.Path, err))
	}
	return p, nil
}

// clientConfig makes everything afresh, for go-plugin's parts cannot be used
// twice.
func (s *Supervisor) clientConfig(p *process) (*goplugin.ClientConfig, error) {
	config := &goplugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		Plugins:          goplugin.PluginSet{wire.ServiceName: connection{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         p.spec.MTLS,
		SkipHostEnv:      true,
		StartTimeout:     handshakeDeadline,
		// go-plugin's own reading of stderr panics on some lines.
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		Stderr:           p.log,
		SyncStdout:       p.log.plain(),
		SyncStderr:       p.log.plain(),
		GRPCDialOptions:  []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage))},
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: s.dir},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			own := exec.Command(p.spec.Path)
			own.Env = append(environment(p.spec.Env), cmd.Env...)
			p.child.cmd = own
			return p.child, nil
		},
	}
	if p.spec.SHA256 == "" {
		return config, nil
	}
	return config, checkSum(p.spec)
}

// checkSum reads the binary and compares it with what the block says.
func checkSum(spec Spec) error {
	data, err := os.ReadFile(spec.Path)
	if err != nil {
		return fmt.Errorf("read plugin: %w", err)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); !strings.EqualFold(got, spec.SHA256) {
		return fmt.Errorf("plugin %s has the sha256 %s, not the configured %s", spec.Path, got, spec.SHA256)
	}
	return nil
}

// environment is what a plugin sees of the host's.
func environment(named []string) []string {
	usual := []string{"PATH", "HOME", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOMAXPROCS", "GOGC",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"}
	var env []string
	for _, name := range append(usual, named...) {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return slices.Compact(env)
}

// connect shakes hands and opens the connection.
func (p *process) connect() error {
	protocol, err := p.goplug.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(wire.ServiceName)
	if err != nil {
		return err
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return fmt.Errorf("connection is a %T", raw)
	}
	p.client, p.health = wire.NewClient(conn), grpc_health_v1.NewHealthClient(conn)
	return nil
}

// hello asks who the plugin is and whether it is of the kind that is needed.
func (p *process) hello(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, helloDeadline)
	defer cancel()
	info, err := p.client.Info(ctx)
	if err != nil && p.spec.MTLS {
		return fmt.Errorf("ask who it is: %w (a plugin that does not speak TLS needs mtls = false in its block)", err)
	}
	if err != nil {
		return fmt.Errorf("ask who it is: %w", err)
	}
	if p.spec.Kind != "" && !slices.Contains(info.Kinds, p.spec.Kind) {
		return fmt.Errorf("%s %s serves %v, not %s", info.Name, info.Version, info.Kinds, p.spec.Kind)
	}
	return nil
}

// healthy asks after the process with a deadline; a process that hangs does not
// answer, and one that is stopped does not either.
func (p *process) healthy(ctx context.Context, deadline time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	answer, err := p.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
	if err != nil {
		return fmt.Errorf("ask after its health: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("it calls itself %s", answer.GetStatus())
	}
	return nil
}

// stop asks the process to end, kills it when it does not, and returns when it
// is gone.
func (p *process) stop() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.goplug.Kill()
	}()
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-ended:
		return
	case <-grace.C:
	}
	p.kill()
	<-ended
}

// kill ends the process at once.
func (p *process) kill() {
	if p.child.pid == 0 {
		return
	}
	if err := p.child.Kill(context.Background()); err != nil {
		p.log.logger.Warn("the process cannot be killed", "error", err)
	}
}
