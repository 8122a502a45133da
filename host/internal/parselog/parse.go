package parselog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/trace"
)

const (
	// maxBatch and maxBatchBytes bound what a parser is given at once.
	maxBatch      = 512
	maxBatchBytes = 1 << 20
	// parseDeadline bounds one such call; a parser takes microseconds a line.
	parseDeadline = time.Minute
)

// Options say how what was read is shown.
type Options struct {
	// Stats counts what was said, and shows lines that said nothing but look as if
	// they should.
	Stats bool
	// JSON prints an object an event, and one for the statistics.
	JSON bool
}

// Run parses the log of one run of a node, and prints what each line says.
func Run(ctx context.Context, parser trace.Parser, in io.Reader, out io.Writer, o Options) error {
	buffered := bufio.NewWriter(out)
	p := parsing{parser: parser, lines: newLogLines(in), out: buffered, print: printSaid}
	if o.JSON {
		p.print = printSaidJSON
	}
	if err := p.run(ctx, buffered.Flush); err != nil {
		return err
	}
	if o.Stats {
		if err := p.stats.write(buffered, o.JSON); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// parsing is a log on its way through a parser.
type parsing struct {
	parser trace.Parser
	state  []byte
	lines  *logLines
	stats  parseStats
	out    io.Writer
	print  func(w io.Writer, number int, line []byte, e nodelog.Event) error
}

// run parses to the end of the log. A line is parsed as soon as no further one is
// there, so that a log that grows slowly is followed.
func (p *parsing) run(ctx context.Context, flush func() error) error {
	for ended := false; !ended; {
		batch, readErr := p.batch()
		if err := p.parse(ctx, batch); err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
		if ended = errors.Is(readErr, io.EOF); readErr != nil && !ended {
			return fmt.Errorf("read the log: %w", readErr)
		}
	}
	return nil
}

// batch reads the lines that are there, at least one.
func (p *parsing) batch() (batch []trace.Line, err error) {
	for size := 0; len(batch) < maxBatch && size < maxBatchBytes && (len(batch) == 0 || p.lines.ready()); {
		line, err := p.lines.next()
		if err != nil {
			return batch, err
		}
		batch, size = append(batch, trace.Line{Time: time.Now(), Text: line}), size+len(line)
	}
	return batch, nil
}

func (p *parsing) parse(ctx context.Context, batch []trace.Line) (err error) {
	if len(batch) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, parseDeadline)
	defer cancel()
	first := p.stats.Lines + 1
	var said [][]nodelog.Event
	if p.state, said, err = p.parser.Parse(ctx, p.state, batch); err != nil {
		return fmt.Errorf("parse the lines from %d on: %w", first, err)
	}
	for i, line := range batch {
		p.stats.add(first+i, line.Text, said[i])
		for _, e := range said[i] {
			if err := p.print(p.out, first+i, line.Text, e); err != nil {
				return err
			}
		}
	}
	return nil
}
