package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/headwatch/headwatch/sdk/wire"
)

// Attachment is a plugin that somebody else started, for the most part under a
// debugger. It is used like one of the host's own, but for three things: it is
// not asked after its health, for a breakpoint answers nothing; it is never
// killed; and it is not started again.
type Attachment struct {
	// Address is the path of its unix socket.
	Address string `json:"address"`
	// PID is the process, for people.
	PID int `json:"pid"`
	// Protocol is the major version that it speaks.
	Protocol int `json:"protocol"`
}

// Attachments are plugins that run already, by their name or by the name of the
// block that is to use them.
type Attachments map[string]Attachment

// ParseAttachments reads what plugins print when they are started with --debug:
// a JSON object.
func ParseAttachments(text string) (Attachments, error) {
	if text == "" {
		return nil, nil
	}
	var all Attachments
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read plugins that run already: %w", err)
	}
	for name, a := range all {
		if !filepath.IsAbs(a.Address) {
			return nil, fmt.Errorf("address %q of %s is no path of a socket", a.Address, name)
		}
	}
	return all, nil
}

// For finds the plugin for a block: by the block's name, or else by that of the
// plugin, which is the last part of its path.
func (all Attachments) For(block, plugin string) *Attachment {
	for _, name := range []string{block, filepath.Base(plugin)} {
		if a, ok := all[name]; ok {
			return &a
		}
	}
	return nil
}

// attach connects to a plugin that runs already.
func (s *Supervisor) attach(ctx context.Context, spec Spec) (*process, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.times.handshake, errSilent)
	defer cancel()
	p := newProcess(s, spec)
	where := fmt.Sprintf("attach to plugin at %s (process %d)", spec.Attached.Address, spec.Attached.PID)
	if err := judgeProtocol(fmt.Sprint(spec.Attached.Protocol)); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	conn, err := grpc.NewClient("unix:"+spec.Attached.Address, append(p.dialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithIdleTimeout(0))...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	p.attached = conn
	p.client, p.health = wire.NewClient(conn), grpc_health_v1.NewHealthClient(conn)
	go p.child.follow(conn)
	if err := p.hello(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return p, nil
}

// follow takes the end of a connection for the end of the process.
func (c *child) follow(conn *grpc.ClientConn) {
	defer close(c.exited)
	c.result = errors.New("its connection ended")
	conn.Connect()
	for was := false; ; {
		state := conn.GetState()
		if state == connectivity.Shutdown || was && state != connectivity.Ready {
			return
		}
		was = state == connectivity.Ready
		conn.WaitForStateChange(context.Background(), state)
	}
}

// id is the process's id, of whoever started it.
func (p *process) id() int {
	if p.spec.Attached != nil {
		return p.spec.Attached.PID
	}
	return p.child.process()
}
