package rule

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// rulesTurn: the rules come to something else. The ways that the rules know are
// tried as input, as far as facts come from input and not from time.
func (t *trial) rulesTurn() {
	for i, r := range t.rules {
		if r.Shadowed || r.Result == "off" {
			continue
		}
		for _, way := range r.Ways {
			t.turn(t.after.rules[i].Ask(t.was.Facts), r, way)
		}
	}
	if t.was.Kind != OK {
		t.okByLag()
	}
}

// turn tries one way. A rule that does not hold has to decide then; the one that
// decides has to leave the decision to another; any other does not matter.
func (t *trial) turn(asked Answer, r RuleSeen, way Way) {
	if len(asked.Lacks) > 0 {
		t.becomeKnown(way)
		return
	}
	if asked.Holds && r.Rule != t.was.Rule {
		return
	}
	var possible Way
	var observations []Observation
	for _, need := range way {
		if o := t.input(need); o != nil {
			possible, observations = append(possible, need), append(observations, o)
		}
	}
	v := t.see(observations...)
	if !asked.Holds && v.Rule != r.Rule {
		return
	}
	t.tell(possible, v)
}

// input is an observation that makes a need so; nil where there is none.
func (t *trial) input(n Need) Observation {
	number, truth, ok := n.value()
	if isYesOrNo := n.What == "major_sync" || n.What == "producing"; !ok || !IsCustom(n.What) && n.isTruth() != isYesOrNo {
		return nil
	}
	facts, at := t.was.Facts, t.was.Time
	less := n.Is == Below || n.Is == AtMost
	switch n.What {
	case "lag":
		if less {
			return block(at, facts.Get("best").Count-uint64(number))
		}
		return t.head(facts.Get("synced").Count + uint64(number))
	case "best":
		return t.head(uint64(number))
	case "synced":
		return block(at, uint64(number))
	case "finalized":
		return heard(at, Event{Kind: BlockFinalized, Number: uint64(number)})
	case "session":
		return heard(at, Event{Kind: SessionStarted, Number: uint64(number)})
	case "major_sync":
		if truth {
			return heard(at, Event{Kind: MajorSync})
		}
		return heard(at, Event{Kind: NotMajorSync})
	case "producing":
		if truth {
			return heard(at, Event{Kind: BlockPrepared}, Event{Kind: BlockSealed})
		}
		return heard(at, Event{Kind: SessionStarted, Number: facts.Get("session").Count})
	case "log_age":
		if less {
			return heard(at)
		}
	case "stalled_for":
		if less {
			return block(at, facts.Get("synced").Count+1)
		}
	}
	return customInput(n, at, number, truth)
}

// customInput is a line that gives a fact of a parser; nil where the need is
// about another one.
func customInput(n Need, at time.Time, number float64, truth bool) Observation {
	if !IsCustom(n.What) {
		return nil
	}
	var value any = number
	if n.isTruth() {
		value = truth
	}
	return heard(at, Event{Kind: FactGiven, Name: strings.TrimPrefix(n.What, customPrefix), Value: value})
}

// head is an answer of the source that counts, as fresh as the one it gave.
func (t *trial) head(best uint64) Observation {
	report, ok, _ := t.after.bestHead()
	if !ok {
		return nil
	}
	return Head{Source: report.Head.Source, Best: best, BlockTime: report.Head.BlockTime, Endpoint: report.Head.Endpoint}
}

// value is what a need was tried with.
func (n Need) value() (number float64, truth, ok bool) {
	if n.isTruth() {
		return 0, string(n.To) == "true", true
	}
	err := json.Unmarshal(n.To, &number)
	return number, false, err == nil
}

func (n Need) isTruth() bool { return string(n.To) == "true" || string(n.To) == "false" }

// becomeKnown: a rule gets the facts that it lacks. What they would be nobody
// knows; a few values are tried, and the first that settles the verdict is told.
func (t *trial) becomeKnown(way Way) {
	for _, value := range []string{"0", "1000000000", "false", "true"} {
		var observations []Observation
		tried := slices.Clone(way)
		for i := range tried {
			tried[i].To = json.RawMessage(value)
			if o := t.input(tried[i]); o != nil {
				observations = append(observations, o)
			}
			tried[i].Text += ", such as " + value
		}
		if len(observations) < len(way) {
			continue
		}
		if v := t.see(observations...); v.Kind != Unknown {
			t.tell(tried, v)
			return
		}
	}
}

// okByLag: how near the head the node has to be.
func (t *trial) okByLag() {
	lag, best := t.was.Facts.Get("lag"), t.was.Facts.Get("best").Count
	if lag.Count == 0 {
		return
	}
	at := func(lag float64) Verdict { return t.see(block(t.was.Time, best-uint64(lag))) }
	isOK := func(lag float64) bool { return at(lag).Kind == OK }
	if !isOK(0) {
		return
	}
	b := boundary{from: float64(lag.Count), to: 0, whole: true}
	b.close(isOK)
	t.tell(Way{numberNeed(lag, AtMost, b.to, lag.blocks(uint64(b.to)))}, at(b.to))
}
