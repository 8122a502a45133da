package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// versionKey is where a request's context has its API version.
type versionKey struct{}

// apiVersion is the version that a request asked for, or the newest.
func apiVersion(r *http.Request) string {
	v, _ := r.Context().Value(versionKey{}).(string) // set by handler
	return v
}

// handler serves the API with and without a version in the path.
func (e *Engine) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]struct {
		route Route
		serve func(http.ResponseWriter, *http.Request) error
	}{
		"GET /_ping":                     {RoutePing, e.servePing}, // HEAD too
		"GET /version":                   {"version", e.serveVersion},
		"GET /info":                      {RouteInfo, e.serveInfo},
		"GET /events":                    {RouteEvents, e.serveEvents},
		"GET /containers/json":           {RouteList, e.serveList},
		"GET /images/{name...}":          {RouteImage, e.serveImage},
		"POST /containers/create":        {"create", e.serveCreate},
		"GET /containers/{ref}/json":     {RouteInspect, e.serveInspect},
		"GET /containers/{ref}/logs":     {RouteLogs, e.serveLogs},
		"POST /containers/{ref}/start":   {RouteStart, e.serveStart},
		"POST /containers/{ref}/stop":    {RouteStop, e.serveStop},
		"POST /containers/{ref}/restart": {RouteRestart, e.serveRestart},
		"POST /containers/{ref}/kill":    {RouteKill, e.serveKill},
		"POST /containers/{ref}/pause":   {"pause", e.servePause},
		"POST /containers/{ref}/unpause": {"unpause", e.serveUnpause},
		"POST /containers/{ref}/rename":  {"rename", e.serveRename},
		"POST /containers/{ref}/update":  {"update", e.serveUpdate},
		"POST /containers/{ref}/wait":    {"wait", e.serveWait},
		"DELETE /containers/{ref}":       {"remove", e.serveRemove},
	} {
		mux.HandleFunc(pattern, e.route(h.route, h.serve))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, fail(http.StatusNotFound, "page not found"))
	})
	return e.versioned(mux)
}

var versionPrefix = regexp.MustCompile(`^/v([0-9][0-9.]*)(/.*)$`)

// versioned takes the version out of the path, refuses those that the engine
// does not speak, and puts the engine's headers on every answer.
func (e *Engine) versioned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.requests = append(e.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery})
		p, now := e.personality, e.now()
		e.mu.Unlock()
		w.Header().Set("Date", now.Format(http.TimeFormat))
		w.Header().Set("Api-Version", p.MaxAPI)
		w.Header().Set("Ostype", "linux")
		w.Header().Set("Server", "Docker/"+p.Version+" (linux)")
		version := p.MaxAPI
		if parts := versionPrefix.FindStringSubmatch(r.URL.Path); parts != nil {
			version = parts[1]
			r.URL.Path, r.URL.RawPath = parts[2], versionPrefix.ReplaceAllString(r.URL.RawPath, "$2")
		}
		if err := p.refuse(version); err != nil {
			if older(version, "1.24") { // such clients did not know errors in JSON
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answerError(w, err)
			return
		}
		w.Header().Set("Docker-Experimental", "false")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), versionKey{}, version)))
	})
}

func (p Personality) refuse(version string) error {
	if older(p.MaxAPI, version) {
		return fail(http.StatusBadRequest, "client version %s is too new. Maximum supported API version is %s", version, p.MaxAPI)
	}
	if older(version, p.MinAPI) {
		return fail(http.StatusBadRequest, "client version %s is too old. Minimum supported API version is %s, please upgrade your client to a newer version", version, p.MinAPI)
	}
	return nil
}

// call is a request that is being answered.
type call struct {
	route Route
	end   context.CancelCauseFunc
	over  chan struct{} // closed when it is answered
}

// errCut and errCutCleanly end a call that [Engine.CutStreams] cuts.
var (
	errCut        = errors.New("cut")
	errCutCleanly = errors.New("cut cleanly")
)

// CutStreams ends the streams of logs and events that are open, as a proxy or
// a broken network does: in the middle of a chunk, or cleanly.
func (e *Engine) CutStreams(clean bool) {
	cause := errCut
	if clean {
		cause = errCutCleanly
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for c := range e.calls {
		if c.route == RouteLogs || c.route == RouteEvents {
			c.end(cause)
		}
	}
}

// OpenStreams counts the streams of logs that are open.
func (e *Engine) OpenStreams() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for c := range e.calls {
		if c.route == RouteLogs {
			n++
		}
	}
	return n
}

// awaitLogs waits until the readings of logs that are open have ended.
func (e *Engine) awaitLogs(ctx context.Context) {
	e.mu.Lock()
	open := slices.Collect(maps.Keys(e.calls))
	e.mu.Unlock()
	for _, c := range open {
		if c.route != RouteLogs {
			continue
		}
		select {
		case <-c.over:
		case <-ctx.Done():
			return
		}
	}
}

// route is what all calls have in common: faults, cuts and errors.
func (e *Engine) route(route Route, serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	answer := func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			answerError(w, err)
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, end := context.WithCancelCause(r.Context())
		c := &call{route, end, make(chan struct{})}
		e.mu.Lock()
		e.calls[c] = true
		e.mu.Unlock()
		defer func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			delete(e.calls, c)
			close(c.over)
			end(nil)
		}()
		r = r.WithContext(ctx)
		if f := e.faultFor(route, r); f != nil {
			f.suffer(w, r, answer)
		} else {
			answer(w, r)
		}
		if errors.Is(context.Cause(ctx), errCut) {
			panic(http.ErrAbortHandler)
		}
	}
}

func answerError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var api *apiError
	if errors.As(err, &api) {
		status = api.status
	}
	if status == http.StatusNotModified {
		w.WriteHeader(status)
		return
	}
	answerJSON(w, status, map[string]string{"message": err.Error()})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // a client that left
}

func (e *Engine) servePing(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("Pragma", "no-cache")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if r.Method == http.MethodHead {
		h.Set("Content-Length", "0")
		return nil
	}
	_, _ = w.Write([]byte("OK")) // a client that left
	return nil
}

func (e *Engine) serveVersion(w http.ResponseWriter, _ *http.Request) error {
	e.mu.Lock()
	p := e.personality
	e.mu.Unlock()
	answerJSON(w, http.StatusOK, map[string]string{
		"Version": p.Version, "ApiVersion": p.MaxAPI, "MinAPIVersion": p.MinAPI, "Os": "linux", "Arch": "amd64",
	})
	return nil
}

// serveInfo tells the engine's time, and little else.
func (e *Engine) serveInfo(w http.ResponseWriter, _ *http.Request) error {
	e.mu.Lock()
	out := map[string]any{"ID": "stand-in", "Containers": len(e.containers), "ServerVersion": e.personality.Version, "SystemTime": engineTime(e.now())}
	e.mu.Unlock()
	answerJSON(w, http.StatusOK, out)
	return nil
}

// find resolves a full id, a name, or the beginning of one id, in this order.
// The engine's lock is held.
func (e *Engine) find(ref string) (*Container, error) {
	var byPrefix []*Container
	for _, c := range e.containers {
		if c.ID == ref {
			return c, nil
		}
		if strings.HasPrefix(c.ID, ref) {
			byPrefix = append(byPrefix, c)
		}
	}
	for _, c := range e.containers {
		if c.name == strings.TrimPrefix(ref, "/") {
			return c, nil
		}
	}
	switch len(byPrefix) {
	case 0:
		return nil, fail(http.StatusNotFound, "No such container: %s", ref)
	case 1:
		return byPrefix[0], nil
	}
	return nil, fail(http.StatusInternalServerError, "Multiple IDs found with provided prefix: %s", ref)
}

// has reports whether there is a container with this id. The engine's lock is
// held.
func (e *Engine) has(id string) bool {
	return slices.ContainsFunc(e.containers, func(c *Container) bool { return c.ID == id })
}

// isUp reports whether a container with this id runs. The engine's lock is held.
func (e *Engine) isUp(id string) bool {
	return slices.ContainsFunc(e.containers, func(c *Container) bool { return c.ID == id && (c.status == running || c.status == paused) })
}

func (e *Engine) lookUp(r *http.Request) (*Container, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.find(r.PathValue("ref"))
}
