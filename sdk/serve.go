package sdk

import (
	"context"
	"errors"
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
func ServeHeadSource(info Info, source HeadSource) { serve(headSourcePlugin(info, source)) }

// ServeLogParser serves a log parser until the host ends the process.
func ServeLogParser[S any](info Info, parser LogParser[S]) { serve(logParserPlugin(info, parser)) }

// ServeAction serves an action until the host ends the process. Where it is
// also a [LogSource] of the same targets it serves their log too, and where it is a
// [TargetSource] it tells which targets there are.
func ServeAction[T any](info Info, action Action[T]) { serve(actionPlugin(info, action)) }

// ServeLogSource serves a log source until the host ends the process.
func ServeLogSource[T any](info Info, source LogSource[T]) { serve(logSourcePlugin(info, source)) }

func headSourcePlugin(info Info, source HeadSource) *plugin {
	info.Kinds = []Kind{KindHeadSource}
	p := newPlugin(info, source, nil)
	p.register = func(s *grpc.Server) {
		pluginv1.RegisterHeadSourceServer(s, newHeadSourceServer(p, source))
	}
	return p
}

func logParserPlugin[S any](info Info, parser LogParser[S]) *plugin {
	info.Kinds = []Kind{KindLogParser}
	p := newPlugin(info, parser, nil)
	p.register = func(s *grpc.Server) {
		pluginv1.RegisterLogParserServer(s, &logParserServer[S]{plugin: p, parser: parser})
	}
	return p
}

func actionPlugin[T any](info Info, action Action[T]) *plugin {
	info.Kinds = []Kind{KindAction}
	source, servesLog := any(action).(LogSource[T])
	if servesLog {
		info.Kinds = append(info.Kinds, KindLogSource)
	}
	targets, tellsTargets := any(action).(TargetSource)
	if tellsTargets {
		info.Features = append(info.Features, FeatureTargetSource)
	}
	p := newPlugin(info, action, new(T))
	p.register = func(s *grpc.Server) {
		pluginv1.RegisterActionServer(s, &actionServer[T]{plugin: p, action: action, results: newResults()})
		if servesLog {
			pluginv1.RegisterLogSourceServer(s, &logSourceServer[T]{plugin: p, source: source})
		}
		if tellsTargets {
			pluginv1.RegisterTargetSourceServer(s, &targetSourceServer{plugin: p, source: targets})
		}
	}
	return p
}

func logSourcePlugin[T any](info Info, source LogSource[T]) *plugin {
	info.Kinds = []Kind{KindLogSource}
	p := newPlugin(info, source, new(T))
	p.register = func(s *grpc.Server) {
		pluginv1.RegisterLogSourceServer(s, &logSourceServer[T]{plugin: p, source: source})
	}
	return p
}

// services stands for the plugin in go-plugin's set, which knows by it that the
// plugin speaks gRPC.
type services struct {
	goplugin.NetRPCUnsupportedPlugin
}

var _ goplugin.GRPCPlugin = (*services)(nil)

// GRPCServer has nothing to add: the server was made with its services.
func (*services) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return nil }

// GRPCClient is the host's side, which package wire has.
func (*services) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a plugin calls no plugin")
}

// serve runs the plugin's process. It ends when the host asks for it or is
// gone.
func serve(p *plugin) {
	config := handshake.Config()
	if os.Getenv(config.MagicCookieKey) != config.MagicCookieValue {
		os.Exit(p.byHand(os.Args, os.Stdout, os.Stderr))
	}
	if os.Getenv("GOGC") == "" {
		// A plugin is small and idle: a tighter heap costs nothing and saves a
		// fifth of its memory.
		debug.SetGCPercent(25)
	}
	leaveSignals()
	p.logger = newLogger(os.Stderr)
	ctx, stop := context.WithCancel(context.Background())
	p.ctx = ctx
	// What the start needed is garbage then; a plugin idles for weeks after it.
	p.settled = debug.FreeOSMemory
	if os.Getenv(handshake.Lifeline) == "1" {
		go holdLifeline()
	}
	served := false
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: config,
		Plugins:         goplugin.PluginSet{handshake.Name: &services{}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			served = true
			return newServer(p, options)
		},
		Logger: errorsOnly(os.Stderr),
	})
	stop()
	if !served {
		os.Exit(1)
	}
	p.close()
	os.Exit(0)
}

// newServer makes a server with the services of the plugin.
func newServer(p *plugin, options []grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(p.serverOptions(options)...)
	pluginv1.RegisterPluginServer(server, p)
	p.register(server)
	return server
}

// leaveSignals leaves the signals that a terminal or an init system sends to a
// whole group to the host, which ends its plugins after their work. They are
// caught, not ignored: what a plugin itself starts would inherit that.
func leaveSignals() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
}

// holdLifeline ends the process when the host is gone: the other end of the
// pipe closes with it, however it died.
func holdLifeline() {
	const lifeline = 3
	// What the plugin itself starts has no use for it.
	syscall.CloseOnExec(lifeline)
	_, err := io.Copy(io.Discard, os.NewFile(lifeline, "lifeline"))
	if err == nil {
		os.Exit(0)
	}
}
