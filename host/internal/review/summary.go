package review

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// How much of a kind a summary lists; the rest is counted.
const (
	maxActions     = 20
	maxMoments     = 10
	maxDifferences = 10
)

// Summary is what a replay came to, for each monitor that was checked.
type Summary struct {
	Checks   int        `json:"checks"`
	Actions  int        `json:"actions"`
	Monitors []*Monitor `json:"monitors"`

	accounts map[string]*account
}

// Monitor is what a replay came to for one monitor.
type Monitor struct {
	Name string `json:"monitor"`
	// From and To are the times of the first and the last check.
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Checks int       `json:"checks"`
	// Verdicts are the kinds of verdicts, the most frequent first, States the
	// time spent in each, the longest first.
	Verdicts []Verdicts `json:"verdicts"`
	States   []State    `json:"states"`
	// Shadowed are the rules that only watch, with the checks at which each
	// would have acted.
	Shadowed []Verdicts `json:"shadowed,omitempty"`
	// ActionCount counts the actions; Actions are the first of them.
	ActionCount int      `json:"action_count"`
	Actions     []Action `json:"actions,omitempty"`
	// GreatestLag and LongestSilence are nil where no check knew.
	GreatestLag    *Peak `json:"greatest_lag,omitempty"`
	LongestSilence *Peak `json:"longest_silence,omitempty"`
	// LongestBlind is the longest time of nothing but unknown verdicts.
	LongestBlind *Stretch `json:"longest_blind,omitempty"`
	// Moments are the most interesting checks in the order of time.
	Moments []Moment `json:"moments"`
	// Recorded counts the checks of which the recording host's verdict is
	// known, Otherwise those of them that came out otherwise here; Differences
	// are the first stretches of these.
	Recorded    int          `json:"recorded"`
	Otherwise   int          `json:"otherwise"`
	Differences []Difference `json:"differences,omitempty"`
	// Stretches counts the stretches of Differences, also those not listed.
	Stretches int `json:"difference_count"`
}

// Outcome is what a check came to.
type Outcome struct {
	Verdict rule.VerdictKind `json:"verdict"`
	Rule    string           `json:"rule"`
	Guard   string           `json:"guard,omitempty"`
}

func outcome(v rule.Verdict) Outcome {
	return Outcome{Verdict: v.Kind, Rule: v.Rule, Guard: v.Guard}
}

// String is the outcome in words: "held block_lag.severe (dry run)".
func (o Outcome) String() string {
	text := string(o.Verdict)
	if o.Rule != "" {
		text += " " + o.Rule
	}
	if o.Guard != "" {
		text += " (" + o.Guard + ")"
	}
	return text
}

// Verdicts counts verdicts of a kind.
type Verdicts struct {
	Outcome
	Checks int       `json:"checks"`
	First  time.Time `json:"first"`
}

// State is the time spent in a state: from each check in it to the next one.
type State struct {
	Name    string  `json:"state"`
	Seconds float64 `json:"seconds"`
}

// Action is something that was done.
type Action struct {
	T      time.Time `json:"t"`
	Rule   string    `json:"rule"`
	Reason string    `json:"reason"`
}

// Peak is the highest value of a fact.
type Peak struct {
	T     time.Time `json:"t"`
	Value float64   `json:"value"`
}

// Stretch is a time without a break.
type Stretch struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
}

func (s Stretch) length() time.Duration { return s.To.Sub(s.From) }

// Moment is a check that is worth a look.
type Moment struct {
	T    time.Time `json:"t"`
	Text string    `json:"text"`
}

// Difference is a stretch of checks at which the recording host came to
// something else.
type Difference struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Checks   int       `json:"checks"`
	Recorded Outcome   `json:"recorded"`
	Replayed Outcome   `json:"replayed"`
	// Reason is that of the first replayed verdict.
	Reason string `json:"reason"`
}

// NewSummary begins a summary. intervals are the times between two checks, by
// monitor: where checks are much further apart, nobody watched in between.
func NewSummary(intervals map[string]time.Duration) *Summary {
	s := &Summary{accounts: map[string]*account{}}
	for name, interval := range intervals {
		s.accounts[name] = newAccount(name, interval)
	}
	return s
}

// Add takes one check, in order.
func (s *Summary) Add(c trace.Checked) {
	a := s.accounts[c.Monitor]
	if a == nil {
		a = newAccount(c.Monitor, 0)
		s.accounts[c.Monitor] = a
	}
	if a.result.Checks == 0 {
		s.Monitors = append(s.Monitors, a.result)
	}
	s.Checks++
	if c.Verdict.Kind == rule.Act {
		s.Actions++
	}
	a.add(c)
}

// End closes what is open after the last check.
func (s *Summary) End() {
	for _, m := range s.Monitors {
		s.accounts[m.Name].end()
	}
}
