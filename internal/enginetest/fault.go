package enginetest

import (
	"context"
	"net/http"
	"os"
	"sync"
	"time"
)

// Route names a kind of call.
type Route string

// The routes.
const (
	RoutePing    Route = "ping"
	RouteInfo    Route = "info"
	RouteImage   Route = "image"
	RouteInspect Route = "inspect"
	RouteLogs    Route = "logs"
	RouteList    Route = "list"
	RouteEvents  Route = "events"
	RouteStart   Route = "start"
	RouteStop    Route = "stop"
	RouteRestart Route = "restart"
	RouteKill    Route = "kill"
)

// Fault is what befalls calls from now on. Exactly the calls that match Route
// and Container are meant.
type Fault struct {
	// Route is the kind of call; every kind where it is empty.
	Route Route
	// Container is the name or id in the call's path; any call where it is
	// empty.
	Container *Container
	// Times is how many calls are hit; all of them where it is zero.
	Times int

	// Delay comes before all else.
	Delay time.Duration
	// Hang gives no answer until the fault is removed. An act that hangs is
	// carried out then, even where its client has left.
	Hang bool
	// Status and Body answer in the call's place. With Act the call is carried
	// out first all the same, unseen.
	Status int
	Header http.Header
	Body   string
	Act    bool
	// HeadersOnly answers with a header and hangs.
	HeadersOnly bool
	// Cut ends the answer after CutAfter bytes of its body: like a connection
	// that breaks, or cleanly where CutClean is set.
	Cut      bool
	CutAfter int64
	CutClean bool
}

// injected is a fault in force.
type injected struct {
	Fault
	once sync.Once
	gone chan struct{}
	quit <-chan struct{} // closed at the end of the engine
}

func (f *injected) remove() { f.once.Do(func() { close(f.gone) }) }

// Inject lets a fault befall calls until remove is called, which may be done
// more than once. The newest matching fault counts.
func (e *Engine) Inject(f Fault) (remove func()) {
	in := &injected{Fault: f, gone: make(chan struct{}), quit: e.quit}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, in)
	return func() {
		in.remove()
		e.mu.Lock()
		defer e.mu.Unlock()
		for i, other := range e.faults {
			if other == in {
				e.faults = append(e.faults[:i:i], e.faults[i+1:]...)
				return
			}
		}
	}
}

// faultFor returns the fault that hits this call; nil where there is none.
func (e *Engine) faultFor(route Route, r *http.Request) *injected {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := len(e.faults) - 1; i >= 0; i-- {
		f := e.faults[i]
		if f.Route != "" && f.Route != route || f.Container != nil && !e.concerns(f.Container, r) {
			continue
		}
		if f.Times == 1 {
			e.faults = append(e.faults[:i:i], e.faults[i+1:]...)
		} else if f.Times > 1 {
			f.Times--
		}
		return f
	}
	return nil
}

func (e *Engine) concerns(c *Container, r *http.Request) bool {
	ref := r.PathValue("ref")
	return ref != "" && (ref == c.ID || ref == c.name)
}

// suffer lets the fault befall a call that serve would answer.
func (f *injected) suffer(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if !pass(r.Context(), f.Delay) {
		return
	}
	switch {
	case f.Hang:
		f.hang(w, r, serve)
	case f.HeadersOnly:
		w.WriteHeader(http.StatusOK)
		flush(w)
		f.wait(r.Context())
	case f.Status != 0:
		if f.Act {
			serve(&discard{header: http.Header{}}, r)
		}
		for k, v := range f.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body)) // a client that left
	case f.Cut:
		f.cut(w, r, serve)
	default:
		serve(w, r)
	}
}

func (f *injected) hang(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if r.Method != http.MethodPost {
		f.wait(r.Context())
		if r.Context().Err() != nil {
			return
		}
	}
	select {
	case <-f.gone:
		serve(w, r)
	case <-f.quit:
	}
}

func (f *injected) wait(ctx context.Context) {
	select {
	case <-f.gone:
	case <-f.quit:
	case <-ctx.Done():
	}
}

// cut serves with a limit on the body. Breaking is a panic that package http
// provides for: it closes the connection without the last chunk.
func (f *injected) cut(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	limited := &limitedWriter{ResponseWriter: w, left: f.CutAfter, full: cancel}
	serve(limited, r.WithContext(ctx))
	if !f.CutClean && (limited.over || f.CutAfter == 0) {
		panic(http.ErrAbortHandler)
	}
}

// limitedWriter lets a number of bytes through and calls full with the last.
type limitedWriter struct {
	http.ResponseWriter
	left int64
	over bool
	full func()
}

func (w *limitedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.over {
		return 0, http.ErrContentLength
	}
	n := min(w.left, int64(len(p)))
	w.left -= n
	written, err := w.ResponseWriter.Write(p[:n])
	if w.left == 0 {
		w.over = true
		flush(w.ResponseWriter)
		w.full()
		return written, http.ErrContentLength
	}
	return written, err
}

// discard is the answer that nobody gets.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// flush sends what was written; a writer that cannot flush has nowhere to send
// it.
func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// pass waits and reports whether ctx lasted.
func pass(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// FailStarts makes every start fail with these words, as where a network or a
// mount is away; empty words mend that.
func (c *Container) FailStarts(words string) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.startFails = words
}

// startFailure is why the container cannot be started; nil where it can. A
// failed start leaves its exit code, and no event. The engine's lock is held.
func (c *Container) startFailure() error {
	words, status := c.startFails, http.StatusInternalServerError
	switch other := c.spec.NetworkOf; {
	case other == "":
	case !c.engine.has(other):
		words, status = "No such container: "+other, http.StatusNotFound
	case !c.engine.isUp(other):
		words, status = "cannot join network of a non running container: "+other, http.StatusConflict
	}
	if _, err := os.Stat(c.spec.Bind); c.spec.Bind != "" && err != nil {
		words, status = `invalid mount config for type "bind": bind source path does not exist: `+c.spec.Bind, http.StatusBadRequest
	}
	if words == "" {
		return nil
	}
	c.exitCode = 128
	return fail(status, "%s", words)
}
