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

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/wire"
)

// errSilent says that a plugin took too long over its handshake.
var errSilent = errors.New("it has not shaken hands in time")

// connection hands the connection of go-plugin out.
type connection struct {
	goplugin.NetRPCUnsupportedPlugin
}

var _ goplugin.GRPCPlugin = connection{}

// GRPCServer is a plugin's side.
func (connection) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("a host serves no plugin")
}

// GRPCClient is the connection itself.
func (connection) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// launch starts a process and speaks with it once, to be sure that it is a
// plugin of the kind that the block needs. The error says what is wrong with
// it, with its last words.
func (s *Supervisor) launch(ctx context.Context, spec Spec) (*process, error) {
	if spec.Attached != nil {
		return s.attach(ctx, spec)
	}
	if err := checkBinary(spec.Path); err != nil {
		return nil, err
	}
	if err := checkTrust(spec.Path); err != nil {
		return nil, err
	}
	if err := checkSum(spec); err != nil {
		return nil, err
	}
	p := newProcess(s, spec)
	p.goplug = goplugin.NewClient(s.clientConfig(p))
	ctx, cancel := context.WithTimeoutCause(ctx, s.times.handshake, errSilent)
	defer cancel()
	// go-plugin takes no context, but it returns when its process is gone.
	release := context.AfterFunc(ctx, p.kill)
	err := p.connect()
	if err == nil {
		err = p.hello(ctx)
	}
	if !release() {
		err = context.Cause(ctx)
	}
	if err != nil {
		p.kill()
		p.stop()
		return nil, p.log.explain(fmt.Errorf("start plugin %s: %w", spec.Path, err))
	}
	return p, nil
}

// clientConfig makes everything afresh, for go-plugin's parts cannot be used
// twice.
func (s *Supervisor) clientConfig(p *process) *goplugin.ClientConfig {
	return &goplugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		Plugins:          goplugin.PluginSet{wire.ServiceName: connection{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         p.spec.MTLS,
		SkipHostEnv:      true,
		StartTimeout:     2 * s.times.handshake, // ours comes first
		// go-plugin's own reading of stderr panics on some lines.
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		Stderr:           p.log,
		SyncStdout:       p.stdout,
		SyncStderr:       p.stderr,
		GRPCDialOptions:  p.dialOptions(),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: s.sockets.path},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, sockets string) (runner.Runner, error) {
			own := exec.Command(p.spec.Path)
			// What the two have to agree on comes last, where it wins.
			own.Env = slices.Concat(p.spec.Set, Environment(p.spec.Env), cmd.Env)
			p.child.cmd, p.child.sockets = own, sockets
			return p.child, nil
		},
	}
}

// dialOptions are those of every connection to a plugin.
func (p *process) dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)),
		grpc.WithChainUnaryInterceptor(p.unary),
	}
}

// checkSum compares the binary with what the block says.
func checkSum(spec Spec) error {
	if spec.SHA256 == "" {
		return nil
	}
	got, err := Checksum(spec.Path)
	if err != nil {
		return err
	}
	if !strings.EqualFold(got, spec.SHA256) {
		return fmt.Errorf("plugin %s has the sha256 %s, not the configured %s", spec.Path, got, spec.SHA256)
	}
	return nil
}

// Checksum is the SHA-256 of a plugin's binary, in hex.
func Checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read plugin: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read plugin: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
