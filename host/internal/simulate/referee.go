package simulate

import (
	"fmt"
	"slices"
	"time"
)

// Score is what came of a night.
type Score struct {
	Seed uint64
	// Acts are the restarts, from the start.
	Acts []time.Duration
	// Healthy is how many of them were of a node that needed none, or while the
	// network stood. Useless is how many did not help, these among them.
	Healthy, Useless int
	// Spree is how many restarts in six hours did not help, at most.
	Spree int
	// Missed is how many wedges were not restarted in time, Left how many others were
	// left to a person, for two restarts in six hours had not helped.
	Missed, Left int
	// Behind is how long the node was more than two minutes behind.
	Behind time.Duration
	// Faults say what was wrong.
	Faults []string
}

// The times in which a wedge must be restarted.
const (
	inTime = 12 * time.Minute
	// inTimeAfter holds for a node that was not long at the head, and after a time
	// in which nothing could be told.
	inTimeAfter = 25 * time.Minute
)

// referee knows what is true.
type referee struct {
	Score
	scene *scene
	// blind is when it was last so that nothing could be told.
	blind time.Duration
	// vain are the restarts of the last six hours that did not help.
	vain []time.Duration
}

// follow looks at the night at a time.
func (r *referee) follow(at time.Duration) {
	s := r.scene
	if float64(s.Chain.height(at))-s.node.height > max(3, 120/s.Chain.Block.Seconds()) {
		r.Behind += tick
	}
	if s.node.wedge == nil {
		return
	}
	if r.blinds(at) {
		r.blind = at
	}
	w := s.node.wedge
	if due := r.due(w); w.For == 0 && w.acted == 0 && !w.told && at > due {
		w.told = true
		r.forget(at)
		if l, ok := s.watcher.(interface{ Left() bool }); ok && l.Left() && len(r.vain) >= 2 {
			r.Left++
			return
		}
		r.Missed++
		r.fault(at, "is not restarted, wedged since %v", w.since)
	}
}

// blinds says whether nobody could tell a wedge: the network stands, or fewer than
// two sources tell the truth, or the node is not behind by as many blocks as count, or
// has not said since its start which block it has.
func (r *referee) blinds(at time.Duration) bool {
	honest, s := 0, r.scene
	for i := range s.Sources {
		if s.Sources[i].honest(at) {
			honest++
		}
	}
	fewBlocks := s.Chain.Block > 30*time.Second && float64(s.Chain.height(at))-s.node.height < 7
	return honest < 2 || s.Chain.halting(at) || fewBlocks || !s.node.printed
}

// unseen is how long nobody can see that a wedge has ended by itself.
func unseen(p Plan) time.Duration { return 2*interval + p.Off }

// due is when a wedge must have been restarted. With slow blocks it takes an hour to
// see whether a node gains.
func (r *referee) due(w *wedge) time.Duration {
	if r.blind > w.since || w.synced {
		due := max(w.since, r.blind) + inTimeAfter
		if r.scene.Chain.Block > time.Minute {
			due += time.Hour
		}
		return due
	}
	return w.since + inTime
}

// act judges a restart.
func (r *referee) act(at time.Duration) {
	r.Acts = append(r.Acts, at)
	w := r.scene.node.wedge
	switch {
	case w == nil && at < r.scene.node.healed+unseen(r.scene.node.Plan):
	case w == nil:
		r.Healthy++
		r.fault(at, "a node is restarted that needs none: %s", r.scene.node.what(at))
	case r.scene.halted(at):
		r.Healthy++
		r.fault(at, "a node is restarted while the network stands")
	case w.For > 0 && w.For <= hiccup:
		r.Healthy++
		r.fault(at, "a node is restarted that only paused, since %v", w.since)
	}
	if w == nil || !w.Cured {
		r.Useless++
		r.forget(at)
		r.vain = append(r.vain, at)
		r.Spree = max(r.Spree, len(r.vain))
	}
}

// forget forgets the restarts that did not help of more than six hours ago.
func (r *referee) forget(at time.Duration) {
	r.vain = slices.DeleteFunc(r.vain, func(t time.Duration) bool { return t <= at-6*time.Hour })
}

// halted says whether the network stands and this can be told; whether finality does
// only where most sources say it.
func (s *scene) halted(at time.Duration) bool {
	telling := 0
	for i := range s.Sources {
		if s.Sources[i].Finals && s.Sources[i].honest(at) {
			telling++
		}
	}
	return slices.ContainsFunc(s.Chain.Halts, func(h Halt) bool {
		return h.holds(at) && s.Chain.stood(h, at) && (!h.Finality || 2*telling > len(s.Sources))
	})
}

// hiccup is how long a node may stand still and be healthy.
const hiccup = 150 * time.Second

func (r *referee) fault(at time.Duration, format string, values ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf("%s, seed %d, at %v: ", r.scene.Name, r.scene.Seed, at)+fmt.Sprintf(format, values...))
}
