package dockerrestart

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/preflight"
	"github.com/headwatch/headwatch/sdk"
)

const (
	// lookAgain is how long it counts what was seen around a container.
	lookAgain = 10 * time.Minute
	// lookTime bounds a look around; what did not answer by then is not known.
	lookTime = 2 * time.Second
)

// surroundings are what is known around containers. An engine is asked when a run
// is new, before each act, and now and then: others come and go.
type surroundings struct {
	engine interface {
		observer
		ImageID(ctx context.Context, name string) (string, error)
	}

	mu   sync.Mutex
	seen map[Target]around
}

// around is what was seen around one container.
type around struct {
	id     string
	run    time.Time
	at     time.Time
	others []docker.Listed
	tagID  string
}

// of returns what is around a container, as it is now where fresh is set.
func (s *surroundings) of(ctx context.Context, target Target, c docker.Container, fresh bool) around {
	s.mu.Lock()
	known, ok := s.seen[target]
	s.mu.Unlock()
	if ok && !fresh && known.id == c.ID && known.run.Equal(c.StartedAt) && time.Since(known.at) < lookAgain {
		return known
	}
	found := s.look(ctx, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[Target]around)
	}
	s.seen[target] = found
	return found
}

// look asks the engine. A call that fails, or that a proxy refuses, leaves
// unknown what it would have told.
func (s *surroundings) look(ctx context.Context, c docker.Container) around {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	found := around{id: c.ID, run: c.StartedAt, at: time.Now()}
	if others, err := s.engine.List(ctx); err == nil {
		found.others = others
	}
	if c.Image != "" && !strings.Contains(c.Image, "sha256:") { // else it cannot move
		if id, err := s.engine.ImageID(ctx, c.Image); err == nil {
			found.tagID = id
		}
	}
	return found
}

// hazards are what makes it dangerous to restart a container.
func (p *plugin) hazards(ctx context.Context, target Target, c docker.Container, fresh bool) []sdk.Hazard {
	seen := p.around.of(ctx, target, c, fresh)
	slowest := p.history.slowestStop(c)
	if ours, ok := p.claims.Of(c.ID); ok && ours.Result != nil {
		slowest = max(slowest, ours.Result.StopTook)
	}
	return preflight.Hazards(preflight.Scene{
		Container: c, Stop: time.Duration(p.config.seconds(c)) * time.Second, SlowestStop: slowest,
		Others: seen.others, TagID: seen.tagID,
	})
}

// slowestStop is the longest that a container took to stop, of the stops that are
// remembered; zero for none.
func (h *history) slowestStop(c docker.Container) (slowest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var asked time.Time
	for _, one := range h.byID[c.ID] {
		switch {
		case one.Action == "kill" && asked.IsZero() && signalNumber(one.Signal) != sigkill && asksForEnd(one.Signal, c.StopSignal):
			asked = one.At
		case one.Action == "die" && !asked.IsZero():
			slowest = max(slowest, one.At.Sub(asked))
			asked = time.Time{}
		case one.Action == "die", one.Action == "start":
			asked = time.Time{}
		}
	}
	return slowest
}
