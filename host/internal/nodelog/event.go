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
