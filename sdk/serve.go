package sdk

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// ServeHeadSource serves a head source until the host ends the process. It is
// all that a main function calls.
func ServeHeadSource(info Info, source HeadSource) {
	info.Kinds = []Kind{KindHeadSource}
	p := newPlugin(info, source, nil)
	serve(p, func(s *grpc.Server) {
		pluginv1.RegisterHeadSourceServer(s, &headSourceServer{plugin: p, source: source})
	})
}

// ServeLogParser serves a log parser until the host ends the process.
func ServeLogParser[S any](info Info, parser LogParser[S]) {
	info.Kinds = []Kind{KindLogParser}
	p := newPlugin(info, parser, nil)
	serve(p, func(s *grpc.Server) {
		pluginv1.RegisterLogParserServer(s, &logParserServer[S]{plugin: p, parser: parser})
	})
}

// ServeAction serves an action until the host ends the process. Where it is
// also a [LogSource] of the same targets it serves their log too.
func ServeAction[T any](info Info, action Action[T]) {
	info.Kinds = []Kind{KindAction}
	source, servesLog := any(action).(LogSource[T])
	if servesLog {
		info.Kinds = append(info.Kinds, KindLogSource)
	}
	p := newPlugin(info, action, new(T))
	serve(p, func(s *grpc.Server) {
		pluginv1.RegisterActionServer(s, &actionServer[T]{plugin: p, action: action, results: newResults()})
		if servesLog {
			pluginv1.RegisterLogSourceServer(s, &logSourceServer[T]{plugin: p, source: source})
		}
	})
}

// ServeLogSource serves a log source until the host ends the process.
func ServeLogSource[T any](info Info, source LogSource[T]) {
	info.Kinds = []Kind{KindLogSource}
	p := newPlugin(info, source, new(T))
	serve(p, func(s *grpc.Server) {
		pluginv1.RegisterLogSourceServer(s, &logSourceServer[T]{plugin: p, source: source})
	})
}

// services is what go-plugin registers on the server it makes.
type services struct {
	goplugin.NetRPCUnsupportedPlugin
	register func(*grpc.Server)
}

var _ goplugin.GRPCPlugin = (*services)(nil)

// GRPCServer registers the services.
func (s *services) GRPCServer(_ *goplugin.GRPCBroker, server *grpc.Server) error {
	s.register(server)
	return nil
}

// GRPCClient is the host's side, which package wire has.
func (s *services) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, fmt.Errorf("a plugin calls no plugin")
}

// serve runs the plugin's process. It ends when the host asks for it or is
// gone; SIGINT and SIGTERM, which a terminal or a supervisor sends to the whole
// group, are left to the host.
func serve(p *plugin, register func(*grpc.Server)) {
	config := handshake.Config()
	if os.Getenv(config.MagicCookieKey) != config.MagicCookieValue {
		fmt.Fprintf(os.Stderr, "%s %s: %s\n\nThis is a plugin of headwatch. It is not run by hand: name it in a block of the\nconfiguration, and headwatch starts it. `headwatch plugins` lists what it takes.\n",
			p.info.Name, p.info.Version, p.info.Description)
		os.Exit(2)
	}
	if os.Getenv("GOGC") == "" {
		// A plugin is small and idle: a tighter heap costs nothing and saves a
		// fifth of its memory.
		debug.SetGCPercent(25)
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
	logger := newLogger(os.Stderr)
	p.logger = logger
	ctx, stop := context.WithCancel(context.Background())
	p.ctx = ctx
	if os.Getenv(handshake.Lifeline) == "1" {
		go holdLifeline(os.NewFile(3, "lifeline"))
	}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: config,
		Plugins: goplugin.PluginSet{handshake.Name: &services{register: func(s *grpc.Server) {
			pluginv1.RegisterPluginServer(s, p)
			register(s)
		}}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server { return grpc.NewServer(p.serverOptions(options)...) },
		Logger:     quietLogger(),
	})
	stop()
	p.close()
	os.Exit(0)
}

// holdLifeline ends the process when the host is gone: the other end of the
// pipe closes with it, however it died.
func holdLifeline(pipe io.Reader) {
	_, err := io.Copy(io.Discard, pipe)
	if err == nil {
		os.Exit(0)
	}
}
