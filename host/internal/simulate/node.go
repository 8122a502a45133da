package simulate

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// TroubleKind is what happens to a node.
type TroubleKind string

// What happens to a node.
const (
	// Wedges: it stands still, and its process lives.
	Wedges TroubleKind = "wedges"
	// Crashes: its process ends, and its engine starts it again.
	Crashes TroubleKind = "crashes"
	// Returns: somebody starts it after a long time down, so many blocks behind.
	Returns TroubleKind = "returns"
	// StateSyncs: somebody starts it with an empty database, or lets it fetch a
	// newer state: for a time it imports no block.
	StateSyncs TroubleKind = "state sync"
)

// Trouble is something that happens to a node.
type Trouble struct {
	At   time.Duration
	Kind TroubleKind
	// Cured says that a restart ends a wedge, For that it ends by itself after a
	// time; how long a state sync takes is For too.
	Cured bool
	For   time.Duration
	// Silent says that a wedged node prints nothing, Says what state it claims to be
	// in where it does.
	Silent bool
	Says   string
	// Behind is how many blocks it is behind when it returns.
	Behind uint64
	// FromZero says that a state sync begins at block 0.
	FromZero bool
}

// Plan is what a node is like, and what happens to it.
type Plan struct {
	// Gain is how many blocks a second it gains on the network while it is behind,
	// on average; with On and Off it imports for a time, and then not for a time.
	Gain    float64
	On, Off time.Duration
	// Imports says that it prints a line for each block, and no other.
	Imports bool
	// Stop is how long it takes to stop, Boot until its first line, and Connect
	// until its first block.
	Stop, Boot, Connect time.Duration
	Troubles            []Trouble
}

// wedge is a wedge that a node is in.
type wedge struct {
	Trouble
	since time.Duration
	// synced says that it was not long at the head when it began.
	synced bool
	// acted is how many restarts there were in it, told that it was found missing.
	acted int
	told  bool
}

// node is a node that lives by a plan.
type node struct {
	Plan
	chain  *Chain
	height float64
	// began is the start of its run, ran that of the run before; until began it is
	// down, until readyAt without a block. exited says that it ended by itself.
	began, ran, readyAt time.Duration
	exited              bool
	wedge               *wedge
	// healed is when a wedge last ended by itself.
	healed time.Duration
	// syncs is how long a state sync still takes, of all that it takes in full.
	syncs, full time.Duration
	// behind is when it was last behind the network.
	behind time.Duration
	lines  []Line
	// printed says that it has printed a line in this run.
	printed bool
}

// tick is the time between two steps of a node, and that between two lines of its
// informant.
const tick = 5 * time.Second

// longAgo is when a node began that is up as a night begins.
const longAgo = -48 * time.Hour

func newNode(p Plan, c *Chain) *node {
	return &node{Plan: p, chain: c, height: float64(c.height(0)), began: longAgo, ran: longAgo, readyAt: longAgo, behind: longAgo, healed: longAgo, printed: true}
}

// step lets the node live from one tick to the next.
func (n *node) step(at time.Duration) {
	for len(n.Troubles) > 0 && at >= n.Troubles[0].At {
		trouble := n.Troubles[0]
		n.Troubles = n.Troubles[1:]
		n.begin(at, trouble)
	}
	if n.wedge != nil && n.wedge.For > 0 && at >= n.wedge.since+n.wedge.For {
		n.wedge, n.healed = nil, at
	}
	if n.up(at) {
		n.exited = false
		before := uint64(n.height)
		n.live(at)
		n.print(at, before)
	}
}

func (n *node) up(at time.Duration) bool { return at >= n.began+n.Boot }

func (n *node) begin(at time.Duration, t Trouble) {
	switch t.Kind {
	case Wedges:
		if n.wedge == nil {
			n.wedge = &wedge{Trouble: t, since: at, synced: at-max(n.behind, n.began) < 20*time.Minute}
		}
	case Crashes:
		n.exited = true
		n.run(at + time.Second)
	case Returns:
		n.height -= float64(t.Behind)
		n.run(at)
	case StateSyncs:
		n.full = t.For
		if t.FromZero {
			n.height = 0
		}
		n.run(at)
	}
}

// run begins a run at a time.
func (n *node) run(at time.Duration) {
	n.ran, n.began, n.syncs, n.lines = n.began, at, n.full, nil
	n.readyAt, n.printed = at+n.Boot+n.Connect, false
	if n.wedge != nil && n.wedge.Cured {
		n.wedge = nil
	}
}

// restart is a restart at a time; it returns when that is done.
func (n *node) restart(at time.Duration) time.Duration {
	if n.wedge != nil {
		n.wedge.acted++
	}
	n.run(at + n.Stop)
	return at + n.Stop
}

// live imports the blocks of a tick.
func (n *node) live(at time.Duration) {
	head := float64(n.chain.height(at - time.Second))
	switch {
	case n.wedge != nil || at < n.readyAt:
	case n.full > 0:
		if n.syncs -= tick; n.syncs <= 0 {
			n.full, n.height = 0, max(n.height, head-200)
		}
	case head-n.height <= max(3, 15/n.chain.Block.Seconds()):
		n.height = max(n.height, head)
	default:
		n.height = min(head, n.height+n.speed(at)*tick.Seconds())
	}
	if head-n.height > max(3, 60/n.chain.Block.Seconds()) && n.wedge == nil {
		n.behind = at
	}
}

// speed is how many blocks a second it imports while it is behind.
func (n *node) speed(at time.Duration) float64 {
	speed := n.Gain + 1/n.chain.Block.Seconds()
	if n.Off == 0 {
		return speed
	}
	period := n.On + n.Off
	if at%period >= n.On {
		return 0
	}
	return speed * period.Seconds() / n.On.Seconds()
}

// print prints what a node prints in a tick.
func (n *node) print(at time.Duration, before uint64) {
	l := Line{At: start.Add(at), Block: uint64(n.height)}
	switch lag := n.chain.height(at) - l.Block; {
	case n.wedge != nil && n.wedge.Silent:
		return
	case n.Imports:
		if l.Block == before || n.full > 0 {
			return
		}
	case n.full > 0 && at >= n.readyAt:
		l.State = stateSync
	case n.wedge != nil && n.wedge.Says != "":
		l.State = n.wedge.Says
	case float64(lag) > max(5, 30/n.chain.Block.Seconds()) && n.wedge == nil:
		l.State = syncing
	default:
		l.State = idle
	}
	n.lines, n.printed = append(n.lines, l), true
}

// target is what its engine says of it.
func (n *node) target(at time.Duration) rule.Target {
	if at >= n.began {
		return rule.Target{Exists: true, Running: true, StartedAt: start.Add(n.began)}
	}
	return rule.Target{Exists: true, Restarting: n.exited, StartedAt: start.Add(n.ran)}
}

// what says in words what it is at.
func (n *node) what(at time.Duration) string {
	behind := float64(n.chain.height(at)) - n.height
	switch {
	case n.full > 0:
		return "it fetches a state"
	case behind > 5:
		return fmt.Sprintf("it is %.0f blocks behind and gains %g a second", behind, n.Gain)
	}
	return "it is at the head"
}
