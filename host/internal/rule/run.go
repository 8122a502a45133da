package rule

import "time"

// runState is what one run of the target has shown. A new run starts with an
// empty one: lines of an earlier run say nothing about this one.
type runState struct {
	// startedAt is the start as the target gives it, began the same on the
	// engine's clock and never in its future; zero where it is not known.
	startedAt, began time.Time
	lastLine         time.Time
	// gap is the newest place at which lines are missing.
	gap *Gap

	synced    reading[uint64]
	raisedAt  time.Time
	finalized reading[uint64]
	session   reading[uint64]
	major     reading[bool]
	producing production
	facts     map[string]reading[any]
	// cause is the newest fatal cause that no restart cures.
	cause *Event
	// trouble is the newest fatal cause that a restart may cure.
	trouble *Event

	// before is the check before this one, where it knew synced.
	before *sample
	// trend are the checks of the window of falling_behind.
	trend []sample
	// since is when the condition of a rule began to hold, by rule.
	since map[string]time.Time
}

// sample is what one check saw.
type sample struct {
	at     time.Time
	synced uint64
	lag    uint64
	lagOK  bool
}

// reading is a value that lines of the log give.
type reading[T any] struct {
	value T
	at    time.Time
	// given says that a line gave the value, doubt why it does not count any
	// more; a line that gives it again ends the doubt.
	given bool
	doubt string
}

func (r *reading[T]) take(value T, at time.Time) { *r = reading[T]{value: value, at: at, given: true} }

// production follows the steps of a block of the node's own since the newest
// session began. No such line means false, unless lines are missing.
type production struct {
	prepared, sealed bool
	at               time.Time
	doubt            string
}

func (p production) is() bool { return p.prepared && p.sealed }

func (p *production) step(at time.Time, prepared, sealed bool) {
	p.prepared = p.prepared || prepared
	p.sealed = p.sealed || sealed
	p.at = at
	if p.is() {
		p.doubt = ""
	}
}

// take reads one event.
func (r *runState) take(ev Event) {
	switch ev.Kind {
	case BlockImported:
		r.takeBlock(ev)
	case BlockFinalized:
		if ev.Number >= r.finalized.value {
			r.finalized.take(ev.Number, ev.Time)
		}
		r.finalized.doubt = ""
	case BlockPrepared:
		r.producing.step(ev.Time, true, false)
	case BlockSealed:
		r.producing.step(ev.Time, false, true)
	case MajorSync, NotMajorSync:
		r.major.take(ev.Kind == MajorSync, ev.Time)
	case SessionStarted:
		r.session.take(ev.Number, ev.Time)
		r.producing = production{at: ev.Time}
	case FatalCause:
		r.takeCause(ev)
	case FactGiven:
		r.takeFact(ev)
	case FactUnknown:
		r.doubtFact(ev.Name, orElse(ev.Text, "the log does not tell"))
	}
}

// takeBlock raises synced: the highest block of the run, by whichever line
// says so. A fork's line may be lower.
func (r *runState) takeBlock(ev Event) {
	if !r.synced.given || ev.Number > r.synced.value {
		r.synced.take(ev.Number, ev.Time)
		r.raisedAt = ev.Time
	}
	r.synced.at, r.synced.doubt = ev.Time, ""
}

func (r *runState) takeCause(ev Event) {
	if ev.Cures {
		r.trouble = &ev
		return
	}
	r.cause = &ev
}

func (r *runState) takeFact(ev Event) {
	if r.facts == nil {
		r.facts = map[string]reading[any]{}
	}
	r.facts[ev.Name] = reading[any]{value: ev.Value, at: ev.Time, given: true}
}

// doubtFact makes what was read unknown until a line says it again.
func (r *runState) doubtFact(name, why string) {
	switch name {
	case "synced":
		r.synced.doubt = why
	case "finalized":
		r.finalized.doubt = why
	case "session":
		r.session.doubt = why
	case "major_sync":
		r.major.doubt = why
	case "producing":
		r.producing = production{doubt: why}
	default:
		if r.facts == nil {
			r.facts = map[string]reading[any]{}
		}
		fact := r.facts[name]
		fact.doubt = why
		r.facts[name] = fact
	}
}

// forget is what a gap does: every reading is in doubt. A fatal cause stays,
// for no later line takes one back.
func (r *runState) forget(why string) {
	for _, name := range []string{"synced", "finalized", "session", "major_sync", "producing"} {
		r.doubtFact(name, why)
	}
	for name := range r.facts {
		r.doubtFact(name, why)
	}
}
