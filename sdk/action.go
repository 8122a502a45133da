package sdk

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// State is what a target was at one moment.
type State struct {
	// Exists is false where there is no such target at present; then nothing
	// else counts.
	Exists bool
	// Running is true from the start of a run to its end; Paused and
	// Restarting say that it does no work all the same.
	Running, Paused, Restarting bool
	// ID is the target's identity, such as the full id of a container. Another
	// id is another target.
	ID string
	// Name is what an operator calls the target; it stands in the sentences.
	Name string
	// StartedAt is when the current run began, or the last one.
	StartedAt time.Time
	// FinishedAt is when the last run ended; zero where none has.
	FinishedAt time.Time
	// ExitCode is that of the last run, nil where none has ended.
	ExitCode *int
	// OOMKilled says that the last run ran out of memory.
	OOMKilled bool
	// StartedBy is who started the run, [StartedByPolicy] or [StartedByCall]; empty
	// where it is not known.
	StartedBy string
	// Notes are what an operator should know about this target, one sentence
	// each. The host says each of them once.
	Notes []string
	// MayStart says that the target exited by itself and that the plugin's
	// config lets the host start it: the host may then ask Execute to, once the
	// cooldown is over. Never set it for a target that somebody stopped.
	MayStart bool
	// Refuse, where it is set, says why this target must not be acted on.
	Refuse string
	// Alarm, where it is set, says what a person must do something about now.
	// The host says it at every check.
	Alarm string
	// ClockAhead is how far the clock that gives the stamps of the target and
	// its log is ahead of this machine's; nil where it is not known. The host
	// computes ages with it.
	ClockAhead *time.Duration
	// ActTakes is the longest that an act on this target may take; zero where it
	// is not known.
	ActTakes time.Duration
	// StopTakes is, of that, the longest that the target may take to stop; zero
	// where it is not known. A host that is asked to end waits for an act that
	// long, and ten seconds more; the act then goes on without it.
	StopTakes time.Duration
	// Hazards are what makes it dangerous to act on this target. What cannot be
	// asked is unknown, and no hazard.
	Hazards []Hazard
}

// Hazard makes it dangerous to act on a target.
type Hazard struct {
	// ID is an identifier, such as "no_volume". Operators allow a hazard by it, and
	// it stands in metrics: give one kind of hazard one id.
	ID    string
	Level HazardLevel
	// What says what it is, and Mend how to mend it, in words for an operator.
	What, Mend string
}

// HazardLevel says how dangerous a hazard is.
type HazardLevel string

// The levels, and what the host does where a monitor has a block preflight.
const (
	// HazardRefuse: an act does harm. There is none, unless the operator allows
	// this hazard.
	HazardRefuse HazardLevel = "refuse"
	// HazardWarn: an act may do harm. The host warns of it once.
	HazardWarn HazardLevel = "warn"
	// HazardNote: good to know before an act. The host says it once.
	HazardNote HazardLevel = "note"
)

// Who started a run: the engine by its restart policy, or a call to the engine, by
// the host or by anybody else.
const (
	StartedByPolicy = "policy"
	StartedByCall   = "call"
)

// Request asks for one act.
type Request struct {
	// ID names the act. The SDK answers a repeated id with the first outcome.
	ID string
	// Reason is the verdict's, for a log.
	Reason string
	// TargetID and RunStartedAt are what the verdict was about. Where the
	// target is another one, or has begun another run, nothing must be done.
	TargetID     string
	RunStartedAt time.Time
	// AskedAt is when the host first asked for this act.
	AskedAt time.Time
	// Resume says that the host lost sight of an earlier call with this id:
	// find out what became of it, finish what it began, begin nothing.
	Resume bool
	// DryRun asks for every check and no act.
	DryRun bool
	// Preflight says that nothing must be done where [Request.Hazard] finds
	// something among what the plugin sees immediately before the act.
	Preflight bool
	// AllowedHazards are the ids of hazards that the operator allows.
	AllowedHazards []string
}

// Hazard is the first of these hazards that forbids the act.
func (r Request) Hazard(found []Hazard) (Hazard, bool) {
	for _, h := range found {
		if r.Preflight && h.Level == HazardRefuse && !slices.Contains(r.AllowedHazards, h.ID) {
			return h, true
		}
	}
	return Hazard{}, false
}

// Outcome is what became of a request.
type Outcome int

// The outcomes, and what the host does with them.
const (
	// Done: the target runs anew. The cooldown begins.
	Done Outcome = iota + 1
	// NotDone: nothing was done and nothing will be; the verdict is made anew
	// at the next check.
	NotDone
	// Failed: it was tried and failed. The shorter cooldown for failures
	// begins.
	Failed
	// Unknown: it cannot be told whether it was done or will be. The cooldown
	// begins.
	Unknown
)

// Result is the outcome of a request with what is known about it.
type Result struct {
	Outcome Outcome
	// Detail says what happened, in words for an operator.
	Detail string
	// StopTook is how long the target took to stop.
	StopTook time.Duration
	// Killed says that it did not stop by itself.
	Killed bool
	// ExitCode is that of the run that was ended; nil where it is not known.
	ExitCode *int
	// StartedAt is when the run that followed began.
	StartedAt time.Time
	// OpenUntil, of an Unknown result, says that the plugin is still finishing
	// this act and goes on until then, as long as the host asks it to resume.
	OpenUntil time.Time
}

// ActTimer is an optional interface of an action's config struct, beside
// Validate: the longest that an act may take with this config. A host whose
// timeout is shorter says so when the configuration is checked.
type ActTimer interface {
	ActTakes() time.Duration
}

// StateDir is the folder that the host keeps for this plugin block, over
// restarts of both. It is empty where the host gives none: an action must then
// not start what an earlier process may have stopped.
func StateDir() string { return os.Getenv(handshake.PluginState) }

// Action acts on a target. T is the struct that the target block of a monitor
// is decoded into; see [Configurable] for its tags. An Action that is also a
// [LogSource] of the same T serves the target's log from the same process.
type Action[T any] interface {
	// Inspect reports the target's state and changes nothing. A target that
	// does not exist is a [State] without Exists, not an error; an error says
	// that the state cannot be told.
	Inspect(ctx context.Context, target T) (State, error)
	// Execute acts once. It must check what it acts on against the request
	// before it does. An act whose end was not seen is [Unknown], not
	// [Failed]. An error counts as Unknown unless it was made with [Invalid],
	// [NotFound] or [Denied].
	Execute(ctx context.Context, target T, request Request) (Result, error)
}
