package subject

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
	said := &Record{}
	conn, end, err := Connect(fresh(), recording(said))
	if err != nil {
		return nil, err
	}
	return newInstance(conn, said, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return end(ctx)
	}), nil
}

// Connect serves a plugin in this process and connects to it. end ends both;
// its error says that a call was still going on when ctx was done.
func Connect(server Server, options ...grpc.DialOption) (conn *grpc.ClientConn, end func(ctx context.Context) error, err error) {
	listener := bufconn.Listen(1 << 20)
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if conn, err = grpc.NewClient("passthrough:///plugin", options...); err != nil {
		return nil, nil, err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return conn, func(ctx context.Context) error {
		err := server.Stop(ctx)
		if err == nil {
			err = <-served
		}
		if errors.Is(err, grpc.ErrServerStopped) {
			err = nil // it was ended before it began
		}
		return errors.Join(err, conn.Close())
	}, nil
}
