package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// Monitors are those of a running host.
type Monitors interface {
	Names() []string
	Do(ctx context.Context, name string, c monitor.Command) (monitor.Answer, error)
}

// The deadlines of a server: a monitor that acts answers after its act.
const (
	readWithin   = 10 * time.Second
	answerWithin = 60 * time.Second
	mostRequest  = 64 << 10
)

// Server serves the control socket of a state folder.
type Server struct {
	dir  string
	http *http.Server
	done chan struct{}
}

// Serve begins to serve. The server's end is the caller's to ask for.
func Serve(dir string, monitors Monitors) (*Server, error) {
	l, err := listen(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, done: make(chan struct{})}
	mux := http.NewServeMux()
	for _, what := range []string{Pause, Resume, Check} {
		mux.HandleFunc("POST /v1/"+what, func(w http.ResponseWriter, r *http.Request) { serve(w, r, what, monitors) })
	}
	s.http = &http.Server{Handler: mux, ReadTimeout: readWithin, WriteTimeout: 2 * answerWithin, IdleTimeout: readWithin,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, peerKey{}, c) }}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // it ends with Close only
	}()
	return s, nil
}

// Close ends the server and takes the socket away.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.done
	_ = os.Remove(filepath.Join(s.dir, socketName)) // one that is left is replaced by the next host
}

type peerKey struct{}

// serve answers one request.
func serve(w http.ResponseWriter, r *http.Request, what string, monitors Monitors) {
	var request Request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("the request cannot be read: %v", err))
		return
	}
	uid, _ := peer(r.Context().Value(peerKey{}).(net.Conn)) // it was known when it was accepted
	names, command, err := request.command(what, uid, monitors.Names())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	answer(w, http.StatusOK, Reply{Monitors: ask(ctx, monitors, names, command)})
}

// command is what a request asks of which monitors.
func (r Request) command(what string, uid int, known []string) (names []string, c monitor.Command, err error) {
	switch {
	case r.All && r.Monitor != "":
		return nil, c, errors.New("name a monitor, or say --all")
	case r.All:
		names = known
	case !slices.Contains(known, r.Monitor):
		return nil, c, fmt.Errorf("no monitor is called %q; the running host has %s", r.Monitor, strings.Join(known, ", "))
	default:
		names = []string{r.Monitor}
	}
	if len(names) == 0 {
		return nil, c, errors.New("the running host has no monitor")
	}
	if what == Check {
		return names, c, nil
	}
	by := clean(r.By)
	if by == "" {
		by = fmt.Sprintf("uid %d", uid)
	}
	pause := rule.Pause{By: by}
	if what == Pause {
		pause.For, pause.Reason = r.For, clean(r.Reason)
		switch {
		case pause.For <= 0:
			return nil, c, errors.New("a pause has an end: --for says how long it lasts, such as 2h")
		case pause.For > monitor.MostPause:
			return nil, c, fmt.Errorf("a pause lasts for seven days (168h) at most, not for %s", pause.For)
		case pause.Reason == "":
			return nil, c, errors.New("a pause has a reason: --reason says it to whoever looks next")
		}
	}
	return names, monitor.Command{Pause: &pause}, nil
}

// ask asks all monitors at once; what they say is in the order of their names.
func ask(ctx context.Context, monitors Monitors, names []string, c monitor.Command) []Told {
	told := make([]Told, len(names))
	var asking sync.WaitGroup
	for i, name := range names {
		asking.Go(func() {
			a, err := monitors.Do(ctx, name, c)
			told[i] = Told{Monitor: name, Text: a.Text}
			if err != nil {
				told[i].Error = err.Error()
			}
		})
	}
	asking.Wait()
	return told
}

func refuse(w http.ResponseWriter, status int, why string) { answer(w, status, Reply{Error: why}) }

func answer(w http.ResponseWriter, status int, r Reply) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(r) // who asked may be gone
}
