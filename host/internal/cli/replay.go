package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/moment"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/progress"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// replayGC is the garbage collector's percentage in a replay, of the host and of
// its parsers: little lives and much dies, so that a heap of a few times the
// usual saves most of its work.
const replayGC = 400

// replayOptions are the flags of a replay.
type replayOptions struct {
	config, against, monitor, from, to, summaryJSON string
	json, noProgress                                bool
}

func newReplay(_ *globals, s streams) *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "replay --config FILE [--against OLD] TRACE...",
		Short: "See what the rules would have done over a recorded run",
		Long: `Drive the same engine over a trace in virtual time, with the parser that the
configuration names, and print one verdict for each check. No endpoint and no
engine is contacted, no state is read or written. The exit code does not depend
on the verdicts.

A TRACE is a file, plain or compressed, a folder of .jsonl and .jsonl.gz files,
or - for standard input. Several are merged by time. A summary for people
follows on standard error.

With --against, two configurations are judged side by side over the same
records, and only the checks at which they differ are printed, with the restarts
that are gone or added in sum.

` + moment.Help,
		Example: `  headwatch replay --config monitor.hcl /var/lib/headwatch/trace
  headwatch replay --config new.hcl --against monitor.hcl --from 2025-03-01 night.jsonl.gz`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return replay(c.Context(), s, o, args) },
	}
	configFlag(c, &o.config)
	flags := c.Flags()
	flags.BoolVar(&o.json, "json", false, "print one JSON object a check, and nothing else, on standard output")
	flags.StringVar(&o.against, "against", "", "an older configuration to compare with")
	flags.StringVar(&o.monitor, "monitor", "", "only this monitor")
	flags.StringVar(&o.from, "from", "", "print and count from this time on")
	flags.StringVar(&o.to, "to", "", "print and count up to this time")
	flags.StringVar(&o.summaryJSON, "summary-json", "", "write the summary as JSON to this file too")
	flags.BoolVar(&o.noProgress, "no-progress", false, "show no progress on a terminal")
	return c
}

// replayOutput takes the checks of a replay in order.
type replayOutput interface {
	add(trace.Checked) error
	// end is called after the last of them.
	end() error
}

func replay(ctx context.Context, s streams, o replayOptions, paths []string) error {
	window, err := o.window()
	if err != nil {
		return err
	}
	configs, err := loadBoth(s, o)
	if err != nil {
		return err
	}
	shown, warnings := newProgress(s, o), trace.NewWarner(s.err)
	output, err := newReplayOutput(s, o, configs, shown)
	if err != nil {
		return err
	}
	r := &trace.Replay{Only: o.monitor}
	r.Warn = func(w trace.Warning) { shown.Clear(); warnings.Add(w) }
	r.Progress = func(p trace.Progress) { shown.Show(time.Now(), p) }
	r.Verdict = func(c trace.Checked) error {
		if !window.takes(c.Verdict.Time) {
			return nil
		}
		return output.add(c)
	}
	err = runReplay(ctx, s, r, configs, paths)
	shown.Clear()
	warnings.End()
	if err != nil {
		return err
	}
	if window.missed() {
		fmt.Fprintf(s.err, "no check is from that time: the first is of %s, the last of %s\n", window.first.Format(time.RFC3339), window.last.Format(time.RFC3339))
	}
	return output.end()
}

// runReplay runs a replay with the parsers of its configurations.
func runReplay(ctx context.Context, s streams, r *trace.Replay, configs []*config.Config, paths []string) error {
	traces, err := trace.OpenSources(s.in, paths)
	if err != nil {
		return err
	}
	defer traces.Close()
	parsers, err := plugin.NewParsers("GOGC=" + strconv.Itoa(replayGC)) // which one that is not in Go passes over
	if err != nil {
		return err
	}
	defer parsers.Close()
	if r.Monitors, err = replayMonitors(ctx, s, parsers, configs); err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(replayGC))
	if err := r.Run(ctx, traces.Sources()...); err != nil {
		return fmt.Errorf("replay %s: %w", strings.Join(paths, " "), err)
	}
	return nil
}

// loadBoth reads the configuration and, where one is to be compared with, the
// old one. The monitor asked for must be in the first.
func loadBoth(s streams, o replayOptions) ([]*config.Config, error) {
	paths := []string{o.config}
	if o.against != "" {
		paths = append(paths, o.against)
	}
	var configs []*config.Config
	for _, path := range paths {
		c, found, err := load(path)
		if err != nil {
			return nil, err
		}
		if err := report(s, found); err != nil {
			return nil, err
		}
		configs = append(configs, c)
	}
	names := monitorNames(configs[0])
	if o.monitor != "" && !slices.Contains(names, o.monitor) {
		return nil, usageError{fmt.Errorf("monitor %q is not in %s, which has %s", o.monitor, o.config, strings.Join(names, ", "))}
	}
	return configs, nil
}

func monitorNames(c *config.Config) []string {
	var names []string
	for _, m := range c.Monitors {
		names = append(names, m.Name)
	}
	return names
}

// newReplayOutput is where the checks go: a comparison of two configurations,
// or the verdicts of one.
func newReplayOutput(s streams, o replayOptions, configs []*config.Config, p *progress.Line) (replayOutput, error) {
	switch {
	case o.summaryJSON == "-":
		return nil, usageError{errors.New("--summary-json must name a file: standard output is for the verdicts")}
	case len(configs) == 1:
		return newVerdictOutput(s, o, configs[0]), nil
	case o.summaryJSON != "":
		return nil, usageError{errors.New("--summary-json is of one configuration: it does not go with --against")}
	}
	return newCompareOutput(s, o, configs[0], configs[1], p)
}

// timeWindow is the time that is printed and counted; a zero end is open.
type timeWindow struct {
	from, to time.Time
	// first and last are the checks that were offered, taken how many it holds.
	first, last time.Time
	taken       int
}

// takes says whether a check is from that time.
func (w *timeWindow) takes(t time.Time) bool {
	if w.first.IsZero() {
		w.first = t
	}
	w.last = t
	if t.Before(w.from) || !w.to.IsZero() && t.After(w.to) {
		return false
	}
	w.taken++
	return true
}

// missed says that there were checks, but none of that time.
func (w *timeWindow) missed() bool { return w.taken == 0 && !w.first.IsZero() }

func (o replayOptions) window() (w timeWindow, err error) {
	now := time.Now()
	if o.from != "" {
		if w.from, err = readMoment("from", o.from, now); err != nil {
			return w, err
		}
	}
	if o.to != "" {
		if w.to, err = readMoment("to", o.to, now); err != nil {
			return w, err
		}
	}
	if !w.to.IsZero() && w.to.Before(w.from) {
		return w, usageError{fmt.Errorf("--to %s is before --from %s", o.to, o.from)}
	}
	return w, nil
}

// newProgress is nil where progress is not wanted, cannot be seen, or would stand
// between the verdicts.
func newProgress(s streams, o replayOptions) *progress.Line {
	if o.noProgress || progress.IsTerminal(s.out) && o.against == "" {
		return nil
	}
	return progress.New(s.err)
}

// readMoment reads the value of a flag that is a time.
func readMoment(flag, text string, now time.Time) (time.Time, error) {
	t, err := moment.Parse(text, now)
	if err != nil {
		return t, usageError{fmt.Errorf("read --%s %w", flag, err)}
	}
	return t, nil
}
