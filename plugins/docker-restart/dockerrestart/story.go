package dockerrestart

import (
	"context"
	"fmt"
	"sync"
	"time"
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

// story is what is heard of a container's end while it is restarted.
type story struct {
	of     container
	cancel context.CancelFunc
	done   chan struct{}
	died   chan struct{} // closed at the first end

	mu    sync.Mutex
	asks  int // signals that ask for an end
	stops int
	asked time.Time // the first of them
	ended bool
	told  telling
}

// telling is how a run ended.
type telling struct {
	exitCode *int
	killed   bool
	took     time.Duration
}

// words are those for an operator; took may be better known than here.
func (t telling) words(took time.Duration, seconds int) string {
	words := fmt.Sprintf("; the stop took %s", took.Round(10*time.Millisecond))
	if t.killed {
		return words + fmt.Sprintf(", and the container had to be killed after %ds", seconds)
	}
	return words
}

// newStory begins to listen. It returns when the engine has taken the request
// for events, or has not for too long.
func newStory(ctx context.Context, from interface {
	watcher
	observer
}, c container) *story {
	ctx, cancel := context.WithCancel(ctx)
	s := &story{of: c, cancel: cancel, done: make(chan struct{}), died: make(chan struct{})}
	ready := make(chan struct{})
	var once sync.Once
	hearing := func() { once.Do(func() { close(ready) }) }
	go func() {
		defer close(s.done)
		err := from.watch(ctx, eventQuery{container: c.id}, hearing, s.hear)
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
func (s *story) end() {
	s.cancel()
	<-s.done
}

// hear takes an event. An engine's filter lets other containers through whose
// id or name begins alike.
func (s *story) hear(one event) {
	if one.id != s.of.id {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch one.action {
	case "kill":
		s.ask(one)
	case "stop":
		s.stops++
	case "die":
		s.die(one.at, one.exitCode)
	}
}

func (s *story) ask(one event) {
	const sigkill = "9"
	if s.asked.IsZero() {
		s.asked = one.at
	}
	if one.signal != sigkill {
		s.asks++
	} else if !s.ended {
		s.told.killed = true
	}
}

// die takes the first end; the one after that is of the next run.
func (s *story) die(at time.Time, code *int) {
	if s.ended {
		return
	}
	s.ended = true
	s.told.exitCode = code
	s.told.killed = s.told.killed || code != nil && *code == 137
	if !s.asked.IsZero() {
		s.told.took = max(at.Sub(s.asked), 0)
	}
	close(s.died)
}

// poll looks for the moment between stop and start.
func (s *story) poll(ctx context.Context, from observer) {
	for wait(ctx, betweenLooks) == nil {
		c, err := from.inspect(ctx, s.of.id)
		if err != nil || c.id != s.of.id || c.status.alive() || !c.startedAt.Equal(s.of.startedAt) {
			continue
		}
		s.mu.Lock()
		s.die(c.finishedAt, &c.exitCode)
		s.mu.Unlock()
	}
}

// read returns what was heard; where the run is known to have ended it waits
// for the event until ctx is done.
func (s *story) read(ctx context.Context, ended bool) telling {
	if ended {
		select {
		case <-s.died:
		case <-s.done:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// stoppedByOthers says that more stops were heard than ours.
func (s *story) stoppedByOthers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks > 1 || s.stops > 1
}
