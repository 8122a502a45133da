package review

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// maxRestarts bounds the restarts of a kind that a comparison lists; the rest is
// counted.
const maxRestarts = 200

// Judged is what one configuration came to at a check.
type Judged struct {
	Outcome
	Reason string `json:"reason"`

	// saw is what the rule that decided for the other one saw here, where none
	// decided.
	saw string
}

func judged(v, other rule.Verdict) Judged {
	j := Judged{Outcome: outcome(v), Reason: v.Reason}
	if v.Ruling == rule.OK {
		j.saw = saw(v, other.Rule)
	}
	return j
}

// words are what people read: for an ok, what the rule in question saw.
func (j Judged) words() string {
	if j.saw != "" {
		return j.saw
	}
	return j.Reason
}

// Differing is a check at which two configurations come to something else, or
// a stretch of such checks.
type Differing struct {
	T       time.Time `json:"t"`
	Monitor string    `json:"monitor"`
	Old     Judged    `json:"old"`
	New     Judged    `json:"new"`

	// to and checks are the end of a stretch and its length. Old and New are
	// those of its first check.
	to     time.Time
	checks int
}

// Restarts counts what one configuration would have done.
type Restarts struct {
	// Restarts are the acts, Held those that a guard such as dry run held.
	Restarts int `json:"restarts"`
	Held     int `json:"held"`
}

// Changed is a restart that only one of two configurations makes.
type Changed struct {
	T       time.Time `json:"t"`
	Monitor string    `json:"monitor"`
	Rule    string    `json:"rule"`
	Reason  string    `json:"reason"`
	// Instead is what the other configuration comes to there.
	Instead string `json:"instead"`
}

// Comparison is how two configurations differ over one replay.
type Comparison struct {
	// Checks are those of both, Differ those at which they come to something
	// else.
	Checks int      `json:"checks"`
	Differ int      `json:"differ"`
	Old    Restarts `json:"old"`
	New    Restarts `json:"new"`
	// GoneCount counts the restarts that only the old configuration makes,
	// AddedCount those that only the new one makes. Gone and Added are the first
	// of them.
	GoneCount  int       `json:"gone_count"`
	AddedCount int       `json:"added_count"`
	Gone       []Changed `json:"gone"`
	Added      []Changed `json:"added"`

	// stretches are the open ones, by monitor.
	stretches map[string]*Differing
	monitors  []string
}

// NewComparison begins a comparison of these monitors.
func NewComparison(monitors []string) *Comparison {
	return &Comparison{Gone: []Changed{}, Added: []Changed{}, stretches: map[string]*Differing{}, monitors: monitors}
}

// Add takes one check, in order. It returns the check where the two differ, and
// the stretch of equal differences that ended before it; nil where there is
// none.
func (c *Comparison) Add(checked trace.Checked) (differs, ended *Differing) {
	if checked.Old == nil {
		return nil, nil
	}
	was, is := *checked.Old, checked.Verdict
	c.Checks++
	c.Old.add(was)
	c.New.add(is)
	c.restarts(checked.Monitor, was, is)
	stretch := c.stretches[checked.Monitor]
	if outcome(was) == outcome(is) {
		delete(c.stretches, checked.Monitor)
		return nil, stretch
	}
	c.Differ++
	differs = &Differing{T: is.Time, Monitor: checked.Monitor, Old: judged(was, is), New: judged(is, was), to: is.Time, checks: 1}
	if stretch != nil && stretch.Old.Outcome == differs.Old.Outcome && stretch.New.Outcome == differs.New.Outcome {
		stretch.to, stretch.checks = is.Time, stretch.checks+1
		return differs, nil
	}
	kept := *differs
	c.stretches[checked.Monitor] = &kept
	return differs, stretch
}

// End returns the stretches that are open after the last check.
func (c *Comparison) End() []*Differing {
	var open []*Differing
	for _, name := range c.monitors {
		if stretch := c.stretches[name]; stretch != nil {
			open = append(open, stretch)
		}
	}
	clear(c.stretches)
	return open
}

func (r *Restarts) add(v rule.Verdict) {
	switch {
	case v.Ruling == rule.Act:
		r.Restarts++
	case v.Guard != "":
		r.Held++
	}
}

// restarts keeps a restart that only one of the two makes.
func (c *Comparison) restarts(monitor string, was, is rule.Verdict) {
	switch {
	case was.Ruling == rule.Act && is.Ruling != rule.Act:
		if c.GoneCount++; c.GoneCount <= maxRestarts {
			c.Gone = append(c.Gone, changed(monitor, was, is))
		}
	case is.Ruling == rule.Act && was.Ruling != rule.Act:
		if c.AddedCount++; c.AddedCount <= maxRestarts {
			c.Added = append(c.Added, changed(monitor, is, was))
		}
	}
}

func changed(monitor string, acts, other rule.Verdict) Changed {
	return Changed{T: acts.Time, Monitor: monitor, Rule: acts.Rule, Reason: firstReason(acts), Instead: instead(other, acts.Rule)}
}

// instead says what a verdict comes to, and what its rule of the given name saw
// where none acts.
func instead(v rule.Verdict, name string) string {
	if v.Ruling != rule.OK {
		return outcome(v).String() + ": " + v.Reason
	}
	if words := saw(v, name); words != "" {
		return "ok: " + words
	}
	return "ok: there is no rule " + name
}

// saw is what a rule saw; empty for one that there is not.
func saw(v rule.Verdict, name string) string {
	for _, step := range v.Steps {
		if step.Rule != name {
			continue
		}
		switch step.Result {
		case "off":
			return name + " is off"
		case "waits":
			return step.Saw + " (it waits: not yet for long enough)"
		case "shadow":
			return step.Saw + " (shadow: never acts)"
		}
		return step.Saw
	}
	return ""
}
