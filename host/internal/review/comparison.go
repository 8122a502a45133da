package review

import (
	"slices"
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
	if v.Kind == rule.OK {
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
	// AddedCount those that only the new one makes, and MovedCount those that
	// the new one makes earlier or later. Gone, Added and Moved are the first of
	// them.
	GoneCount  int       `json:"gone_count"`
	AddedCount int       `json:"added_count"`
	MovedCount int       `json:"moved_count"`
	Gone       []Changed `json:"gone"`
	Added      []Changed `json:"added"`
	Moved      []Moved   `json:"moved"`

	// stretches are the open ones, by monitor, and lone the newest restarts
	// that only one of the two made.
	stretches map[string]*Differing
	lone      map[string]*loneRestarts
	monitors  []string
}

// Moved is a restart that the new configuration makes at another time: each of
// the two was in the cooldown after its own when the other made its.
type Moved struct {
	Monitor string      `json:"monitor"`
	Old     MovedAction `json:"old"`
	New     MovedAction `json:"new"`
}

// MovedAction is one end of a restart that moved.
type MovedAction struct {
	T      time.Time `json:"t"`
	Rule   string    `json:"rule"`
	Reason string    `json:"reason"`
}

// loneRestarts are the newest restarts of a monitor that only the old or the new
// configuration made; nil where there is none, or it has found its other end.
type loneRestarts struct{ gone, added *Changed }

// NewComparison begins a comparison of these monitors.
func NewComparison(monitors []string) *Comparison {
	return &Comparison{Gone: []Changed{}, Added: []Changed{}, Moved: []Moved{},
		stretches: map[string]*Differing{}, lone: map[string]*loneRestarts{}, monitors: monitors}
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
	case v.Kind == rule.Act:
		r.Restarts++
	case v.Guard != "":
		r.Held++
	}
}

// restarts keeps a restart that only one of the two makes. Where the other one
// is in the cooldown after a lone restart of its own, the two are one that moved.
func (c *Comparison) restarts(monitor string, was, is rule.Verdict) {
	if c.lone[monitor] == nil {
		c.lone[monitor] = &loneRestarts{}
	}
	lone := c.lone[monitor]
	switch {
	case was.Kind == rule.Act && is.Kind == rule.Act:
		*lone = loneRestarts{}
	case was.Kind == rule.Act && is.Rule == rule.RuleCooldown && lone.added != nil:
		c.moved(changed(monitor, was, is), *lone.added)
		c.AddedCount, c.Added = c.AddedCount-1, without(c.Added, lone.added)
		*lone = loneRestarts{}
	case is.Kind == rule.Act && was.Rule == rule.RuleCooldown && lone.gone != nil:
		c.moved(*lone.gone, changed(monitor, is, was))
		c.GoneCount, c.Gone = c.GoneCount-1, without(c.Gone, lone.gone)
		*lone = loneRestarts{}
	case was.Kind == rule.Act:
		gone := changed(monitor, was, is)
		lone.gone, c.Gone, c.GoneCount = &gone, listed(c.Gone, gone), c.GoneCount+1
	case is.Kind == rule.Act:
		added := changed(monitor, is, was)
		lone.added, c.Added, c.AddedCount = &added, listed(c.Added, added), c.AddedCount+1
	}
}

func (c *Comparison) moved(old, is Changed) {
	if c.MovedCount++; c.MovedCount <= maxRestarts {
		c.Moved = append(c.Moved, Moved{Monitor: old.Monitor, Old: MovedAction{old.T, old.Rule, old.Reason}, New: MovedAction{is.T, is.Rule, is.Reason}})
	}
}

// listed adds a restart to a list that is not full.
func listed(list []Changed, r Changed) []Changed {
	if len(list) < maxRestarts {
		list = append(list, r)
	}
	return list
}

// without is a list without a restart that may be in it.
func without(list []Changed, r *Changed) []Changed {
	return slices.DeleteFunc(list, func(c Changed) bool { return c == *r })
}

func changed(monitor string, acts, other rule.Verdict) Changed {
	return Changed{T: acts.Time, Monitor: monitor, Rule: acts.Rule, Reason: firstReason(acts), Instead: instead(other, acts.Rule)}
}

// instead says what a verdict comes to, and what its rule of the given name saw
// where none acts.
func instead(v rule.Verdict, name string) string {
	if v.Kind != rule.OK {
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
