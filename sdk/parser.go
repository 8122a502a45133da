package sdk

// LogParser turns the lines of a log into events. S is what it has to remember
// from line to line, a struct that survives being written as JSON; struct{}
// where it remembers nothing.
type LogParser[S any] interface {
	// ParseLine reads one line and emits what it says, in order. It depends on
	// nothing but state and line, keeps no reference to line.Text, and never
	// fails: a line that says nothing emits nothing. state starts as the zero
	// value with every run of a target. One process serves many logs, so
	// ParseLine may be called from several goroutines, each with its own
	// state.
	ParseLine(state *S, line Line, emit func(Event))
}

// Event is what a line says about a node: one of [BlockImported], [BlockBest],
// [BlockFinalized], [BlockProduced], [SyncState], [SessionStarted],
// [NodeStarted], [FatalCause], [Fact] and [FactUnknown].
type Event interface{ event() }

// BlockImported says that the node has the block of this height, by whichever
// line says so: an import, best or not, a status line, or the baseline after a
// start. The host takes the highest of a run, unless [BlockBest] says more.
type BlockImported struct {
	Number uint64
	// Hash is empty where the line does not say it.
	Hash string
}

// BlockBest says that the block is the best of the node's own chain, as status
// lines do. It may be lower than the one before: blocks above it that were
// imported before do not count any more, those after it do until the next such
// event. A host that does not know it takes it for a [BlockImported].
type BlockBest struct {
	Number uint64
	// Hash is empty where the line does not say it.
	Hash string
}

// BlockFinalized says that the node holds the block of this height for final.
type BlockFinalized struct {
	Number uint64
	// Hash is empty where the line does not say it.
	Hash string
}

// ProductionStep is a step on the way to a block of the node's own.
type ProductionStep int

// A node counts as producing once both steps were seen in a session.
const (
	Prepared ProductionStep = iota + 1
	Sealed
)

// BlockProduced is one step of making a block of the node's own. A parser leaves
// out one that is more than ten blocks below the node's own best: no network
// takes it.
type BlockProduced struct {
	Number uint64
	Step   ProductionStep
}

// SyncState says whether the node calls itself far behind and catching up.
type SyncState struct{ Major bool }

// SessionStarted says that a new session of the chain began.
type SessionStarted struct{ Number uint64 }

// NodeStarted is the banner of a node that starts. It confirms a new run; the
// run itself begins with the target's start.
type NodeStarted struct{ Version string }

// FatalCause is a line after which the node cannot do its work.
type FatalCause struct {
	// Kind is a short word. "equivocation" is one that the host knows: a node that
	// signs twice makes progress all the while, which ends any other cause.
	Kind string
	// Message is what the node said.
	Message string
	// RestartCures says whether a restart may help. Where it is false, the host
	// restarts nothing in this run and calls for a person, until another version
	// starts or the node makes progress.
	RestartCures bool
}

// Fact is any other value. Rules read it as fact.NAME.
type Fact struct {
	// Name is letters, digits, "_" and "-", and begins with no digit. An event
	// with another name is left out, and logged as a mistake.
	Name string
	// Value is a float64, a bool or a string.
	Value any
}

// FactUnknown says that a value cannot be told from this log until an event
// says it again.
type FactUnknown struct {
	// Name is "synced", "finalized", "major_sync", "producing", "session" or
	// the name of a [Fact].
	Name string
	// Reason says why and what to set; it stands in the verdict.
	Reason string
}

func (BlockImported) event()  {}
func (BlockBest) event()      {}
func (BlockFinalized) event() {}
func (BlockProduced) event()  {}
func (SyncState) event()      {}
func (SessionStarted) event() {}
func (NodeStarted) event()    {}
func (FatalCause) event()     {}
func (Fact) event()           {}
func (FactUnknown) event()    {}
