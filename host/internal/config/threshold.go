package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Thresholds says what is in force for a monitor, one line for each rule in
// the order in which they are asked.
func (m *Monitor) Thresholds() []string {
	s := m.Settings
	lines := []string{
		fmt.Sprintf("cooldown: %s after an action, %s after a failed one", hcltext.Seconds(s.Cooldown.AfterAction), hcltext.Seconds(s.Cooldown.AfterFailure)),
	}
	if s.RestartOnFatal {
		lines = append(lines, "cause: off (restart_on_fatal)")
	}
	lines = append(lines,
		blockLagLine("block_lag.severe", s.Severe),
		ruleLine("sync_stall", s.SyncStall.Switch, 0,
			fmt.Sprintf("no progress for %s and %s", hcltext.Seconds(s.SyncStall.For), lagAbove(s.SyncStall.LagAbove, s.SyncStall.LagAboveBy))),
		ruleLine("falling_behind", s.FallingBehind.Switch, s.FallingBehind.For,
			fmt.Sprintf("lag grew over %s and %s", hcltext.Seconds(s.FallingBehind.Window), lagAbove(s.FallingBehind.LagAbove, s.FallingBehind.LagAboveBy))),
		blockLagLine("block_lag.moderate", s.Moderate),
	)
	lines = append(lines, guardLines(s)...)
	for _, c := range s.Custom {
		lines = append(lines, ruleLine("rule."+c.Name, ruleset.Switch{Enabled: true, EnabledIf: c.EnabledIf, Shadow: c.Shadow}, c.For, fmt.Sprint(c.When)))
	}
	return lines
}

// guardLines are the judge of heads and the guards that are in force.
func guardLines(s rule.Settings) []string {
	var lines []string
	if j := s.Judge; j != nil {
		lines = append(lines, fmt.Sprintf("head: a majority of the providers, %d of which agree within %s", j.Quorum, hcltext.Seconds(j.Tolerance)))
	}
	if p := s.Preflight; p != nil {
		line := "preflight: nothing while a hazard of level refuse is known"
		if len(p.Allow) > 0 {
			line += ", but for " + strings.Join(p.Allow, ", ")
		}
		lines = append(lines, line)
	}
	if n := s.NetworkStall; n != nil {
		lines = append(lines, "network_stall: nothing while the network stands, and until it has gone on for a time")
	}
	if c := s.CatchingUp; c != nil {
		lines = append(lines, fmt.Sprintf("catching_up: no rule about the lag while the node gains %d blocks or more over %s, and for %s after that", c.Least, hcltext.Seconds(c.Window), hcltext.Seconds(c.Patience)))
	}
	if s.OneWitness {
		lines = append(lines, "one_witness: nothing on fewer providers than the quorum, unless the node stands still itself")
	}
	if s.Clock {
		lines = append(lines, "clock: no rule about ages while blocks come from the future")
	}
	return append(lines, actGuardLines(s)...)
}

// actGuardLines are the guards that go by what came of earlier acts.
func actGuardLines(s rule.Settings) []string {
	var lines []string
	if r := s.Recovery; r != nil {
		lines = append(lines, fmt.Sprintf("recovery: nothing for %s after %d acts in a row that did not help, and while the last one may still", hcltext.Seconds(r.Quarantine), r.Unhelpful))
	}
	if b := s.Budget; b != nil {
		then := "until a person resumes"
		if b.Wait {
			then = "until the oldest is older"
		}
		lines = append(lines, fmt.Sprintf("budget: %d acts within %s, then nothing %s", b.Actions, hcltext.Seconds(b.Per), then))
	}
	if c := s.CrashLoop; c != nil {
		lines = append(lines, fmt.Sprintf("crash_loop: nothing while the target was started %d times within %s, and not by headwatch", c.Starts, hcltext.Seconds(c.Per)))
	}
	return lines
}

func blockLagLine(name string, b ruleset.BlockLag) string {
	return ruleLine(name, b.Switch, b.For, lagAbove(b.LagAbove, b.LagAboveBy))
}

// lagAbove is a threshold: a number, or the text of its expression.
func lagAbove(limit uint64, by ruleset.Quantity) string {
	if by != nil {
		return fmt.Sprintf("lag > (%v)", by)
	}
	return fmt.Sprintf("lag > %d", limit)
}

// ruleLine is the line of one rule.
func ruleLine(name string, g ruleset.Switch, held time.Duration, condition string) string {
	if !g.Enabled {
		return name + ": off"
	}
	line := name + ": " + condition
	if held > 0 {
		line += " for " + hcltext.Seconds(held)
	}
	if g.Unless != nil {
		line += fmt.Sprintf(", unless %v", g.Unless)
	}
	if g.EnabledIf != nil {
		line += fmt.Sprintf(", enabled where %v", g.EnabledIf)
	}
	if g.Shadow {
		line += " (shadow: never acts)"
	}
	return line
}
