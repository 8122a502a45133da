package trace

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Merge reads the records of several traces in the order of time, those of each
// trace in its own order. Records of the same time come in the order of the
// traces. A trace is opened when its first record is due, and closed after its
// last.
type Merge struct {
	// waiting are not open yet, by their beginning; open have a record each.
	waiting []*stream
	open    []*stream
	current *stream
	at      Position
	// newest is the trace that had the newest record of a monitor, and overlaps
	// are the monitors of which traces overlap.
	newest   map[string]*stream
	overlaps map[string]bool
	// closed are the bytes of the traces that are closed.
	closed int64
	warn   func(Warning)
}

// stream is one of the traces.
type stream struct {
	Source
	order  int
	begins time.Time
	// recorded is the monitor whose recording this is a part of; empty for a
	// trace of another kind.
	recorded string
	file     io.Closer
	reader   *Reader
	// left are the monitors of which another trace had a record after this one.
	left []string
	// next is the record that comes next.
	next Record
}

// NewMerge looks up where each trace begins. What cannot be used is given to
// warn, when it is reached.
func NewMerge(sources []Source, warn func(Warning)) (*Merge, error) {
	m := &Merge{warn: warn, newest: map[string]*stream{}, overlaps: map[string]bool{}}
	for i, source := range sources {
		s := &stream{Source: source, order: i}
		if len(sources) > 1 {
			first, err := source.first()
			if err != nil {
				return nil, err
			}
			s.begins = first.T
			if first.Snapshot != nil {
				s.recorded = first.Monitor
			}
		}
		m.waiting = append(m.waiting, s)
	}
	slices.SortStableFunc(m.waiting, func(a, b *stream) int { return a.begins.Compare(b.begins) })
	return m, nil
}

// first is the first record; the zero Record for a trace without any.
func (s Source) first() (Record, error) {
	file, err := s.Open()
	if err != nil {
		return Record{}, err
	}
	defer file.Close()
	record, err := newReader(s.Name, file, peekBuffer, func(Warning) {}).Next()
	if errors.Is(err, io.EOF) {
		return Record{}, nil
	}
	return record, err
}

// Next returns the next record, or io.EOF after the last. Any other error is one
// of a file, and names it.
func (m *Merge) Next() (Record, error) {
	if s := m.current; s != nil {
		m.current = nil
		if err := m.advance(s); err != nil {
			return Record{}, err
		}
	}
	for i := m.due(); i >= 0; i = m.due() {
		s := m.waiting[i]
		m.waiting = slices.Delete(m.waiting, i, i+1)
		if err := m.start(s); err != nil {
			return Record{}, err
		}
	}
	if len(m.open) == 0 {
		return Record{}, io.EOF
	}
	m.current = m.first()
	m.at = m.current.reader.Position()
	m.checkOverlap(m.current)
	return m.current.next, nil
}

// checkOverlap warns where two traces hold records of the same monitor and the
// same time: they were not recorded one after the other, and what comes of both
// is the history of no node.
func (m *Merge) checkOverlap(s *stream) {
	name := s.next.Monitor
	before := m.newest[name]
	if before == s {
		return
	}
	m.newest[name] = s
	if before != nil {
		before.left = append(before.left, name)
	}
	if at := slices.Index(s.left, name); at >= 0 {
		s.left = slices.Delete(s.left, at, at+1)
		if !m.overlaps[name] {
			m.overlaps[name] = true
			m.warn(Warning{Position: m.at, Kind: Overlap, Text: fmt.Sprintf("%s has records of the same monitor and time: two traces of one monitor are mixed", before.Name)})
		}
	}
}

// due is the place of the trace that is to be opened next, -1 for none. The next
// file of a recording waits for the end of the one before, for a clock that was
// set back makes their times overlap.
func (m *Merge) due() int {
	for i, s := range m.waiting {
		if len(m.open) > 0 && s.begins.After(m.first().next.T) {
			break
		}
		if s.recorded == "" || !slices.ContainsFunc(m.open, func(o *stream) bool { return o.recorded == s.recorded }) {
			return i
		}
	}
	return -1
}

// Position is where the record that Next returned last stands.
func (m *Merge) Position() Position { return m.at }

// Close closes what is open.
func (m *Merge) Close() error {
	var err error
	for _, s := range m.open {
		err = errors.Join(err, s.file.Close())
	}
	m.open, m.waiting, m.current = nil, nil, nil
	return err
}

// read is how many bytes were read, of what is stored.
func (m *Merge) read() int64 {
	total := m.closed
	for _, s := range m.open {
		total += s.read()
	}
	return total
}

func (s *stream) read() int64 {
	if counting, ok := s.file.(interface{ stored() int64 }); ok {
		return counting.stored()
	}
	return 0
}

// first is the open trace whose record comes next.
func (m *Merge) first() *stream {
	return slices.MinFunc(m.open, func(a, b *stream) int {
		return cmp.Or(a.next.T.Compare(b.next.T), cmp.Compare(a.order, b.order))
	})
}

// start opens a trace and reads its first record.
func (m *Merge) start(s *stream) error {
	file, err := s.Open()
	if err != nil {
		return err
	}
	s.file, s.reader = file, newReader(s.Name, file, readBuffer, m.warn)
	m.open = append(m.open, s)
	return m.advance(s)
}

// advance reads the next record of an open trace, and closes it at its end.
func (m *Merge) advance(s *stream) (err error) {
	if s.next, err = s.reader.Next(); err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		m.open = slices.DeleteFunc(m.open, func(o *stream) bool { return o == s })
		m.closed += s.read()
		return s.file.Close()
	}
	if s.reader.line == 0 {
		return fmt.Errorf("read trace %s: %w", s.Name, err)
	}
	return fmt.Errorf("read trace after %s: %w", s.reader.Position(), err)
}
