package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/explain"
	"github.com/headwatch/headwatch/host/internal/moment"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/record"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// fromHistory makes the check at or before a time anew.
func (w *why) fromHistory(ctx context.Context) (*explain.Answer, error) {
	at := w.now
	if w.at != "" {
		var err error
		if at, err = readMoment("at", w.at, w.now); err != nil {
			return nil, err
		}
	}
	files, from, err := w.files(at)
	if err != nil {
		return nil, err
	}
	found, span, err := w.find(ctx, files, at)
	if err == nil && from == explain.FromTrace && moment.IsTimeOfDay(w.at) && !span.last.IsZero() {
		// Of a trace of another day the time of day is one of its own.
		if at, err = readMoment("at", w.at, span.last); err == nil {
			found, span, err = w.find(ctx, files, at)
		}
	}
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, w.nothingFound(from, at, span.first)
	}
	a := &explain.Answer{Source: explain.Source{From: from, Files: files}}
	if r := found.Recorded; r != nil && r.Verdict != "" && (r.Verdict != found.Verdict.Kind || r.Rule != found.Verdict.Rule) {
		a.Source.Recorded = strings.TrimSpace(string(r.Verdict) + " " + r.Rule)
	}
	a.Explanation, err = explain.Verdict(w.monitor, found.Before, found.Verdict)
	return a, err
}

// withoutHost explains the newest check of the recording, where there is one.
func (w *why) withoutHost(ctx context.Context, noHost error) (*explain.Answer, error) {
	if w.recordDir() == "" {
		return nil, fmt.Errorf("%w\nand nothing is recorded: start headwatch run, add a record block to the configuration (RECORD_DIR in the drop-in), or name a trace with --trace", noHost)
	}
	a, err := w.fromHistory(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w\nand the recording does not help: %w", noHost, err)
	}
	a.Source.NoHost = noHost.Error()
	return a, nil
}

// files are the traces that a check at a time is made of, and what they are.
func (w *why) files(at time.Time) ([]string, string, error) {
	if len(w.traces) > 0 {
		files, err := trace.Files(w.traces)
		return files, explain.FromTrace, err
	}
	dir := w.recordDir()
	if dir == "" {
		return nil, "", usageError{errors.New("the configuration records nothing, so that there is no history: add a record block (RECORD_DIR in the drop-in), or name a trace with --trace")}
	}
	files, err := trace.Files([]string{dir})
	if err != nil {
		return nil, "", fmt.Errorf("look into the recording: %w", err)
	}
	since := at.Add(-w.lookBack())
	if w.last != "" {
		since = time.Time{}
	}
	found, begins := record.SegmentsOf(files, w.monitor, since, at)
	if len(found) > 0 {
		return found, explain.FromRecording, nil
	}
	text := fmt.Sprintf("the recording in %s has nothing of monitor %q at %s", dir, w.monitor, at.UTC().Format(explain.TimeForm))
	if !begins.IsZero() {
		text += "; it begins at " + begins.UTC().Format(explain.TimeForm)
	}
	return nil, "", errors.New(text)
}

// recordDir is the folder of the recording; empty for none.
func (w *why) recordDir() string {
	if w.config.Record == nil {
		return ""
	}
	return w.config.Record.Dir
}

// monitorConfig is what the configuration says of the monitor.
func (w *why) monitorConfig() *config.Monitor {
	i := slices.IndexFunc(w.config.Monitors, func(m *config.Monitor) bool { return m.Name == w.monitor })
	return w.config.Monitors[i]
}

// lookBack is how long before a check something may have been that it rests on.
// A recording knows it at the start of each of its files, but for the settings
// of the host that recorded it.
func (w *why) lookBack() time.Duration {
	s := w.monitorConfig().Settings
	longest := max(s.FallingBehind.Window, s.Severe.For, s.FallingBehind.For, s.Moderate.For, s.SyncStall.For, s.Cooldown.AfterAction, s.Cooldown.AfterFailure)
	for _, c := range s.Custom {
		longest = max(longest, c.For)
	}
	return longest + 2*s.Interval
}

// checkSpan are the times of the first and the last check of a replay.
type checkSpan struct{ first, last time.Time }

// find replays traces up to a time and returns the last check that is meant;
// nil for none.
func (w *why) find(ctx context.Context, files []string, at time.Time) (found *trace.Checked, span checkSpan, err error) {
	var sources []trace.Source
	for _, file := range files {
		source, err := trace.FileSource(file)
		if err != nil {
			return nil, span, err
		}
		sources = append(sources, source)
	}
	parser := &plugin.LateParser{Host: w.config.Host, Block: w.monitorConfig().Parser, Report: func(found config.Diagnostics) error { return report(w.streams, found) }}
	defer parser.Close()
	r := &trace.Replay{Only: w.monitor, Before: true, Warn: func(warning trace.Warning) { fmt.Fprintln(w.err, warning) }}
	for _, m := range w.config.Monitors {
		r.Monitors = append(r.Monitors, plugin.TraceMonitor(m, parser))
	}
	r.Verdict = func(c trace.Checked) error {
		if span.first.IsZero() {
			span.first = c.Verdict.Time
		}
		if c.Verdict.Time.After(at) {
			return trace.ErrStop
		}
		span.last = c.Verdict.Time
		if w.last == "" || c.Verdict.Kind == rule.VerdictKind(w.last) {
			found = &c
		}
		return nil
	}
	if err := r.Run(ctx, sources...); err != nil {
		return nil, span, fmt.Errorf("replay %s: %w", strings.Join(files, ", "), err)
	}
	return found, span, nil
}

// nothingFound says why there is no check to explain.
func (w *why) nothingFound(from string, at, first time.Time) error {
	kind := "check"
	if w.last != "" {
		kind = "check that came to " + w.last
	}
	text := fmt.Sprintf("the %s has no %s of monitor %q at or before %s", from, kind, w.monitor, at.UTC().Format(explain.TimeForm))
	if !first.IsZero() {
		text += "; its first check is of " + first.UTC().Format(explain.TimeForm)
	}
	return errors.New(text)
}
