package launch

import (
	"context"
	"fmt"
	"syscall"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/wire"
)

// Process is a plugin that runs, or ran.
type Process struct {
	// child and client are nil for a process that somebody else started, and
	// client for one that was not shaken hands with.
	child  *child
	client *goplugin.Client
	conn   *grpc.ClientConn
	exited chan struct{}
	// result is how a process of somebody else's ended, and pid is its id.
	result error
	pid    int
}

// connect shakes hands and opens the connection.
func (p *Process) connect() error {
	protocol, err := p.client.Client()
	switch {
	case err != nil && p.child.process() == 0:
		return err
	case err != nil && len(p.Output()) == 0:
		return p.noHandshake()
	}
	if wrong := judgeHandshake(p.child.stdout.firstLine(), p.child.options.MTLS); wrong != nil {
		return wrong
	}
	if err != nil {
		return &ConnectError{err}
	}
	raw, err := protocol.Dispense(wire.ServiceName)
	if err != nil {
		return &ConnectError{err}
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return &ConnectError{fmt.Errorf("connection is a %T", raw)}
	}
	p.conn = conn
	return nil
}

// noHandshake says how a process ended that never shook hands.
func (p *Process) noHandshake() error {
	settle := time.NewTimer(drainTime)
	defer settle.Stop()
	select {
	case <-p.exited:
		return &HandshakeError{Problem: fmt.Sprintf("it ended before it shook hands: %v", p.Result())}
	case <-settle.C:
		return &HandshakeError{Problem: "it closed its output before it shook hands"}
	}
}

// Conn is the connection to the plugin; nil after [Run].
func (p *Process) Conn() *grpc.ClientConn { return p.conn }

// Attached says that somebody else started the process.
func (p *Process) Attached() bool { return p.child == nil }

// PID is the process's id.
func (p *Process) PID() int {
	if p.child == nil {
		return p.pid
	}
	return p.child.process()
}

// Exited is closed when the process is gone.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Gone says whether it is.
func (p *Process) Gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Result is how a process ended that is gone, such as "exit status 0".
func (p *Process) Result() error {
	if p.child == nil {
		return p.result
	}
	return p.child.result
}

// Wait returns when the process is gone and its output is read.
func (p *Process) Wait() {
	<-p.exited
	if p.child != nil {
		_ = p.child.Wait(context.Background())
	}
}

// Output is the beginning of what came on standard output so far, the handshake
// included.
func (p *Process) Output() []byte { return p.child.stdout.text() }

// Sockets is the folder in which the process was told to make its socket.
func (p *Process) Sockets() string { return p.child.sockets }

// Signal sends a signal to the process and all that it started in its group.
func (p *Process) Signal(s syscall.Signal) error { return p.child.signal(s) }

// CutLifeline lets the process believe that its host is gone.
func (p *Process) CutLifeline() { p.child.lifeline.Close() }

// Kill ends the process at once, with all that it started in its group. One that
// has not been started never will be; one of somebody else's is left alone.
func (p *Process) Kill() error {
	if p.child == nil {
		return nil
	}
	return p.child.Kill(context.Background())
}

// Stop asks the process to end, kills it when it has not after the grace, and
// returns when it is gone and its output is read. One that somebody else
// started is left alone.
func (p *Process) Stop(grace time.Duration) error {
	if p.child == nil {
		err := p.conn.Close()
		<-p.exited
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if p.client != nil {
			p.client.Kill()
		}
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
	err := p.Kill()
	<-ended
	if p.child.process() != 0 {
		p.Wait()
	}
	return err
}
