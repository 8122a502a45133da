package dockerrestart

import (
	"context"
	"sync"
)

// locks lets one act at a time happen to each container. The zero value is
// ready.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the lock is free
}

// lock waits until no other act on the container goes on. The returned
// function ends the hold.
func (l *locks) lock(ctx context.Context, id string) (func(), error) {
	for {
		l.mu.Lock()
		current, busy := l.held[id]
		if !busy {
			mine := make(chan struct{})
			if l.held == nil {
				l.held = make(map[string]chan struct{})
			}
			l.held[id] = mine
			l.mu.Unlock()
			return func() { l.unlock(id, mine) }, nil
		}
		l.mu.Unlock()
		select {
		case <-current:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *locks) unlock(id string, mine chan struct{}) {
	l.mu.Lock()
	delete(l.held, id)
	l.mu.Unlock()
	close(mine)
}
