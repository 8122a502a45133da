package dockerrestart

import (
	"context"
	"sync"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/pause"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

// watcher hears events.
type watcher interface {
	Watch(ctx context.Context, q docker.EventQuery, ready func(), hear func(docker.Event)) error
}

var _ watcher = (*docker.Engine)(nil)

const (
	// longestStop is how long a stop may have been going on before the watch
	// began. What was watched for longer than that is known.
	longestStop = 15 * time.Minute
	// sameMoment is how far the engine's note of an end may lie from its event.
	sameMoment = 5 * time.Second
)

// endings remembers how runs ended, so that a container that exited by itself
// can be told from one that somebody stopped. An inspect does not show it; the
// events do: a stop or a kill stands before the end of the run. What was not
// seen from the start of the run counts as stopped by somebody.
type endings struct {
	engine watcher

	mu    sync.Mutex
	since time.Time // beginning of the watch without a break; zero while there is none
	runs  map[string]*ending
}

// ending is what was seen of one container's run.
type ending struct {
	whole bool // its start was seen, and everything since
	asked bool // somebody stopped or killed it
	died  time.Time
}

func newEndings(engine watcher) *endings {
	return &endings{engine: engine, runs: make(map[string]*ending)}
}

// run watches until ctx is done. The engine keeps its last 256 events, so each
// watch begins with those.
func (e *endings) run(ctx context.Context) {
	between := pause.Doubling(time.Second, 30*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		_ = e.engine.Watch(ctx, docker.EventQuery{Since: time.Unix(1, 0)}, e.begin, e.hear)
		e.breakOff()
		if time.Since(began) > time.Minute {
			between.Reset()
		}
		_ = pause.For(ctx, between.NextBackOff())
	}
}

func (e *endings) begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.since = time.Now()
}

// breakOff forgets what must be seen without a break.
func (e *endings) breakOff() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.since = time.Time{}
	for _, run := range e.runs {
		run.whole = false
	}
}

func (e *endings) hear(one docker.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	run := e.runs[one.ID]
	if run == nil {
		run = &ending{}
		e.runs[one.ID] = run
	}
	switch one.Action {
	case "start":
		*run = ending{whole: true}
	case "kill":
		run.asked = run.asked || asksForEnd(one.Signal)
	case "stop":
		run.asked = true
	case "die":
		run.died = one.At
	case "destroy":
		delete(e.runs, one.ID)
	}
}

// asksForEnd says whether a signal may be meant to end a process. Those that
// programs use for other things (log rotation, window size) do not count.
func asksForEnd(signal string) bool {
	switch signal {
	case "10", "12", "17", "18", "23", "28":
		return false
	}
	return true
}

// exitedByItself says whether the container's last run ended without anybody
// asking for it. It is false where that is not known.
func (e *endings) exitedByItself(c docker.Container) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	run := e.runs[c.ID]
	if run == nil || run.asked || run.died.IsZero() || run.died.Sub(c.FinishedAt).Abs() > sameMoment {
		return false
	}
	long := max(longestStop, 2*stopTime(c))
	watched := run.whole || !e.since.IsZero() && run.died.Sub(e.since) > long
	return watched && !(signalled(c.ExitCode) && !c.OOMKilled)
}

// signalled says whether an exit code is that of a process ended by a signal
// that people and supervisors send: HUP, INT, KILL, TERM.
func signalled(code int) bool {
	switch code {
	case 129, 130, 137, 143:
		return true
	}
	return false
}
