package dockerrestart

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headwatch/headwatch/plugins/docker-restart/claim"
	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

// What somebody did to a container, read from its events. The events do not
// say who: an act of ours is known by its claim.

const (
	// longestStop is how long a stop may be under way without its end, unless the
	// container is given longer.
	longestStop = 10 * time.Minute
	// stopMargin is what an engine needs beside the time that a container has to
	// stop.
	stopMargin = 2 * time.Minute
	// handsOff is how long a rename, a removal or a change of settings counts as
	// a part of more to come, such as a re-creation.
	handsOff = time.Minute
	// watchedFor is how long events must have been heard before the end of a run
	// whose start was not, to know that nobody asked for it.
	watchedFor = 15 * time.Minute
	// sameMoment is how far the engine's note of an end may lie from its event.
	sameMoment = 5 * time.Second
	// killEarly and killLate are how far from the end of the time to stop the
	// engine's own SIGKILL may come.
	killEarly = 200 * time.Millisecond
	killLate  = 2 * time.Second
)

const (
	sighup  = 1
	sigkill = 9
)

// asksForEnd says whether a signal may be meant to end a process. Those that
// programs take for other things (reload, log rotation, window size) do not
// count, unless the container is stopped by one of them.
func asksForEnd(signal string, stopSignals ...string) bool {
	number := signalNumber(signal)
	for _, other := range stopSignals {
		if other != "" && signalNumber(other) == number {
			return true
		}
	}
	switch unix.Signal(number) {
	case unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGCHLD, unix.SIGCONT, unix.SIGURG, unix.SIGWINCH:
		return false
	}
	return true
}

// signalNumber reads a signal's name or number; one that is unknown is 0.
func signalNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return int(unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(s), "SIG")))
}

// underWay says what somebody is doing to a container that runs, in words;
// empty for nothing. ours is the newest claim on it, if there is one.
func (h *history) underWay(c docker.Container, ours claim.Claim) string {
	now, known := engineNow(h.engine)
	young := func(at time.Time, limit time.Duration) bool { return !known || now.Sub(at) < limit }
	limit := max(longestStop, stopTime(c)+stopMargin)
	for _, one := range h.eventsOf(c.ID, c.StartedAt).events {
		switch {
		case one.Action == "update" && young(one.At, handsOff):
			return "somebody has changed its settings, at " + clockTime(one.At)
		case one.Action != "kill" || !asksForEnd(one.Signal, c.StopSignal, ours.Signal) || !young(one.At, limit):
		case ours.Run.Equal(c.StartedAt) && ours.Covers(one.At):
		default:
			return fmt.Sprintf("somebody is stopping it: signal %s was sent at %s", one.Signal, clockTime(one.At))
		}
	}
	for _, one := range h.namesOf(c) {
		if young(one.At, handsOff) && !one.At.Before(c.StartedAt) {
			return fmt.Sprintf("somebody is replacing it: %s at %s", map[string]string{"rename": "renamed", "destroy": "its namesake was removed"}[one.Action], clockTime(one.At))
		}
	}
	return ""
}

func clockTime(at time.Time) string { return at.UTC().Format("15:04:05 UTC") }

// provenOurs says whether the run that a claim is about was ended by its act
// alone; why says why not. asked are the events that the engine has just told.
func (h *history) provenOurs(ours claim.Claim, c docker.Container, asked []docker.Event) (proven bool, why string) {
	if ours.From.IsZero() {
		return false, "the engine's clock was not known"
	}
	e := endOf{claim: ours, stopSignal: c.StopSignal}
	for _, one := range h.eventsOf(c.ID, ours.Run).events {
		e.take(one)
	}
	switch {
	case e.others != "":
		return false, e.others
	case e.ask == nil:
		return false, "the engine's events do not show that this act has reached it"
	case !h.heardSince(*e.ask) && !slices.ContainsFunc(asked, func(one docker.Event) bool { return sameEvent(one, *e.ask) }):
		return false, "the engine's events have a gap"
	}
	return true, ""
}

// endOf goes through the events of a run that a claim is about.
type endOf struct {
	claim      claim.Claim
	stopSignal string

	ask    *docker.Event // of the act: the signal that asks for an end
	killed bool          // the engine made good its threat
	stops  int
	others string // what somebody else did
}

func (e *endOf) take(one docker.Event) {
	somebody := func(did string) {
		if e.others == "" {
			e.others = "somebody else " + did + " at " + clockTime(one.At)
		}
	}
	switch one.Action {
	case "kill":
		e.kill(one, somebody)
	case "stop":
		if e.stops++; e.stops > 1 {
			somebody("stopped it too,")
		}
	case "pause", "rename", "update":
		if e.ask != nil {
			somebody("acted on it (" + one.Action + ")")
		}
	}
}

func (e *endOf) kill(one docker.Event, somebody func(string)) {
	asks := asksForEnd(one.Signal, e.stopSignal, e.claim.Signal)
	switch {
	case asks && e.ask == nil && e.claim.Covers(one.At):
		e.ask = &one
	case e.ask != nil && !e.killed && signalNumber(one.Signal) == sigkill && e.inTime(one.At):
		e.killed = true
	case asks || e.ask != nil:
		somebody("sent it signal " + one.Signal)
	}
}

// inTime says whether the engine's own SIGKILL may come at this moment.
func (e *endOf) inTime(at time.Time) bool {
	late := at.Sub(e.ask.At) - time.Duration(e.claim.StopSeconds)*time.Second
	return late >= -killEarly && late <= killLate
}

// actedSince says what somebody did to a container after our act had ended its
// run; empty for nothing.
func (h *history) actedSince(ours claim.Claim, c docker.Container) string {
	e := endOf{claim: ours, stopSignal: c.StopSignal}
	for _, one := range h.eventsOf(c.ID, ours.Run).events {
		e.take(one)
	}
	if e.ask == nil {
		return ""
	}
	return e.others
}

// exitedByItself says whether the container's last run ended without anybody
// asking for it. It is false where that is not known.
func (h *history) exitedByItself(c docker.Container) bool {
	run := h.eventsOf(c.ID, c.StartedAt)
	var died time.Time
	for _, one := range run.events {
		switch {
		case one.Action == "stop", one.Action == "kill" && (asksForEnd(one.Signal, c.StopSignal) || signalNumber(one.Signal) == sighup):
			return false
		case one.Action == "die":
			died = one.At
		}
	}
	if died.IsZero() || died.Sub(c.FinishedAt).Abs() > sameMoment {
		return false
	}
	since, _ := h.watching()
	watched := run.whole || !since.IsZero() && died.Sub(since) > max(watchedFor, 2*stopTime(c))
	return watched && !(signalled(c.ExitCode) && !c.OOMKilled)
}

// signalled says whether an exit code is that of a process ended by a signal
// that people and supervisors send: HUP, INT, KILL, TERM.
func signalled(code int) bool {
	switch code {
	case 129, 130, 137, 143:
		return true
	}
	return false
}

// stopFacts is how a run ended.
type stopFacts struct {
	exitCode *int
	killed   bool
	took     time.Duration
}

// stopFacts reads from the events how the run ended that began at started. The stop
// began with the first signal that asks for an end.
func (h *history) stopFacts(id string, started time.Time, stopSignals ...string) stopFacts {
	var facts stopFacts
	var asked time.Time
	for _, one := range h.eventsOf(id, started).events {
		switch {
		case one.Action == "kill" && asked.IsZero() && asksForEnd(one.Signal, stopSignals...):
			asked = one.At
		case one.Action == "die":
			facts.exitCode = one.ExitCode
			facts.killed = facts.killed || one.ExitCode != nil && *one.ExitCode == 128+sigkill
			if !asked.IsZero() {
				facts.took = max(one.At.Sub(asked), 0)
			}
			return facts
		}
		facts.killed = facts.killed || one.Action == "kill" && signalNumber(one.Signal) == sigkill
	}
	return facts
}

// words are those for an operator; took may be better known than here.
func (f stopFacts) words(took time.Duration, seconds int) string {
	words := fmt.Sprintf("; the stop took %s", took.Round(10*time.Millisecond))
	if f.killed {
		return words + fmt.Sprintf(", and the container had to be killed after %ds", seconds)
	}
	return words
}
