package rule

import (
	"encoding/json"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/deepcopy"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/pace"
	"github.com/headwatch/headwatch/host/internal/witness"
)

// State is all that an engine remembers, so that another can go on from there.
// What the JSON form leaves out is of no use to another host.
//
// Its times are told by the engine's clock, but for those that came from
// elsewhere: see [State.Times].
type State struct {
	// First is when the engine saw something first, Now the newest time it has
	// seen: an engine never goes back.
	First time.Time `json:"first,omitzero" clock:"other"`
	Now   time.Time `json:"-"`
	// Name is what sentences call the target.
	Name   string                `json:"name,omitempty"`
	Target *Target               `json:"target,omitempty" clock:"other"`
	Heads  map[string]HeadReport `json:"heads,omitempty"`
	// Network is what the judge of heads remembers, Halt what is remembered of a halt
	// of the network.
	Network judge.Memory `json:"network,omitzero"`
	Halt    judge.Halt   `json:"halt,omitzero"`
	// Unreadable says why the log cannot be read, since when UnreadableSince.
	Unreadable      string    `json:"unreadable,omitempty"`
	UnreadableSince time.Time `json:"unreadable_since,omitzero"`
	Run             Run       `json:"run,omitzero"`
	// Acts is what was done to the target, and what came of it.
	Acts acts.Ledger `json:"acts,omitzero"`
	// Pause is a person's word to do nothing; nil for none.
	Pause *Pause `json:"pause,omitempty"`
	// Done is when something was last done to the target or may have been,
	// Failed when that last failed.
	Done   time.Time `json:"done,omitzero"`
	Failed time.Time `json:"failed,omitzero"`
	// Checked is when the last check was made.
	Checked time.Time `json:"checked,omitzero"`
	// Fetched is the number of log lines read since the last check.
	Fetched int `json:"fetched,omitempty"`
	// UnknownSince is since when every verdict has been unknown.
	UnknownSince time.Time `json:"unknown_since,omitzero"`

	// Hold is a reason of the host's own to act on nothing.
	Hold string `json:"-"`
	// Actions are the newest actions, the last of them the newest.
	Actions []PastAction `json:"-"`
	// Assumed is what an action changed that a replay assumed; nil without one.
	Assumed *BeforeAction `json:"-"`
}

// HeadReport is the newest answer of a head source: a head, or an error.
type HeadReport struct {
	At    time.Time `json:"at"`
	Head  Head      `json:"head,omitzero" clock:"other"`
	Error string    `json:"error,omitempty"`
	// Ahead is how far the block's time was in the future when the answer came; zero
	// for not at all.
	Ahead time.Duration `json:"ahead,omitempty"`
}

// PastAction is an action with its time.
type PastAction struct {
	At     time.Time
	Action Action
}

// BeforeAction is what an action changes, as it was before.
type BeforeAction struct {
	Done, Failed time.Time
	Trend        []pace.Sample
	Acts         acts.Ledger
}

// Run is what one run of the target has shown. A new run starts with an empty
// one: lines of an earlier run say nothing about this one.
type Run struct {
	// StartedAt is the start as the target gives it, Began the same on the
	// engine's clock and never in its future; zero where it is not known.
	StartedAt time.Time `json:"started_at,omitzero" clock:"other"`
	Began     time.Time `json:"began,omitzero"`
	LastLine  time.Time `json:"last_line,omitzero"`
	// Gap is the newest place at which lines are missing.
	Gap *Gap `json:"gap,omitempty"`
	// Log is what the log of this run says. Its members stand beside the others
	// in JSON.
	Log nodelog.Readings `json:"-"`
	// Node is what the node's own endpoint says of this run.
	Node witness.Report `json:"node,omitzero"`

	// Before is the check before this one, where it knew synced.
	Before *pace.Sample `json:"before,omitempty"`
	// Trend are the checks of the window of falling_behind.
	Trend []pace.Sample `json:"trend,omitempty"`
	// Climb are the checks of the window of catching_up, GainedAt the newest at which
	// the node gained on the network, or since when a run is given time to.
	Climb    judge.Climb `json:"climb,omitempty"`
	GainedAt time.Time   `json:"gained_at,omitzero"`
	Phase    judge.Phase `json:"phase,omitzero"`
	// Since is when the condition of a rule began to hold, by rule.
	Since map[string]time.Time `json:"since,omitempty"`
}

// MarshalJSON writes the run with the readings of its log as one object.
func (r Run) MarshalJSON() ([]byte, error) {
	type plain Run
	object := map[string]json.RawMessage{}
	text, err := json.Marshal(plain(r))
	if err == nil {
		err = json.Unmarshal(text, &object)
	}
	if err == nil {
		err = r.Log.Members(object)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Run) UnmarshalJSON(text []byte) error {
	type plain Run
	if err := json.Unmarshal(text, (*plain)(r)); err != nil {
		return err
	}
	return json.Unmarshal(text, &r.Log)
}

// Gap is a place in the log at which lines are missing.
type Gap struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Snapshot is what the engine knows. It shares nothing with the engine.
func (e *Engine) Snapshot() State { return e.state.clone() }

// Clone is an engine that knows the same and shares nothing that changes.
func (e *Engine) Clone() *Engine {
	c := *e
	c.state = e.state.clone()
	return &c
}

// Resume makes the engine know what another knew at time now, and forget
// everything else. Time may go back with it: a snapshot is what a clock that
// was set is answered with.
func (e *Engine) Resume(now time.Time, s State) {
	e.state = s.clone()
	e.state.Now = now
	if e.state.Name == "" {
		e.state.Name = e.settings.Name
	}
}

// Lasting is the part of a state that outlives every host: what was done and what
// came of it, a person's pause, and what a chain needs for a block.
type Lasting struct {
	Acts      acts.Ledger   `json:"acts,omitzero"`
	Pause     *Pause        `json:"pause,omitempty"`
	BlockTime time.Duration `json:"block_time,omitempty"`
}

// Lasting is that part of the state.
func (s State) Lasting() Lasting { return Lasting{s.Acts, s.Pause, s.Network.BlockTime} }

// Recall makes the engine know at time now what an earlier host kept. A time in the future is
// read as now: a clock that was set back lengthens nothing.
func (e *Engine) Recall(now time.Time, kept Lasting) {
	e.advance(now)
	kept = deepcopy.Of(kept, e.stamp)
	e.state.Acts = e.state.Acts.Join(kept.Acts)
	if e.state.Pause == nil {
		e.state.Pause = kept.Pause
	}
	if e.state.Network.BlockTime == 0 {
		e.state.Network.BlockTime = kept.BlockTime
	}
}

// Memory is the part of a state that can be read from nobody again: what the
// checks of this run saw, and since when. All else an engine is told anew. Where
// it is not known which run that is, its checks say nothing about any other.
func (s State) Memory() State {
	memory := State{UnknownSince: s.UnknownSince, Checked: s.Checked, Halt: s.Halt, Network: judge.Memory{BlockTime: s.Network.BlockTime}}
	if r := s.Run; !r.StartedAt.IsZero() {
		memory.Run = Run{StartedAt: r.StartedAt, Began: r.Began, Before: r.Before, Trend: r.Trend, Climb: r.Climb, GainedAt: r.GainedAt, Phase: r.Phase, Since: r.Since, Node: r.Node}
	}
	return memory
}
