package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/judge"
)

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
	// Judge judges the heads; without one the highest usable head counts. Providers
	// says who runs a head source, by its name, where the file says it.
	Judge     *judge.Settings
	Providers map[string]string
	// NetworkStall, CatchingUp and OneWitness are guards; nil for one that is not
	// in force.
	NetworkStall *judge.Stall
	CatchingUp   *CatchingUp
	OneWitness   bool
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

// Condition is a compiled yes-or-no expression over facts.
type Condition interface {
	factReader
	// Holds evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a fact of another type than expected.
	Holds(facts fact.List) (bool, error)
}

// Quantity is a compiled expression over facts that gives a number of blocks.
type Quantity interface {
	factReader
	// Count evaluates it. All needed facts are known. An error means that it
	// cannot be told, such as a value that is no whole number.
	Count(facts fact.List) (uint64, error)
}

// Message is a compiled text with facts in it.
type Message interface {
	// Text renders it; a fact that is unknown reads "unknown".
	Text(facts fact.List) string
}
