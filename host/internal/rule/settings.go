package rule

import "time"

// Settings is what one monitor's rules are told. Package config makes it from
// HCL; its zero value has no rule in force.
type Settings struct {
	// Name is the target's name in the sentences until an observation of the
	// target gives a better one.
	Name string
	// Interval is the time between two checks.
	Interval time.Duration
	// MaxAge is the age above which a head contributes nothing.
	MaxAge time.Duration
	// SourceMaxAge overrides MaxAge for a head source, by its name.
	SourceMaxAge map[string]time.Duration
	// DryRun holds every act.
	DryRun bool
	// RestartOnFatal switches the cause rule off.
	RestartOnFatal bool

	Severe        BlockLag
	SyncStall     SyncStall
	FallingBehind FallingBehind
	Moderate      BlockLag
	Cooldown      Cooldown
	Custom        []Custom
}

// Switch says when a built-in rule is in force, and what stops it.
type Switch struct {
	// Enabled says whether the rule is in force.
	Enabled bool
	// EnabledIf limits that to the checks at which it holds; nil for all.
	EnabledIf Condition
	// Unless stops the rule where it holds; nil for never.
	Unless Condition
	// Shadow says that the rule is asked and told of, and never acts.
	Shadow bool
}

// BlockLag fires on a lag above a number of blocks.
type BlockLag struct {
	Switch
	LagAbove uint64
	// LagAboveBy gives the number at each check in place of LagAbove; nil for
	// one that is constant.
	LagAboveBy Quantity
	// For is how long it must have held, over all checks in between.
	For time.Duration
}

// SyncStall fires when no line has raised synced for a time.
type SyncStall struct {
	Switch
	LagAbove uint64
	// LagAboveBy gives the number at each check in place of LagAbove; nil for
	// one that is constant.
	LagAboveBy Quantity
	// For is how long the node must have stood still.
	For time.Duration
}

// FallingBehind fires when the lag has grown over a window.
type FallingBehind struct {
	Switch
	LagAbove uint64
	// LagAboveBy gives the number at each check in place of LagAbove; nil for
	// one that is constant.
	LagAboveBy Quantity
	Window     time.Duration
	// For is how long it must have held, over all checks in between.
	For time.Duration
}

// Cooldown is the time in which nothing acts.
type Cooldown struct {
	// AfterAction counts from the later of the last action and the start of the
	// target's run.
	AfterAction time.Duration
	// AfterFailure counts from an action that failed.
	AfterFailure time.Duration
}

// Custom is a rule that an operator wrote.
type Custom struct {
	Name    string
	When    Condition
	For     time.Duration
	Message Message
	// EnabledIf limits the rule to the checks at which it holds; nil for all.
	EnabledIf Condition
	// Shadow says that the rule is asked and told of, and never acts.
	Shadow bool
}

// Condition is a compiled yes-or-no expression over facts.
type Condition interface {
	// Needs names the facts that the expression reads, such as "lag" and
	// "fact.peers".
	Needs() []string
	// Holds evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a fact of another type than expected.
	Holds(facts Facts) (bool, error)
}

// Quantity is a compiled expression over facts that gives a number of blocks.
type Quantity interface {
	// Needs names the facts that the expression reads.
	Needs() []string
	// Count evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a value that is no whole number.
	Count(facts Facts) (uint64, error)
}

// Message is a compiled text with facts in it.
type Message interface {
	// Text renders it; a fact that is unknown reads "unknown".
	Text(facts Facts) string
}
