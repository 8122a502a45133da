package execaction

import (
	"context"
	"sync"
)

// actLocks lets one act at a time happen to a target.
type actLocks struct {
	mu   sync.Mutex
	busy map[string]chan struct{}
}

// lock waits until no act happens to the target; over lets the next one in.
func (t *actLocks) lock(ctx context.Context, key string) (over func(), err error) {
	for {
		t.mu.Lock()
		busy, taken := t.busy[key]
		if !taken {
			mine := make(chan struct{})
			if t.busy == nil {
				t.busy = map[string]chan struct{}{}
			}
			t.busy[key] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.busy, key)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
