package sdk_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// logBuffer takes a plugin's log.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// connect serves a plugin in memory and speaks to it as a host does.
func connect(t *testing.T, server *grpc.Server) *wire.Client {
	t.Helper()
	return wire.NewClient(dial(t, server))
}

func dial(t *testing.T, server *grpc.Server) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///plugin", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return conn
}

func headClient(t *testing.T, source sdk.HeadSource) (*wire.Client, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	return connect(t, sdk.HeadSourceServer(sdk.Info{Name: "fake"}, source, log)), log
}

func actionClient[T any](t *testing.T, action sdk.Action[T]) (*wire.Client, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	return connect(t, sdk.ActionServer(sdk.Info{Name: "fake"}, action, log)), log
}

func parserClient[S any](t *testing.T, parser sdk.LogParser[S]) (*wire.Client, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	return connect(t, sdk.LogParserServer(sdk.Info{Name: "fake"}, parser, log)), log
}

func logClient[T any](t *testing.T, source sdk.LogSource[T]) *wire.Client {
	t.Helper()
	return connect(t, sdk.LogSourceServer(sdk.Info{Name: "fake"}, source, &logBuffer{}))
}
