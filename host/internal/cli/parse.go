package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/parselog"
	"github.com/headwatch/headwatch/host/internal/plugin"
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
	return parselog.Run(ctx, parser, s.in, s.out, parselog.Options{Stats: o.stats, JSON: o.json})
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
			if m.Parser == nil {
				return nil, c.Host, fmt.Errorf("monitor %q has no parser: it goes by the node's own endpoint", name)
			}
			return m.Parser, c.Host, nil
		}
	}
	return nil, config.Host{}, fmt.Errorf("monitor %q is gone", name)
}
