package config

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

// The names of the two block_lag rules.
const (
	severe   = "severe"
	moderate = "moderate"
)

// leastMaxAge is the least age above which a head contributes nothing, unless a
// file says otherwise.
const leastMaxAge = 30 * time.Second

// readSettings reads all that the rules of one monitor are told. A rule is in
// force without its block.
func (m *Monitor) readSettings(s hcltext.Section, config *Config) rule.Settings {
	settings := rule.Settings{
		Name: m.targetName(), Interval: m.Interval, MaxAge: s.Duration("max_age"),
		DryRun: config.Host.DryRun, RestartOnFatal: s.Flag("restart_on_fatal"),
		Severe:        readBlockLag(s.Child("block_lag", severe)),
		SyncStall:     readSyncStall(s.Child("sync_stall")),
		FallingBehind: readFallingBehind(s.Child("falling_behind")),
		Moderate:      readBlockLag(s.Child("block_lag", moderate)),
		Cooldown:      readCooldown(s.Child("cooldown")),
		Custom:        m.readCustom(s, config.Plugins),
	}
	m.readJudge(s, &settings)
	if settings.MaxAge == 0 {
		settings.MaxAge = max(3*m.Interval, leastMaxAge)
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

func readBlockLag(s hcltext.Section) ruleset.BlockLag {
	b := ruleset.BlockLag{Switch: readSwitch(s), For: s.Duration("for")}
	b.LagAbove, b.LagAboveBy = expr.ReadThreshold(s, "lag_above")
	return b
}

func readSyncStall(s hcltext.Section) ruleset.SyncStall {
	stall := ruleset.SyncStall{Switch: readSwitch(s), For: s.Duration("for")}
	stall.LagAbove, stall.LagAboveBy = expr.ReadThreshold(s, "lag_above")
	return stall
}

func readFallingBehind(s hcltext.Section) ruleset.FallingBehind {
	falling := ruleset.FallingBehind{Switch: readSwitch(s), Window: s.Duration("window"), For: s.Duration("for")}
	falling.LagAbove, falling.LagAboveBy = expr.ReadThreshold(s, "lag_above")
	return falling
}

// readCooldown reads the cooldown; one that is not enabled lasts no time.
func readCooldown(s hcltext.Section) rule.Cooldown {
	cooldown := rule.Cooldown{AfterAction: s.Duration("after_action"), AfterFailure: s.Duration("after_failure")}
	if !s.Flag("enabled") {
		return rule.Cooldown{}
	}
	return cooldown
}

// readSwitch reads what all built-in rules share.
func readSwitch(s hcltext.Section) ruleset.Switch {
	on := ruleset.Switch{Shadow: s.Flag("shadow"), Unless: expr.ReadCondition(s, "unless")}
	on.Enabled, on.EnabledIf = expr.ReadSwitch(s, "enabled")
	return on
}

// readCustom reads the rules that the operator wrote, in the order of the file.
func (m *Monitor) readCustom(s hcltext.Section, known plugins) []ruleset.Custom {
	var all []ruleset.Custom
	for _, r := range s.Children("rule") {
		custom := ruleset.Custom{Name: r.Label, For: r.Duration("for"), Shadow: r.Flag("shadow"), When: expr.ReadCondition(r, "when")}
		enabled, enabledIf := expr.ReadSwitch(r, "enabled")
		custom.EnabledIf = enabledIf
		when := r.Written("when")
		if when == nil {
			r.Missing("when", r.Spec("when").Hint)
			continue
		}
		custom.Message = expr.ReadMessage(r, "message", r.Source(when.Expr.Range()))
		// A monitor acts through one action.
		if action := known.reference(r, "action", sdk.KindAction); action != nil && m.Action != nil && action != m.Action {
			r.Fail(r.Written("action").Expr.Range(), "Leave it out: a rule acts through the action of its monitor.",
				"%s names %s, and its monitor acts through %s", r.What, action, m.Action)
		}
		m.warnOfName(s, r)
		if enabled {
			all = append(all, custom)
		}
	}
	return all
}

// warnOfName warns of a rule that bears the name of a block: whoever wrote it may
// have meant the block.
func (m *Monitor) warnOfName(s, r hcltext.Section) {
	block, fights := s.Grammar.Block(r.Label)
	if !fights || block.Foreign {
		return
	}
	s.Warn(r.Range, "Write "+r.Label+" { ... } to change the block, or give the rule a name of its own.",
		"%s is a rule of your own and does not change the block %s", r.What, r.Label)
}

// checkRules warns of rules that can never decide.
func (m *Monitor) checkRules() {
	s := m.Settings
	falling := m.section.Child("falling_behind")
	if window := falling.Said("window"); window != nil && s.FallingBehind.Window < m.Interval {
		m.section.Warn(window.Expr.Range(), "Make it several intervals long.", "window of %s is shorter than the interval of %s",
			hcltext.Seconds(s.FallingBehind.Window), hcltext.Seconds(m.Interval))
	}
	limits := m.section.Child("block_lag", moderate).Said("lag_above")
	if limits == nil || limits.NameRange.Filename != m.section.Name {
		limits = m.section.Child("block_lag", severe).Said("lag_above")
	}
	constant := s.Severe.LagAboveBy == nil && s.Moderate.LagAboveBy == nil && !m.section.Found().HasErrors()
	if limits != nil && constant && s.Severe.Enabled && s.Moderate.Enabled && s.Moderate.LagAbove > s.Severe.LagAbove {
		m.section.Warn(limits.Expr.Range(), "The severe rule is asked first; give the moderate one the lower threshold.",
			"moderate threshold of %d is above the severe one of %d", s.Moderate.LagAbove, s.Severe.LagAbove)
	}
}
