package conformance

import (
	"context"
	"errors"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/headwatch/headwatch/sdk/wire"
)

// Server is a plugin that can be served in this process; [sdk.InProcess] is one.
type Server interface {
	// Serve answers until Stop.
	Serve(listener net.Listener) error
	// Stop ends it. Its error says that a call was still going on when ctx was
	// done.
	Stop(ctx context.Context) error
}

// InMemory is a plugin in the same process, made anew for each start. Checks
// that need a process of the plugin's own are left out.
type InMemory func() Server

// patience is how long calls may go on after they were cancelled.
const patience = 2 * time.Second

// Start makes a plugin and connects to it.
func (fresh InMemory) Start(context.Context) (*Instance, error) {
	server := fresh()
	listener := bufconn.Listen(1 << 20)
	served := goServe(server, listener)
	conn, err := grpc.NewClient("passthrough:///plugin", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)))
	if err != nil {
		return nil, err
	}
	return newInstance(conn, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := server.Stop(ctx)
		if err == nil {
			err = <-served
		}
		return errors.Join(err, conn.Close())
	}), nil
}

func goServe(server Server, listener net.Listener) <-chan error {
	served := make(chan error, 1)
	go func() {
		err := server.Serve(listener)
		if errors.Is(err, grpc.ErrServerStopped) {
			err = nil // it was ended before it began
		}
		served <- err
	}()
	return served
}
