package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// maxBatch is how many log lines are given to a parser at once. A parser is a
// pure function, so that batches may reach beyond a check.
const maxBatch = 1000

// Line is a line of a log with its stamp.
type Line struct {
	Time time.Time
	Text []byte
}

// Parser turns lines into what they say. The first result is its state for the
// next call in the same run; it is nil at the start of a run. The second says
// for each line what it says.
type Parser interface {
	Parse(ctx context.Context, state []byte, lines []Line) ([]byte, [][]rule.Event, error)
}

// Monitor is one monitor of a replay.
type Monitor struct {
	Name string
	// Settings are its rules; their interval is that of the checks of a trace
	// without any, and must be above zero.
	Settings rule.Settings
	// Sources are the head sources that the monitor asks.
	Sources []string
	Parser  Parser
}

// Checked is one check of a replay.
type Checked struct {
	Monitor string
	Verdict rule.Verdict
	// Recorded is what the recording host came to; nil where the trace has no
	// checks of its own.
	Recorded *Check
}

// ErrStop, returned by Verdict, ends a replay early and well.
var ErrStop = errors.New("replay is to stop here")

// Replay drives engines over traces.
type Replay struct {
	Monitors []Monitor
	// Verdict is called for each check, in order.
	Verdict func(Checked) error
	// Warn is called for everything in the trace that was not used as it
	// stands.
	Warn func(Warning)
}

// Run drives the engines over traces that are merged by time. They are opened
// once more than they are read: whether there are checks among the records is
// known only at the first of them. It returns the first error of a file, of a
// parser or of Verdict.
func (r *Replay) Run(ctx context.Context, sources ...Source) error {
	for _, m := range r.Monitors {
		if m.Settings.Interval <= 0 {
			return fmt.Errorf("replay monitor %q: interval %s is not above zero", m.Name, m.Settings.Interval)
		}
	}
	checks, err := hasChecks(ctx, sources)
	if err != nil {
		return err
	}
	reader, err := NewMerge(sources, r.Warn)
	if err != nil {
		return err
	}
	defer reader.Close()
	d := &drive{Replay: r, ctx: ctx, ownChecks: checks, warned: map[string]bool{}, reader: reader}
	for _, m := range r.Monitors {
		d.monitors = append(d.monitors, &replayed{Monitor: m, engine: rule.New(m.Settings)})
	}
	if err := d.run(); !errors.Is(err, ErrStop) {
		return err
	}
	return nil
}

// hasChecks says whether there are check records in any of the traces. It reads
// no further than to the first.
func hasChecks(ctx context.Context, sources []Source) (bool, error) {
	for _, source := range sources {
		if has, err := source.hasChecks(ctx); has || err != nil {
			return has, err
		}
	}
	return false, nil
}

func (s Source) hasChecks(ctx context.Context) (bool, error) {
	file, err := s.Open()
	if err != nil {
		return false, err
	}
	defer file.Close()
	reader := NewReader(file, func(Warning) {})
	for ctx.Err() == nil {
		switch record, err := reader.Next(); {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read trace %s: %w", s.Name, err)
		case record.Check != nil:
			return true, nil
		}
	}
	return false, ctx.Err()
}

// replayed is one monitor in the course of a replay.
type replayed struct {
	Monitor
	engine *rule.Engine
	// lines wait for the parser; state is the parser's, for the run.
	lines []Line
	state []byte
	// next is when the next check is due, where the trace has none of its own.
	next time.Time
	// last is the time of the newest record.
	last time.Time
	// assumed is when an act was last assumed that the recording host did not do.
	assumed time.Time
}

// parse gives the waiting lines to the parser.
func (m *replayed) parse(ctx context.Context) ([][]rule.Event, error) {
	state, said, err := m.Parser.Parse(ctx, m.state, m.lines)
	if err != nil {
		return nil, err
	}
	if len(said) != len(m.lines) {
		return nil, fmt.Errorf("read answer of the parser: it speaks of %d lines, not of the %d given", len(said), len(m.lines))
	}
	m.state, m.lines = state, m.lines[:0]
	return said, nil
}

// pending is a record that waits until the lines before it are parsed.
type pending struct {
	monitor *replayed
	record  Record
}

// drive is one replay under way.
type drive struct {
	*Replay
	// queue are the records since the last batch, of all monitors in the order
	// of the trace.
	queue     []pending
	ctx       context.Context
	reader    *Merge
	monitors  []*replayed
	ownChecks bool
	warned    map[string]bool
	// first and last are the times of the first and the newest record.
	first, last time.Time
}

func (d *drive) run() error {
	for {
		record, err := d.reader.Next()
		if errors.Is(err, io.EOF) {
			return d.finish()
		}
		if err != nil {
			return err
		}
		if err := d.take(record); err != nil {
			return err
		}
	}
}

// take puts one record where it belongs.
func (d *drive) take(record Record) error {
	if d.first.IsZero() {
		d.first = record.T
		for _, m := range d.monitors {
			m.next = d.first.Add(m.Settings.Interval)
		}
	}
	d.last = record.T
	if !d.ownChecks {
		if err := d.dueChecks(record.T); err != nil {
			return err
		}
	}
	m, ok := d.monitor(record)
	if !ok {
		return nil
	}
	before := m.last
	m.last = record.T
	if record.Snapshot != nil {
		return d.resume(m, record, before)
	}
	if d.foreignHead(m, record) {
		return nil
	}
	if err := d.newRun(m, record); err != nil {
		return err
	}
	if record.Log != nil {
		return d.takeLine(m, record)
	}
	return d.enqueue(m, record)
}

// enqueue ends the batch where it is large enough.
func (d *drive) enqueue(m *replayed, record Record) error {
	d.queue = append(d.queue, pending{m, record})
	if len(m.lines) < maxBatch && len(d.queue) < 4*maxBatch {
		return nil
	}
	return d.flush()
}

// dueChecks puts checks before the first record that is later than they are.
// Monitors are taken in the order of their checks.
func (d *drive) dueChecks(t time.Time) error {
	for len(d.monitors) > 0 {
		due := slices.MinFunc(d.monitors, func(a, b *replayed) int { return a.next.Compare(b.next) })
		if !due.next.Before(t) {
			return nil
		}
		if err := d.enqueue(due, Record{T: due.next, Check: &Check{}}); err != nil {
			return err
		}
		due.next = due.next.Add(due.Settings.Interval)
	}
	return nil
}

func (d *drive) finish() error {
	if !d.ownChecks && !d.first.IsZero() {
		if err := d.dueChecks(d.last.Add(1)); err != nil {
			return err
		}
	}
	return d.flush()
}

// monitor finds the monitor that a record is about.
func (d *drive) monitor(record Record) (*replayed, bool) {
	if record.Monitor == "" && len(d.monitors) == 1 {
		return d.monitors[0], true
	}
	for _, m := range d.monitors {
		if m.Name == record.Monitor {
			return m, true
		}
	}
	if record.Monitor == "" {
		d.once("", "skipped records without a monitor: the config has %d monitors", len(d.monitors))
	} else {
		d.once(record.Monitor, "skipped records of monitor %q, which the config does not have", record.Monitor)
	}
	return nil, false
}

// foreignHead skips heads of a source that the monitor does not ask.
func (d *drive) foreignHead(m *replayed, record Record) bool {
	source := ""
	switch {
	case record.Head != nil:
		source = record.Head.Source
	case record.HeadError != nil:
		source = record.HeadError.Source
	default:
		return false
	}
	if slices.Contains(m.Sources, source) {
		return false
	}
	d.once(m.Name+"/"+source, "skipped heads of source %q, which monitor %q does not name in its config", source, m.Name)
	return true
}

func (d *drive) once(key, format string, args ...any) {
	if !d.warned[key] {
		d.warned[key] = true
		d.Warn(Warning{Position: d.reader.Position(), Kind: Foreign, Text: fmt.Sprintf(format, args...)})
	}
}

// newRun ends the batch before a record that begins a new run: the parser
// starts anew with it.
func (d *drive) newRun(m *replayed, record Record) error {
	t := record.Target
	if t == nil || t.StartedAt == nil || t.StartedAt.Equal(m.engine.Run()) {
		return nil
	}
	if err := d.flush(); err != nil {
		return err
	}
	if m.engine.BeginsRun(t.observation()) {
		m.state = nil
	}
	return nil
}

// takeLine keeps a line for the parser. One with which the parser began anew
// ends the batch before it.
func (d *drive) takeLine(m *replayed, record Record) error {
	text, err := record.Log.Bytes()
	if err != nil {
		d.Warn(Warning{Position: d.reader.Position(), Kind: Unreadable, Text: fmt.Sprintf("skipped: %v", err)})
		return nil
	}
	if record.Log.Fresh {
		if err := d.flush(); err != nil {
			return err
		}
		m.state = nil
	}
	m.lines = append(m.lines, Line{Time: record.Log.stamp(record.T), Text: text})
	return d.enqueue(m, record)
}

// flush parses the lines of a batch and takes its records in order.
func (d *drive) flush() error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	said := map[*replayed][][]rule.Event{}
	for _, m := range d.monitors {
		if len(m.lines) == 0 {
			continue
		}
		events, err := m.parse(d.ctx)
		if err != nil {
			return fmt.Errorf("parse log of monitor %q up to %s of the trace: %w", m.Name, d.reader.Position(), err)
		}
		said[m] = events
	}
	for _, p := range d.queue {
		if err := d.apply(p, said); err != nil {
			return err
		}
	}
	d.queue = d.queue[:0]
	return nil
}

// apply gives one record to its engine; a log line takes its events from said.
func (d *drive) apply(p pending, said map[*replayed][][]rule.Event) error {
	m, record := p.monitor, p.record
	switch {
	case record.Log != nil:
		m.engine.Observe(record.T, rule.Log{Lines: 1, Last: record.Log.stamp(record.T), Events: said[m][0], Partial: record.Log.Partial})
		said[m] = said[m][1:]
	case record.LastAction != nil:
		m.restore(record.T, value(record.LastAction.Done), value(record.LastAction.Failed))
	case record.Check != nil:
		return d.check(m, record)
	default:
		m.engine.Observe(record.T, record.observation())
	}
	return nil
}

// check makes a check; an act counts as done at once.
func (d *drive) check(m *replayed, record Record) error {
	m.engine.Hold(record.Check.Hold)
	v := m.engine.Check(record.T)
	if v.Ruling == rule.Act {
		m.engine.Observe(record.T, rule.Action{Outcome: rule.Done, Assumed: true})
		if record.Check.Verdict != rule.Act {
			m.assumed = record.T
		}
	}
	checked := Checked{Monitor: m.Name, Verdict: v}
	if d.ownChecks {
		checked.Recorded = record.Check
	}
	return d.Verdict(checked)
}
