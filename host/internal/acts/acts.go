// Package acts remembers what was done to a target and what came of it, over the
// target's runs and over hosts. From that it says what holds the next act: a budget
// that is spent, acts that did not help, a target that starts again and again.
package acts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Outcome is what came of an act for the node.
type Outcome string

// The outcomes. An act whose outcome is not known yet has none.
const (
	Pending Outcome = ""
	// Helped: the node is above the height at which it was stuck, and no further
	// behind than at the act.
	Helped Outcome = "helped"
	// NoEffect: the time for that is over.
	NoEffect Outcome = "no effect"
	// Worse: the target is down, in a crash loop, or at a lower height.
	Worse Outcome = "worse"
	// Unclear: there was nothing to see by, or somebody else started the target
	// meanwhile.
	Unclear Outcome = "unclear"
)

// Outcomes are all that an act can have, and none yet.
func Outcomes() []Outcome { return []Outcome{Pending, Helped, NoEffect, Worse, Unclear} }

// Word is the outcome as a label: "no_effect", and "pending" while it is not known.
func (o Outcome) Word() string {
	if o == Pending {
		return "pending"
	}
	return strings.ReplaceAll(string(o), " ", "_")
}

// Place is where a node stood at a check. Height and Lag are in blocks; nil for
// what was not known.
type Place struct {
	Height *uint64 `json:"height,omitempty"`
	Lag    *uint64 `json:"lag,omitempty"`
}

// PlaceOf is the place that the facts synced and lag say.
func PlaceOf(synced, lag fact.Fact) Place {
	var p Place
	if synced.Known {
		p.Height = &synced.Count
	}
	if lag.Known {
		p.Lag = &lag.Count
	}
	return p
}

// Ask is a verdict that asked for an act.
type Ask struct {
	At    time.Time `json:"at"`
	Rule  string    `json:"rule"`
	Cause string    `json:"cause,omitempty"`
	Place
}

// Stop is how the run was ended.
type Stop struct {
	// Took is how long the target took to stop; zero where that is not known.
	Took time.Duration `json:"stop_took,omitempty"`
	// Killed says that it did not stop by itself; ExitCode is nil where it is not
	// known.
	Killed   bool `json:"killed,omitempty"`
	ExitCode *int `json:"exit_code,omitempty"`
}

// Act is one that was done or may have been.
type Act struct {
	Ask
	Stop
	// Done is when its end was seen.
	Done time.Time `json:"done"`
	// FirstLine, FirstBlock and AtHead are when the run that followed first said
	// something, had a block, and was back at the head; zero for not yet.
	FirstLine  time.Time `json:"first_line,omitzero"`
	FirstBlock time.Time `json:"first_block,omitzero"`
	AtHead     time.Time `json:"at_head,omitzero"`
	Outcome    Outcome   `json:"outcome,omitempty"`
	Judged     time.Time `json:"judged,omitzero"`
	// Later is when a node that it did not help went on by itself: it was better, or
	// above that height and gaining on the network.
	Later time.Time `json:"later,omitzero"`
	// Healthy is how long the node has been in health since an act that helped,
	// Forgiven says that the act does not count any more.
	Healthy  time.Duration `json:"healthy,omitempty"`
	Forgiven bool          `json:"forgiven,omitempty"`
}

// failed says that the act did not help, and nothing else has since.
func (a Act) failed() bool {
	return (a.Outcome == NoEffect || a.Outcome == Worse) && a.Later.IsZero()
}

// Start is a start of the target.
type Start struct {
	// At is when it began by this machine's clock; StartedAt is the same as the
	// target gives it.
	At        time.Time `json:"at"`
	StartedAt time.Time `json:"started_at" clock:"other"`
	// By is who started it: see [ByPolicy]; empty where that is not known.
	By string `json:"by,omitempty"`
	// Ran is how long the run before it lasted, ExitCode how it ended; zero and nil
	// where that is not known.
	Ran      time.Duration `json:"ran,omitempty"`
	ExitCode *int          `json:"exit_code,omitempty"`
}

// Who started a run.
const (
	// ByPolicy: the engine, by its restart policy.
	ByPolicy = "policy"
	// ByCall: a call to the engine, by headwatch or by somebody else.
	ByCall = "call"
)

const (
	mostActs   = 50
	mostStarts = 100
	// oursFor is how long after the end of an act a new run still counts as the act's.
	oursFor = time.Minute
	// startsFor is how long starts are counted.
	startsFor = time.Hour
)

// Ledger is all that is remembered of one target. A zero Ledger remembers nothing.
type Ledger struct {
	// Acts are the newest acts, the last of them the newest.
	Acts []Act `json:"acts,omitempty"`
	// Asked is the verdict whose act has not been seen to end.
	Asked *Ask `json:"asked,omitempty"`
	// Starts are the newest starts, the last of them the newest.
	Starts []Start `json:"starts,omitempty"`
	// SpentAt is since when a spent budget waits for a person; zero for not at all.
	SpentAt time.Time `json:"spent_at,omitzero"`
	// Healthy is the newest check that saw the node in health; zero after one that saw it
	// ill.
	Healthy time.Time `json:"healthy,omitzero"`
	Cause   *Cause    `json:"cause,omitempty"`
}

// Did takes the end of an act, which was asked for by the last verdict that acts or,
// where that is not known, at the time of its end.
func (l *Ledger) Did(now time.Time, stop Stop) {
	ask := Ask{At: now}
	if l.Asked != nil {
		ask = *l.Asked
	}
	l.Asked = nil
	l.Acts = append(slices.Clip(l.Acts), Act{Ask: ask, Stop: stop, Done: now})
	l.Acts = l.Acts[max(0, len(l.Acts)-mostActs):]
}

// Started takes a start of the target.
func (l *Ledger) Started(s Start) {
	if slices.ContainsFunc(l.Starts, func(known Start) bool { return known.StartedAt.Equal(s.StartedAt) }) {
		return
	}
	l.Starts = append(slices.Clip(l.Starts), s)
	l.Starts = l.Starts[max(0, len(l.Starts)-mostStarts):]
}

// Last is the newest act; nil for none.
func (l *Ledger) Last() *Act {
	if len(l.Acts) == 0 {
		return nil
	}
	return &l.Acts[len(l.Acts)-1]
}

// ours says whether a start is that of an act.
func (l *Ledger) ours(s Start) bool {
	if s.By == ByPolicy {
		return false
	}
	if l.Asked != nil && !s.At.Before(l.Asked.At) {
		return true
	}
	return slices.ContainsFunc(l.Acts, func(a Act) bool {
		return !s.At.Before(a.At.Add(-time.Second)) && !s.At.After(a.Done.Add(oursFor))
	})
}

// StartsSince are the starts since a time, without those by headwatch where others
// is set.
func (l *Ledger) StartsSince(since time.Time, others bool) []Start {
	var found []Start
	for _, s := range l.Starts {
		if s.At.After(since) && !(others && l.ours(s)) {
			found = append(found, s)
		}
	}
	return found
}

// StartsLastHour is how often the target was started in the hour before now.
func (l *Ledger) StartsLastHour(now time.Time) int {
	return len(l.StartsSince(now.Add(-startsFor), false))
}

// Unhelpful is how many acts in a row did not help, up to the newest. One whose
// outcome is unclear or not known yet is not counted, and ends no row.
func (l *Ledger) Unhelpful() int {
	n := 0
	for _, a := range slices.Backward(l.Acts) {
		switch {
		case a.failed():
			n++
		case a.Outcome == Helped || !a.Later.IsZero():
			return n
		}
	}
	return n
}

// Recoveries are how long the last acts that helped took to, the oldest first; n is
// the most of them.
func (l *Ledger) Recoveries(n int) []time.Duration {
	var all []time.Duration
	for _, a := range l.Acts {
		if a.Outcome == Helped {
			all = append(all, a.Judged.Sub(a.Done))
		}
	}
	return all[max(0, len(all)-n):]
}

// Resume is a person's word to go on: nothing that was spent or did not help counts
// any more.
func (l *Ledger) Resume(now time.Time) {
	l.SpentAt, l.Acts = time.Time{}, slices.Clone(l.Acts)
	for i := range l.Acts {
		l.Acts[i].Forgiven = true
		if l.Acts[i].failed() {
			l.Acts[i].Later = now
		}
	}
}

// Join is what an earlier host kept, with the starts that this one has seen.
func (l Ledger) Join(kept Ledger) Ledger {
	for _, s := range l.Starts {
		kept.Started(s)
	}
	return kept
}

// Tally is what came of the acts by one rule, as far as that is known.
type Tally struct {
	Rule   string `json:"rule"`
	Judged int    `json:"judged"`
	Helped int    `json:"helped"`
	// Median is how long those that helped took to; zero for none.
	Median time.Duration `json:"median,omitempty"`
}

// String is the tally in an operator's words.
func (t Tally) String() string {
	text := fmt.Sprintf("%s: %d of %d acts helped", t.Rule, t.Helped, t.Judged)
	if t.Helped > 0 {
		text += ", median " + t.Median.Round(time.Second).String()
	}
	return text
}

// Tallies are those of all rules whose acts are remembered, by name. An act whose
// outcome is unclear or not known yet counts in none.
func (l *Ledger) Tallies() []Tally {
	took := map[string][]time.Duration{}
	judged := map[string]int{}
	for _, a := range l.Acts {
		switch a.Outcome {
		case Pending, Unclear:
			continue
		case Helped:
			took[a.Rule] = append(took[a.Rule], a.Judged.Sub(a.Done))
		}
		judged[a.Rule]++
	}
	var all []Tally
	for _, rule := range slices.Sorted(maps.Keys(judged)) {
		t := Tally{Rule: rule, Judged: judged[rule], Helped: len(took[rule])}
		if slices.Sort(took[rule]); t.Helped > 0 {
			t.Median = took[rule][(t.Helped-1)/2]
		}
		all = append(all, t)
	}
	return all
}

// Count is how many of the acts came to what, by the outcome's word.
func (l *Ledger) Count() map[string]int {
	counts := map[string]int{}
	for _, a := range l.Acts {
		counts[a.Outcome.Word()]++
	}
	return counts
}
