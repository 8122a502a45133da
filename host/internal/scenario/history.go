package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// maxRecords bounds a history: two weeks of a line a second.
const maxRecords = 1_500_000

// history makes records.
type history struct {
	*reader
	start   time.Time
	records []*recordBlock
}

// recordBlock is a block of a history: a record, or a row of them.
type recordBlock struct {
	block block
	kind  kind
	// times are the moments of its records, unless every is set: then they go
	// from the first to the last of them by steps of every.
	times     []time.Duration
	every     time.Duration
	formulas  map[string]*formula
	constants map[string]cty.Value
	events    []*recordBlock
	wrong     bool
	// sources are the head sources of the monitor.
	sources []string
}

// readHistory reads a history block.
func (b block) readHistory() *history {
	h := &history{reader: b.reader, start: b.values.start}
	b.check([]string{"to"}, kindNames())
	to, ends := b.after("to")
	for _, inner := range b.body.Blocks {
		at := slices.IndexFunc(kinds(), func(k kind) bool { return k.name == inner.Type })
		if at < 0 {
			continue
		}
		record := b.child(inner).readRecord(kinds()[at])
		record.readTimes(to, ends)
		h.records = append(h.records, record)
	}
	if len(h.records) == 0 {
		b.fail(b.at, "Write target, head and log blocks.", "history holds nothing")
	}
	h.bound(b.at)
	return h
}

// bound refuses a history of more records than anyone wants.
func (h *history) bound(at hcl.Range) {
	total := 0
	for _, record := range h.records {
		if total += record.count(); total > maxRecords {
			h.fail(at, "Raise every, or shorten the history.", "history holds more than %d records", maxRecords)
			return
		}
	}
}

// when is the attribute that leaves records of a row out.
const when = "when"

func timeAttributes() []string { return []string{"at", "from", "to", "every", when} }

func (b block) readRecord(k kind) *recordBlock {
	record := &recordBlock{block: b, kind: k, formulas: map[string]*formula{}, constants: map[string]cty.Value{}}
	var inside []string
	if k.name == "events" {
		inside = []string{"event"}
	}
	b.check(slices.Concat(timeAttributes(), k.attributes), inside)
	record.readFormulas(append(slices.Clone(k.attributes), when))
	for _, name := range k.needs {
		if _, given := b.body.Attributes[name]; !given {
			b.fail(b.at, "", "%s needs %q", k.name, name)
		}
	}
	for _, inner := range b.blocks("event", false) {
		inner.check(eventAttributes(), nil)
		event := &recordBlock{block: inner, formulas: map[string]*formula{}, constants: map[string]cty.Value{}}
		event.readFormulas(eventAttributes())
		record.events = append(record.events, event)
	}
	return record
}

func (b *recordBlock) readFormulas(names []string) {
	for _, name := range names {
		attribute, given := b.block.body.Attributes[name]
		if !given {
			continue
		}
		if f, ok := b.block.formula(attribute); ok {
			b.formulas[name] = f
		} else {
			b.wrong = true
		}
	}
}

// readTimes reads when the records are: at given times, or from one to another
// by steps, both ends among them. Where every is left out there is one.
func (b *recordBlock) readTimes(historyEnd time.Duration, ends bool) {
	at, hasAt := b.block.someMoments("at")
	from, hasFrom := b.block.after("from")
	to, hasTo := b.block.after("to")
	every, hasEvery := b.block.after("every")
	_, writesAt := b.block.body.Attributes["at"]
	_, writesEvery := b.block.body.Attributes["every"]
	switch {
	case writesAt && (hasFrom || hasTo || writesEvery):
		b.block.fail(b.block.at, "at is for single records, from, to and every are for a row of them.", "%s has at beside from, to or every", b.kind.name)
	case hasAt:
		b.times = distances(at, b.block.values.start)
	case writesAt:
	case !writesEvery && (hasFrom || hasTo):
		b.block.fail(b.block.at, `Write every = "60s", or at for a single record.`, "%s has no every", b.kind.name)
	case !writesEvery:
		b.times = []time.Duration{0}
	case hasEvery:
		if !hasTo && !ends {
			b.block.fail(b.block.at, "Write to here, or in the history for all its blocks.", "%s has no end", b.kind.name)
			return
		}
		if !hasTo {
			to = historyEnd
		}
		b.readRow(from, to, every)
	}
}

func (b *recordBlock) readRow(from, to, every time.Duration) {
	switch {
	case every < time.Millisecond:
		b.block.fail(b.block.body.Attributes["every"].Expr.Range(), "", "every must be at least 1ms, not %s", every)
	case to < from:
		b.block.fail(b.block.at, "", "%s ends at %s, before it begins at %s", b.kind.name, Offset(to), Offset(from))
	default:
		b.times, b.every = []time.Duration{from, to}, every
	}
}

// count is the number of its records.
func (b *recordBlock) count() int {
	if b.every == 0 {
		return len(b.times)
	}
	return int((b.times[1]-b.times[0])/b.every) + 1
}

// time is when its record n is.
func (b *recordBlock) time(n int) time.Duration {
	if b.every == 0 {
		return b.times[n]
	}
	return b.times[0] + time.Duration(n)*b.every
}

// source names the head source that a record is of: the monitor's only one
// unless it says another.
func (r *row) source() string {
	if r.sources == nil {
		return r.text("source")
	}
	if !r.given("source") {
		if len(r.sources) != 1 {
			r.fail("source", "", "%s needs a source: the monitor asks %s", r.kind.name, strings.Join(r.sources, ", "))
			return ""
		}
		return r.sources[0]
	}
	source := r.text("source")
	if !slices.Contains(r.sources, source) {
		r.fail("source", hcltext.Suggest(source, r.sources, "It asks"), "the monitor asks no head source %q", source)
	}
	return source
}

// run makes all records, in the order of their times; those of one time stay in
// the order of the file. monitor is what they name, and may be empty.
func (h *history) run(monitor string, sources []string) ([]trace.Record, config.Diagnostics) {
	var records []trace.Record
	for _, b := range h.records {
		b.sources, b.wrong = sources, false
		for n := 0; n < b.count() && !b.wrong; n++ {
			o := occasion{start: h.start, at: b.time(n), n: n}
			for _, record := range b.make(o) {
				record.T, record.Monitor = h.start.Add(o.at), monitor
				records = append(records, record)
			}
			if len(records) > maxRecords {
				h.fail(b.block.at, "Raise every, or shorten the history.", "history holds more than %d records", maxRecords)
				return nil, h.take()
			}
		}
	}
	if found := h.take(); found.HasErrors() {
		return nil, found
	}
	slices.SortStableFunc(records, func(a, b trace.Record) int { return a.T.Compare(b.T) })
	keepStart(records)
	return records, nil
}

// make makes the records of one occasion; none where it is left out.
func (b *recordBlock) make(o occasion) []trace.Record {
	r := b.at(o)
	if !r.flag(when, true) {
		return nil
	}
	return b.kind.make(r)
}

// keepStart gives a target the start of the one before it where it says none,
// as an engine does of a container that has stopped.
func keepStart(records []trace.Record) {
	var started *time.Time
	for _, record := range records {
		t := record.Target
		switch {
		case t == nil || !t.Exists || t.Error != "":
		case t.StartedAt == nil:
			t.StartedAt = started
		default:
			started = t.StartedAt
		}
	}
}

// probe makes the first record of each block, so that most mistakes are found
// before anything runs. Which head sources there are is not known yet.
func (h *history) probe() {
	for _, b := range h.records {
		if len(b.times) > 0 && !b.wrong {
			b.make(occasion{start: h.start, at: b.time(0)})
		}
	}
}

// encode writes records as a trace.
func encode(records []trace.Record, to interface{ Write([]byte) (int, error) }) error {
	w := trace.NewWriter(to)
	for i, record := range records {
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write record %d: %w", i+1, err)
		}
	}
	return nil
}
