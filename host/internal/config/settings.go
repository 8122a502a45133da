package config

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// The thresholds of the built-in rules unless a file says otherwise. A rule is
// in force without its block.
const (
	defaultSevereLag    = 100
	defaultModerateLag  = 20
	defaultStallLag     = 100
	defaultFallingLag   = 100
	defaultStall        = 180 * time.Second
	defaultWindow       = 300 * time.Second
	defaultAfterAction  = 300 * time.Second
	defaultAfterFailure = 60 * time.Second
	unlessNothing       = ""
	unlessProducing     = "producing"
	unlessSyncingOrBusy = "major_sync || producing"
)

// readSettings reads all that the rules of one monitor are told.
func (s section) readSettings(m *Monitor, config *Config) rule.Settings {
	settings := rule.Settings{
		Name:           m.targetName(),
		Interval:       m.Interval,
		MaxAge:         s.period("max_age", max(3*m.Interval, leastMaxAge)),
		DryRun:         config.Host.DryRun,
		RestartOnFatal: s.flag("restart_on_fatal", false),
		Severe:         s.child("block_lag", "severe").readBlockLag(defaultSevereLag, unlessNothing),
		SyncStall:      s.child("sync_stall").readSyncStall(),
		FallingBehind:  s.child("falling_behind").readFallingBehind(),
		Moderate:       s.child("block_lag", "moderate").readBlockLag(defaultModerateLag, unlessSyncingOrBusy),
		Cooldown:       s.child("cooldown").readCooldown(),
		Custom:         s.readCustom(m, config.Plugins),
	}
	for _, head := range m.Heads {
		if head.MaxAge == 0 {
			continue
		}
		if settings.SourceMaxAge == nil {
			settings.SourceMaxAge = map[string]time.Duration{}
		}
		settings.SourceMaxAge[head.Name] = head.MaxAge
	}
	return settings
}

func (s section) readBlockLag(lag uint64, unless string) rule.BlockLag {
	b := rule.BlockLag{
		Switch: s.readGuarding(unless),
		For:    s.duration("for", 0),
	}
	b.LagAbove, b.LagAboveBy = s.readThreshold("lag_above", lag)
	return b
}

func (s section) readSyncStall() rule.SyncStall {
	stall := rule.SyncStall{
		Switch: s.readGuarding(unlessProducing),
		For:    s.period("for", defaultStall),
	}
	stall.LagAbove, stall.LagAboveBy = s.readThreshold("lag_above", defaultStallLag)
	return stall
}

func (s section) readFallingBehind() rule.FallingBehind {
	falling := rule.FallingBehind{
		Switch: s.readGuarding(unlessProducing),
		Window: s.period("window", defaultWindow),
		For:    s.duration("for", 0),
	}
	falling.LagAbove, falling.LagAboveBy = s.readThreshold("lag_above", defaultFallingLag)
	return falling
}

// checkWindow warns of a window in which no two checks fit.
func (s section) checkWindow(m *Monitor) {
	falling := s.child("falling_behind")
	attribute, given := falling.body.Attributes["window"]
	if window := m.Settings.FallingBehind.Window; given && window < m.Interval {
		s.warn(loud(attribute.Expr.Range()), "Make it several intervals long.",
			"window of %s is shorter than the interval of %s", seconds(window), seconds(m.Interval))
	}
}

// readCooldown reads the cooldown; one that is not enabled lasts no time.
func (s section) readCooldown() rule.Cooldown {
	cooldown := rule.Cooldown{
		AfterAction:  s.duration("after_action", defaultAfterAction),
		AfterFailure: s.duration("after_failure", defaultAfterFailure),
	}
	if !s.flag("enabled", true) {
		return rule.Cooldown{}
	}
	return cooldown
}

// readGuarding reads what all built-in rules share. A block that does not say
// unless keeps the one that the rule has by default; unless = false means
// never.
func (s section) readGuarding(unless string) rule.Switch {
	guarding := rule.Switch{Shadow: s.flag("shadow", false)}
	guarding.Enabled, guarding.EnabledIf = s.readEnabled()
	attribute, given := s.body.Attributes["unless"]
	switch {
	case given && !isNull(attribute.Expr):
		guarding.Unless = s.readCondition(attribute)
	case unless != unlessNothing:
		guarding.Unless = s.mustCondition(unless)
	}
	return guarding
}

// readEnabled reads whether a rule is in force: always or never, or where a
// condition holds.
func (s section) readEnabled() (bool, rule.Condition) {
	attribute, given := s.body.Attributes["enabled"]
	if !given || isConstant(attribute.Expr) {
		return s.flag("enabled", true), nil
	}
	return true, s.readCondition(attribute)
}

// readCustom reads the rules that the operator wrote, in the order of the file.
func (s section) readCustom(m *Monitor, known plugins) []rule.Custom {
	var all []rule.Custom
	for _, block := range s.body.Blocks {
		if block.Type != "rule" || len(block.Labels) != 1 {
			continue
		}
		r := s.file.section(block)
		custom := rule.Custom{Name: block.Labels[0], For: r.duration("for", 0), Shadow: r.flag("shadow", false)}
		enabled, enabledIf := r.readEnabled()
		when, given := block.Body.Attributes["when"]
		if !given {
			r.missing("when", `Write when = lag > 50 or another condition.`)
			continue
		}
		custom.When, custom.EnabledIf = r.readCondition(when), enabledIf
		custom.Message = r.readMessage(when)
		r.checkAction(m, known)
		if enabled {
			all = append(all, custom)
		}
	}
	return all
}

// checkAction takes an action that a rule names: a monitor acts through one.
func (s section) checkAction(m *Monitor, known plugins) {
	action := s.reference("action", known, sdk.KindAction)
	if action == nil || m.Action == nil || action == m.Action {
		return
	}
	s.fail(loud(s.body.Attributes["action"].Expr.Range()), "Leave it out: a rule acts through the action of its monitor.",
		"%s names %s, and its monitor acts through %s", s.what, action, m.Action)
}
