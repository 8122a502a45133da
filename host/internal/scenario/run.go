package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// maxWarnings bounds the warnings that a result keeps.
const maxWarnings = 20

// Result is what became of a test.
type Result struct {
	Test *Test
	// Checks is the number of checks, Acts are those that came to an act, from
	// the start.
	Checks int
	Acts   []time.Duration
	// Failures are what is not as it was expected; none in a test that passed.
	Failures []Failure
	// Warnings are what was not used of a trace as it stands.
	Warnings []trace.Warning
	// Update is what an update would write anew; nil for nothing.
	Update *Update
}

// Passed says whether everything is as it was expected.
func (r *Result) Passed() bool { return len(r.Failures) == 0 }

// Failure is an expectation that was not met.
type Failure struct {
	hcltext.Position
	// Offset is the check, from the start; empty where the failure is not about
	// one. Time is its time.
	Offset string     `json:"at,omitempty"`
	Time   *time.Time `json:"t,omitempty"`
	// Message says in one line what was not met.
	Message string `json:"message"`
	// Differences are what was wanted and what came.
	Differences []Difference `json:"differences,omitempty"`
	// Verdict is that of the check, with its sentences and the rules in their
	// order.
	Verdict *Shown `json:"verdict,omitempty"`
	// Lines are a picture for people, such as the verdicts around.
	Lines []string `json:"lines,omitempty"`
	// mended says that an update mends it.
	mended bool
}

// Shown is a verdict in a failure.
type Shown struct {
	Kind      rule.VerdictKind `json:"verdict"`
	Rule      string           `json:"rule"`
	Reason    string           `json:"reason"`
	Sentences []string         `json:"sentences"`
	Steps     []ruleset.Step   `json:"steps"`
}

// Trace makes the trace of a test's history for a monitor of a configuration;
// nil where the test has none.
func (t *Test) Trace(m *config.Monitor) ([]byte, hcltext.Diagnostics) {
	if t.history == nil {
		return nil, nil
	}
	records, found := t.history.run(t.Monitor, m.HeadNames())
	if found.HasErrors() {
		return nil, found
	}
	var text bytes.Buffer
	if err := encode(records, &text); err != nil {
		return nil, hcltext.Diagnostics{{Severity: hcltext.SeverityError, Position: t.Position, Summary: err.Error()}}
	}
	return text.Bytes(), found
}

// judge follows a test through its checks.
type judge struct {
	*Result
	start time.Time
	rows  []entry
	table []entry
	// met are what became of the expectations, in their order.
	met []*outcome
	// wrong is what showed to be a mistake of the file.
	wrong *hcltext.File
}

// Run drives the engine over the test, which is of monitor m of configuration c.
// The diagnostics are mistakes of the file that show only now; the error is that
// of a context that is done.
func (t *Test) Run(ctx context.Context, c *config.Config, m *config.Monitor, parser trace.Parser) (*Result, hcltext.Diagnostics, error) {
	text, found := t.Trace(m)
	if found.HasErrors() {
		return nil, found, nil
	}
	j := &judge{Result: &Result{Test: t}, start: t.Start, wrong: hcltext.NewFile(hcltext.Language{}, t.file.Path, t.file.text.Src)}
	sources := []trace.Source{trace.TextSource("", text)}
	if t.history == nil {
		var err error
		if sources, j.start, err = openTraces(t.trace, t.Start); err != nil {
			j.wrong.Fail(t.traceAt, "A path is taken from the folder of this file.", "read the trace %s: %v", t.trace, hcltext.WithoutPath(err))
			return nil, j.wrong.TakeFound(), nil
		}
	}
	for _, e := range t.expects {
		j.met = append(j.met, newOutcome(e, j.start))
	}
	replay := &trace.Replay{Monitors: monitors(c, m, parser), Only: m.Name, Verdict: j.verdict, Warn: j.warn}
	if err := replay.Run(ctx, sources...); err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		j.Failures = append(j.Failures, Failure{Position: t.Position, Message: err.Error()})
		return j.Result, nil, nil
	}
	if found := j.wrong.TakeFound(); found.HasErrors() {
		return nil, found, nil
	}
	j.finish()
	return j.Result, nil, nil
}

// monitors are the monitors of a configuration for a replay. Only one of them is
// replayed, so only that one has a parser.
func monitors(c *config.Config, only *config.Monitor, parser trace.Parser) []trace.Monitor {
	var all []trace.Monitor
	for _, m := range c.Monitors {
		known := trace.Monitor{Name: m.Name, Settings: m.Settings, Sources: m.HeadNames()}
		if m == only {
			known.Parser = parser
		}
		all = append(all, known)
	}
	return all
}

func (j *judge) warn(w trace.Warning) {
	if len(j.Warnings) < maxWarnings {
		j.Warnings = append(j.Warnings, w)
	}
}

// verdict takes one check.
func (j *judge) verdict(c trace.Checked) error {
	v := c.Verdict
	at := v.Time.Sub(j.start)
	o := occasion{start: j.start, at: at, n: j.Checks}
	j.Checks++
	if v.Kind == rule.Act {
		j.Acts = append(j.Acts, at)
	}
	j.rows = append(j.rows, entry{from: at, to: at, kind: v.Kind, rule: v.Rule, reason: v.Reason})
	j.table = addCheck(j.table, at, v)
	for _, e := range j.met {
		if e.covers(at) {
			j.compare(e, o, v)
		}
	}
	return nil
}

// compare judges one check by one expectation; the first failure is kept whole,
// the others are counted.
func (j *judge) compare(e *outcome, o occasion, v rule.Verdict) {
	e.checked[o.at] = true
	differences, diags := e.judge(o, v)
	if diags.HasErrors() {
		j.wrong.ReportHCL(hcltext.Place{At: e.section.Range}, diags)
		return
	}
	switch {
	case len(differences) == 0:
	case e.failed != nil:
		e.more++
	default:
		at := v.Time.UTC()
		e.failed = &Failure{Offset: Offset(o.at), Time: &at, Differences: differences,
			Verdict: &Shown{v.Kind, v.Rule, v.Reason, v.Sentences, v.Steps}}
	}
}

// finish judges what can be judged only of the whole.
func (j *judge) finish() {
	for _, e := range j.met {
		j.finishExpectation(e)
	}
	if w := j.Test.acts; w != nil {
		if differences := w.judge(j.Acts, j.start); len(differences) > 0 {
			j.Failures = append(j.Failures, Failure{Position: j.wrong.Position(w.at), Message: w.name + " are others", Differences: differences,
				Lines: renderTable(j.table)})
		}
	}
	j.finishVerdicts()
	slices.SortStableFunc(j.Failures, func(a, b Failure) int { return a.Line - b.Line })
}

func (j *judge) finishExpectation(e *outcome) {
	fail := func(f Failure) {
		f.Position = e.section.Position(e.section.Range)
		j.Failures = append(j.Failures, f)
	}
	for _, at := range e.at {
		if !e.checked[at] {
			fail(Failure{Offset: Offset(at), Message: fmt.Sprintf("there was no check at %s; %s", Offset(at), j.nearest(at))})
		}
	}
	if len(e.at) == 0 && len(e.checked) == 0 {
		message := "there was no check " + e.span() + "; there was none at all"
		if last := len(j.rows) - 1; last >= 0 {
			message = fmt.Sprintf("there was no check %s; the first was at %s, the last at %s", e.span(), Offset(j.rows[0].from), Offset(j.rows[last].from))
		}
		fail(Failure{Message: message})
	}
	if e.failed == nil {
		return
	}
	e.failed.Message = "check at " + e.failed.Offset
	if e.more > 0 {
		e.failed.Message += fmt.Sprintf(", and %d more", e.more)
	}
	e.failed.Lines = j.around(e.failed.Offset)
	fail(*e.failed)
}

// nearest names the checks before and after a time.
func (j *judge) nearest(at time.Duration) string {
	after := slices.IndexFunc(j.rows, func(e entry) bool { return e.from > at })
	switch {
	case len(j.rows) == 0:
		return "there was none at all"
	case after < 0:
		return "the last was at " + Offset(j.rows[len(j.rows)-1].from)
	case after == 0:
		return "the first was at " + Offset(j.rows[0].from)
	}
	return fmt.Sprintf("the nearest were at %s and %s", Offset(j.rows[after-1].from), Offset(j.rows[after].from))
}

// around shows the checks around one.
func (j *judge) around(offset string) []string {
	at := slices.IndexFunc(j.rows, func(e entry) bool { return Offset(e.from) == offset })
	first := max(0, at-3)
	lines := renderTable(j.rows[first:min(len(j.rows), at+4)])
	for i := range lines {
		mark := "  "
		if first+i == at {
			mark = "> "
		}
		lines[i] = mark + lines[i]
	}
	return lines
}

// openTraces finds the traces that a path stands for, a file or a folder of a
// recording. The start is the given one, or else the time of the first record.
func openTraces(path string, start time.Time) (sources []trace.Source, first time.Time, err error) {
	files, err := trace.Files([]string{path})
	if err != nil {
		return nil, first, err
	}
	for _, file := range files {
		source, err := trace.FileSource(file)
		if err != nil {
			return nil, first, err
		}
		if len(files) == 1 {
			source.Name = "" // the test names it
		}
		sources = append(sources, source)
	}
	merged, err := trace.NewMerge(sources, func(trace.Warning) {})
	if err != nil {
		return nil, first, err
	}
	defer merged.Close()
	record, err := merged.Next()
	if errors.Is(err, io.EOF) {
		err = errors.New("it holds no record")
	}
	if start.IsZero() {
		start = record.T
	}
	return sources, start, err
}
