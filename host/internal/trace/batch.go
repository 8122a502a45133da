package trace

import (
	"context"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
)

// The bounds of a batch, in log lines of one monitor, in records of all, and in
// bytes of log. A parser is a pure function, so that batches may reach beyond a
// check.
const (
	maxBatch   = 1000
	maxRecords = 4 * maxBatch
	maxBytes   = 4 << 20
)

// batch is a part of a trace on its way from the file to the engines.
type batch struct {
	// entries are the records of all monitors in the order of the trace.
	entries []entry
	// logs are the lines among them, log by log; longest is the length of the
	// longest of them, bytes that of all text.
	logs           []*logBatch
	longest, bytes int
	warnings       []Warning
	// upTo is where the batch ends, read how many bytes were read up to there,
	// last the time of its last record.
	upTo Position
	read int64
	last time.Time
	// done says that it is the last one, err why nothing comes after it.
	done bool
	err  error
}

// entry is a record with the monitor that it is about. For a log line there is
// none: the line is in a logBatch.
type entry struct {
	monitor *replayed
	t       time.Time
	record  *Record
	// partial is that of a log line.
	partial bool
}

// logBatch are the lines of one log in a batch.
type logBatch struct {
	log *logTrack
	// anew says that the parser begins anew before them, with this state.
	anew  bool
	state []byte
	lines []Line
	// said is what each of them says.
	said [][]nodelog.Event
}

// parse has the lines of the batches parsed, in order. After an error it passes
// that on, and nothing of the batch.
func parse(ctx context.Context, in <-chan *batch, out chan<- *batch) {
	for {
		var b *batch
		select {
		case b = <-in:
		case <-ctx.Done():
			return
		}
		if err := b.parse(ctx); err != nil {
			b.entries, b.err = nil, err
		}
		select {
		case out <- b:
		case <-ctx.Done():
			return
		}
		if b.done || b.err != nil {
			return
		}
	}
}

// parse has the lines of a batch parsed.
func (b *batch) parse(ctx context.Context) error {
	for _, p := range b.logs {
		if err := p.parse(ctx); err != nil {
			return fmt.Errorf("parse log of monitor %q up to %s of the trace: %w", p.log.monitor, b.upTo, err)
		}
	}
	return nil
}

func (p *logBatch) parse(ctx context.Context) error {
	if p.anew {
		p.log.state = p.state
	}
	if len(p.lines) == 0 {
		return nil
	}
	state, said, err := p.log.parser.Parse(ctx, p.log.state, p.lines)
	if err != nil {
		return err
	}
	if len(said) != len(p.lines) {
		return fmt.Errorf("read answer of the parser: it speaks of %d lines, not of the %d given", len(said), len(p.lines))
	}
	p.log.state, p.said = state, said
	return nil
}
