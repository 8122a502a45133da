package rule

import (
	"reflect"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
)

// Observation is something that was seen, in the form that traces have too: one
// of [Target], [Head], [HeadError], [Node], [NodeError],
// [Log], [LogError], [LogGap], [Action] and [Pause].
type Observation interface{ observation() }

// Target is what the target was.
type Target struct {
	// Exists is false where there is no such target.
	Exists     bool      `json:"exists"`
	Running    bool      `json:"running"`
	Paused     bool      `json:"paused,omitempty"`
	Restarting bool      `json:"restarting,omitempty"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	// Began is StartedAt as this machine's clock told it, where that differs from
	// the clock that StartedAt was told by.
	Began    time.Time `json:"began,omitzero"`
	ExitCode *int      `json:"exit_code,omitempty"`
	// StartedBy says who started the run: see [acts.ByPolicy]; empty where that is
	// not known.
	StartedBy string `json:"started_by,omitempty"`
	OOMKilled bool   `json:"oom_killed,omitempty"`
	// Name is what the engine calls it; empty leaves the configured one.
	Name string `json:"name,omitempty"`
	// Error says that its state cannot be read, and why; then nothing else
	// counts.
	Error string `json:"error,omitempty"`
	// MayStart says that it exited by itself and may be started.
	MayStart bool `json:"may_start,omitempty"`
	// Refuse says why it must not be acted on.
	Refuse string `json:"refuse,omitempty"`
	// Hazards are what makes it dangerous to act on it.
	Hazards []Hazard `json:"hazards,omitempty"`
}

// Hazard makes it dangerous to act on a target.
type Hazard struct {
	ID    string      `json:"id"`
	Level HazardLevel `json:"level"`
	What  string      `json:"what"`
	Mend  string      `json:"mend,omitempty"`
}

// HazardLevel says how dangerous a hazard is.
type HazardLevel string

// The levels of hazards.
const (
	HazardRefuse HazardLevel = "refuse"
	HazardWarn   HazardLevel = "warn"
	HazardNote   HazardLevel = "note"
)

// says tells whether the observation has anything to say about a run.
func (t Target) says() bool { return t.Error == "" && t.Exists && !t.StartedAt.IsZero() }

// began is when the run began by this machine's clock.
func (t Target) began() time.Time {
	if t.Began.IsZero() {
		return t.StartedAt
	}
	return t.Began
}

// beganWithin is how much two readings of a difference between clocks may differ
// by: one is as good as the other.
const beganWithin = 5 * time.Second

// Equal says that two observations of a target are the same. One that follows
// its like says nothing new to an engine.
func (t Target) Equal(other Target) bool {
	same := t.Began.IsZero() == other.Began.IsZero() && t.Began.Sub(other.Began).Abs() <= beganWithin &&
		t.StartedAt.Equal(other.StartedAt) && t.FinishedAt.Equal(other.FinishedAt) && (t.ExitCode == nil) == (other.ExitCode == nil) &&
		(t.ExitCode == nil || *t.ExitCode == *other.ExitCode)
	t.StartedAt, t.FinishedAt, t.Began, t.ExitCode = other.StartedAt, other.FinishedAt, other.Began, other.ExitCode
	return same && reflect.DeepEqual(t, other)
}

// Head is what a head source answered.
type Head struct {
	Source    string  `json:"source"`
	Best      uint64  `json:"best"`
	Finalized *uint64 `json:"finalized,omitempty"`
	Hash      string  `json:"hash,omitempty"`
	// BlockTime is when the block was made; zero where the chain does not say.
	BlockTime time.Time `json:"block_time,omitzero"`
	Endpoint  string    `json:"endpoint,omitempty"`
	// Provider is who runs the endpoint, where the source says it, Chain what the
	// source calls its chain. Syncing is its own word that it is behind, or not, and
	// Peers how many it has; nil where it does not say. Progress is another figure
	// than before where a sync went on without blocks.
	Provider string  `json:"provider,omitempty"`
	Chain    string  `json:"chain,omitempty"`
	Syncing  *bool   `json:"syncing,omitempty"`
	Peers    *uint64 `json:"peers,omitempty"`
	Progress *uint64 `json:"progress,omitempty"`
}

// HeadError says that a head source answered with an error.
type HeadError struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// Node is what the node's own endpoint answered, and NodeError says that it answered
// with an error.
type (
	Node      Head
	NodeError HeadError
)

// Log is a piece of the log that was read, up to the time of the observation.
// One without lines says that there was nothing to read, which is evidence too.
type Log struct {
	// Lines is the number of lines read.
	Lines int `json:"lines"`
	// Last is the stamp of the last of them.
	Last time.Time `json:"last,omitzero"`
	// Events are what the lines say, in their order.
	Events []nodelog.Event `json:"events,omitempty"`
	// Partial says that more lines of the past are to come: a log that could
	// not be read stays unreadable, for no check may rest on half a backlog.
	Partial bool `json:"partial,omitempty"`
}

// Merge joins two readings of a log, of which next came right after l, and
// leaves out what makes no difference to an engine at the end of both. The events
// must carry the engine's times, and both be partial or neither.
func (l Log) Merge(next Log) Log {
	l.Lines += next.Lines
	if next.Lines > 0 {
		l.Last = next.Last
	}
	l.Events = nodelog.Essential(append(l.Events[:len(l.Events):len(l.Events)], next.Events...))
	return l
}

// LogError says that the log cannot be read from now on.
type LogError struct {
	Error string `json:"error"`
}

// LogGap says that lines are missing before those that follow.
type LogGap struct {
	Reason string `json:"reason"`
}

// Outcome is what became of an action.
type Outcome string

// The outcomes of an action.
const (
	Done    Outcome = "done"
	NotDone Outcome = "not_done"
	Failed  Outcome = "failed"
	// Unclear is an outcome that could not be told: it counts as done.
	Unclear Outcome = "unknown"
)

// Known says whether o is one of the outcomes above.
func (o Outcome) Known() bool {
	switch o {
	case Done, NotDone, Failed, Unclear:
		return true
	}
	return false
}

// Action is something that was done to the target, at the time of the
// observation.
type Action struct {
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
	// Killed says that the target did not stop by itself, StopTook how long it took
	// to stop, in seconds, and ExitCode how the run ended; nil where it is not known.
	Killed   bool    `json:"killed,omitempty"`
	StopTook float64 `json:"stop_took,omitempty"`
	ExitCode *int    `json:"exit_code,omitempty"`
	// Assumed says that a replay takes the action for done; an action that was
	// observed replaces it.
	Assumed bool `json:"-"`
	// Expected says of an assumed action that the next one observed is this one.
	Expected bool `json:"-"`
}

func (Target) observation()    {}
func (Head) observation()      {}
func (HeadError) observation() {}
func (Node) observation()      {}
func (NodeError) observation() {}
func (Log) observation()       {}
func (LogError) observation()  {}
func (LogGap) observation()    {}
func (Action) observation()    {}
func (Pause) observation()     {}
