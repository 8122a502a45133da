package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// serveDebug serves a host that did not start this process, until it is
// interrupted: under a debugger, a plugin outlives its hosts. It prints what to
// give to the host.
func (p *plugin) serveDebug(stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p.logger, p.ctx = newLogger(stderr), ctx
	where, ended := make(chan *goplugin.ReattachConfig, 1), make(chan struct{})
	go goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake.Config(),
		Plugins:         goplugin.PluginSet{handshake.Name: &services{}},
		GRPCServer:      func(options []grpc.ServerOption) *grpc.Server { return newServer(p, options) },
		Logger:          errorsOnly(stderr),
		Test:            &goplugin.ServeTestConfig{Context: ctx, ReattachConfigCh: where, CloseCh: ended},
	})
	select {
	case at := <-where:
		p.sayWhere(stdout, at)
		<-ended
	case <-ended:
		return 1
	}
	p.close()
	return 0
}

// sayWhere tells a person what the host needs to know.
func (p *plugin) sayWhere(w io.Writer, at *goplugin.ReattachConfig) {
	value, err := json.Marshal(map[string]handshake.Running{
		p.info.Name: {Address: at.Addr.String(), PID: os.Getpid(), Protocol: at.ProtocolVersion},
	})
	if err != nil {
		p.logger.Error("cannot say where the plugin serves", "error", err)
		return
	}
	fmt.Fprintf(w, `%s %s serves, and waits for a host. Give this to the host, which then starts none itself:

	export %s='%s'

Interrupt it with Ctrl-C when done. It is configured once: start it anew for another configuration.
`, p.info.Name, p.info.Version, handshake.Reattach, value)
}
