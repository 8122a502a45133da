package trace

import (
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

	// One of these is set.
	Target     *Target     `json:"target,omitempty"`
	Head       *Head       `json:"head,omitempty"`
	HeadError  *HeadError  `json:"head_error,omitempty"`
	Log        *Log        `json:"log,omitempty"`
	LogError   *LogError   `json:"log_error,omitempty"`
	LogGap     *LogGap     `json:"log_gap,omitempty"`
	Events     *Events     `json:"events,omitempty"`
	Action     *Action     `json:"action,omitempty"`
	LastAction *LastAction `json:"last_action,omitempty"`
	Check      *Check      `json:"check,omitempty"`
	Snapshot   *Snapshot   `json:"snapshot,omitempty"`
}

// Target is what the target was.
type Target struct {
	Exists     bool       `json:"exists"`
	Running    bool       `json:"running"`
	Paused     bool       `json:"paused,omitempty"`
	Restarting bool       `json:"restarting,omitempty"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	ExitCode   *int       `json:"exit_code,omitempty"`
	OOMKilled  bool       `json:"oom_killed,omitempty"`
	Name       string     `json:"name,omitempty"`
	Error      string     `json:"error,omitempty"`
	MayStart   bool       `json:"may_start,omitempty"`
	Refuse     string     `json:"refuse,omitempty"`
}

// Head is what a head source answered.
type Head struct {
	Source    string     `json:"source"`
	Best      *uint64    `json:"best"`
	Finalized *uint64    `json:"finalized,omitempty"`
	Hash      string     `json:"hash,omitempty"`
	BlockTime *time.Time `json:"block_time,omitempty"`
	Endpoint  string     `json:"endpoint,omitempty"`
}

// HeadError says that a head source answered with an error.
type HeadError struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// Log is one line of the log. Text that is not UTF-8 travels as base64.
type Log struct {
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty"`
	// At is the stamp of the line; the record's t where it is left out.
	At *time.Time `json:"at,omitempty"`
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
	if l.At != nil {
		return *l.At
	}
	return t
}

// LogError says that the log cannot be read from here on.
type LogError struct {
	Error string `json:"error"`
}

// LogGap says that lines are missing here.
type LogGap struct {
	Reason string `json:"reason"`
}

// Events stand in place of log lines where only what the parser made of them
// was recorded.
type Events struct {
	// Lines is the number of lines that were read; at least one where there are
	// events.
	Lines int `json:"lines"`
	// Last is the stamp of the last of them; the record's t where it is left
	// out.
	Last   *time.Time `json:"last,omitempty"`
	Events []Event    `json:"events,omitempty"`
	// Partial says that more lines of the past were to come.
	Partial bool `json:"partial,omitempty"`
}

// Event is what one line said.
type Event struct {
	// T is the stamp of the line; the record's t where it is left out.
	T      *time.Time     `json:"t,omitempty"`
	Kind   rule.EventKind `json:"kind"`
	Number uint64         `json:"number,omitempty"`
	Name   string         `json:"name,omitempty"`
	Text   string         `json:"text,omitempty"`
	Cures  bool           `json:"cures,omitempty"`
	Value  any            `json:"value,omitempty"`
}

// Action is something that was done to the target.
type Action struct {
	Outcome rule.Outcome `json:"outcome"`
	Detail  string       `json:"detail,omitempty"`
}

// LastAction is when something was last done to the target, or may have been,
// and when that last failed, as it stands from here on: a host that starts
// knows it from the one before, and may learn it late.
type LastAction struct {
	Done   *time.Time `json:"done,omitempty"`
	Failed *time.Time `json:"failed,omitempty"`
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
	After *time.Time `json:"after,omitempty"`
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
	return r, r.valid()
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
	for _, set := range [...]bool{r.Target != nil, r.Head != nil, r.HeadError != nil, r.Log != nil, r.LogError != nil,
		r.LogGap != nil, r.Events != nil, r.Action != nil, r.LastAction != nil, r.Check != nil, r.Snapshot != nil} {
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
	case r.Head != nil && r.Head.Best == nil:
		return errors.New("head record has no best")
	case r.Action != nil && !r.Action.Outcome.Known():
		return fmt.Errorf("action record has the unknown outcome %q", r.Action.Outcome)
	case r.Events != nil:
		return r.Events.valid()
	}
	return nil
}

// observation is what the record says to an engine; nil for a log line, which
// has to be parsed first, and for what is no observation.
func (r *Record) observation() rule.Observation {
	switch {
	case r.Target != nil:
		return r.Target.observation()
	case r.Head != nil:
		h := r.Head
		return rule.Head{Source: h.Source, Best: *h.Best, Finalized: h.Finalized, Hash: h.Hash, BlockTime: value(h.BlockTime), Endpoint: h.Endpoint}
	case r.HeadError != nil:
		return rule.HeadError{Source: r.HeadError.Source, Error: r.HeadError.Error}
	case r.LogError != nil:
		return rule.LogError{Error: r.LogError.Error}
	case r.LogGap != nil:
		return rule.LogGap{Reason: r.LogGap.Reason}
	case r.Events != nil:
		return r.Events.observation(r.T)
	case r.Action != nil:
		return rule.Action{Outcome: r.Action.Outcome, Detail: r.Action.Detail}
	}
	return nil
}

func (e *Events) valid() error {
	for _, ev := range e.Events {
		if !ev.Kind.Known() {
			return fmt.Errorf("events record has an event of unknown kind %q", ev.Kind)
		}
	}
	return nil
}

func (t *Target) observation() rule.Target {
	return rule.Target{Error: t.Error, Exists: t.Exists, Running: t.Running, Paused: t.Paused, Restarting: t.Restarting,
		StartedAt: value(t.StartedAt), FinishedAt: value(t.FinishedAt), ExitCode: t.ExitCode, OOMKilled: t.OOMKilled,
		Name: t.Name, MayStart: t.MayStart, Refuse: t.Refuse}
}

func (e *Events) observation(t time.Time) rule.Log {
	log := rule.Log{Lines: max(e.Lines, min(1, len(e.Events))), Last: t, Partial: e.Partial}
	if e.Last != nil {
		log.Last = *e.Last
	}
	for _, ev := range e.Events {
		at := t
		if ev.T != nil {
			at = *ev.T
		}
		log.Events = append(log.Events, rule.Event{Time: at, Kind: ev.Kind, Number: ev.Number, Name: ev.Name, Text: ev.Text, Cures: ev.Cures, Value: ev.Value})
	}
	return log
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
