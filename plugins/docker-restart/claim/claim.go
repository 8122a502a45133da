// Package claim keeps what this plugin asked of an engine, so that a later
// process can tell a container that headwatch stopped from one that somebody
// else stopped. A claim is on the disk before its request is sent. The package
// knows no engine, and must never count an act without a claim as ours.
package claim

import (
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Claim says that one act on one run of a container is asked for.
type Claim struct {
	Version   int    `json:"version"`
	RequestID string `json:"request_id"`
	// Container, Name and Run are what the act is about: full id, name, and the
	// start of the run.
	Container string    `json:"container"`
	Name      string    `json:"name"`
	Run       time.Time `json:"run"`
	// Start says that the act is a start, of a container that exited by itself.
	Start bool `json:"start,omitempty"`
	// StopSeconds and Signal are those of the request.
	StopSeconds int    `json:"stop_seconds"`
	Signal      string `json:"signal,omitempty"`
	// MinDown is how long the container is to be stopped. The act is then a stop and,
	// after that, a start.
	MinDown time.Duration `json:"min_down,omitempty"`
	// From and Until bound, on the engine's clock, the moment at which the engine
	// takes the request. They are zero where that clock is not known.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// WrittenAt is when it was written, on this machine's clock.
	WrittenAt time.Time `json:"written_at"`

	// EndedByUs says that the run is proven to have been ended by this act. From
	// then on the container is started again until StartUntil.
	EndedByUs  bool      `json:"ended_by_us,omitempty"`
	StartUntil time.Time `json:"start_until,omitzero"`
	// DownUntil is until when it is not started, on this machine's clock.
	DownUntil time.Time `json:"down_until,omitzero"`
	// Words are the engine's, on why it does not start.
	Words string `json:"words,omitempty"`

	// Result is the outcome of the act, once it is final.
	Result *Result `json:"result,omitempty"`
}

// Result is a final outcome, as the host is told it.
type Result struct {
	Outcome   sdk.Outcome   `json:"outcome"`
	Detail    string        `json:"detail"`
	StopTook  time.Duration `json:"stop_took,omitempty"`
	Killed    bool          `json:"killed,omitempty"`
	ExitCode  *int          `json:"exit_code,omitempty"`
	StartedAt time.Time     `json:"started_at,omitzero"`
}

// From takes the outcome of an act.
func From(r sdk.Result) *Result {
	return &Result{Outcome: r.Outcome, Detail: r.Detail, StopTook: r.StopTook, Killed: r.Killed, ExitCode: r.ExitCode, StartedAt: r.StartedAt}
}

// SDK is the outcome in the host's terms.
func (r *Result) SDK() sdk.Result {
	return sdk.Result{Outcome: r.Outcome, Detail: r.Detail, StopTook: r.StopTook, Killed: r.Killed, ExitCode: r.ExitCode, StartedAt: r.StartedAt}
}

// Covers says whether the engine may have taken the request at this moment of
// its clock.
func (c *Claim) Covers(at time.Time) bool {
	return !c.From.IsZero() && !at.Before(c.From) && !at.After(c.Until)
}
