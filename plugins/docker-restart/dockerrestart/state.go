package dockerrestart

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/preflight"
	"github.com/headwatch/headwatch/sdk"
)

// stateOf puts a container into the host's terms.
func stateOf(c docker.Container) sdk.State {
	state := sdk.State{
		Exists:     true,
		Running:    c.Status.Alive(),
		Paused:     c.Status == docker.Paused,
		Restarting: c.Status == docker.Restarting,
		ID:         c.ID,
		Name:       c.Name,
		StartedAt:  c.StartedAt,
		StartedBy:  startedBy(c),
		FinishedAt: c.FinishedAt,
		OOMKilled:  c.OOMKilled,
		Notes:      notes(c),
	}
	// While a container runs, the engine has forgotten the code of the run
	// before.
	ended := !c.Status.Alive() || c.Status == docker.Restarting
	if ended && !c.FinishedAt.IsZero() {
		code := c.ExitCode
		state.ExitCode = &code
	}
	return state
}

// startedBy is who started the run: an engine counts the restarts by its policy since
// the last start by a call.
func startedBy(c docker.Container) string {
	switch {
	case c.StartedAt.IsZero():
		return ""
	case c.Restarts > 0:
		return sdk.StartedByPolicy
	}
	return sdk.StartedByCall
}

// shortStop is a stop timeout that a node which writes a database may need
// more than.
const shortStop = 10 * time.Second

// notes are what an operator should know before this container is restarted.
func notes(c docker.Container) []string {
	var notes []string
	add := func(applies bool, note string) {
		if applies {
			notes = append(notes, note)
		}
	}
	add(purges(c.Env), preflight.PurgeBeforeStart)
	add(len(c.Mounts) == 0, preflight.NoVolume)
	add(c.AutoRemove, "the container is removed when it stops (--rm)")
	add(c.LogDriver == "none", preflight.LogDriver("none"))
	add(c.Labels[labelOneOff] == "True", "it is a one-off container of Compose (docker compose run)")
	add(c.Labels[labelSwarmTask] != "", "it is a task of a swarm service, which its orchestrator restarts too")
	add(preflight.IsShell(c.Program), preflight.Shell(c.Program))
	add(stopTime(c) <= shortStop && preflight.IsShell(c.Program), "the container is killed after "+stopTime(c).String()+" where it does not stop by itself; stop_timeout in the action's config gives it longer")
	return notes
}

// purges says whether the environment makes an aleph-node start from nothing.
func purges(env []string) bool {
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "PURGE_BEFORE_START="); ok {
			return strings.EqualFold(strings.TrimSpace(value), "true")
		}
	}
	return false
}

// stopTime is the container's own stop timeout, as the engine reads it.
func stopTime(c docker.Container) time.Duration {
	if c.StopTimeout == nil {
		return shortStop
	}
	return time.Duration(*c.StopTimeout) * time.Second
}

// seconds is how long a stop may take: as configured, else the container's own
// time. A container that wants to be waited for without end gets the longest.
func (c *Config) seconds(of docker.Container) int {
	switch own := stopTime(of); {
	case c.StopTimeout > 0:
		return int((c.StopTimeout + time.Second - 1) / time.Second)
	case own < 0 || own > maxStopTimeout:
		return int(maxStopTimeout / time.Second)
	default:
		return int(own / time.Second)
	}
}

// refuse says why a container must not be acted on, whatever it does; empty
// where it may be.
func (p *plugin) refuse(ctx context.Context, c docker.Container) string {
	switch {
	case p.self.is(c.ID):
		return "it is the container that headwatch itself runs in"
	case c.Status == docker.Removing || c.Status == docker.Dead:
		return "it is being removed"
	case c.Labels[labelSwarmTask] != "" && !p.config.AllowSwarm:
		return "it is a task of a swarm service, which the orchestrator restarts (allow_swarm in the action's config allows it)"
	case c.AutoRemove && !p.config.AllowRM:
		return "it was made with --rm, so Docker deletes it where it does not start again (allow_rm in the action's config allows a restart)"
	case c.AutoRemove && p.config.MinDown > 0:
		return "it was made with --rm, so Docker deletes it when it is stopped (min_down in the action's config)"
	case p.blind():
		return "the engine's events may not be read (GET /events), so a stop by somebody else would not be seen"
	case p.config.Signal != "":
		return p.refuseSignal(ctx)
	}
	return ""
}

// blind says that the engine's events may not be read.
func (p *plugin) blind() bool {
	_, trouble := p.history.watching()
	return isFinal(trouble)
}

// signalVersion is the first version of the API that takes a signal. The
// client leaves it out silently below that.
const signalVersion = "1.42"

func (p *plugin) refuseSignal(ctx context.Context) string {
	ok, version, err := p.control.Supports(ctx, signalVersion)
	if err != nil || ok {
		return "" // a control engine that does not answer is found out by the act
	}
	return "signal = " + strconv.Quote(p.config.Signal) + " in the action's config needs API " + signalVersion + " (Docker 23); this engine has " + version
}
