package trace

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// Record is one line of a trace.
type Record struct {
	T       time.Time `json:"t"`
	Monitor string    `json:"monitor,omitempty"`

	// One of these is set. Events stand in place of log lines where only what the
	// parser made of them was recorded: at least one line where there are any. The
	// time of an event, or of the last line, is T where it is left out.
	Target     *rule.Target    `json:"target,omitempty"`
	Head       *rule.Head      `json:"head,omitempty"`
	HeadError  *rule.HeadError `json:"head_error,omitempty"`
	Node       *rule.Node      `json:"node,omitempty"`
	NodeError  *rule.NodeError `json:"node_error,omitempty"`
	Log        *Log            `json:"log,omitempty"`
	LogError   *rule.LogError  `json:"log_error,omitempty"`
	LogGap     *rule.LogGap    `json:"log_gap,omitempty"`
	Events     *rule.Log       `json:"events,omitempty"`
	Action     *rule.Action    `json:"action,omitempty"`
	LastAction *LastAction     `json:"last_action,omitempty"`
	Pause      *rule.Pause     `json:"pause,omitempty"`
	Check      *Check          `json:"check,omitempty"`
	Snapshot   *Snapshot       `json:"snapshot,omitempty"`
}

// Log is one line of the log. Text that is not UTF-8 travels as base64.
type Log struct {
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty"`
	// At is the stamp of the line; the record's t where it is left out.
	At time.Time `json:"at,omitzero"`
	// Partial says that more lines of the past were to come.
	Partial bool `json:"partial,omitempty"`
	// Fresh says that the parser began anew with this line.
	Fresh bool `json:"fresh,omitempty"`
}

// NewLog wraps a line.
func NewLog(text []byte) *Log {
	if utf8.Valid(text) {
		s := string(text)
		return &Log{Text: &s}
	}
	s := base64.StdEncoding.EncodeToString(text)
	return &Log{Base64: &s}
}

// Bytes returns the line.
func (l *Log) Bytes() ([]byte, error) {
	switch {
	case l.Base64 != nil:
		return base64.StdEncoding.DecodeString(*l.Base64)
	case l.Text != nil:
		return []byte(*l.Text), nil
	}
	return nil, errors.New("log record has neither text nor base64")
}

// stamp is that of the line, in a record of time t.
func (l *Log) stamp(t time.Time) time.Time {
	return orTime(l.At, t)
}

// LastAction is when something was last done to the target, or may have been,
// and when that last failed, as it stands from here on: a host that starts
// knows it from the one before, and may learn it late.
type LastAction struct {
	Done   time.Time `json:"done,omitzero"`
	Failed time.Time `json:"failed,omitzero"`
}

// Check asks for a verdict. What a recording host decided may stand in it; a
// replay comes to its own.
type Check struct {
	Verdict rule.VerdictKind `json:"verdict,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	// Guard is what held an act, for people.
	Guard string `json:"guard,omitempty"`
	// Hold is a reason of the host's own to act on nothing, such as "state
	// cannot be written". It holds in a replay too.
	Hold string `json:"hold,omitempty"`
}

// Snapshot begins a file of a recording: what the host knew here. A replay that
// has all that was recorded before passes over it, and goes by it otherwise.
type Snapshot struct {
	// Version is that of the host, Rules what was in force, for people.
	Version string   `json:"version,omitempty"`
	Rules   []string `json:"rules,omitempty"`
	// After is the t of the monitor's record before this one; left out where
	// nothing before it counts, for the host began to watch here, its clock was
	// set, or records are missing.
	After time.Time `json:"after,omitzero"`
	// Lost is how many records are missing before this one.
	Lost int `json:"lost,omitempty"`
	// State is what the engine knew; left out for nothing at all.
	State *rule.State `json:"state,omitempty"`
	// Parser is the state of the log parser, where lines are recorded.
	Parser []byte `json:"parser,omitempty"`
}

// parseRecord reads one line.
func parseRecord(line []byte) (r Record, err error) {
	if err := json.Unmarshal(line, &r); err != nil {
		return r, err
	}
	if r.hasTime() && r.kinds() == 0 {
		return r, foreignKind(line)
	}
	if (r.Head != nil && r.Head.Best == 0 || r.Node != nil && r.Node.Best == 0) && !namesBest(line) {
		return r, errors.New("head record has no best")
	}
	return r, r.valid()
}

// namesBest says whether a head record says which block is the best.
func namesBest(line []byte) bool {
	var record struct{ Head, Node struct{ Best *uint64 } }
	return json.Unmarshal(line, &record) == nil && cmp.Or(record.Head.Best, record.Node.Best) != nil
}

// foreignKind names the kind of a record that has none of ours.
func foreignKind(line []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if key != "t" && key != "monitor" && string(keys[key]) != "null" {
			return fmt.Errorf("record is of unknown kind %q", key)
		}
	}
	return errors.New("record is of no kind")
}

// hasTime: a time before the year 1 counts as none.
func (r *Record) hasTime() bool { return r.T.After(time.Time{}) }

func (r *Record) kinds() int {
	n := 0
	for _, set := range [...]bool{r.Target != nil, r.Head != nil, r.HeadError != nil, r.Node != nil, r.NodeError != nil, r.Log != nil, r.LogError != nil,
		r.LogGap != nil, r.Events != nil, r.Action != nil, r.LastAction != nil, r.Pause != nil, r.Check != nil, r.Snapshot != nil} {
		if set {
			n++
		}
	}
	return n
}

// valid says why nothing can be made of a record; nil where something can.
func (r *Record) valid() error {
	kinds := r.kinds()
	switch {
	case !r.hasTime():
		return errors.New("record has no t")
	case kinds == 0:
		return errors.New("record is of no kind")
	case kinds > 1:
		return errors.New("record is of more than one kind")
	case r.Log != nil && r.Log.Text == nil && r.Log.Base64 == nil:
		return errors.New("log record has neither text nor base64")
	case r.Action != nil && !r.Action.Outcome.Known():
		return fmt.Errorf("action record has the unknown outcome %q", r.Action.Outcome)
	case r.Events != nil:
		for _, ev := range r.Events.Events {
			if !ev.Kind.Known() {
				return fmt.Errorf("events record has an event of unknown kind %q", ev.Kind)
			}
		}
	}
	return nil
}

// observation is what the record says to an engine; nil for a log line, which
// has to be parsed first, and for what is no observation.
func (r *Record) observation() rule.Observation {
	switch {
	case r.Target != nil:
		return *r.Target
	case r.Head != nil:
		return *r.Head
	case r.HeadError != nil:
		return *r.HeadError
	case r.Node != nil:
		return *r.Node
	case r.NodeError != nil:
		return *r.NodeError
	case r.LogError != nil:
		return *r.LogError
	case r.LogGap != nil:
		return *r.LogGap
	case r.Events != nil:
		return r.events()
	case r.Action != nil:
		return *r.Action
	case r.Pause != nil:
		return *r.Pause
	}
	return nil
}

// events are those of the record with their times.
func (r *Record) events() rule.Log {
	log := *r.Events
	log.Lines, log.Last = max(log.Lines, min(1, len(log.Events))), orTime(log.Last, r.T)
	log.Events = slices.Clone(log.Events)
	for i := range log.Events {
		log.Events[i].Time = orTime(log.Events[i].Time, r.T)
	}
	return log
}

// orTime is t, or another time where t is none.
func orTime(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}
