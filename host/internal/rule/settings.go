package rule

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/ruleset"
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
	// Preflight, NetworkStall, CatchingUp and OneWitness are guards; nil for one that
	// is not in force.
	Preflight    *Preflight
	NetworkStall *judge.Stall
	CatchingUp   *CatchingUp
	OneWitness   bool
	// Clock, Recovery and Budget are guards too, CrashLoop is a gate; false or nil
	// for one that is not in force.
	Clock     bool
	Recovery  *acts.Recovery
	Budget    *acts.Budget
	CrashLoop *acts.CrashLoop
	// Node says that the node's own endpoint is asked, and NoLog that its log is not
	// read.
	Node, NoLog bool
	// DryRun holds every act.
	DryRun bool
	// RestartOnFatal switches the cause rule off.
	RestartOnFatal bool

	Severe        ruleset.BlockLag
	SyncStall     ruleset.SyncStall
	FallingBehind ruleset.FallingBehind
	Moderate      ruleset.BlockLag
	Cooldown      Cooldown
	Custom        []ruleset.Custom
}

// rules lists all rules, in the order in which they decide.
func (s *Settings) rules() []ruleset.Rule {
	return ruleset.Set{Severe: s.Severe, SyncStall: s.SyncStall, FallingBehind: s.FallingBehind, Moderate: s.Moderate, Custom: s.Custom}.Rules()
}
