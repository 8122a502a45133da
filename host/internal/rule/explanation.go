package rule

import (
	"encoding/json"
	"time"
)

// Explanation is a verdict with all that it rests on and what would change it.
// Its JSON form is a contract: it begins with the members of a verdict's line,
// times are RFC 3339, ages and periods are seconds as of T, and members are
// added, never renamed.
type Explanation struct {
	T       time.Time   `json:"t"`
	Monitor string      `json:"monitor"`
	Verdict VerdictKind `json:"verdict"`
	Rule    string      `json:"rule"`
	Reason  string      `json:"reason"`
	Guard   string      `json:"guard,omitempty"`
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

	Heads   []HeadSeen   `json:"heads"`
	Target  TargetSeen   `json:"target"`
	Log     LogSeen      `json:"log"`
	Actions []ActionSeen `json:"actions"`
	// Readings are the facts again, with their ages.
	Readings []FactSeen `json:"readings"`
	// Rules are in their order, with what stands before them.
	Rules   []RuleSeen  `json:"rules"`
	Guards  []GuardSeen `json:"guards"`
	Changes []Change    `json:"changes"`
}

// HeadSeen is the newest answer of a head source.
type HeadSeen struct {
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

// TargetSeen is what the target was when it was inspected last: for a running
// host, at this check.
type TargetSeen struct {
	// State is "running", "paused", "restarting", "stopped", "absent",
	// "unreadable" or, before it was inspected, "not seen".
	State string `json:"state"`
	Error string `json:"error,omitempty"`
	// StartedAt is the start of the run that the log is read for.
	StartedAt  time.Time `json:"started_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	ExitCode   *int      `json:"exit_code,omitempty"`
	OOMKilled  bool      `json:"oom_killed,omitempty"`
	MayStart   bool      `json:"may_start,omitempty"`
	Refuse     string    `json:"refuse,omitempty"`
}

// LogSeen is what is known of the log's reading.
type LogSeen struct {
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

// ActionSeen is something that was done to the target.
type ActionSeen struct {
	At      time.Time `json:"at"`
	Age     float64   `json:"age"`
	Outcome Outcome   `json:"outcome"`
	Detail  string    `json:"detail,omitempty"`
	// Assumed says that a replay took it for done.
	Assumed bool `json:"assumed,omitempty"`
}

// FactSeen is a fact with its age.
type FactSeen struct {
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

// RuleSeen is what one rule, or what stands before the rules, came to.
type RuleSeen struct {
	// Step has the result. Of what stands before the rules it is "decides" for
	// the one that did, "would" for one that would if none before it did, and
	// "passes".
	Step
	// Shadowed says that the rule never acts.
	Shadowed bool `json:"shadowed,omitempty"`
	// Since is when the rule's condition began to hold, Held for how long it
	// has, and For how long it must before the rule fires.
	Since time.Time `json:"since,omitzero"`
	Held  float64   `json:"held,omitempty"`
	For   float64   `json:"for,omitempty"`
	// Ways are what would have to be otherwise for the condition to hold where
	// it does not, or not to hold where it does, everything else as it is: each
	// of them is enough. Where there is none, no single change of facts was
	// found.
	Ways []Way `json:"ways,omitempty"`
}

// Way is what has to be so, all of it.
type Way []Need

// GuardSeen is something that can stop an act, and whether it does.
type GuardSeen struct {
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
	Needs Way `json:"needs"`
	// Verdict, Rule and Guard are what the check would come to then.
	Verdict VerdictKind `json:"verdict"`
	Rule    string      `json:"rule,omitempty"`
	Guard   string      `json:"guard,omitempty"`
	Text    string      `json:"text"`
}

// Need is something that would have to be otherwise.
type Need struct {
	// What is a fact, or one of the inputs below.
	What string `json:"what"`
	// Name is the head source of InputHead, the setting or the guard.
	Name string `json:"name,omitempty"`
	// Is is the relation to Value.
	Is string `json:"is"`
	// Value is the boundary: a number, a truth, a time; To is the value that was
	// tried, the nearest to the present one on the other side of it.
	Value json.RawMessage `json:"value,omitempty"`
	To    json.RawMessage `json:"to,omitempty"`
	// By is how far away that is.
	By   float64 `json:"by,omitempty"`
	Text string  `json:"text"`
}

// The inputs that a Need may name beside the facts.
const (
	InputHead    = "head"
	InputLog     = "log"
	InputTarget  = "target"
	InputTime    = "time"
	InputSetting = "setting"
	InputGuard   = "guard"
)

// The relations of a Need.
const (
	Above   = ">"
	AtLeast = ">="
	Below   = "<"
	AtMost  = "<="
	Equals  = "="
	// Known: an unknown fact is known.
	Known = "known"
	// Answers and Fails are those of a head source and of the log.
	Answers = "answers"
	Fails   = "fails"
	// Runs is that of a target.
	Runs = "runs"
	// Lifted is that of a guard.
	Lifted = "lifted"
)
