// Package doctor asks everything that a monitor rests on once, and says what is
// wrong with it and how to mend it. It changes nothing, each of its calls has a
// deadline, and it acts on no verdict.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Level says how bad a finding is.
type Level string

// The levels, the worst last.
const (
	OK      Level = "ok"
	Note    Level = "note"
	Warning Level = "warning"
	Error   Level = "error"
)

// Finding is one thing that was looked at.
type Finding struct {
	Level Level `json:"level"`
	// What was found, in one line; Mend says what to do about it, and is empty where
	// there is nothing to do, or nothing known.
	What string `json:"what"`
	Mend string `json:"mend,omitempty"`
}

// Section is what was found about one thing, such as a monitor.
type Section struct {
	Name     string    `json:"name"`
	Findings []Finding `json:"findings"`
}

// Report is everything that was found.
type Report struct {
	Sections []Section `json:"sections"`
}

// Add adds a section; one without findings is left out.
func (r *Report) Add(name string, found ...Finding) {
	if len(found) > 0 {
		r.Sections = append(r.Sections, Section{name, found})
	}
}

// Count is how many findings of a level there are.
func (r *Report) Count(level Level) int {
	n := 0
	for _, s := range r.Sections {
		for _, f := range s.Findings {
			if f.Level == level {
				n++
			}
		}
	}
	return n
}

// Redact takes out of every text what must not be shown.
func (r *Report) Redact(clean func(text string) string) {
	for _, s := range r.Sections {
		for i := range s.Findings {
			s.Findings[i].What, s.Findings[i].Mend = clean(s.Findings[i].What), clean(s.Findings[i].Mend)
		}
	}
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.Sections {
		fmt.Fprintln(&b, s.Name)
		for _, f := range s.Findings {
			fmt.Fprintf(&b, "  %-7s  %s\n", f.Level, f.What)
			if f.Mend != "" {
				fmt.Fprintf(&b, "           mend: %s\n", f.Mend)
			}
		}
	}
	fmt.Fprintf(&b, "%s, %s\n", count(r.Count(Error), "error"), count(r.Count(Warning), "warning"))
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// findings are what is found, in its order.
type findings []Finding

func (f *findings) add(level Level, mend, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if !strings.Contains(what, "no answer within") {
		what = strings.ReplaceAll(what, deadline, "no answer in time")
	}
	*f = append(*f, Finding{level, strings.ReplaceAll(what, ": "+deadline, ""), mend})
}

// deadline is how Go says that a call took too long.
const deadline = "context deadline exceeded"
