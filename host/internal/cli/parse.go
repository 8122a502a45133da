package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/trace"
)

const (
	// maxBatch and maxBatchBytes bound what a parser is given at once.
	maxBatch      = 512
	maxBatchBytes = 1 << 20
	// parseDeadline bounds one such call; a parser takes microseconds a line.
	parseDeadline = time.Minute
)

// parseOptions are the flags of parse.
type parseOptions struct {
	config, monitor string
	stats, json     bool
}

func newParse(s streams) *cobra.Command {
	var o parseOptions
	c := &cobra.Command{
		Use:   "parse --config FILE [--monitor NAME] [--stats] < LOG",
		Short: "Show what a monitor's log parser reads from a log",
		Long: `Read a node's log from standard input, have the log parser of a monitor parse
it, and print what each line says: the line's number, the stamp that stands in
it, the event, and its value. A line that says nothing prints nothing. The log is
one run of the node; no endpoint and no engine is contacted. The exit code does
not depend on what the lines say.

With --stats, what was said is counted at the end, and lines follow that said
nothing though they look as if they should: with "error", "panic" or "fatal", or
a number behind "#". They belong into a report of a line that is not read; look
through them for what nobody should see.`,
		Example: `  docker logs node 2>&1 | headwatch parse --config monitor.hcl
  headwatch parse --config monitor.hcl --monitor node --stats < node.log`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return parse(c.Context(), s, o) },
	}
	configFlag(c, &o.config)
	c.Flags().StringVar(&o.monitor, "monitor", "", "whose parser; may be left out where there is one monitor")
	c.Flags().BoolVar(&o.stats, "stats", false, "count what was said, and show lines that said nothing but look as if they should")
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object an event, and one with the statistics at the end")
	return c
}

func parse(ctx context.Context, s streams, o parseOptions) error {
	block, host, err := parserBlock(s, o)
	if err != nil {
		return err
	}
	parsers, err := plugin.NewParsers()
	if err != nil {
		return err
	}
	defer parsers.Close()
	parser, found := parsers.Parser(ctx, host, block)
	if err := report(s, found); err != nil {
		return err
	}
	buffered := bufio.NewWriter(s.out)
	p := parsing{parser: parser, lines: newLogLines(s.in), out: buffered, print: printSaid}
	if o.json {
		p.print = printSaidJSON
	}
	if err := p.run(ctx, buffered.Flush); err != nil {
		return err
	}
	if o.stats {
		if err := p.stats.write(buffered, o.json); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// parserBlock is the block of the parser that is asked for.
func parserBlock(s streams, o parseOptions) (*config.PluginBlock, config.Host, error) {
	c, found, err := load(o.config)
	if err == nil {
		err = report(s, found)
	}
	if err != nil {
		return nil, config.Host{}, err
	}
	name, err := oneOf(o.monitor, monitorNames(c), "the configuration")
	if err != nil && o.monitor == "" {
		err = usageError{fmt.Errorf("%w: give --monitor NAME", err)}
	}
	if err != nil {
		return nil, config.Host{}, err
	}
	for _, m := range c.Monitors {
		if m.Name == name {
			return m.Parser, c.Host, nil
		}
	}
	return nil, config.Host{}, fmt.Errorf("monitor %q is gone", name)
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
