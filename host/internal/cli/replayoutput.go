package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/progress"
	"github.com/headwatch/headwatch/host/internal/review"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

const outputBuffer = 64 << 10

// verdictOutput prints every check, and a summary at the end.
type verdictOutput struct {
	out     *bufio.Writer
	people  io.Writer
	options replayOptions
	summary *review.Summary
}

func newVerdictOutput(s streams, o replayOptions, c *config.Config) *verdictOutput {
	intervals := map[string]time.Duration{}
	for _, m := range c.Monitors {
		intervals[m.Name] = m.Settings.Interval
	}
	return &verdictOutput{out: bufio.NewWriterSize(s.out, outputBuffer), people: s.err, options: o, summary: review.NewSummary(intervals)}
}

func (o *verdictOutput) add(c trace.Checked) error {
	o.summary.Add(c)
	return printVerdict(o.out, c.Monitor, c.Verdict, o.options.json)
}

func (o *verdictOutput) end() error {
	if err := o.out.Flush(); err != nil {
		return err
	}
	o.summary.End()
	if err := o.summary.WriteText(o.people); err != nil {
		return err
	}
	if o.options.summaryJSON == "" {
		return nil
	}
	file, err := os.Create(o.options.summaryJSON)
	if err != nil {
		return err
	}
	encoder := jsonLines(file)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(o.summary), file.Close())
}

// jsonLines writes values as lines of JSON, as they are read.
func jsonLines(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
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
	_, err := fmt.Fprintf(out, "%s %s %s\n", stamp, monitor, strings.TrimSpace(string(v.Kind)+" "+v.Rule))
	for _, sentence := range v.Sentences {
		if err == nil {
			_, err = fmt.Fprintf(out, "%s %s   %s\n", stamp, monitor, sentence)
		}
	}
	return err
}

// compareOutput prints the checks at which two configurations differ, and the
// sum at the end.
type compareOutput struct {
	out        *bufio.Writer
	progress   *progress.Line
	asJSON     bool
	comparison *review.Comparison
}

func newCompareOutput(s streams, o replayOptions, is, was *config.Config, p *progress.Line) (*compareOutput, error) {
	old := map[string]bool{}
	for _, name := range monitorNames(was) {
		old[name] = true
	}
	var both []string
	for _, m := range is.Monitors {
		if !old[m.Name] {
			fmt.Fprintf(s.err, "monitor %q is in %s only: it is not compared\n", m.Name, o.config)
			continue
		}
		delete(old, m.Name)
		if o.monitor == "" || o.monitor == m.Name {
			both = append(both, m.Name)
		}
	}
	for _, name := range monitorNames(was) {
		if old[name] {
			fmt.Fprintf(s.err, "monitor %q is in %s only: it is not compared\n", name, o.against)
		}
	}
	if len(both) == 0 {
		return nil, usageError{fmt.Errorf("%s and %s have no monitor in common", o.config, o.against)}
	}
	return &compareOutput{out: bufio.NewWriterSize(s.out, outputBuffer), progress: p, asJSON: o.json, comparison: review.NewComparison(both)}, nil
}

func (o *compareOutput) add(c trace.Checked) error {
	differs, ended := o.comparison.Add(c)
	if !o.asJSON {
		return o.stretch(ended)
	}
	if differs == nil {
		return nil
	}
	return jsonLines(o.out).Encode(differs)
}

// stretch prints a stretch as a whole, and no part of a line, for progress may
// be shown after it.
func (o *compareOutput) stretch(d *review.Differing) error {
	if d == nil {
		return nil
	}
	if o.out.Available() < outputBuffer/2 {
		o.progress.Clear()
		if err := o.out.Flush(); err != nil {
			return err
		}
	}
	return o.comparison.WriteStretch(o.out, d)
}

func (o *compareOutput) end() error {
	if o.asJSON {
		sum := struct {
			Sum *review.Comparison `json:"sum"`
		}{o.comparison}
		return errors.Join(jsonLines(o.out).Encode(sum), o.out.Flush())
	}
	var err error
	for _, d := range o.comparison.End() {
		err = errors.Join(err, o.stretch(d))
	}
	return errors.Join(err, o.comparison.WriteText(o.out), o.out.Flush())
}
