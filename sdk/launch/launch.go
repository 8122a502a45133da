package launch

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/wire"
)

// Limit is how long a plugin may take from its start to its first answer.
const Limit = 10 * time.Second

// ErrSilent is the cause to give a context that bounds a start.
var ErrSilent = errors.New("it has not shaken hands in time")

// Options say which program to start, and how.
type Options struct {
	// Path is the program.
	Path string
	// Env is all that it sees of the environment, as NAME=value, beside what
	// the handshake takes, which wins.
	Env []string
	// MTLS says whether the connection is to be encrypted both ways.
	MTLS bool
	// Sockets is where the plugin makes its socket.
	Sockets *SocketDir
	// Thread is what forks; the process is killed when it ends. Without one
	// the process is not killed with the host where it does not heed its
	// lifeline.
	Thread *Thread
	// Log takes standard error, piece by piece; nil for nobody.
	Log io.Writer
	// Stdout and Stderr take what is printed over the connection, after the
	// handshake; nil for nobody.
	Stdout, Stderr io.Writer
	// KeepOutput is how much of standard output [Process.Output] keeps, in
	// bytes; a handshake is kept in any case.
	KeepOutput int
	// SpareGroup leaves alive what the process has started, until Kill: a check
	// can then look for it.
	SpareGroup bool
	// Dial are further options of the connection.
	Dial []grpc.DialOption
}

// ConnectError says that a plugin shook hands, but cannot be connected to.
type ConnectError struct{ Err error }

// Error is why.
func (e *ConnectError) Error() string { return "connect: " + e.Err.Error() }

// Unwrap is why.
func (e *ConnectError) Unwrap() error { return e.Err }

// Run starts a program without shaking hands with it.
func Run(ctx context.Context, o Options) (*Process, error) {
	c := newChild(o)
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	return &Process{child: c, exited: c.exited}, nil
}

// Start starts a plugin, shakes hands and opens the connection, before ctx is
// done. A process that does not get so far is gone when it returns. The error
// is a [HandshakeError], [ErrPlain], a [ConnectError], the cause of ctx's end,
// or says why there was no process.
func Start(ctx context.Context, o Options) (*Process, error) {
	c := newChild(o)
	p := &Process{child: c, exited: c.exited, client: goplugin.NewClient(clientConfig(c))}
	// go-plugin takes no context, but it returns when its process is gone.
	release := context.AfterFunc(ctx, func() { _ = p.Kill() })
	err := p.connect()
	if !release() {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = p.Kill() // Stop says what cannot be killed
		return nil, errors.Join(err, p.Stop(0))
	}
	return p, nil
}

// clientConfig makes everything afresh, for go-plugin's parts cannot be used
// twice.
func clientConfig(c *child) *goplugin.ClientConfig {
	o := c.options
	return &goplugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		Plugins:          goplugin.PluginSet{wire.ServiceName: connection{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         o.MTLS,
		SkipHostEnv:      true,
		StartTimeout:     time.Hour, // the context of Start comes first
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		SyncStdout:       o.Stdout,
		SyncStderr:       o.Stderr,
		GRPCDialOptions:  dialOptions(o.Dial),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: o.Sockets.Path},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, sockets string) (runner.Runner, error) {
			// What the two have to agree on comes last, where it wins.
			c.cmd.Env, c.sockets = slices.Concat(o.Env, cmd.Env), sockets
			return c, nil
		},
	}
}

// dialOptions are those of every connection to a plugin, and some more.
func dialOptions(more []grpc.DialOption) []grpc.DialOption {
	limits := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage))
	return append([]grpc.DialOption{limits}, more...)
}

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
