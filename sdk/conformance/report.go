package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Outcome is what became of a check.
type Outcome string

// The outcomes of a check.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Result is one check that was made.
type Result struct {
	// Check is its name, which stays the same in all versions.
	Check   string  `json:"check"`
	Outcome Outcome `json:"outcome"`
	// Seconds is how long it took.
	Seconds float64 `json:"seconds"`
	// Note is what was found, why it was skipped, or what is wrong.
	Note string `json:"note,omitempty"`
	// Hint says how to mend what is wrong; it may be empty.
	Hint string `json:"hint,omitempty"`
	// Page is where the demands of this check are written down.
	Page string `json:"page"`
}

// Report is what a run of the kit found.
type Report struct {
	// Plugin is what the plugin under test is called: the path of a binary.
	Plugin string
	// Info is empty where the plugin could not be asked who it is.
	Info sdk.Info
	// Connection is "mtls", "plain", or "memory" for a plugin in the same process.
	Connection string
	Results    []Result
	Took       time.Duration
}

// Count is how many checks had an outcome.
func (r *Report) Count(of Outcome) int {
	count := 0
	for _, result := range r.Results {
		if result.Outcome == of {
			count++
		}
	}
	return count
}

// Sound says that no check failed.
func (r *Report) Sound() bool { return r.Count(Failed) == 0 }

// WriteText prints the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.title())
	for _, result := range r.Results {
		result.writeText(&b)
	}
	verdict := "sound"
	if !r.Sound() {
		verdict = "NOT SOUND"
	}
	fmt.Fprintf(&b, "%s: %d passed, %d skipped, %d failed in %.1fs\n", verdict, r.Count(Passed), r.Count(Skipped), r.Count(Failed), r.Took.Seconds())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) title() string {
	if r.Connection == "" {
		return r.Plugin + ": no plugin of headwatch, or none that can be started"
	}
	if r.Info.Name == "" {
		return r.Plugin + ": it does not say who it is; connection: " + r.Connection
	}
	var kinds []string
	for _, kind := range r.Info.Kinds {
		kinds = append(kinds, string(kind))
	}
	return fmt.Sprintf("%s: %s %s (%s), connection: %s", r.Plugin, r.Info.Name, r.Info.Version, strings.Join(kinds, ", "), r.Connection)
}

// writeText prints a check; one that failed takes more lines.
func (r Result) writeText(w io.Writer) {
	outcome := string(r.Outcome)
	if r.Outcome == Failed {
		outcome = "FAILED"
	}
	fmt.Fprintf(w, "  %-7s  %-17s %5.2fs", outcome, r.Check, r.Seconds)
	if r.Note != "" {
		fmt.Fprintf(w, "  %s", r.Note)
	}
	fmt.Fprintln(w)
	if r.Outcome != Failed {
		return
	}
	if r.Hint != "" {
		fmt.Fprintf(w, "           mend: %s\n", r.Hint)
	}
	fmt.Fprintf(w, "           read: %s\n", r.Page)
}

// jsonReport is the form of the report for programs.
type jsonReport struct {
	Plugin     string     `json:"plugin"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Kinds      []sdk.Kind `json:"kinds"`
	Connection string     `json:"connection"`
	Sound      bool       `json:"sound"`
	Passed     int        `json:"passed"`
	Skipped    int        `json:"skipped"`
	Failed     int        `json:"failed"`
	Seconds    float64    `json:"seconds"`
	Checks     []Result   `json:"checks"`
}

// WriteJSON prints the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	report := jsonReport{Plugin: r.Plugin, Name: r.Info.Name, Version: r.Info.Version, Kinds: append([]sdk.Kind{}, r.Info.Kinds...), Connection: r.Connection,
		Sound: r.Sound(), Passed: r.Count(Passed), Skipped: r.Count(Skipped), Failed: r.Count(Failed), Seconds: rounded(r.Took), Checks: append([]Result{}, r.Results...)}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

func rounded(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
