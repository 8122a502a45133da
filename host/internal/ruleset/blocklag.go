package ruleset

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// BlockLag fires on a lag above a number of blocks.
type BlockLag struct {
	Switch
	Threshold
	// For is how long it must have held, over all checks in between.
	For time.Duration
}

func (b BlockLag) rule(name string, say func(target string, facts fact.List, limit uint64) string) Rule {
	r := b.Switch.rule(name, b.LagAboveBy, b.ask, "lag")
	r.For, r.say = b.For, say
	return r
}

func severeSentence(target string, facts fact.List, limit uint64) string {
	return fmt.Sprintf("Container %s is behind by %d blocks (>%d). Restarting...", target, facts.Get("lag").Count, limit)
}

func moderateSentence(target string, facts fact.List, limit uint64) string {
	return fmt.Sprintf("Container %s is behind by %d blocks (>%d) and not syncing/producing. Restarting...", target, facts.Get("lag").Count, limit)
}

// Threshold is what the lag must be above.
type Threshold struct {
	LagAbove uint64
	// LagAboveBy gives the number at each check in place of LagAbove; nil for
	// one that is constant.
	LagAboveBy Quantity
}

// ask compares the lag with the threshold.
func (t Threshold) ask(facts fact.List) Answer {
	limit, by := t.LagAbove, t.LagAboveBy
	lag := facts.Get("lag")
	if !lag.Known {
		return Answer{Lacks: []fact.Fact{lag}, Saw: "lag is unknown: " + lag.Missing}
	}
	words := ""
	if by != nil {
		var lacks []fact.Fact
		if limit, lacks, words = quantity(by, facts); len(lacks) > 0 {
			return Answer{Lacks: lacks, Saw: fmt.Sprintf("lag %d, threshold unknown (%s)", lag.Count, words)}
		}
		words = " (" + words + ")"
	}
	return Answer{Holds: lag.Count > limit, limit: limit, Saw: fmt.Sprintf("lag %d, threshold %d%s", lag.Count, limit, words)}
}
