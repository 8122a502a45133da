package scenario

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

func targetRecord(r *row) []trace.Record {
	t := &rule.Target{Exists: r.flagOr("exists", r.Written("error") == nil), Paused: r.Flag("paused"), Restarting: r.Flag("restarting"),
		StartedAt: r.moment("started"), FinishedAt: r.moment("finished"), OOMKilled: r.Flag("oom_killed"), Name: r.Text("name"),
		Error: r.Text("error"), MayStart: r.Flag("may_start"), Refuse: r.Text("refuse")}
	for _, id := range r.Texts("hazards") {
		t.Hazards = append(t.Hazards, rule.Hazard{ID: id, Level: rule.HazardRefuse, What: "it has the hazard " + id, Mend: "see to it"})
	}
	t.Running = r.flagOr("running", t.Exists && t.Error == "")
	if number, given := r.Value("exit_code"); given {
		code, err := strconv.ParseInt(number.(json.Number).String(), 10, 32)
		if err != nil {
			r.Refuse("exit_code", "a number of 32 bits", "")
		}
		t.ExitCode = new(int(code))
	}
	return []trace.Record{{Target: t}}
}

func headRecord(r *row) []trace.Record {
	return []trace.Record{{Head: new(r.answer(r.source()))}}
}

func nodeRecord(r *row) []trace.Record {
	return []trace.Record{{Node: new(rule.Node(r.answer("node")))}}
}

func (r *row) answer(source string) rule.Head {
	return rule.Head{Source: source, Best: r.Count("best"), Finalized: optional[uint64](r, "finalized"), Hash: r.Text("hash"), BlockTime: r.moment("block_time"), Endpoint: r.Text("endpoint"),
		Chain: r.Text("chain"), Syncing: optional[bool](r, "syncing"), Peers: optional[uint64](r, "peers"), Progress: optional[uint64](r, "progress")}
}

func optional[T any](r *row, name string) *T {
	if value, given := r.Value(name); given {
		return new(value.(T))
	}
	return nil
}

// source names the head source that a record is of: the monitor's only one
// unless it says another.
func (r *row) source() string {
	source := r.Text("source")
	switch {
	case r.sources == nil || slices.Contains(r.sources, source):
	case r.Written("source") != nil:
		r.Fail(r.Written("source").Expr.Range(), hcltext.Suggest(source, r.sources, "It asks"), "the monitor asks no head source %q", source)
	case len(r.sources) == 1:
		return r.sources[0]
	default:
		r.Fail(r.Range, "", "%s needs a source: the monitor asks %s", r.What, strings.Join(r.sources, ", "))
	}
	return source
}

// logRecords are the lines of a text; the line end of a heredoc is none of its
// own.
func logRecords(r *row) []trace.Record {
	text, packed := r.Written("text"), r.Written("base64")
	switch {
	case text != nil && packed == nil:
		var records []trace.Record
		for line := range strings.SplitSeq(strings.TrimSuffix(r.Text("text"), "\n"), "\n") {
			records = append(records, trace.Record{Log: trace.NewLog([]byte(line))})
		}
		return records
	case text == nil && packed != nil:
		encoded := r.Text("base64")
		if _, err := base64.StdEncoding.DecodeString(encoded); err != nil {
			r.Fail(packed.Expr.Range(), "", "base64 cannot be read: %v", err)
		}
		return []trace.Record{{Log: &trace.Log{Base64: &encoded}}}
	}
	r.Fail(r.Range, "base64 is for a line that is not UTF-8.", "log needs text or base64")
	return nil
}

func logErrorRecord(r *row) []trace.Record {
	return []trace.Record{{LogError: &rule.LogError{Error: r.Text("error")}}}
}

func logGapRecord(r *row) []trace.Record {
	return []trace.Record{{LogGap: &rule.LogGap{Reason: r.Text("reason")}}}
}

func lastActionRecord(r *row) []trace.Record {
	return []trace.Record{{LastAction: &trace.LastAction{Done: r.moment("done"), Failed: r.moment("failed")}}}
}

func checkRecord(r *row) []trace.Record {
	return []trace.Record{{Check: &trace.Check{Hold: r.Text("hold")}}}
}

func actionRecord(r *row) []trace.Record {
	a := &rule.Action{Outcome: rule.Outcome(r.Text("outcome")), Detail: r.Text("detail")}
	if !a.Outcome.Known() {
		r.Refuse("outcome", "one of done, not_done, failed, unknown", "")
	}
	return []trace.Record{{Action: a}}
}

func eventsRecord(r *row) []trace.Record {
	e := &rule.Log{Lines: int(min(r.Count("lines"), math.MaxInt32))}
	for _, inner := range r.events {
		e.Events = append(e.Events, inner.at(r.occasion).event())
	}
	return []trace.Record{{Events: e}}
}

func (r *row) event() nodelog.Event {
	e := nodelog.Event{Kind: nodelog.EventKind(r.Text("kind")), Name: r.Text("name"), Text: r.Text("text"), Number: r.Count("number"), Cures: r.Flag("cures")}
	if !e.Kind.Known() {
		at := r.Range
		if kind := r.Written("kind"); kind != nil {
			at = kind.Expr.Range()
		}
		r.Fail(at, "Such as block_imported, block_finalized, session_started, major_sync, fact.", "there is no event of kind %q", e.Kind)
	}
	if value, given := r.Raw("value"); given {
		e.Value = r.plain(value)
	}
	return e
}

// plain is the value of a fact as JSON has it.
func (r *row) plain(value cty.Value) any {
	switch value.Type() {
	case cty.Bool:
		return value.True()
	case cty.Number:
		number, _ := value.AsBigFloat().Float64()
		return number
	case cty.String:
		return value.AsString()
	}
	r.Refuse("value", "a number, a text, or true or false", "")
	return nil
}

func (r *row) flagOr(name string, otherwise bool) bool {
	if value, given := r.Value(name); given {
		return value.(bool)
	}
	return otherwise
}

// moment is a time; zero where it is not given.
func (r *row) moment(name string) time.Time {
	if m, given := readMoment(r.Section, name); given {
		return r.occasion.start.Add(m.from(r.occasion.start)).UTC()
	}
	return time.Time{}
}
