package enginetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/enginetest/program"
	"github.com/headwatch/headwatch/internal/enginetest/script"
)

// ScriptImage is an image that every stand-in has: package script.
const ScriptImage = "headwatch-test-script"

// Options describe a new Engine. The zero value is Docker 20.10 on a unix
// socket in a folder of its own.
type Options struct {
	// Personality is the version to imitate; Docker20 where it is zero.
	Personality Personality
	// Listen is "unix:///path" or "tcp://host:port"; a port of 0 is replaced
	// by a free one.
	Listen string
}

// Engine is a stand-in Docker Engine. Its methods may be called from any
// goroutine.
type Engine struct {
	listen string // as in Options, with the port in use
	folder string // to be removed at the end; empty for none

	// programs waits for the goroutines of containers.
	programs sync.WaitGroup
	events   eventBus
	quit     chan struct{} // closed at the end

	mu          sync.Mutex
	personality Personality
	offset      time.Duration // of the engine's clock
	images      map[string]standInImage
	containers  []*Container
	faults      []*injected
	requests    []Request
	calls       map[*call]bool // that are being answered
	life        *life          // nil while the engine is dead
	closed      bool
}

// life is the time between two deaths of the engine.
type life struct {
	server   *http.Server
	listener net.Listener
	over     chan struct{} // closed when the server has ended
}

// New makes an engine that listens from now on; Run must follow.
func New(options Options) (*Engine, error) {
	if options.Personality == (Personality{}) {
		options.Personality = Docker20()
	}
	e := &Engine{
		listen:      options.Listen,
		personality: options.Personality,
		images:      map[string]standInImage{ScriptImage: newImage(script.Run)},
		calls:       map[*call]bool{},
		quit:        make(chan struct{}),
	}
	if e.listen == "" {
		// Not below a test's own folder: the path of a socket must be short.
		folder, err := os.MkdirTemp("", "engine")
		if err != nil {
			return nil, err
		}
		e.folder, e.listen = folder, "unix://"+filepath.Join(folder, "docker.sock")
	}
	if err := e.Revive(); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// Start runs an engine until the test ends.
func Start(t testing.TB, options Options) *Engine {
	t.Helper()
	e, err := New(options)
	if err != nil {
		t.Fatalf("start the stand-in engine: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		e.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-over
	})
	return e
}

// Run lets the engine live until ctx is done. Then it kills every container,
// and nothing of it is left when Run returns.
func (e *Engine) Run(ctx context.Context) {
	<-ctx.Done()
	e.close()
}

func (e *Engine) close() {
	e.mu.Lock()
	if !e.closed {
		close(e.quit)
	}
	e.closed = true
	containers := append([]*Container(nil), e.containers...)
	e.mu.Unlock()
	for _, c := range containers {
		c.Remove()
	}
	e.Die(Death{})
	e.programs.Wait()
	if e.folder != "" {
		_ = os.RemoveAll(e.folder) // a temporary folder; nobody to tell
	}
}

// Host is the engine's address, as DOCKER_HOST has it.
func (e *Engine) Host() string { return e.listen }

// standInImage is an image of a stand-in.
type standInImage struct {
	id  string
	run program.Func
}

func newImage(f program.Func) standInImage { return standInImage{"sha256:" + newID(), f} }

// AddImage gives the engine an image whose containers run f. An image that had the
// name loses it.
func (e *Engine) AddImage(name string, f program.Func) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.images[name] = newImage(f)
}

// SetAPI changes the range of API versions, as an upgrade does.
func (e *Engine) SetAPI(minimum, maximum string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.personality.MinAPI, e.personality.MaxAPI = minimum, maximum
}

// SetClockOffset sets how far the engine's clock is ahead of this machine's.
func (e *Engine) SetClockOffset(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.offset = d
}

// now is the engine's time. e.mu is held.
func (e *Engine) now() time.Time { return time.Now().UTC().Add(e.offset) }

// Death is a way for the engine to end.
type Death struct {
	// StopContainers stops the containers first, as an engine without
	// live-restore does: their streams end cleanly.
	StopContainers bool
	// KeepSocket leaves a socket file that refuses connections, as SIGKILL
	// does. Otherwise the file is gone.
	KeepSocket bool
}

// Die ends the engine as its clients see it: streams that are open break in
// the middle of a chunk and nothing listens. Containers live on unless d says
// otherwise, and what they write is stamped when Revive comes. They are never
// blocked by a full pipe, as a real container would be after 64 KiB.
func (e *Engine) Die(d Death) {
	e.mu.Lock()
	dying := e.life
	containers := append([]*Container(nil), e.containers...)
	e.mu.Unlock()
	if dying == nil {
		return
	}
	if d.StopContainers {
		for _, c := range containers {
			c.stopForDeath()
		}
	}
	e.mu.Lock()
	e.life = nil
	e.mu.Unlock()
	if unix, ok := dying.listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(!d.KeepSocket)
	}
	if d.StopContainers {
		e.endCalls(dying.server)
	}
	_ = dying.server.Close() // closes the listener and cuts every connection
	<-dying.over
	e.events.forget()
}

// endCalls lets calls end properly, for at most a second: a client may have
// stopped reading.
func (e *Engine) endCalls(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	e.awaitLogs(ctx)
	e.CutStreams(true)       // those of events
	_ = server.Shutdown(ctx) // what is open after that is cut
}

// Revive starts the engine again after Die, at the same address.
func (e *Engine) Revive() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.life != nil || e.closed {
		return nil
	}
	listener, err := e.openListener()
	if err != nil {
		return fmt.Errorf("listen on %s: %w", e.listen, err)
	}
	born := &life{
		server:   &http.Server{Handler: e.handler(), ReadHeaderTimeout: 10 * time.Second},
		listener: listener,
		over:     make(chan struct{}),
	}
	go func() {
		defer close(born.over)
		if err := born.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("serve the stand-in engine: %v", err))
		}
	}()
	e.life = born
	for _, c := range e.containers {
		c.flushUnattended()
		if c.revives {
			c.revives = false
			e.programs.Go(c.start(false))
		}
	}
	return nil
}

// openListener listens and keeps the address that it got. e.mu is held.
func (e *Engine) openListener() (net.Listener, error) {
	network, address, _ := strings.Cut(e.listen, "://")
	if network == "unix" {
		_ = os.Remove(address) // a stale file of the life before
	}
	listener, err := net.Listen(network, address)
	if err == nil && network == "tcp" {
		e.listen = "tcp://" + listener.Addr().String()
	}
	return listener, err
}

// Request is one call that the engine received.
type Request struct {
	Method, Path, Query string
}

// Requests returns the calls so far, the oldest first.
func (e *Engine) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Request(nil), e.requests...)
}
