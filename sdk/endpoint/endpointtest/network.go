// Package endpointtest has servers in memory, for the tests of plugins that ask
// over HTTP: inside a testing/synctest bubble, where no real socket works, and
// outside of one. A [Node] answers as is written down, and [Files] tests a head
// source against what endpoints have answered. It must not be used by anything
// but tests.
package endpointtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Network is the servers that a plugin can reach, by host. A host that has none
// cannot be connected to.
type Network struct {
	t  *testing.T
	mu sync.Mutex
	// hosts are the listeners by host.
	hosts map[string]*listener
}

// New is a network without servers.
func New(t *testing.T) *Network {
	return &Network{t: t, hosts: map[string]*listener{}}
}

// Listen is a listener under a host name.
func (n *Network) Listen(host string) net.Listener {
	l := &listener{host: host, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = l
	return l
}

// Serve starts a server under a host name, until the end of the test.
func (n *Network) Serve(host string, handler http.Handler) {
	l := n.Listen(host)
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with the Close below
	}()
	n.t.Cleanup(func() {
		_ = server.Close() // nothing can be left open in memory
		<-done
	})
}

// Dial connects to the server of an address; it suits [http.Transport].
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	l, ok := n.hosts[host]
	n.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("dial %s: no such host", address)
	}
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listener is a net.Listener in memory.
type listener struct {
	host   string
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var _ net.Listener = (*listener)(nil)

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return hostAddr(l.host) }

type hostAddr string

func (hostAddr) Network() string  { return "memory" }
func (a hostAddr) String() string { return string(a) }
