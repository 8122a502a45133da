package daemon

import (
	"maps"
	"slices"
	"sync"

	"github.com/headwatch/headwatch/host/internal/monitor"
)

// claims knows which monitors watch which target. Where two watch the same, both
// are refused: neither could keep the other's cooldown.
type claims struct {
	mu      sync.Mutex
	targets map[string]string // by monitor
}

var _ monitor.Claims = (*claims)(nil)

func newClaims() *claims { return &claims{targets: map[string]string{}} }

// Claim says which other monitor has the target; empty for none.
func (c *claims) Claim(name, targetID string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.targets[name] = targetID
	for _, other := range slices.Sorted(maps.Keys(c.targets)) {
		if other != name && c.targets[other] == targetID {
			return other
		}
	}
	return ""
}

// release drops what a monitor claims that is gone.
func (c *claims) release(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.targets, name)
}
