package launch

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// Running is a plugin that somebody else started, for the most part under a
// debugger.
type Running = handshake.Running

// Attach connects to a plugin that runs already. It counts as gone when its
// connection ends, and is never killed.
func Attach(r Running, dial []grpc.DialOption) (*Process, error) {
	if err := judgeProtocol("", strconv.Itoa(r.Protocol)); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("unix:"+r.Address, append(dialOptions(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithIdleTimeout(0))...)
	if err != nil {
		return nil, err
	}
	p := &Process{conn: conn, pid: r.PID, exited: make(chan struct{})}
	go p.follow()
	return p, nil
}

// follow takes the end of the connection for the end of the process.
func (p *Process) follow() {
	defer close(p.exited)
	p.result = errors.New("its connection ended")
	p.conn.Connect()
	for was := false; ; {
		state := p.conn.GetState()
		if state == connectivity.Shutdown || was && state != connectivity.Ready {
			return
		}
		was = state == connectivity.Ready
		p.conn.WaitForStateChange(context.Background(), state)
	}
}
