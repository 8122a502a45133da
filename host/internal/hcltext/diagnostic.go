package hcltext

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Severity says how bad a [Diagnostic] is.
type Severity string

// The severities. A file with an error is refused whole; one with warnings can be
// used.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Position is a place in a file. Line and Column count from 1; Line 0 stands for the
// whole file.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d,%d", p.File, p.Line, p.Column)
}

// Diagnostic is one thing that is wrong with a file.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Position
	// Summary says what is wrong, in one line.
	Summary string `json:"summary"`
	// Hint says how to mend it; empty where that cannot be guessed.
	Hint string `json:"hint,omitempty"`
	// Source is the line of the file. What may be secret is cut from it.
	Source string `json:"source,omitempty"`
}

// String is the diagnostic in one line, without its hint and source.
func (d Diagnostic) String() string {
	if d.Severity == SeverityWarning {
		return fmt.Sprintf("%s: warning: %s", d.Position, d.Summary)
	}
	return fmt.Sprintf("%s: %s", d.Position, d.Summary)
}

// text is the diagnostic as people read it, over several lines.
func (d Diagnostic) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, d.String())
	if d.Source != "" {
		fmt.Fprintf(&b, "%6d | %s\n", d.Line, d.Source)
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "  hint: %s\n", d.Hint)
	}
	return b.String()
}

// Diagnostics is all that is wrong with a file, in its order.
type Diagnostics []Diagnostic

// HasErrors says whether the file must be refused.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == SeverityError })
}

// WriteText writes the diagnostics for people, with source lines and hints.
func (ds Diagnostics) WriteText(w io.Writer) error {
	for _, d := range ds {
		if _, err := io.WriteString(w, d.text()); err != nil {
			return err
		}
	}
	return nil
}

// Err returns the errors among the diagnostics as one error, a line for each,
// or nil where there is none.
func (ds Diagnostics) Err() error {
	var lines []string
	for _, d := range ds {
		if d.Severity == SeverityError {
			lines = append(lines, d.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Sorted puts the diagnostics into the order of the file and drops duplicates: a
// mistake in defaults is found once for each monitor.
func (ds Diagnostics) Sorted() Diagnostics {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Summary, b.Summary))
	})
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool {
		return a.Position == b.Position && a.Summary == b.Summary
	})
}
