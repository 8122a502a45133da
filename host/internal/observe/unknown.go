package observe

import (
	"log/slog"
	"sync"
)

// mostUnknown bounds the types that are counted one by one.
const mostUnknown = 100

// Unknown counts events of types that the host does not know, and warns of each
// type: of its first event, and whenever there are ten times as many. Any
// goroutine may use it.
type Unknown struct {
	logger *slog.Logger

	mu    sync.Mutex
	count map[string]int
}

// NewUnknown returns a count that has counted nothing.
func NewUnknown(logger *slog.Logger) *Unknown {
	return &Unknown{logger: logger, count: map[string]int{}}
}

// Add counts an event.
func (u *Unknown) Add(kind string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, ok := u.count[kind]; !ok && len(u.count) >= mostUnknown {
		kind = "others"
	}
	u.count[kind]++
	n := u.count[kind]
	for n%10 == 0 {
		n /= 10
	}
	if n == 1 {
		u.logger.Warn("the log parser says what this host does not know; it is left out", "kind", kind, "count", u.count[kind])
	}
}
