package scenario

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// maxRecords bounds a history: two weeks of a line a second.
const maxRecords = 1_500_000

// history makes records.
type history struct {
	section hcltext.Section
	start   time.Time
	rows    []*row
}

// row is a block of a history: a record, or a row of them.
type row struct {
	hcltext.Section
	make func(r *row) []trace.Record
	// times are the moments of its records, unless every is set: then they go
	// from the first to the last of them by steps of every.
	times     []time.Duration
	every     time.Duration
	formulas  map[string]*formula
	constants map[string]cty.Value
	events    []*row
	// sources are the head sources of the monitor; nil while they are not known.
	sources []string
	// occasion is the record that is being made.
	occasion occasion
}

// readHistory reads a history block.
func readHistory(s hcltext.Section, names *values) *history {
	h := &history{section: s, start: names.start}
	end, ends := readMoment(s, "to")
	for _, k := range kinds() {
		for _, block := range s.Children(k.grammar.Name) {
			r := newRow(block, names)
			r.make = k.make
			r.readTimes(names.start, end.from(names.start), ends)
			h.rows = append(h.rows, r)
		}
	}
	slices.SortStableFunc(h.rows, func(a, b *row) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	if len(h.rows) == 0 {
		s.Fail(s.Range, "Write target, head and log blocks.", "history holds nothing")
	}
	total := 0
	for _, r := range h.rows {
		total += r.count()
	}
	h.bound(total)
	return h
}

// bound refuses a history of more records than anyone wants.
func (h *history) bound(total int) bool {
	if total <= maxRecords {
		return true
	}
	h.section.Fail(h.section.Range, "Raise every, or shorten the history.", "history holds more than %d records", maxRecords)
	return false
}

func newRow(s hcltext.Section, names *values) *row {
	r := &row{Section: s, formulas: map[string]*formula{}, constants: map[string]cty.Value{}}
	for _, attribute := range s.Attributes() {
		if !slices.Contains([]string{"at", "from", "to", "every"}, attribute.Name) {
			r.formulas[attribute.Name] = names.formula(s.File, attribute)
		}
	}
	if s.Grammar.Name == "events" {
		for _, inner := range s.Children("event") {
			r.events = append(r.events, newRow(inner, names))
		}
	}
	return r
}

// readTimes reads when the records are: at given times, or from one time to another
// by steps, both ends included. Without a time there is one, at the start.
func (r *row) readTimes(start time.Time, historyEnd time.Duration, ends bool) {
	at, hasAt := readMoments(r.Section, "at")
	from, hasFrom := readMoment(r.Section, "from")
	to, hasTo := readMoment(r.Section, "to")
	every, hasEvery := readMoment(r.Section, "every")
	writesAt, writesEvery := r.Written("at") != nil, r.Written("every") != nil
	last := historyEnd
	if hasTo {
		last = to.from(start)
	}
	switch {
	case writesAt && (hasFrom || hasTo || writesEvery):
		r.Fail(r.Range, "at is for single records, from, to and every are for a row of them.", "%s has at beside from, to or every", r.What)
	case hasAt && len(at) == 0:
		r.Fail(r.Written("at").Expr.Range(), "", "at names no time")
	case writesAt:
		r.times = distances(at, start)
	case !writesEvery && (hasFrom || hasTo):
		r.Fail(r.Range, `Write every = "60s", or at for a single record.`, "%s has no every", r.What)
	case !writesEvery:
		r.times = []time.Duration{0}
	case !hasEvery:
	case !hasTo && !ends:
		r.Fail(r.Range, "Write to here, or in the history for all its blocks.", "%s has no end", r.What)
	case every.after < time.Millisecond:
		r.Fail(r.Written("every").Expr.Range(), "", "every must be at least 1ms, not %s", every.after)
	case last < from.from(start):
		r.Fail(r.Range, "", "%s ends at %s, before it begins at %s", r.What, Offset(last), Offset(from.from(start)))
	default:
		r.times, r.every = []time.Duration{from.from(start), last}, every.after
	}
}

// count is the number of its records.
func (r *row) count() int {
	if r.every == 0 {
		return len(r.times)
	}
	return int((r.times[1]-r.times[0])/r.every) + 1
}

// time is when its record n is.
func (r *row) time(n int) time.Duration {
	if r.every == 0 {
		return r.times[n]
	}
	return r.times[0] + time.Duration(n)*r.every
}

// at sets the record of which the attributes are read from now on.
func (r *row) at(o occasion) *row {
	r.occasion, r.Evaluate = o, r.evaluate
	return r
}

// evaluate computes an attribute of the current record. Mistakes in an attribute that
// varies are reported with the time of the record.
func (r *row) evaluate(attribute *hclsyntax.Attribute, _ bool) (cty.Value, bool) {
	f := r.formulas[attribute.Name]
	if f == nil {
		return cty.DynamicVal, false
	}
	r.SummarySuffix = ""
	if value, known := r.constants[attribute.Name]; known {
		return value, true
	}
	if f.varies() {
		r.SummarySuffix = fmt.Sprintf(" (at %s)", Offset(r.occasion.at))
	}
	value, diags := f.value(r.occasion)
	r.ReportHCL(hcltext.Place{At: attribute.Expr.Range()}, diags)
	if !f.varies() && !diags.HasErrors() {
		r.constants[attribute.Name] = value
	}
	return value, !diags.HasErrors()
}

// records makes the records of one occasion; there are none where when is false. ok
// is false where something is wrong.
func (r *row) records(o occasion) (all []trace.Record, ok bool) {
	before := len(r.Found())
	r.at(o)
	if r.flagOr(when, true) {
		all = r.make(r)
	}
	r.SummarySuffix = ""
	return all, len(r.Found()) == before
}

// run makes all records, in the order of their times; those of one time stay in
// the order of the file. monitor is what they name, and may be empty.
func (h *history) run(monitor string, sources []string) ([]trace.Record, hcltext.Diagnostics) {
	var records []trace.Record
	for _, r := range h.rows {
		r.sources = sources
		for n := range r.count() {
			o := occasion{start: h.start, at: r.time(n), n: n}
			made, ok := r.records(o)
			if !ok || !h.bound(len(records)+len(made)) {
				break
			}
			for _, record := range made {
				record.T, record.Monitor = h.start.Add(o.at), monitor
				records = append(records, record)
			}
		}
	}
	if found := h.section.TakeFound(); found.HasErrors() {
		return nil, found
	}
	slices.SortStableFunc(records, func(a, b trace.Record) int { return a.T.Compare(b.T) })
	keepStart(records)
	return records, nil
}

// keepStart gives a target the start of the one before it where it says none,
// as an engine does of a container that has stopped.
func keepStart(records []trace.Record) {
	var started time.Time
	for _, record := range records {
		t := record.Target
		switch {
		case t == nil || !t.Exists || t.Error != "":
		case t.StartedAt.IsZero():
			t.StartedAt = started
		default:
			started = t.StartedAt
		}
	}
}

// probe makes the first record of each block, so that most mistakes are found before
// anything runs. The head sources are not known yet.
func (h *history) probe() {
	for _, r := range h.rows {
		if len(r.times) > 0 {
			r.records(occasion{start: h.start, at: r.time(0)})
		}
	}
}

// encode writes records as a trace.
func encode(records []trace.Record, to io.Writer) error {
	w := trace.NewWriter(to)
	for i, record := range records {
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write record %d: %w", i+1, err)
		}
	}
	return nil
}
