package nodelog

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Readings are what the events of one run leave known.
type Readings struct {
	// Of are the readings of facts, by the name of the fact.
	Of map[string]Reading
	// Confirmed is the newest best block that a line named, at ConfirmedAt; zero for
	// none. A block that was merely imported counts until the next such line.
	Confirmed   uint64
	ConfirmedAt time.Time
	// RaisedAt is the time of the line that last raised synced, or the confirmed
	// best while lines name it.
	RaisedAt time.Time
	// Version is what the newest start of the node said of its version.
	Version string
	// Cause is the newest fatal cause that no restart cures, Trouble the newest
	// that a restart may cure. A start of another version and real progress end both.
	Cause, Trouble *Event
}

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

// Synced is the newest block that the log shows the node to have; not ok where that
// is not known.
func (r *Readings) Synced() (height uint64, ok bool) {
	reading := r.Of["synced"]
	height, ok = reading.Value.(uint64)
	return height, ok && reading.Doubt == ""
}

// raise keeps the highest number, by whichever line says so: the line of a fork
// may say a lower one.
func raise(_ *Readings, r *Reading, ev Event) {
	if before, ok := r.Value.(uint64); !ok || ev.Number > before {
		r.Value = ev.Number
	}
	r.At, r.Given, r.Doubt = ev.Time, true, ""
}

// importBlock raises synced.
func importBlock(all *Readings, r *Reading, ev Event) {
	before := r.Value
	if raise(all, r, ev); r.Value != before && (all.Confirmed == 0 || ev.Time.Sub(all.ConfirmedAt) > bestLasts) {
		all.RaisedAt = ev.Time
	}
}

// bestLasts is how long a line about the best block says that imports alone are no
// progress: a node that syncs, or another version of it, may name none.
const bestLasts = 2 * time.Minute

// confirmBest sets synced, also to a lower block than was imported: that one is
// on another branch.
func confirmBest(all *Readings, r *Reading, ev Event) {
	before := all.Confirmed
	if value, ok := r.Value.(uint64); ok && before == 0 {
		before = value
	}
	if ev.Number > before {
		all.RaisedAt = ev.Time
	}
	all.Confirmed, all.ConfirmedAt = ev.Number, ev.Time
	setNumber(all, r, ev)
}

func setNumber(_ *Readings, r *Reading, ev Event) {
	*r = Reading{Value: ev.Number, At: ev.Time, Given: true}
}

func setTrue(_ *Readings, r *Reading, ev Event) { *r = Reading{Value: true, At: ev.Time, Given: true} }

func setFalse(_ *Readings, r *Reading, ev Event) {
	*r = Reading{Value: false, At: ev.Time, Given: true}
}

func restart(_ *Readings, r *Reading, ev Event) { *r = Reading{At: ev.Time} }

func setPrepared(_ *Readings, r *Reading, ev Event) { r.setSteps(true, r.Sealed, ev.Time) }

func setSealed(_ *Readings, r *Reading, ev Event) { r.setSteps(r.Prepared, true, ev.Time) }

// setSteps ends a doubt only with both steps: one of them may have been among
// lines that are missing, and then nothing was produced.
func (r *Reading) setSteps(prepared, sealed bool, at time.Time) {
	r.Prepared, r.Sealed, r.At = prepared, sealed, at
	if prepared && sealed {
		r.Doubt = ""
	}
}

// Read takes one event. Block 0 is there before any was synced.
func (r *Readings) Read(ev Event) {
	if ev.Number == 0 && (ev.Kind == BlockImported || ev.Kind == BlockBest) {
		return
	}
	switch ev.Kind {
	case FactGiven:
		r.set(fact.CustomPrefix+ev.Name, Reading{Value: ev.Value, At: ev.Time, Given: true})
	case FactUnknown:
		r.doubt(ev.Name, cmp.Or(ev.Text, "the log does not tell"))
	case NodeStarted:
		r.started(ev.Text)
	case FatalCause:
		r.stop(ev)
	case BlockImported, BlockBest:
		r.overcome(ev)
	}
	for _, f := range logFacts {
		for _, effect := range f.effects {
			if effect.kind == ev.Kind {
				reading := r.Of[f.name]
				effect.apply(r, &reading, ev)
				r.set(f.name, reading)
			}
		}
	}
}

// MostFacts bounds the facts that a parser may name.
const MostFacts = 1000

func (r *Readings) set(name string, reading Reading) {
	if r.Of == nil {
		r.Of = map[string]Reading{}
	}
	if _, ok := r.Of[name]; ok || !fact.IsCustom(name) || len(r.Of) < MostFacts {
		r.Of[name] = reading
	}
}

// doubt makes a fact unknown until a line gives it again. A name that is no
// built-in fact is one of the parser's.
func (r *Readings) doubt(name, why string) {
	reading := Reading{}
	if f := logFactOf(name); f == nil {
		name = fact.CustomPrefix + name
		reading = r.Of[name]
	} else if !f.restarts {
		reading = r.Of[name]
	}
	reading.Doubt = why
	r.set(name, reading)
}

// DoubtAll is what a gap does: every reading is in doubt. A fatal cause stays:
// the lines that are missing may have said it again.
func (r *Readings) DoubtAll(why string) {
	for _, f := range logFacts {
		r.doubt(f.name, why)
	}
	for name := range r.Of {
		if own, ok := strings.CutPrefix(name, fact.CustomPrefix); ok {
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

// Facts are the facts that lines give: the built-in ones, then those of the
// parser by name. A text in unreadable says why nothing that was read counts.
func (r Readings) Facts(unreadable string) fact.List {
	var all fact.List
	for _, f := range logFacts {
		all = append(all, r.Of[f.name].of(fact.BuiltIn().Get(f.name), f.missing, unreadable))
	}
	for name, reading := range r.Of {
		if fact.IsCustom(name) {
			all = append(all, reading.of(fact.Fact{Name: name, Kind: fact.Number}, "no line gave it", unreadable))
		}
	}
	slices.SortFunc(all[len(logFacts):], func(x, y fact.Fact) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// of is f with the value of the reading. Where no line gave one, missing says
// why it is unknown; unreadable says why nothing that was read counts.
func (r Reading) of(f fact.Fact, missing, unreadable string) fact.Fact {
	if unreadable != "" {
		f.Missing = unreadable
		return f
	}
	f.At = r.At
	switch value := r.Value.(type) {
	case uint64:
		f.Kind, f.Count = fact.Blocks, value
	case bool:
		f.Kind, f.Truth = fact.Truth, value
	case string:
		f.Kind, f.Text = fact.Text, value
	case float64:
		f.Kind, f.Number = fact.Number, value
		if math.IsNaN(value) {
			f.Missing = "the parser gave no number"
		}
	default:
		f.Truth = r.Prepared && r.Sealed
		f.Missing = missing
		if r.Given {
			f.Missing = fmt.Sprintf("the parser gave a %T", value)
		}
	}
	f.Missing = cmp.Or(r.Doubt, f.Missing)
	f.Known = f.Missing == ""
	return f
}
