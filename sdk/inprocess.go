package sdk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"google.golang.org/grpc"
)

// InProcess is a plugin that is served inside the process of a test. Package
// plugintest makes use of it; a plugin's author calls that.
type InProcess struct {
	plugin *plugin
	server *grpc.Server
	cancel context.CancelFunc
}

// InProcessHeadSource makes a head source for a test. Like its siblings it
// panics where the struct of a block cannot be described.
func InProcessHeadSource(info Info, source HeadSource, log io.Writer) *InProcess {
	return inProcess(headSourcePlugin(info, source), log)
}

// InProcessLogParser makes a log parser for a test.
func InProcessLogParser[S any](info Info, parser LogParser[S], log io.Writer) *InProcess {
	return inProcess(logParserPlugin(info, parser), log)
}

// InProcessAction makes an action for a test.
func InProcessAction[T any](info Info, action Action[T], log io.Writer) *InProcess {
	return inProcess(actionPlugin(info, action), log)
}

// InProcessLogSource makes a log source for a test.
func InProcessLogSource[T any](info Info, source LogSource[T], log io.Writer) *InProcess {
	return inProcess(logSourcePlugin(info, source), log)
}

// inProcess makes the server as a plugin's process does. Its log goes to log,
// and slog's default stays as it is.
func inProcess(p *plugin, log io.Writer) *InProcess {
	ctx, cancel := context.WithCancel(context.Background())
	p.ctx, p.logger = ctx, slog.New(hostHandler(log))
	return &InProcess{plugin: p, server: newServer(p, []grpc.ServerOption{grpc.WaitForHandlers(true)}), cancel: cancel}
}

// Serve answers on a listener until Stop.
func (p *InProcess) Serve(listener net.Listener) error { return p.server.Serve(listener) }

// Stop ends the plugin in good order: calls under way are cancelled, and when
// all have returned the author's value is closed. Its error says that a call
// was still going on when ctx was done.
func (p *InProcess) Stop(ctx context.Context) error {
	p.cancel()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		p.server.Stop()
	}()
	select {
	case <-stopped:
		p.plugin.close()
		return nil
	case <-ctx.Done():
		return fmt.Errorf("a call goes on although it was cancelled: %w", ctx.Err())
	}
}
