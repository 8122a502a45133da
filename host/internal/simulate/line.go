package simulate

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
)

// Line is a line of a node's log.
type Line struct {
	At time.Time
	// State is what the node says that it is at, as the informant of Substrate has
	// it; empty in a line about one block that was imported.
	State string
	Block uint64
}

// The states of an informant.
const (
	idle      = "Idle"
	syncing   = "Syncing"
	stateSync = "State sync"
)

// Text is the line as a node prints it.
func (l Line) Text() string {
	stamp := l.At.UTC().Format("2006-01-02 15:04:05.000")
	hash := fmt.Sprintf("0x%04x…%04x", l.Block%65521, l.Block%65519)
	switch l.State {
	case "":
		return fmt.Sprintf("%s ✨ Imported #%d (%s)", stamp, l.Block, hash)
	case syncing:
		return fmt.Sprintf("%s ⚙️  Syncing 0.0 bps, target=#%d (8 peers), best: #%d (%s), finalized #%d (%s), ⬇ 1.1MiB/s ⬆ 90kiB/s", stamp, l.Block, l.Block, hash, l.Block, hash)
	case stateSync:
		return fmt.Sprintf("%s ⚙️  State sync, Importing state, 12%%, 7.12 Mib (8 peers), best: #%d (%s), finalized #%d (%s), ⬇ 0 ⬆ 0", stamp, l.Block, hash, l.Block, hash)
	}
	return fmt.Sprintf("%s 💤 Idle (40 peers), best: #%d (%s), finalized #%d (%s), ⬇ 12.1kiB/s ⬆ 9.9kiB/s", stamp, l.Block, hash, l.Block, hash)
}

// Events are what a parser makes of the line, as far as rules of the profile
// careful read it.
func (l Line) Events() []nodelog.Event {
	if l.State == "" {
		return []nodelog.Event{{Time: l.At, Kind: nodelog.BlockImported, Number: l.Block}}
	}
	kind, phase := nodelog.MajorSync, map[string]string{idle: "idle", syncing: "syncing", stateSync: "state sync"}[l.State]
	if l.State == idle {
		kind = nodelog.NotMajorSync
	}
	return []nodelog.Event{{Time: l.At, Kind: nodelog.BlockBest, Number: l.Block}, {Time: l.At, Kind: kind},
		{Time: l.At, Kind: nodelog.FactGiven, Name: "phase", Value: phase}}
}
