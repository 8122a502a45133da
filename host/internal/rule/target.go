package rule

import (
	"fmt"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// targetDecides: only a target that runs is judged.
func targetDecides(e *Engine, _ fact.List) *decision {
	t := e.state.Target
	if t == nil || t.startable() {
		return nil
	}
	why := t.wrong()
	if why == "" {
		return nil
	}
	return &decision{kind: Unknown, rule: RuleTarget, reasons: []string{fmt.Sprintf("Container %s %s", e.state.Name, why)}}
}

func targetPasses(e *Engine) string { return "it is " + e.state.Target.State() }

// startDecides: a target that exited by itself and may be started.
func startDecides(e *Engine, _ fact.List) *decision {
	t := e.state.Target
	if t == nil || !t.startable() {
		return nil
	}
	return &decision{kind: Act, rule: RuleTarget, start: true,
		reasons: []string{fmt.Sprintf("Container %s exited by itself%s. Starting...", e.state.Name, t.exit())}}
}

// startable says whether it stands still and may be started.
func (t *Target) startable() bool {
	return t.MayStart && t.Error == "" && t.Exists && !t.Running && !t.Paused && !t.Restarting
}

// The states of a target. One that was not inspected yet is not seen.
const (
	TargetUnseen     = "not seen"
	TargetUnreadable = "unreadable"
	TargetAbsent     = "absent"
	TargetPaused     = "paused"
	TargetRestarting = "restarting"
	TargetStopped    = "stopped"
	TargetRunning    = "running"
)

// State is what a target is, in a word.
func (t *Target) State() string {
	switch {
	case t == nil:
		return TargetUnseen
	case t.Error != "":
		return TargetUnreadable
	case !t.Exists:
		return TargetAbsent
	case t.Paused:
		return TargetPaused
	case t.Restarting:
		return TargetRestarting
	case !t.Running:
		return TargetStopped
	}
	return TargetRunning
}

// wrong says why a target cannot be judged; empty where it can.
func (t *Target) wrong() string {
	switch state := t.State(); {
	case state == TargetRunning:
		return ""
	case state == TargetUnreadable:
		return "cannot be inspected: " + t.Error
	case state == TargetStopped && t.StartedAt.IsZero() && t.ExitCode == nil:
		return "is stopped (never started)"
	case state == TargetStopped || state == TargetRestarting:
		return "is " + state + t.exit()
	default:
		return "is " + state
	}
}

func (t *Target) exit() string {
	if t.ExitCode == nil {
		return ""
	}
	text := fmt.Sprintf(" (exit code %d", *t.ExitCode)
	if t.OOMKilled {
		text += ", out of memory"
	}
	return text + ")"
}
