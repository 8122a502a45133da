package conformance

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk/launch"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
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

// process is one process of a plugin.
type process struct {
	*launch.Process
	// encrypted says that the connection is.
	encrypted bool
	log       *kept
}

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
	if err == nil || b.plain || !errors.As(err, &failed) || failed.check == checkHandshake && !errors.Is(err, launch.ErrPlain) {
		return instance, err
	}
	instance, plainErr := b.launch(ctx, false)
	switch {
	case plainErr == nil:
		b.plain = true
		return instance, nil
	case errors.Is(err, launch.ErrPlain):
		return nil, plainErr
	}
	return nil, err
}

// launch starts a process with TLS or without.
func (b *Binary) launch(ctx context.Context, mtls bool) (*Instance, error) {
	sockets, err := launch.NewSocketDir("")
	if err != nil {
		return nil, err
	}
	said := &sayings{}
	p := &process{encrypted: mtls, log: &kept{}}
	ctx, cancel := context.WithTimeoutCause(ctx, launch.Limit, launch.ErrSilent)
	defer cancel()
	p.Process, err = launch.Start(ctx, launch.Options{Path: b.Path, Env: b.Env, MTLS: mtls, Sockets: sockets, Log: p.log,
		KeepOutput: maxKept, SpareGroup: true, Dial: said.dialOptions()})
	if err != nil {
		return nil, errors.Join(p.judgeStart(err), sockets.Remove())
	}
	b.all = append(b.all, p)
	instance := newInstance(p.Conn(), said, func() error {
		return errors.Join(p.Kill(), p.Stop(0), sockets.Remove())
	})
	instance.process = p
	err = p.judgeHandshake()
	if err == nil {
		err = instance.reached(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, instance.stop())
	}
	return instance, nil
}

// handshakeForm is the line that a plugin shakes hands with.
const handshakeForm = "the first line on stdout must be 1|1|unix|PATH|grpc, and a certificate behind it where TLS was asked for"

// judgeStart says which check a start that failed fails. One without a process
// fails none.
func (p *process) judgeStart(err error) error {
	var shake *launch.HandshakeError
	var connect *launch.ConnectError
	switch {
	case errors.Is(err, launch.ErrSilent):
		err = wrong(handshakeForm, "it has not shaken hands within %s", launch.Limit)
	case errors.As(err, &shake) && shake.Line == "":
		err = wrong(handshakeForm, "%s%s", shake.Problem, p.log.lastWords())
	case errors.As(err, &shake):
		err = wrong(cmp.Or(shake.Remedy, handshakeForm), "%s", shake.Problem)
	case errors.As(err, &connect):
		return cannotConnect(connect.Err)
	case !errors.Is(err, launch.ErrPlain):
		return err
	}
	return &startError{checkHandshake, err}
}

// judgeHandshake judges what the host lets pass.
func (p *process) judgeHandshake() error {
	line, _, ended := strings.Cut(string(p.Output()), "\n")
	socket := strings.Split(line, "|")[3]
	switch {
	case !ended:
		return &startError{checkHandshake, wrong(handshakeForm, "its handshake does not end with a line end")}
	case !strings.HasPrefix(socket, p.Sockets()+"/"):
		return &startError{checkHandshake, wrong("make the socket in the folder that PLUGIN_UNIX_SOCKET_DIR names: the host removes it when the plugin is gone",
			"its socket is %s", excerpt([]byte(socket)))}
	}
	return nil
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

// await waits for the end, at most so long, and says whether it has come.
func (p *process) await(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.Exited():
		return true
	case <-timer.C:
		return false
	}
}

// how says how a process ended, with its last words, once it has.
func (p *process) how() (string, bool) {
	if !p.Gone() {
		return "", false
	}
	p.Wait()
	return p.Result().Error() + p.log.lastWords(), true
}

// connection names the connection in a report.
func (p *process) connection() string {
	if p.encrypted {
		return "mtls"
	}
	return "plain"
}
