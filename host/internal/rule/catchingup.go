package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// CatchingUp holds the rules about the lag while the node gains on the network, and
// for Patience after that. A node that needs longer than Alert is told of.
type CatchingUp struct {
	judge.Gain
	Patience, Alert time.Duration
}

// gainFacts compare the node's own rise with what the network makes in that time.
func (e *Engine) gainFacts(b *fact.Book) {
	c, run := e.settings.CatchingUp, &e.state.Run
	synced, block, lag := b.Facts.Get("synced"), b.Facts.Get("block_time"), b.Facts.Get("lag")
	if lag.Known && block.Known {
		b.Number("lag_time", float64(lag.Count)*block.Number, lag.At)
	}
	if c == nil {
		return
	}
	if slices.Contains(silentPhases, b.Facts.Get(phaseFact).Text) {
		done := b.Facts.Get(doneFact)
		if run.Phase.Follow(e.state.Now, done.Number, b.Facts.Get(phaseFact+"_percent").Number); !done.Known || run.Phase.MovedAt.Equal(e.state.Now) {
			run.GainedAt = e.state.Now
		}
	}
	if !synced.Known {
		b.Lack(synced.Missing, "gain", "converging")
		return
	}
	run.GainedAt = run.Climb.FirstSeen(run.GainedAt, e.state.Now, run.Began, lag.Known && lag.Count <= e.tolerated(b.Facts))
	blockTime := time.Duration(block.Number * float64(time.Second))
	run.Climb = c.Add(run.Climb, judge.Rise{At: e.state.Now, Height: synced.Count}, blockTime, e.settings.Interval)
	m := c.Measure(run.Climb, blockTime, e.settings.Interval)
	if !m.Known {
		why := "the window of catching_up is not over yet"
		if !block.Known {
			why = block.Missing
		}
		b.Lack(why, "gain", "converging")
		return
	}
	counts := m.Counts && (!lag.Known || lag.Count > 0)
	b.Number("gain", m.PerSecond, e.state.Now)
	if m.Open {
		b.Lack("it has only begun to make blocks again, or gains slowly", "converging")
		return
	}
	b.Truth("converging", counts, e.state.Now)
	if counts {
		run.GainedAt = e.state.Now
	}
}

// aboutLag are the facts that say how far behind a node is.
var aboutLag = []string{"lag", "lag_time", "eta", "stalled_for"}

// silentPhases are the phases of a sync, in the parser's words, in which a node
// imports no block. That one moves is a gain, so that there is patience with it after
// one; where the log does not say how far it has come, it counts as one that moves.
const (
	phaseFact = fact.CustomPrefix + "phase"
	doneFact  = phaseFact + "_done"
)

var silentPhases = []string{"state sync", "warping", "gap sync"}

// catchingUp holds while the node gains, for a time after that, and before it can be
// told whether it does.
func catchingUp(e *Engine, facts fact.List, asks ruleset.Rule) Standing {
	c := e.settings.CatchingUp
	if c == nil || e.settings.Judge == nil {
		return Standing{}
	}
	s := Standing{Guard: GuardCatchingUp, Why: "the node does not gain on the network"}
	gained, converging := e.state.Run.GainedAt, facts.Get("converging")
	switch {
	case asks.Name == RuleTarget || asks.Name != "" && !slices.ContainsFunc(asks.Reads, func(name string) bool { return slices.Contains(aboutLag, name) }):
		s.Why = "the rule is not about the lag"
	case converging.Known && converging.Truth:
		s.Holds, s.Why = true, fmt.Sprintf("the node gains %s blocks a second on the network", rate(facts.Get("gain")))
	case !converging.Known:
		s.Holds, s.Why = true, "it cannot be told whether the node gains on the network: "+converging.Missing
	case !gained.IsZero() && e.state.Now.Before(gained.Add(c.Patience)):
		s.Holds, s.Since, s.Until = true, gained, gained.Add(c.Patience)
		s.Why = fmt.Sprintf("the node gained on the network, or was first seen, %s ago", fact.Period(e.state.Now.Sub(gained)))
	case slices.Contains(silentPhases, facts.Get(phaseFact).Text) && !facts.Get(doneFact).Known:
		s.Holds, s.Why = true, "the node syncs without blocks: "+facts.Get(phaseFact).Text
	case e.settings.Node && e.state.Run.Node.SyncsWithoutBlocks(e.state.Now, c.Patience):
		s.Holds, s.Why = true, "the node syncs without blocks, as its endpoint shows"
	}
	return s
}
