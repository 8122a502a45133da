package cli

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docker/docker/client"
)

// freezer is a connection of a proxy before an engine. It lets a log that is
// followed through for a while and then hardly at all: some bytes now and then, so
// that the stream is never silent for long.
type freezer struct {
	downstream, upstream net.Conn
	// follows says that the answer is a log that is followed.
	follows atomic.Bool
	over    chan struct{}
}

const (
	flowsFor    = 20 * time.Second
	trickleSize = 200
	trickleEach = 15 * time.Second
)

// startFreezer starts a proxy before the engine and returns its address. It ends
// with the test.
func startFreezer(t *testing.T, api *client.Client) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // the connections end with the host
	go func() {
		for {
			downstream, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := api.Dialer()(context.Background())
			if err != nil {
				_ = downstream.Close()
				continue
			}
			f := &freezer{downstream: downstream, upstream: upstream, over: make(chan struct{})}
			go f.ask()
			go f.answer()
		}
	}()
	return "tcp://" + listener.Addr().String()
}

// ask passes the requests on, until the client is gone.
func (f *freezer) ask() {
	defer close(f.over)
	defer f.upstream.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := f.downstream.Read(buffer)
		if err != nil {
			return
		}
		if request := buffer[:n]; bytes.Contains(request, []byte("/logs?")) {
			f.follows.Store(bytes.Contains(request, []byte("follow=1")))
		}
		if _, err := f.upstream.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// answer passes the answers on, until the engine has no more.
func (f *freezer) answer() {
	defer f.downstream.Close()
	buffer := make([]byte, 32<<10)
	var followed time.Time
	for {
		part := buffer
		if !f.follows.Load() {
			followed = time.Now()
		} else if time.Since(followed) > flowsFor {
			select {
			case <-time.After(trickleEach):
			case <-f.over:
				return
			}
			part = buffer[:trickleSize]
		}
		n, err := f.upstream.Read(part)
		if n > 0 {
			if _, err := f.downstream.Write(part[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
