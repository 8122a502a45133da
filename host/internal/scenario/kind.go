package scenario

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// kind is a kind of record that a history may hold, named as in a trace.
type kind struct {
	name       string
	attributes []string
	// needs are the attributes that have to be given.
	needs []string
	// make makes a record, or several for a text of several lines. What is
	// wrong it says to the row.
	make func(r *row) []trace.Record
}

func kinds() []kind {
	return []kind{
		{"target", []string{"exists", "running", "paused", "restarting", "started", "finished", "exit_code", "oom_killed", "name", "error", "may_start", "refuse"}, nil, targetRecord},
		{"head", []string{"source", "best", "finalized", "hash", "block_time", "endpoint"}, []string{"best"}, headRecord},
		{"head_error", []string{"source", "error"}, []string{"error"}, headErrorRecord},
		{"log", []string{"text", "base64"}, nil, logRecords},
		{"log_error", []string{"error"}, []string{"error"}, func(r *row) []trace.Record {
			return []trace.Record{{LogError: &trace.LogError{Error: r.text("error")}}}
		}},
		{"log_gap", []string{"reason"}, []string{"reason"}, func(r *row) []trace.Record {
			return []trace.Record{{LogGap: &trace.LogGap{Reason: r.text("reason")}}}
		}},
		{"events", []string{"lines"}, nil, eventsRecord},
		{"action", []string{"outcome", "detail"}, []string{"outcome"}, actionRecord},
		{"last_action", []string{"done", "failed"}, nil, func(r *row) []trace.Record {
			return []trace.Record{{LastAction: &trace.LastAction{Done: r.time("done"), Failed: r.time("failed")}}}
		}},
		{"check", []string{"hold"}, nil, func(r *row) []trace.Record {
			return []trace.Record{{Check: &trace.Check{Hold: r.text("hold")}}}
		}},
	}
}

func kindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

func targetRecord(r *row) []trace.Record {
	t := &trace.Target{Exists: r.flag("exists", !r.given("error")), Paused: r.flag("paused", false), Restarting: r.flag("restarting", false),
		StartedAt: r.time("started"), FinishedAt: r.time("finished"), OOMKilled: r.flag("oom_killed", false), Name: r.text("name"),
		Error: r.text("error"), MayStart: r.flag("may_start", false), Refuse: r.text("refuse")}
	t.Running = r.flag("running", t.Exists && t.Error == "")
	if code, ok := r.whole("exit_code", -1<<31, 1<<31-1); ok {
		exit := int(code)
		t.ExitCode = &exit
	}
	return []trace.Record{{Target: t}}
}

func headRecord(r *row) []trace.Record {
	h := &trace.Head{Source: r.source(), Best: r.count("best"), Finalized: r.count("finalized"), Hash: r.text("hash"),
		BlockTime: r.time("block_time"), Endpoint: r.text("endpoint")}
	if h.Best == nil {
		return nil
	}
	return []trace.Record{{Head: h}}
}

func headErrorRecord(r *row) []trace.Record {
	return []trace.Record{{HeadError: &trace.HeadError{Source: r.source(), Error: r.text("error")}}}
}

// logRecords are the lines of a text; the line end of a heredoc is none of its
// own.
func logRecords(r *row) []trace.Record {
	if r.given("base64") == r.given("text") {
		r.fail("text", "base64 is for a line that is not UTF-8.", "log needs text or base64")
		return nil
	}
	if r.given("base64") {
		text := r.text("base64")
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			r.fail("base64", "", "base64 cannot be read: %v", err)
		}
		return []trace.Record{{Log: &trace.Log{Base64: &text}}}
	}
	var records []trace.Record
	for line := range strings.SplitSeq(strings.TrimSuffix(r.text("text"), "\n"), "\n") {
		records = append(records, trace.Record{Log: trace.NewLog([]byte(line))})
	}
	return records
}

func actionRecord(r *row) []trace.Record {
	a := &trace.Action{Outcome: rule.Outcome(r.text("outcome")), Detail: r.text("detail")}
	if !a.Outcome.Known() {
		r.fail("outcome", "", "outcome must be one of done, not_done, failed, unknown, not %q", a.Outcome)
	}
	return []trace.Record{{Action: a}}
}

func eventsRecord(r *row) []trace.Record {
	e := &trace.Events{}
	if lines := r.count("lines"); lines != nil {
		e.Lines = int(min(*lines, math.MaxInt32))
	}
	for _, inner := range r.events {
		inner.wrong = false
		e.Events = append(e.Events, inner.at(r.occasion).event())
		r.wrong = r.wrong || inner.wrong
	}
	return []trace.Record{{Events: e}}
}

// eventAttributes are those of an event of an events record.
func eventAttributes() []string { return []string{"kind", "number", "name", "text", "cures", "value"} }

func (r *row) event() trace.Event {
	e := trace.Event{Kind: rule.EventKind(r.text("kind")), Name: r.text("name"), Text: r.text("text"), Cures: r.flag("cures", false)}
	if number := r.count("number"); number != nil {
		e.Number = *number
	}
	if !e.Kind.Known() {
		r.fail("kind", "Such as block_imported, block_finalized, session_started, major_sync, fact.", "there is no event of kind %q", e.Kind)
	}
	if value, ok := r.value("value"); ok {
		e.Value = r.plain("value", value)
	}
	return e
}

// plain is a value of HCL as JSON has it.
func (r *row) plain(name string, value cty.Value) any {
	switch value.Type() {
	case cty.Bool:
		return value.True()
	case cty.Number:
		number, _ := value.AsBigFloat().Float64()
		return number
	case cty.String:
		return value.AsString()
	}
	r.fail(name, "", "%s must be a number, a text, or true or false", name)
	return nil
}

// row is one occasion of a record's block: the values of its attributes.
type row struct {
	*recordBlock
	occasion occasion
}

func (b *recordBlock) at(o occasion) *row { return &row{recordBlock: b, occasion: o} }

func (r *row) given(name string) bool { return r.formulas[name] != nil }

// fail notes a mistake at an attribute, and when it showed.
func (r *row) fail(name, hint, format string, args ...any) {
	at := r.block.at
	if f := r.formulas[name]; f != nil {
		at = f.expr.Range()
	}
	if r.given(name) && r.formulas[name].varies() {
		format += fmt.Sprintf(" (at %s)", Offset(r.occasion.at))
	}
	r.wrong = true
	r.block.fail(at, hint, format, args...)
}

// value computes an attribute; ok is false where there is none.
func (r *row) value(name string) (cty.Value, bool) {
	f := r.formulas[name]
	if f == nil {
		return cty.NilVal, false
	}
	if known, ok := r.constants[name]; ok {
		return known, !known.IsNull()
	}
	value, diags := f.value(r.occasion)
	if diags.HasErrors() {
		r.wrong = true
		r.block.library(f.expr.Range(), diags)
		return cty.NilVal, false
	}
	if !f.varies() {
		r.constants[name] = value
	}
	return value, !value.IsNull()
}

func (r *row) text(name string) string {
	value, ok := r.value(name)
	if !ok {
		return ""
	}
	text, ok := toText(value)
	if !ok {
		r.fail(name, "", "%s must be a text", name)
	}
	return text
}

func (r *row) flag(name string, otherwise bool) bool {
	value, ok := r.value(name)
	if !ok {
		return otherwise
	}
	truth, err := convert.Convert(value, cty.Bool)
	if err != nil || !truth.IsKnown() {
		r.fail(name, "", "%s must be true or false", name)
		return otherwise
	}
	return truth.True()
}

// number reads a whole number.
func (r *row) number(name string) (*big.Float, bool) {
	value, ok := r.value(name)
	if !ok {
		return nil, false
	}
	number, err := convert.Convert(value, cty.Number)
	if err != nil || !number.IsKnown() || !number.AsBigFloat().IsInt() {
		text, _ := toText(value)
		r.fail(name, "t has a fraction where a step is not whole seconds; floor(...) cuts it off.", "%s must be a whole number, not %s", name, text)
		return nil, false
	}
	return number.AsBigFloat(), true
}

func (r *row) count(name string) *uint64 {
	number, ok := r.number(name)
	if !ok {
		return nil
	}
	count, exact := number.Uint64()
	if exact != big.Exact {
		r.fail(name, "", "%s must be a number of blocks, 0 or above, not %s", name, number.Text('f', 0))
		return nil
	}
	return &count
}

func (r *row) whole(name string, least, most int64) (int64, bool) {
	number, ok := r.number(name)
	if !ok {
		return 0, false
	}
	whole, exact := number.Int64()
	if exact != big.Exact || whole < least || whole > most {
		r.fail(name, "", "%s is out of bounds: %s", name, number.Text('f', 0))
		return 0, false
	}
	return whole, true
}

// time reads a moment; nil where it is not given.
func (r *row) time(name string) *time.Time {
	value, ok := r.value(name)
	if !ok {
		return nil
	}
	m, err := toMoment(value)
	if err != nil {
		r.fail(name, momentHint, "%s must be %v", name, err)
		return nil
	}
	at := r.occasion.start.Add(m.from(r.occasion.start)).UTC()
	return &at
}
