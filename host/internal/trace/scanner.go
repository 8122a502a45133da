package trace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// scanner reads the trace and finds the monitor of each record.
type scanner struct {
	merge    *Merge
	monitors []*replayed
	named    map[string]*replayed
	// made says that checks are to be made, for the trace has none.
	made   bool
	warned map[string]bool
	// begun says that there was a record; now is the time of the newest.
	begun bool
	now   time.Time
	batch *batch
	// lines is how many lines of a monitor make a batch.
	lines int
	// send hands a batch on; false means that nobody wants any more.
	send func(*batch) bool
}

// errUnwanted ends a scan that nobody wants the rest of.
var errUnwanted = errors.New("replay has ended")

func newScanner(r *Replay, checks bool) *scanner {
	s := &scanner{made: !checks, named: map[string]*replayed{}, warned: map[string]bool{}, batch: &batch{}, lines: cmp.Or(r.batch, maxBatch)}
	for _, m := range r.Monitors {
		l := newReplayed(m, !checks)
		l.passed = r.Only != "" && r.Only != m.Name
		s.monitors, s.named[m.Name] = append(s.monitors, l), l
	}
	return s
}

// run reads to the end of the trace.
func (s *scanner) run(ctx context.Context, batches chan<- *batch) {
	s.send = func(b *batch) bool {
		select {
		case batches <- b:
			return true
		case <-ctx.Done():
			return false
		}
	}
	err := s.scan()
	if s.batch.done = errors.Is(err, io.EOF); !s.batch.done {
		s.batch.err = err
	}
	s.flush() // where nobody wants it, nobody wants its error
}

func (s *scanner) scan() error {
	for {
		record, err := s.merge.Next()
		if errors.Is(err, io.EOF) && s.made && s.begun {
			err = errors.Join(s.dueChecks(s.now.Add(1)), err)
		}
		if err != nil {
			return err
		}
		if err := s.take(record); err != nil {
			return err
		}
	}
}

// take puts one record where it belongs.
func (s *scanner) take(record Record) error {
	if !s.begun {
		s.begun = true
		for _, l := range s.monitors {
			l.next = record.T.Add(l.Settings.Interval)
		}
	}
	s.now = record.T
	if s.made {
		if err := s.dueChecks(record.T); err != nil {
			return err
		}
	}
	l, ok := s.monitorOf(record)
	if !ok || l.passed {
		return nil
	}
	before := l.last
	l.last = record.T
	if record.Snapshot != nil && record.Snapshot.Lost > 0 {
		s.warn(Warning{Position: s.merge.Position(), Kind: NotRecorded,
			Text: fmt.Sprintf("%d records are missing before this one: the host could not write them", record.Snapshot.Lost)})
	}
	if record.Snapshot != nil && !record.Snapshot.resumes(before) || s.foreign(l, record) {
		return nil
	}
	return s.add(l, record)
}

// add puts a record into the batch, and ends the batch before a new run and
// where it is large enough.
func (s *scanner) add(l *replayed, record Record) error {
	var text []byte
	if record.Log != nil {
		var err error
		if text, err = record.Log.Bytes(); err != nil {
			s.warn(Warning{Position: s.merge.Position(), Kind: Unreadable, Text: fmt.Sprintf("skipped: %v", err)})
			return nil
		}
	}
	if err := s.followRuns(l, &record); err != nil {
		return err
	}
	e := entry{monitor: l, t: record.T}
	if record.Log != nil {
		s.addLine(l, Line{Time: record.Log.stamp(record.T), Text: text})
		e.partial = record.Log.Partial
	} else {
		kept := record // only these are to be on the heap
		e.record = &kept
	}
	s.batch.entries = append(s.batch.entries, e)
	if len(s.batch.entries) >= maxRecords || s.batch.bytes >= maxBytes || s.batch.longest >= s.lines {
		return s.flush()
	}
	return nil
}

// followRuns ends the batch before a record with which a parser begins anew.
func (s *scanner) followRuns(l *replayed, record *Record) error {
	var anew []*logTrack
	for _, log := range l.logs {
		if log.beginsAnew(record) {
			anew = append(anew, log)
		}
	}
	if anew == nil {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	for _, log := range anew {
		p := s.logBatch(log)
		p.anew = true
		if record.Snapshot != nil {
			p.state = record.Snapshot.Parser
		}
	}
	return nil
}

// logBatch is the part of the batch for a log.
func (s *scanner) logBatch(log *logTrack) *logBatch {
	if log.batch == nil {
		log.batch = &logBatch{log: log}
		s.batch.logs = append(s.batch.logs, log.batch)
	}
	return log.batch
}

func (s *scanner) addLine(l *replayed, line Line) {
	for _, log := range l.logs {
		p := s.logBatch(log)
		p.lines = append(p.lines, line)
		s.batch.longest = max(s.batch.longest, len(p.lines))
	}
	s.batch.bytes += len(line.Text)
}

// flush hands the batch on.
func (s *scanner) flush() error {
	b := s.batch
	b.upTo, b.read, b.last = s.merge.Position(), s.merge.read(), s.now
	for _, p := range b.logs {
		p.log.batch = nil
	}
	s.batch = &batch{entries: make([]entry, 0, len(b.entries))}
	if !s.send(b) {
		return errUnwanted
	}
	return nil
}

// dueChecks puts checks before the first record that is later than they are.
// Monitors are taken in the order of their checks.
func (s *scanner) dueChecks(t time.Time) error {
	for len(s.monitors) > 0 {
		due := slices.MinFunc(s.monitors, func(a, b *replayed) int { return a.next.Compare(b.next) })
		if !due.next.Before(t) {
			return nil
		}
		if !due.passed {
			if err := s.add(due, Record{T: due.next, Check: &Check{}}); err != nil {
				return err
			}
		}
		due.next = due.next.Add(due.Settings.Interval)
	}
	return nil
}

// monitorOf finds the monitor that a record is about.
func (s *scanner) monitorOf(record Record) (*replayed, bool) {
	if record.Monitor == "" && len(s.monitors) == 1 {
		return s.monitors[0], true
	}
	if l := s.named[record.Monitor]; l != nil {
		return l, true
	}
	if record.Monitor == "" {
		s.once("", "skipped records without a monitor: the config has %d monitors", len(s.monitors))
	} else {
		s.once(record.Monitor, "skipped records of monitor %q, which the config does not have", record.Monitor)
	}
	return nil, false
}

// foreign says whether a record is the head of a source that the monitor does
// not ask.
func (s *scanner) foreign(l *replayed, record Record) bool {
	source, _ := record.head()
	configs, lacking := []string{"config", "old config"}, []string(nil)
	for i, v := range l.variants {
		if !record.concerns(v.sources) {
			lacking = append(lacking, configs[i])
		}
	}
	if len(lacking) == 0 {
		return false
	}
	all := len(lacking) == len(l.variants)
	if all {
		lacking = lacking[:1]
	}
	s.once(l.Name+"/"+source, "skipped heads of source %q, which monitor %q does not name in its %s", source, l.Name, lacking[0])
	return all
}

func (s *scanner) once(key, format string, args ...any) {
	if !s.warned[key] {
		s.warned[key] = true
		s.warn(Warning{Position: s.merge.Position(), Kind: Foreign, Text: fmt.Sprintf(format, args...)})
	}
}

func (s *scanner) warn(w Warning) { s.batch.warnings = append(s.batch.warnings, w) }
