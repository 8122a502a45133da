package dockerrestart

import (
	"context"
	"sync"
)

// turns lets one act at a time happen to each container. The zero value is
// ready.
type turns struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the turn is over
}

// take waits for the container's turn. The returned function ends it.
func (t *turns) take(ctx context.Context, id string) (func(), error) {
	for {
		t.mu.Lock()
		current, busy := t.held[id]
		if !busy {
			mine := make(chan struct{})
			if t.held == nil {
				t.held = make(map[string]chan struct{})
			}
			t.held[id] = mine
			t.mu.Unlock()
			return func() { t.end(id, mine) }, nil
		}
		t.mu.Unlock()
		select {
		case <-current:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (t *turns) end(id string, mine chan struct{}) {
	t.mu.Lock()
	delete(t.held, id)
	t.mu.Unlock()
	close(mine)
}
