package faulty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// program is how a process of the plugin behaves.
type program struct {
	// deafToCookie ends without a word where the cookie is missing, greeting
	// is printed before the handshake, and nowhere shakes hands for a socket
	// that nobody serves.
	deafToCookie, greeting, nowhere bool
	// sick does not call itself well, chatty prints to stdout, garbled logs
	// JSON that the host cannot read.
	sick, chatty, garbled bool
	// frail dies of SIGTERM, orphan does not watch the lifeline, stubborn does
	// not end when asked to, and careless leaves a process behind.
	frail, orphan, stubborn, careless bool
}

// processFaults are those of a plugin's process.
func processFaults() map[string]program {
	return map[string]program{
		"cookie": {deafToCookie: true}, "handshake": {greeting: true}, "connect": {nowhere: true},
		"health": {sick: true}, "stdout": {chatty: true}, "stderr": {garbled: true},
		"signals": {frail: true}, "lifeline": {orphan: true}, "shutdown": {stubborn: true}, "children": {careless: true},
	}
}

// leftBehind is the variable that makes a process the one that is left behind.
const leftBehind = "HEADWATCH_FAULTY_CHILD"

// Main is the program of the plugin with the fault of this name, and gives the
// code to exit with.
func Main(name string) int {
	if os.Getenv(leftBehind) != "" {
		time.Sleep(time.Minute)
		return 0
	}
	p, config := processFaults()[name], handshake.Config()
	if os.Getenv(config.MagicCookieKey) != config.MagicCookieValue {
		if p.deafToCookie {
			return 0
		}
		fmt.Fprintf(os.Stderr, "%s is a plugin that is broken on purpose; headwatch test-plugin says how\n", name)
		return 2
	}
	r, err := newRelay(os.Stderr)
	if err == nil {
		spoil(r, name)
		err = p.serve(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serve serves until the host ends it.
func (p program) serve(r *relay) error {
	if !p.frail {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	}
	if !p.orphan && os.Getenv(handshake.Lifeline) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.NewFile(3, "lifeline"))
			os.Exit(0)
		}()
	}
	if p.greeting {
		fmt.Println("Welcome!")
	}
	if p.garbled {
		fmt.Fprintln(os.Stderr, `{"level":"INFO","msg":"serving"}`)
	}
	if p.nowhere {
		fmt.Printf("1|1|unix|%s|grpc\n", filepath.Join(os.Getenv(goplugin.EnvUnixSocketDir), "nobody"))
		time.Sleep(time.Minute)
	}
	if p.careless {
		if err := leaveChild(); err != nil {
			return err
		}
	}
	stdout := os.Stdout
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake.Config(),
		Plugins:         goplugin.PluginSet{handshake.Name: services{}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			options = append(options, grpc.MaxRecvMsgSize(maxMessage), grpc.UnaryInterceptor(p.intercept(stdout)))
			server := grpc.NewServer(options...)
			r.register(server)
			return server
		},
		Logger: hclog.NewNullLogger(),
	})
	return nil
}

// intercept spoils calls of go-plugin's own services.
func (p program) intercept(stdout io.Writer) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		switch {
		case p.sick && info.FullMethod == grpc_health_v1.Health_Check_FullMethodName:
			return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
		case p.stubborn && info.FullMethod == "/plugin.GRPCController/Shutdown":
			return &emptypb.Empty{}, nil
		case p.chatty && info.FullMethod == "/headwatch.plugin.v1.Plugin/Configure":
			fmt.Fprintln(stdout, "configured")
		}
		return handle(ctx, request)
	}
}

// leaveChild starts a process and forgets it.
func leaveChild() error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(own)
	child.Args[0] = os.Args[0]
	child.Env = append(os.Environ(), leftBehind+"=1")
	return child.Start()
}

// services stands for the plugin in go-plugin's set.
type services struct {
	goplugin.NetRPCUnsupportedPlugin
}

var _ goplugin.GRPCPlugin = services{}

// GRPCServer has nothing to add: the server was made with its services.
func (services) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return nil }

// GRPCClient is the host's side.
func (services) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a plugin calls no plugin")
}
