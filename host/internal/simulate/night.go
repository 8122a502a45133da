package simulate

import (
	"math/rand/v2"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// interval is the time between two checks.
const interval = time.Minute

// start is when every night begins.
var start = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// Night is what happens in a night, but for what a watcher does.
type Night struct {
	Name    string
	Seed    uint64
	Length  time.Duration
	Chain   Chain
	Sources []Source
	Node    Plan
}

// Watcher decides when a node is restarted.
type Watcher interface {
	Observe(now time.Time, o rule.Observation)
	// Check says whether the node is to be restarted now.
	Check(now time.Time) bool
}

// Run lets a watcher live through the night.
func (n Night) Run(w Watcher) Score {
	n.Chain.grow(rand.New(rand.NewPCG(n.Seed, 1)), n.Length)
	s := &scene{Night: n, watcher: w, node: newNode(n.Node, &n.Chain)}
	s.referee = referee{scene: s}
	for at := time.Duration(0); at <= n.Length; at += tick {
		s.node.step(at)
		s.referee.follow(at)
		if !s.busy.holds(at) && at%interval == 0 {
			s.check(at)
		}
	}
	return s.referee.Score
}

// scene is a night that is being lived through.
type scene struct {
	Night
	watcher Watcher
	node    *node
	referee referee
	checks  int
	// busy is the act that is under way.
	busy  Span
	acted bool
}

// check shows the watcher what there is to see, and does what it decides.
func (s *scene) check(at time.Duration) {
	now := start.Add(at)
	if s.acted {
		s.watcher.Observe(start.Add(s.busy.To), rule.Action{Outcome: rule.Done})
		s.acted = false
	}
	s.watcher.Observe(now, s.node.target(at))
	for i := range s.Sources {
		s.watcher.Observe(now, s.Sources[i].answer(&s.Chain, at, s.checks))
	}
	s.watcher.Observe(now, s.read(now))
	s.checks++
	if s.watcher.Check(now) {
		s.referee.act(at)
		s.busy, s.acted = Span{at, s.node.restart(at)}, true
	}
}

// read is what the node has printed since the last check.
func (s *scene) read(now time.Time) rule.Log {
	log := rule.Log{Lines: len(s.node.lines)}
	var events []nodelog.Event
	for _, line := range s.node.lines {
		log.Last = line.At
		events = append(events, line.Events()...)
	}
	log.Events, s.node.lines = nodelog.Essential(events), s.node.lines[:0]
	return log
}

// Log is what the node prints while nobody restarts it.
func (n Night) Log() []Line {
	n.Chain.grow(rand.New(rand.NewPCG(n.Seed, 1)), n.Length)
	node, log := newNode(n.Node, &n.Chain), []Line{}
	for at := time.Duration(0); at <= n.Length; at += tick {
		node.step(at)
		log = append(log, node.lines...)
		node.lines = nil
	}
	return log
}
