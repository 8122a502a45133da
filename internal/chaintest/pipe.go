package chaintest

import (
	"context"
	"net"
	"sync"
)

// Pipe is a listener in memory, for a chain inside a synctest bubble, where no
// real socket works.
type Pipe struct {
	host   string
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var _ net.Listener = (*Pipe)(nil)

// NewPipe makes a listener that nobody has dialled yet. The host stands in the
// addresses of the chain.
func NewPipe(host string) *Pipe {
	return &Pipe{host: host, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// DialContext connects to the listener, whatever the address.
func (p *Pipe) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for a connection.
func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener, and no connection.
func (p *Pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is the host.
func (p *Pipe) Addr() net.Addr { return pipeAddr(p.host) }

// pipeAddr is the address of a [Pipe].
type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }
