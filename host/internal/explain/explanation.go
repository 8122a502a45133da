// Package explain says what a verdict rests on, how old that is, what each rule
// saw, and what would have made another verdict. It finds out by asking engines:
// whatever it says would be otherwise, an engine has decided so. It decides
// nothing, and the engine that it explains never notices.
package explain

import (
	"encoding/json"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Explanation is a verdict with all that it rests on and what would change it.
// Its JSON form is a contract: it begins with the members of a verdict's line,
// times are RFC 3339, ages and periods are seconds as of T, and members are
// added, never renamed.
type Explanation struct {
	T       time.Time        `json:"t"`
	Monitor string           `json:"monitor"`
	Verdict rule.VerdictKind `json:"verdict"`
	Rule    string           `json:"rule"`
	Reason  string           `json:"reason"`
	Guard   string           `json:"guard,omitempty"`
	// Shadow are the shadowed rules that fire.
	Shadow []string `json:"shadow,omitempty"`
	// Facts are the values by name, as in a verdict's line.
	Facts json.RawMessage `json:"facts"`

	// Name is the target's in the sentences.
	Name      string   `json:"name"`
	Sentences []string `json:"sentences"`
	Trouble   string   `json:"trouble,omitempty"`
	// UnknownFor is how long the verdict has been unknown, check after check.
	UnknownFor float64 `json:"unknown_for,omitempty"`
	// Interval is the time between two checks.
	Interval float64 `json:"interval"`

	Heads   []Head   `json:"heads"`
	Target  Target   `json:"target"`
	Log     Log      `json:"log"`
	Actions []Action `json:"actions"`
	// Outcomes are what came of earlier acts, rule by rule; LastAct is the newest one
	// that was done or may have been.
	Outcomes []Tally `json:"outcomes,omitempty"`
	LastAct  *Act    `json:"last_act,omitempty"`
	// Readings are the facts again, with their ages.
	Readings []Fact `json:"readings"`
	// Rules are in their order, with what stands before them.
	Rules   []Rule   `json:"rules"`
	Guards  []Guard  `json:"guards"`
	Changes []Change `json:"changes"`
}

// Head is the newest answer of a head source.
type Head struct {
	Source string `json:"source"`
	// Use is "best" for the head that counts, "usable" for one that is not
	// higher, "stale" and "error" for one that contributes nothing.
	Use string `json:"use"`
	// Why says why it contributes nothing.
	Why      string    `json:"why,omitempty"`
	Best     *uint64   `json:"best,omitempty"`
	Endpoint string    `json:"endpoint,omitempty"`
	At       time.Time `json:"at"`
	// Age is that of the answer, HeadAge that of the head: since its block was
	// made where the chain says it.
	Age       float64   `json:"age"`
	BlockTime time.Time `json:"block_time,omitzero"`
	HeadAge   *float64  `json:"head_age,omitempty"`
	// MaxAge is the age of a head above which it contributes nothing.
	MaxAge float64 `json:"max_age"`
}

// The uses of a head.
const (
	UseBest   = "best"
	UseUsable = "usable"
	UseStale  = "stale"
	UseError  = "error"
)

// Target is what the target was when it was inspected last: for a running host,
// at this check. It started with the run that the log is read for.
type Target struct {
	// State is one of the states of package rule.
	State string `json:"state"`
	rule.Target
}

// Log is what is known of the log's reading.
type Log struct {
	// Unreadable says why the log cannot be read, since when Since.
	Unreadable string    `json:"unreadable,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	// LastLine is the stamp of this run's last line, Age its age.
	LastLine time.Time `json:"last_line,omitzero"`
	Age      *float64  `json:"age,omitempty"`
	// Lines is the number of lines read since the check before.
	Lines int `json:"lines"`
	// Gap says why lines of this run are missing, GapAt where.
	Gap   string    `json:"gap,omitempty"`
	GapAt time.Time `json:"gap_at,omitzero"`
}

// Action is something that was done to the target.
type Action struct {
	At  time.Time `json:"at"`
	Age float64   `json:"age"`
	rule.Action
	// Assumed says that a replay took it for done.
	Assumed bool `json:"assumed,omitempty"`
}

// Act is an act with what came of it for the node.
type Act struct {
	At   time.Time `json:"at"`
	Rule string    `json:"rule,omitempty"`
	// Outcome is "helped", "no effect", "worse" or "unclear"; empty while that is not
	// known. Judged is when it became known.
	Outcome acts.Outcome `json:"outcome,omitempty"`
	Judged  time.Time    `json:"judged,omitzero"`
	// StopTook is how long the target took to stop, and Killed that it did not by
	// itself.
	StopTook float64 `json:"stop_took,omitempty"`
	Killed   bool    `json:"killed,omitempty"`
	// FirstLine, FirstBlock and AtHead are when the run that followed first said
	// something, had a block, and was back at the head.
	FirstLine  time.Time `json:"first_line,omitzero"`
	FirstBlock time.Time `json:"first_block,omitzero"`
	AtHead     time.Time `json:"at_head,omitzero"`
}

// Tally is how many of the acts by a rule helped, of those whose outcome is known.
type Tally struct {
	Rule   string `json:"rule"`
	Judged int    `json:"judged"`
	Helped int    `json:"helped"`
	// Median is how long those that helped took to.
	Median float64 `json:"median,omitempty"`
	Text   string  `json:"text"`
}

// Fact is a fact with its age.
type Fact struct {
	Fact string `json:"fact"`
	// Value is null for an unknown fact, and then Missing says why.
	Value   json.RawMessage `json:"value"`
	Missing string          `json:"missing,omitempty"`
	// Unit is "s" for a time.
	Unit string `json:"unit,omitempty"`
	// At is when the value was read or last confirmed; it is left out for one
	// that is computed at the check.
	At  time.Time `json:"at,omitzero"`
	Age *float64  `json:"age,omitempty"`
}

// Rule is what one rule, or what stands before the rules, came to.
type Rule struct {
	// Step has the result. Of what stands before the rules it is "decides" for
	// the one that did, "would" for one that would if none before it did, and
	// "passes".
	ruleset.Step
	// Shadowed says that the rule never acts.
	Shadowed bool `json:"shadowed,omitempty"`
	// Since is when the rule's condition began to hold, Held for how long it
	// has, and For how long it must before the rule fires.
	Since time.Time `json:"since,omitzero"`
	Held  float64   `json:"held,omitempty"`
	For   float64   `json:"for,omitempty"`
	// Turns are what would have to be otherwise for the condition to hold where
	// it does not, or not to hold where it does, everything else as it is: each
	// is enough. Where there is none, no single fact turns the condition.
	Turns []Needs `json:"ways,omitempty"`
}

// Guard is something that can stop an act, and whether it does.
type Guard struct {
	Guard  string `json:"guard"`
	Stands bool   `json:"stands"`
	// Until is when it ends, where time ends it, and Left how long that is.
	Until time.Time `json:"until,omitzero"`
	Left  float64   `json:"left,omitempty"`
	Text  string    `json:"text"`
}

// Change is what would have made the check come to another verdict, or will
// make a later one.
type Change struct {
	// Needs have to be so, all of them.
	Needs Needs `json:"needs"`
	// Verdict, Rule and Guard are what the check would come to then.
	Verdict rule.VerdictKind `json:"verdict"`
	Rule    string           `json:"rule,omitempty"`
	Guard   string           `json:"guard,omitempty"`
	Text    string           `json:"text"`
}
