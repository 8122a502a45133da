package nodelog

import (
	"slices"
	"time"
)

// EventKind says what a line of the log says.
type EventKind string

// The kinds of events, as traces spell them.
const (
	BlockImported  EventKind = "block_imported"
	BlockBest      EventKind = "block_best"
	BlockFinalized EventKind = "block_finalized"
	BlockPrepared  EventKind = "block_prepared"
	BlockSealed    EventKind = "block_sealed"
	MajorSync      EventKind = "major_sync"
	NotMajorSync   EventKind = "not_major_sync"
	SessionStarted EventKind = "session_started"
	NodeStarted    EventKind = "node_started"
	FatalCause     EventKind = "fatal_cause"
	FactGiven      EventKind = "fact"
	FactUnknown    EventKind = "fact_unknown"
)

// Known says whether k is one of the kinds above.
func (k EventKind) Known() bool {
	switch k {
	case NodeStarted, FatalCause, FactGiven, FactUnknown:
		return true
	}
	return slices.ContainsFunc(logFacts, func(f logFact) bool {
		return slices.ContainsFunc(f.effects, func(e effect) bool { return e.kind == k })
	})
}

// Event is what one line of the log says.
type Event struct {
	// Time is the engine's stamp of the line.
	Time time.Time `json:"t,omitzero"`
	Kind EventKind `json:"kind"`
	// Number is the block or the session.
	Number uint64 `json:"number,omitempty"`
	// Name is the kind of a fatal cause, or the name of a fact.
	Name string `json:"name,omitempty"`
	// Text is what the node said, or why a fact is unknown.
	Text string `json:"text,omitempty"`
	// Cures says that a restart may cure a fatal cause.
	Cures bool `json:"cures,omitempty"`
	// Value is the value of a fact: a float64, a bool or a string.
	Value any `json:"value,omitempty"`
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
	apply   func(*Readings, *Reading, Event)
	matters mattering
}

// mattering says which of several events make a difference at the end of them;
// [Essential] leaves out the others.
type mattering int

const (
	// newest: the last one, which replaces whatever was before it.
	newest mattering = iota
	// newestOfKind: the last one, which replaces only events of its kind.
	newestOfKind
	// newestAndHighest: the last one, and the first of those with the highest
	// number.
	newestAndHighest
	// ofBlocks: as the blocks before and after it say.
	ofBlocks
)

// logFacts are all of them. A new one needs a line here and one in [fact.BuiltIn].
var logFacts = []logFact{
	{name: "synced", missing: "no synced block in this run's log", effects: []effect{{BlockImported, importBlock, ofBlocks}, {BlockBest, confirmBest, ofBlocks}}},
	{name: "finalized", missing: "no finalized block in this run's log", effects: []effect{{BlockFinalized, raise, newestAndHighest}}},
	{name: "session", missing: "no session line in this run's log", effects: []effect{{SessionStarted, setNumber, newest}}},
	{name: "major_sync", effects: []effect{{MajorSync, setTrue, newest}, {NotMajorSync, setFalse, newest}}},
	{name: "producing", restarts: true, effects: []effect{
		{BlockPrepared, setPrepared, newestOfKind}, {BlockSealed, setSealed, newestOfKind}, {SessionStarted, restart, newest}}},
}
