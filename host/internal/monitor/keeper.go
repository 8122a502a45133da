package monitor

import (
	"errors"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// ErrUnwritable says that there is no place where state can be kept.
var ErrUnwritable = errors.New(unwritable)

// Keeper keeps what must survive a restart of the host.
type Keeper interface {
	// Load reads what is kept of a monitor; the zero Kept for a first start. What
	// was damaged is set aside: aside names where, and a full cooldown begins.
	Load(monitor string, now time.Time) (kept Kept, aside string, err error)
	// Save returns after what it wrote survives a loss of power.
	Save(monitor string, kept Kept) error
}

// Kept is what is kept of one monitor.
type Kept struct {
	// LastDone is when an act was last done or may have been, LastFailed when
	// one last failed; zero for never.
	LastDone   time.Time `json:"last_done,omitzero"`
	LastFailed time.Time `json:"last_failed,omitzero"`
	Intent     *Intent   `json:"intent,omitempty"`
	Memory     *Memory   `json:"memory,omitempty"`
	// Lasting is what outlives every host.
	Lasting *rule.Lasting `json:"lasting,omitempty"`
}

// Intent is an act that was asked for and not yet seen to end. It is written
// before the act, so that a host that dies in between settles it before it
// decides anything else.
type Intent struct {
	RequestID    string    `json:"request_id"`
	TargetID     string    `json:"target_id"`
	RunStartedAt time.Time `json:"run_started_at"`
	AskedAt      time.Time `json:"asked_at"`
	Rule         string    `json:"rule"`
	Reason       string    `json:"reason"`
}

// Memory is what the checks of a run saw, up to one of them.
type Memory struct {
	At time.Time `json:"at"`
	// Rules are those that were in force, in words.
	Rules []string   `json:"rules,omitempty"`
	Seen  rule.State `json:"seen"`
}
