package subject

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
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
	all []*Process
}

var _ Subject = (*Binary)(nil)

// Processes are all that were started so far.
func (b *Binary) Processes() []*Process { return b.all }

// StartError says why a plugin could not be started, and how to mend it. A
// program that is no plugin fails the handshake; one that has shaken hands and
// cannot be reached fails the connection.
type StartError struct {
	Step          Step
	Problem, Hint string
}

// Step is a step of a start.
type Step string

// The steps of a start.
const (
	Handshake  Step = "handshake"
	Connection Step = "connect"
)

// Error is what is wrong.
func (e *StartError) Error() string { return e.Problem }

// Start starts a process and connects to it.
func (b *Binary) Start(ctx context.Context) (*Instance, error) {
	instance, err := b.start(ctx, !b.plain)
	var failed *StartError
	plain := errors.Is(err, launch.ErrPlain)
	if err == nil || b.plain || !plain && (!errors.As(err, &failed) || failed.Step == Handshake) {
		return instance, err
	}
	instance, plainErr := b.start(ctx, false)
	switch {
	case plainErr == nil:
		b.plain = true
		return instance, nil
	case plain:
		return nil, plainErr
	}
	return nil, err
}

// start starts a process with TLS or without.
func (b *Binary) start(ctx context.Context, mtls bool) (*Instance, error) {
	sockets, err := launch.NewSocketDir("")
	if err != nil {
		return nil, err
	}
	said, p := &Record{}, &Process{Encrypted: mtls, Log: &Record{}}
	ctx, cancel := context.WithTimeoutCause(ctx, launch.Limit, launch.ErrSilent)
	defer cancel()
	p.Process, err = launch.Start(ctx, launch.Options{Path: b.Path, Env: b.Env, MTLS: mtls, Sockets: sockets, Log: p.Log,
		KeepOutput: mostKept, SpareGroup: true, Dial: []grpc.DialOption{recording(said)}})
	if err != nil {
		return nil, errors.Join(p.judgeStart(err), sockets.Remove())
	}
	b.all = append(b.all, p)
	instance := newInstance(p.Conn(), said, func() error { return errors.Join(p.Kill(), p.Stop(0), sockets.Remove()) })
	instance.Process = p
	if err = cmp.Or(p.judgeHandshake(), instance.reached(ctx)); err != nil {
		return nil, errors.Join(err, instance.Stop())
	}
	return instance, nil
}

// StartByHand starts the program as a person would, without shaking hands.
func (b *Binary) StartByHand(ctx context.Context) (*Process, error) {
	p := &Process{Log: &Record{}}
	var err error
	p.Process, err = launch.Run(ctx, launch.Options{Path: b.Path, Env: b.Env, Log: p.Log, SpareGroup: true})
	return p, err
}

// handshakeForm is the line that a plugin shakes hands with.
const handshakeForm = "the first line on stdout must be 1|1|unix|PATH|grpc, and a certificate behind it where TLS was asked for"

// judgeStart says at which step a start failed. One without a process failed at
// none, and one that failed for its want of TLS is tried again without.
func (p *Process) judgeStart(err error) error {
	var shake *launch.HandshakeError
	var connect *launch.ConnectError
	switch {
	case errors.Is(err, launch.ErrSilent):
		return &StartError{Handshake, fmt.Sprintf("it has not shaken hands within %s", launch.Limit), handshakeForm}
	case errors.As(err, &shake) && shake.Line == "":
		return &StartError{Handshake, shake.Problem + p.Log.lastWords(), handshakeForm}
	case errors.As(err, &shake):
		return &StartError{Handshake, shake.Problem, cmp.Or(shake.Remedy, handshakeForm)}
	case errors.As(err, &connect):
		return unreachable(connect.Err)
	}
	return err
}

// judgeHandshake judges what the host lets pass.
func (p *Process) judgeHandshake() error {
	line, _, ended := strings.Cut(string(p.Output()), "\n")
	socket := strings.Split(line, "|")[3]
	switch {
	case !ended:
		return &StartError{Handshake, "its handshake does not end with a line end", handshakeForm}
	case !strings.HasPrefix(socket, p.Sockets()+"/"):
		return &StartError{Handshake, fmt.Sprintf("its socket is %q", socket),
			"make the socket in the folder that PLUGIN_UNIX_SOCKET_DIR names: the host removes it when the plugin is gone"}
	}
	return nil
}

// reachLimit is how long the first call may take.
const reachLimit = 2 * time.Second

// reached makes a first call: go-plugin connects only then. What becomes of a
// call that gets there is for the checks to say.
func (i *Instance) reached(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	_, err := i.Plugin.GetInfo(ctx, &pluginv1.GetInfoRequest{})
	if status.Code(err) != codes.Unavailable {
		return nil
	}
	if _, gone := i.Ended(err); gone {
		return nil
	}
	return unreachable(err)
}

func unreachable(err error) error {
	return &StartError{Connection, "it shakes hands, and cannot be connected to: " + status.Convert(err).Message(),
		"serve gRPC on the socket that the handshake names, before it is written"}
}

// Process is one process of a plugin.
type Process struct {
	*launch.Process
	// Encrypted says that the connection is.
	Encrypted bool
	// Log is what came on standard error.
	Log *Record
}

// Await waits for the end, at most so long, and says whether it has come.
func (p *Process) Await(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.Exited():
		return true
	case <-timer.C:
		return false
	}
}

// How says how a process ended, with its last words, once it has.
func (p *Process) How() (string, bool) {
	if !p.Gone() {
		return "", false
	}
	p.Wait()
	return p.Result().Error() + p.Log.lastWords(), true
}

// Connection names the connection in a report.
func (p *Process) Connection() string {
	if p.Encrypted {
		return "mtls"
	}
	return "plain"
}
