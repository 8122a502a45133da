package trace

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// Line is a line of a log with its stamp.
type Line struct {
	Time time.Time
	Text []byte
}

// Parser turns lines into what they say. The first result is its state for the
// next call in the same run; it is nil at the start of a run. The second says
// for each line what it says. It is called from one goroutine, not the caller's
// of Run.
type Parser interface {
	Parse(ctx context.Context, state []byte, lines []Line) ([]byte, [][]nodelog.Event, error)
}

// NoLog is the parser of a monitor that reads no log: lines say nothing.
type NoLog struct{}

// Parse says nothing about each line.
func (NoLog) Parse(_ context.Context, state []byte, lines []Line) ([]byte, [][]nodelog.Event, error) {
	return state, make([][]nodelog.Event, len(lines)), nil
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
	// Old is the same monitor as another configuration has it, to be judged
	// beside it at the same checks; nil for none. It has no Old of its own, and
	// one without a Parser shares that of its monitor.
	Old *Monitor
}

// Checked is one check of a replay.
type Checked struct {
	Monitor string
	Verdict rule.Verdict
	// Old is the verdict of the monitor's Old; nil without one.
	Old *rule.Verdict
	// Recorded is what the recording host came to; nil where the trace has no
	// checks of its own.
	Recorded *Check
	// Before is the engine as it was before the check, where Before of the replay
	// asks for it: to explain the verdict with.
	Before *rule.Engine
}

// Progress is how far a replay is.
type Progress struct {
	// Read are the bytes read so far, Size all that there are.
	Read, Size int64
	// Time is the time in the trace.
	Time time.Time
}

// ErrStop, returned by Verdict, ends a replay early and well.
var ErrStop = errors.New("replay is to stop here")

// Replay drives engines over traces.
type Replay struct {
	Monitors []Monitor
	// Only is the name of the one monitor to replay; the records of the others
	// are passed over. Empty means all.
	Only string
	// Before keeps of each check the engine as it was before.
	Before bool
	// Verdict is called for each check, in order.
	Verdict func(Checked) error
	// Warn is called for everything in the trace that was not used as it
	// stands.
	Warn func(Warning)
	// Progress is called every thousand lines or so; nil for never.
	Progress func(Progress)

	// batch is how many lines of a monitor make a batch; 0 for maxBatch.
	batch int
}

// Run drives the engines over traces that are merged by time. They are opened
// once more than they are read: whether there are checks among the records is
// known only at the first of them. It returns the first error of a file, of a
// parser or of Verdict.
//
// Reading, parsing and judging go on side by side, a batch of lines each. All
// functions of r but the parsers' are called by the goroutine of Run.
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
	s := newScanner(r, checks)
	if s.merge, err = NewMerge(sources, s.warn); err != nil {
		return err
	}
	defer s.merge.Close()

	ctx, cancel := context.WithCancel(ctx)
	read, parsed := make(chan *batch, 1), make(chan *batch, 1)
	var stages sync.WaitGroup
	stages.Go(func() { s.run(ctx, read) })
	stages.Go(func() { parse(ctx, read, parsed) })
	defer stages.Wait()
	defer cancel()
	err = r.judge(ctx, parsed, size(sources))
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

func size(sources []Source) int64 {
	total := int64(0)
	for _, source := range sources {
		total += source.Size
	}
	return total
}

// judge takes the batches to their engines until one has an error. The end of
// the trace is an error here.
func (r *Replay) judge(ctx context.Context, batches <-chan *batch, size int64) error {
	for {
		select {
		case b := <-batches:
			for _, w := range b.warnings {
				r.Warn(w)
			}
			if err := r.apply(ctx, b); err != nil {
				return err
			}
			if r.Progress != nil {
				r.Progress(Progress{Read: b.read, Size: size, Time: b.last})
			}
			if b.done || b.err != nil {
				return b.err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// apply gives the records of a batch to the engines, in order.
func (r *Replay) apply(ctx context.Context, b *batch) error {
	for _, p := range b.logs {
		p.log.lines, p.log.said = p.lines, p.said
	}
	for _, e := range b.entries {
		switch {
		case e.record == nil:
			e.monitor.readLine(e)
			continue
		case e.record.Check == nil:
			e.monitor.observe(e.record)
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Verdict(e.monitor.check(e.record, r.Before)); err != nil {
			return err
		}
	}
	return nil
}
