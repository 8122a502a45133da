package execaction

import (
	"sync"
	"time"
)

// runObservers tells those who follow a target's log of the runs that others have
// seen: a check, or an act that waits for the next run.
type runObservers struct {
	mu        sync.Mutex
	listeners map[string]map[chan time.Time]bool
}

// subscribe gives a channel with the newest run that was seen, until end is called.
func (s *runObservers) subscribe(key string) (runs <-chan time.Time, end func()) {
	c := make(chan time.Time, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listeners == nil {
		s.listeners = map[string]map[chan time.Time]bool{}
	}
	if s.listeners[key] == nil {
		s.listeners[key] = map[chan time.Time]bool{}
	}
	s.listeners[key][c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners[key], c)
		if len(s.listeners[key]) == 0 {
			delete(s.listeners, key)
		}
	}
}

// publish tells of a run that was seen. It never waits: a run that was not
// received yet is replaced.
func (s *runObservers) publish(key string, run time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.listeners[key] {
		select {
		case <-c:
		default:
		}
		c <- run
	}
}
