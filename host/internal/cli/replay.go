package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

func newReplay(_ *globals, s streams) *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:   "replay --config FILE TRACE",
		Short: "See what the rules would have done over a recorded run",
		Long: `Drive the same engine over a trace in virtual time, with the parser that the
configuration names, and print one verdict for each check. No endpoint and no
engine is contacted, no state is read or written. The exit code does not depend
on the verdicts.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return replay(c.Context(), s, path, args[0], asJSON) },
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a check, and nothing else, on standard output")
	return c
}

func replay(ctx context.Context, s streams, path, tracePath string, asJSON bool) error {
	c, found, err := load(path)
	if err != nil {
		return err
	}
	if err := report(s, found); err != nil {
		return err
	}
	plugins, err := supervisor.New("", discard())
	if err != nil {
		return err
	}
	defer plugins.Close()
	ready, found := prepare(ctx, c, plugins, sdk.KindLogParser)
	if err := report(s, found); err != nil {
		return err
	}
	parsers, stop, err := startParsers(ctx, ready, plugins)
	defer stop()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(s.out, 64<<10)
	summary := &summary{counts: map[string]int{}}
	r := &trace.Replay{Warn: func(w trace.Warning) { fmt.Fprintln(s.err, w) }}
	for _, m := range c.Monitors {
		r.Monitors = append(r.Monitors, trace.Monitor{Name: m.Name, Settings: m.Settings, Sources: sourceNames(m), Parser: &traceParser{client: parsers[m.Parser]}})
	}
	r.Verdict = func(c trace.Checked) error {
		summary.add(c.Verdict)
		return printVerdict(out, c.Monitor, c.Verdict, asJSON)
	}
	source, err := trace.FileSource(tracePath)
	if err != nil {
		return err
	}
	if err := r.Run(ctx, source); err != nil {
		return fmt.Errorf("replay %s: %w", tracePath, err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return summary.write(s.err)
}

// startParsers starts the log parsers with their configs.
func startParsers(ctx context.Context, ready *prepared, plugins *supervisor.Supervisor) (map[*config.PluginBlock]*wire.Client, func(), error) {
	clients, stops := map[*config.PluginBlock]*wire.Client{}, []func(){}
	stop := func() {
		for _, stop := range stops {
			stop()
		}
	}
	for block, spec := range ready.specs {
		client, stopOne, err := plugins.Start(ctx, spec)
		if err != nil {
			return nil, stop, fmt.Errorf("%s: %w", block, err)
		}
		stops = append(stops, stopOne)
		if _, err := client.Configure(ctx, spec.ConfigJSON); err != nil {
			return nil, stop, fmt.Errorf("%s: configure: %w", block, err)
		}
		clients[block] = client
	}
	return clients, stop, nil
}

func sourceNames(m *config.Monitor) []string {
	var names []string
	for _, block := range m.Heads {
		names = append(names, block.Name)
	}
	return names
}

// printVerdict prints a check: as JSON, or its sentences with the time before.
func printVerdict(out *bufio.Writer, monitor string, v rule.Verdict, asJSON bool) error {
	if asJSON {
		line, err := v.AppendJSON(out.AvailableBuffer(), monitor)
		if err != nil {
			return err
		}
		_, err = out.Write(append(line, '\n'))
		return err
	}
	stamp := v.Time.UTC().Format("2006-01-02T15:04:05Z07:00")
	_, err := fmt.Fprintf(out, "%s %s %s\n", stamp, monitor, strings.TrimSpace(string(v.Ruling)+" "+v.Rule))
	for _, sentence := range v.Sentences {
		if err == nil {
			_, err = fmt.Fprintf(out, "%s %s   %s\n", stamp, monitor, sentence)
		}
	}
	return err
}

// summary counts the verdicts of a replay.
type summary struct {
	checks, acts int
	counts       map[string]int
	order        []string
}

func (s *summary) add(v rule.Verdict) {
	s.checks++
	if v.Ruling == rule.Act {
		s.acts++
	}
	key := strings.TrimSpace(string(v.Ruling) + " " + v.Rule)
	if s.counts[key] == 0 {
		s.order = append(s.order, key)
	}
	s.counts[key]++
}

func (s *summary) write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%d checks, %d actions\n", s.checks, s.acts); err != nil {
		return err
	}
	for _, key := range s.order {
		if _, err := fmt.Fprintf(w, "%8d %s\n", s.counts[key], key); err != nil {
			return err
		}
	}
	return nil
}
