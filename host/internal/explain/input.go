package explain

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// tryRules: a rule comes to something else. What would turn it is tried as
// input, as far as facts come from input and not from time. A rule that does not
// hold has to decide then; the one that decides has to leave the decision to
// another; any other does not matter.
func (t *trial) tryRules(rules []Rule) {
	for _, r := range rules {
		if r.Shadowed {
			continue
		}
		held := !r.Since.IsZero()
		for _, needs := range r.Turns {
			if needs[0].Is == Known {
				t.tryKnown(needs)
				continue
			}
			o := t.input(needs[0])
			if o == nil || held && r.Rule != t.was.Rule {
				continue
			}
			if v := t.observing(o); held || v.Rule == r.Rule {
				t.add(needs, v)
			}
		}
	}
}

// tryKnown: a rule gets the facts that it lacks. What they would be nobody
// knows; a few values are tried, and the first that settles the verdict is told.
func (t *trial) tryKnown(needs Needs) {
	for _, value := range []string{"0", "1000000000", "false", "true"} {
		var observations []rule.Observation
		tried := slices.Clone(needs)
		for i := range tried {
			tried[i].To = json.RawMessage(value)
			tried[i].Text += ", such as " + value
			if o := t.input(tried[i]); o != nil {
				observations = append(observations, o)
			}
		}
		if len(observations) < len(needs) {
			continue
		}
		if v := t.observing(observations...); v.Kind != rule.Unknown {
			t.add(tried, v)
			return
		}
	}
}

// tryLag: how near the head the node has to be for an ok.
func (t *trial) tryLag() {
	lag, best := t.was.Facts.Get("lag"), t.was.Facts.Get("best").Count
	if t.was.Kind == rule.OK || lag.Count == 0 {
		return
	}
	at := func(lag fact.Fact) rule.Verdict {
		return t.observing(t.line(nodelog.Event{Kind: nodelog.BlockImported, Number: best - lag.Count}))
	}
	s := search{now: lag, turned: func(lag fact.Fact) bool { return at(lag).Kind == rule.OK }}
	if s.turnedAt(0) {
		is, boundary, to := s.boundary(0)
		t.add(Needs{numberNeed(lag, is, withNumber(lag, boundary), withNumber(lag, to))}, at(withNumber(lag, to)))
	}
}

// input is an observation that makes a need so; nil where there is none.
func (t *trial) input(n Need) rule.Observation {
	var value any
	if json.Unmarshal(n.To, &value) != nil {
		return nil
	}
	if name, ok := strings.CutPrefix(n.What, fact.CustomPrefix); ok {
		return t.line(nodelog.Event{Kind: nodelog.FactGiven, Name: name, Value: value})
	}
	switch value := value.(type) {
	case bool:
		return t.truthInput(n.What, value)
	case float64:
		return t.numberInput(n.What, n.Is == Below || n.Is == AtMost, uint64(math.Max(0, value)))
	}
	return nil
}

func (t *trial) truthInput(fact string, value bool) rule.Observation {
	switch {
	case fact == "major_sync" && value:
		return t.line(nodelog.Event{Kind: nodelog.MajorSync})
	case fact == "major_sync":
		return t.line(nodelog.Event{Kind: nodelog.NotMajorSync})
	case fact == "producing" && value:
		return t.line(nodelog.Event{Kind: nodelog.BlockPrepared}, nodelog.Event{Kind: nodelog.BlockSealed})
	case fact == "producing":
		return t.line(nodelog.Event{Kind: nodelog.SessionStarted, Number: t.was.Facts.Get("session").Count})
	}
	return nil
}

// numberInput: less says that the number has to be smaller than it is.
func (t *trial) numberInput(fact string, less bool, value uint64) rule.Observation {
	synced := t.was.Facts.Get("synced").Count
	switch {
	case fact == "lag" && less:
		return t.line(nodelog.Event{Kind: nodelog.BlockImported, Number: t.was.Facts.Get("best").Count - value})
	case fact == "lag":
		return t.head(synced + value)
	case fact == "best":
		return t.head(value)
	case fact == "synced":
		return t.line(nodelog.Event{Kind: nodelog.BlockImported, Number: value})
	case fact == "finalized":
		return t.line(nodelog.Event{Kind: nodelog.BlockFinalized, Number: value})
	case fact == "session":
		return t.line(nodelog.Event{Kind: nodelog.SessionStarted, Number: value})
	case fact == "stalled_for" && less:
		return t.line(nodelog.Event{Kind: nodelog.BlockImported, Number: synced + 1})
	case fact == "log_age" && less:
		return t.line()
	}
	return nil
}

// head is an answer of the source that counts, as fresh as the one it gave.
func (t *trial) head(best uint64) rule.Observation {
	for _, h := range t.after.Heads() {
		if h.Best {
			return rule.Head{Source: h.Source, Best: best, BlockTime: h.Head.BlockTime, Endpoint: h.Head.Endpoint}
		}
	}
	return nil
}
