// Package observe turns what plugins say, in the words of package sdk, into the
// observations of package rule. It is the one place that lists the fields of
// both. It judges nothing and remembers nothing.
package observe

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Target is the state of a target.
func Target(s sdk.State) rule.Target {
	return rule.Target{Began: began(s), Exists: s.Exists, Running: s.Running, Paused: s.Paused, Restarting: s.Restarting, StartedAt: s.StartedAt,
		StartedBy: s.StartedBy, FinishedAt: s.FinishedAt, ExitCode: s.ExitCode, OOMKilled: s.OOMKilled, Name: s.Name, MayStart: s.MayStart, Refuse: s.Refuse,
		Hazards: hazards(s.Hazards)}
}

func hazards(found []sdk.Hazard) (all []rule.Hazard) {
	for _, h := range found {
		all = append(all, rule.Hazard{ID: h.ID, Level: rule.HazardLevel(h.Level), What: h.What, Mend: h.Mend})
	}
	return all
}

// began is the start of a target by this machine's clock; zero where both clocks
// tell the same time, as far as is known.
func began(s sdk.State) time.Time {
	ahead := Ahead(s)
	if s.StartedAt.IsZero() || ahead == 0 {
		return time.Time{}
	}
	return s.StartedAt.Add(-ahead)
}

// aheadLeast is the least difference between two clocks that counts: a reading is
// as good as the time that a call takes.
const aheadLeast = time.Second

// Ahead is how far the clock that stamps the target and its log is ahead of this
// machine's; zero where that is not known.
func Ahead(s sdk.State) time.Duration {
	if s.ClockAhead == nil || s.ClockAhead.Abs() < aheadLeast {
		return 0
	}
	return *s.ClockAhead
}

// Head is the answer of a head source.
func Head(source string, h sdk.Head) rule.Head {
	return rule.Head{Source: source, Best: h.Best, Finalized: h.Finalized, Hash: h.Hash, BlockTime: h.Time, Endpoint: h.Endpoint,
		Chain: h.Chain, Syncing: h.Syncing, Peers: h.Peers, Progress: h.Progress}
}

// Event is what a line of that time says; not ok for an event of a type that the
// host does not know.
func Event(at time.Time, e sdk.Event) (event nodelog.Event, ok bool) {
	event.Time = at
	switch e := e.(type) {
	case sdk.BlockImported:
		event.Kind, event.Number = nodelog.BlockImported, e.Number
	case sdk.BlockBest:
		event.Kind, event.Number = nodelog.BlockBest, e.Number
	case sdk.BlockFinalized:
		event.Kind, event.Number = nodelog.BlockFinalized, e.Number
	case sdk.BlockProduced:
		event.Kind, event.Number = nodelog.BlockPrepared, e.Number
		if e.Step == sdk.Sealed {
			event.Kind = nodelog.BlockSealed
		}
	case sdk.SyncState:
		event.Kind = nodelog.NotMajorSync
		if e.Major {
			event.Kind = nodelog.MajorSync
		}
	case sdk.SessionStarted:
		event.Kind, event.Number = nodelog.SessionStarted, e.Number
	case sdk.NodeStarted:
		event.Kind, event.Text = nodelog.NodeStarted, e.Version
	case sdk.FatalCause:
		event.Kind, event.Name, event.Text, event.Cures = nodelog.FatalCause, e.Kind, e.Message, e.RestartCures
	case sdk.Fact:
		event.Kind, event.Name, event.Value = nodelog.FactGiven, e.Name, e.Value
	case sdk.FactUnknown:
		event.Kind, event.Name, event.Text = nodelog.FactUnknown, e.Name, e.Reason
	default:
		return nodelog.Event{}, false
	}
	return event, true
}
