package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Binary is a plugin's program, in whatever language. TLS is tried first; a
// program that does not speak it is spoken to without.
type Binary struct {
	// Path is the program.
	Path string
	// Env is all that it sees of the environment, beside what the handshake
	// takes.
	Env []string

	// plain says that it does not speak TLS.
	plain bool
	// all are the processes that were started.
	all []*process
}

var _ Subject = (*Binary)(nil)

// startLimit is how long a plugin may take from its start to its handshake; it
// is the host's own.
const startLimit = 10 * time.Second

// startError says at which step a plugin could not be started.
type startError struct {
	// check is the check that this fails.
	check string
	err   error
}

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// Start starts a process and connects to it.
func (b *Binary) Start(ctx context.Context) (*Instance, error) {
	instance, err := b.launch(ctx, !b.plain)
	var failed *startError
	if err == nil || b.plain || !errors.As(err, &failed) || failed.check == checkHandshake && !errors.Is(err, errNoTLS) {
		return instance, err
	}
	instance, plainErr := b.launch(ctx, false)
	switch {
	case plainErr == nil:
		b.plain = true
		return instance, nil
	case errors.Is(err, errNoTLS):
		return nil, plainErr
	}
	return nil, err
}

// launch starts a process with TLS or without.
func (b *Binary) launch(ctx context.Context, mtls bool) (*Instance, error) {
	base, err := socketDir()
	if err != nil {
		return nil, err
	}
	p := newProcess(b.Path, nil)
	p.mtls = mtls
	said := &sayings{}
	client := goplugin.NewClient(b.clientConfig(p, base, said))
	stop := func() error {
		p.end()
		client.Kill()
		return os.RemoveAll(base)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	// go-plugin takes no context, but it returns when its process is gone.
	release := context.AfterFunc(ctx, p.end)
	conn, err := connect(client, p)
	if !release() && err != nil {
		err = &startError{checkHandshake, wrong(handshakeForm, "it has not shaken hands within %s", startLimit)}
	}
	if p.started() {
		b.all = append(b.all, p)
	}
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	p.encrypted = mtls
	instance := newInstance(conn, said, stop)
	instance.process = p
	if err := instance.reached(ctx); err != nil {
		return nil, errors.Join(err, stop())
	}
	return instance, nil
}

// reached makes a first call: go-plugin connects only then. What becomes of a
// call that gets there is for the checks to say.
func (i *Instance) reached(ctx context.Context) error {
	_, err := ask(ctx, backLimit, func(ctx context.Context) (*pluginv1.GetInfoResponse, error) {
		return i.plugin.GetInfo(ctx, &pluginv1.GetInfoRequest{})
	})
	if status.Code(err) != codes.Unavailable {
		return nil
	}
	if _, gone := i.ended(err); gone {
		return nil
	}
	return cannotConnect(err)
}

func cannotConnect(err error) error {
	return &startError{checkConnect, wrong("serve gRPC on the socket that the handshake names, before it is written",
		"it shakes hands, and cannot be connected to: %s", shortened(status.Convert(err).Message()))}
}

// connect shakes hands and opens the connection.
func connect(client *goplugin.Client, p *process) (*grpc.ClientConn, error) {
	if _, err := client.Start(); err != nil {
		if !p.started() {
			return nil, err
		}
		return nil, &startError{checkHandshake, explained(err, p)}
	}
	protocol, err := client.Client()
	if err == nil {
		var raw any
		if raw, err = protocol.Dispense(wire.ServiceName); err == nil {
			return raw.(*grpc.ClientConn), nil
		}
	}
	return nil, cannotConnect(err)
}

// explained says why there was no handshake.
func explained(err error, p *process) error {
	var what *problem
	switch {
	case errors.As(err, &what) || errors.Is(err, errNoTLS):
		return err
	case len(p.stdout.text()) == 0:
		return wrong(handshakeForm, "%s", p.wordless())
	}
	if judged := p.judgeHandshake(); judged != nil {
		return judged
	}
	return err
}

// clientConfig makes everything afresh, for go-plugin's parts cannot be used
// twice.
func (b *Binary) clientConfig(p *process, sockets string, said *sayings) *goplugin.ClientConfig {
	return &goplugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		Plugins:          goplugin.PluginSet{wire.ServiceName: connection{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         p.mtls,
		SkipHostEnv:      true,
		StartTimeout:     2 * startLimit, // ours comes first
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: sockets},
		GRPCDialOptions:  said.dialOptions(),
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, sockets string) (runner.Runner, error) {
			// What the two have to agree on comes last, where it wins.
			p.cmd.Env, p.sockets = append(append([]string{}, b.Env...), cmd.Env...), sockets
			return p, nil
		},
	}
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

// longestBase is the longest path of a folder in which there is room for the
// address of a socket: 103 bytes, of which the folders and the file that are
// made in it take 62.
const longestBase = 40

// socketDir makes a folder for the sockets of one process.
func socketDir() (string, error) {
	var failed error
	for _, dir := range []string{os.TempDir(), "/tmp", "/dev/shm"} {
		if len(dir) > longestBase {
			continue
		}
		base, err := os.MkdirTemp(dir, "headwatch-test-")
		if err == nil {
			return base, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", fmt.Errorf("make a folder for sockets: %w (set TMPDIR to a short path that can be written)", failed)
}
