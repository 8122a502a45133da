package rule

import (
	"cmp"
	"strings"
	"time"
)

// Reading is what lines of the log say about a fact.
type Reading struct {
	// Value is a uint64 for a number of blocks, else a float64, a bool or a
	// string; nil where no line gave one.
	Value any       `json:"value,omitempty"`
	At    time.Time `json:"at,omitzero"`
	// Given says that a line gave the value, Doubt why it does not count any
	// more; a line that gives it again ends the doubt.
	Given bool   `json:"given,omitempty"`
	Doubt string `json:"doubt,omitempty"`
	// Prepared and Sealed are the steps of a block of the node's own. A reading
	// that has them has no value.
	Prepared bool `json:"prepared,omitempty"`
	Sealed   bool `json:"sealed,omitempty"`
}

// logFact is a built-in fact that lines of the log give.
type logFact struct {
	name string
	// missing says why the fact is unknown where no line gave it. A fact without
	// one is false then.
	missing string
	// restarts says that a doubt makes the reading start anew. Any other keeps
	// its value, for the next line to go on from.
	restarts bool
	effects  []effect
}

// effect is what an event of a kind does to a reading.
type effect struct {
	kind    EventKind
	apply   func(*Run, *Reading, Event)
	matters mattering
}

// mattering says which of several events make a difference at the end of them;
// [Log.Merge] leaves out the others.
type mattering int

const (
	// newest: the last one, which replaces whatever was before it.
	newest mattering = iota
	// newestOfKind: the last one, which replaces only events of its kind.
	newestOfKind
	// newestAndHighest: the last one, and the first of those with the highest
	// number.
	newestAndHighest
)

// logFacts are all of them. A new one needs a line here and one in [BuiltIn].
var logFacts = []logFact{
	{name: "synced", missing: "no synced block in this run's log", effects: []effect{{BlockImported, raiseSynced, newestAndHighest}}},
	{name: "finalized", missing: "no finalized block in this run's log", effects: []effect{{BlockFinalized, raise, newestAndHighest}}},
	{name: "session", missing: "no session line in this run's log", effects: []effect{{SessionStarted, setNumber, newest}}},
	{name: "major_sync", effects: []effect{{MajorSync, setTrue, newest}, {NotMajorSync, setFalse, newest}}},
	{name: "producing", restarts: true, effects: []effect{
		{BlockPrepared, setPrepared, newestOfKind}, {BlockSealed, setSealed, newestOfKind}, {SessionStarted, restart, newest}}},
}

// raise keeps the highest number, by whichever line says so: the line of a fork
// may say a lower one.
func raise(_ *Run, r *Reading, ev Event) {
	if before, ok := r.Value.(uint64); !ok || ev.Number > before {
		r.Value = ev.Number
	}
	r.At, r.Given, r.Doubt = ev.Time, true, ""
}

func raiseSynced(run *Run, r *Reading, ev Event) {
	before := r.Value
	if raise(run, r, ev); r.Value != before {
		run.RaisedAt = ev.Time
	}
}

func setNumber(_ *Run, r *Reading, ev Event) {
	*r = Reading{Value: ev.Number, At: ev.Time, Given: true}
}

func setTrue(_ *Run, r *Reading, ev Event) { *r = Reading{Value: true, At: ev.Time, Given: true} }

func setFalse(_ *Run, r *Reading, ev Event) { *r = Reading{Value: false, At: ev.Time, Given: true} }

func restart(_ *Run, r *Reading, ev Event) { *r = Reading{At: ev.Time} }

func setPrepared(_ *Run, r *Reading, ev Event) { r.setSteps(true, r.Sealed, ev.Time) }

func setSealed(_ *Run, r *Reading, ev Event) { r.setSteps(r.Prepared, true, ev.Time) }

// setSteps ends a doubt only with both steps: one of them may have been among
// lines that are missing, and then nothing was produced.
func (r *Reading) setSteps(prepared, sealed bool, at time.Time) {
	r.Prepared, r.Sealed, r.At = prepared, sealed, at
	if prepared && sealed {
		r.Doubt = ""
	}
}

// read takes one event.
func (r *Run) read(ev Event) {
	switch ev.Kind {
	case FactGiven:
		r.setReading(CustomPrefix+ev.Name, Reading{Value: ev.Value, At: ev.Time, Given: true})
	case FactUnknown:
		r.doubt(ev.Name, cmp.Or(ev.Text, "the log does not tell"))
	case FatalCause:
		if ev.Cures {
			r.Trouble = &ev
		} else {
			r.Cause = &ev
		}
	}
	for _, f := range logFacts {
		for _, effect := range f.effects {
			if effect.kind == ev.Kind {
				reading := r.Readings[f.name]
				effect.apply(r, &reading, ev)
				r.setReading(f.name, reading)
			}
		}
	}
}

// mostFacts bounds the facts that a parser may name.
const mostFacts = 1000

func (r *Run) setReading(fact string, reading Reading) {
	if r.Readings == nil {
		r.Readings = map[string]Reading{}
	}
	if _, ok := r.Readings[fact]; ok || !IsCustom(fact) || len(r.Readings) < mostFacts {
		r.Readings[fact] = reading
	}
}

// doubt makes a fact unknown until a line gives it again. A name that is no
// built-in fact is one of the parser's.
func (r *Run) doubt(name, why string) {
	reading := Reading{}
	if f := logFactOf(name); f == nil {
		name = CustomPrefix + name
		reading = r.Readings[name]
	} else if !f.restarts {
		reading = r.Readings[name]
	}
	reading.Doubt = why
	r.setReading(name, reading)
}

// doubtAll is what a gap does: every reading is in doubt. A fatal cause stays,
// for no later line takes one back.
func (r *Run) doubtAll(why string) {
	for _, f := range logFacts {
		r.doubt(f.name, why)
	}
	for name := range r.Readings {
		if own, ok := strings.CutPrefix(name, CustomPrefix); ok {
			r.doubt(own, why)
		}
	}
}

func logFactOf(name string) *logFact {
	for i := range logFacts {
		if logFacts[i].name == name {
			return &logFacts[i]
		}
	}
	return nil
}
