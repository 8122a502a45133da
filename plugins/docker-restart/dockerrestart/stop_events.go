package dockerrestart

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/pause"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

const (
	// hearingTime is how long a restart waits for the events to be heard.
	// Without them it is told less, no worse.
	hearingTime = 2 * time.Second
	// lateEvents is how long an event may lag behind the engine's answer.
	lateEvents = time.Second
	// betweenLooks is how often a container is looked at where events cannot
	// be heard; it is stopped for a fraction of a second.
	betweenLooks = 100 * time.Millisecond
)

// stopEvents is what is heard of a container's end while it is restarted.
type stopEvents struct {
	of     docker.Container
	cancel context.CancelFunc
	done   chan struct{}
	died   chan struct{} // closed at the first end

	mu    sync.Mutex
	asks  int // signals that ask for an end
	stops int
	asked time.Time // the first of them
	ended bool
	facts stopFacts
}

// stopFacts is how a run ended.
type stopFacts struct {
	exitCode *int
	killed   bool
	took     time.Duration
}

// words are those for an operator; took may be better known than here.
func (t stopFacts) words(took time.Duration, seconds int) string {
	words := fmt.Sprintf("; the stop took %s", took.Round(10*time.Millisecond))
	if t.killed {
		return words + fmt.Sprintf(", and the container had to be killed after %ds", seconds)
	}
	return words
}

// hearStop begins to listen. It returns when the engine has taken the request
// for events, or has not for too long.
func hearStop(ctx context.Context, from interface {
	watcher
	observer
}, c docker.Container) *stopEvents {
	ctx, cancel := context.WithCancel(ctx)
	s := &stopEvents{of: c, cancel: cancel, done: make(chan struct{}), died: make(chan struct{})}
	ready := make(chan struct{})
	var once sync.Once
	hearing := func() { once.Do(func() { close(ready) }) }
	go func() {
		defer close(s.done)
		err := from.Watch(ctx, docker.EventQuery{Container: c.ID}, hearing, s.hear)
		hearing()
		if err != nil && ctx.Err() == nil {
			s.poll(ctx, from)
		}
	}()
	timer := time.NewTimer(hearingTime)
	defer timer.Stop()
	select {
	case <-ready:
	case <-timer.C:
	}
	return s
}

// end stops listening and waits until that is over.
func (s *stopEvents) end() {
	s.cancel()
	<-s.done
}

// hear takes an event. An engine's filter lets other containers through whose
// id or name begins alike.
func (s *stopEvents) hear(one docker.Event) {
	if one.ID != s.of.ID {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch one.Action {
	case "kill":
		s.ask(one)
	case "stop":
		s.stops++
	case "die":
		s.die(one.At, one.ExitCode)
	}
}

func (s *stopEvents) ask(one docker.Event) {
	const sigkill = "9"
	if s.asked.IsZero() {
		s.asked = one.At
	}
	if one.Signal != sigkill {
		s.asks++
	} else if !s.ended {
		s.facts.killed = true
	}
}

// die takes the first end; the one after that is of the next run.
func (s *stopEvents) die(at time.Time, code *int) {
	if s.ended {
		return
	}
	s.ended = true
	s.facts.exitCode = code
	s.facts.killed = s.facts.killed || code != nil && *code == 137
	if !s.asked.IsZero() {
		s.facts.took = max(at.Sub(s.asked), 0)
	}
	close(s.died)
}

// poll looks for the moment between stop and start.
func (s *stopEvents) poll(ctx context.Context, from observer) {
	for pause.For(ctx, betweenLooks) == nil {
		c, err := from.Inspect(ctx, s.of.ID)
		if err != nil || c.ID != s.of.ID || c.Status.Alive() || !c.StartedAt.Equal(s.of.StartedAt) {
			continue
		}
		s.mu.Lock()
		s.die(c.FinishedAt, &c.ExitCode)
		s.mu.Unlock()
	}
}

// read returns what was heard; where the run is known to have ended it waits
// for the event until ctx is done.
func (s *stopEvents) read(ctx context.Context, ended bool) stopFacts {
	if ended {
		select {
		case <-s.died:
		case <-s.done:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

// stoppedByOthers says that more stops were heard than ours.
func (s *stopEvents) stoppedByOthers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks > 1 || s.stops > 1
}
