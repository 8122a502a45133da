package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/hashicorp/hcl/v2"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// wantedVerdicts are all verdicts that there should be, as a table.
type wantedVerdicts struct {
	at     hcl.Range
	indent string
	table  []entry
}

// readVerdicts reads verdicts; nil where none are given.
func readVerdicts(s hcltext.Section) *wantedVerdicts {
	attribute := s.Written("verdicts")
	if attribute == nil {
		return nil
	}
	w := &wantedVerdicts{at: attribute.Expr.Range(), indent: strings.Repeat(" ", max(attribute.NameRange.Start.Column-1, 0))}
	var err error
	if w.table, err = parseTable(s.Text("verdicts")); err != nil {
		s.Fail(w.at, `Write verdicts = "", and headwatch test --update writes them.`, "%v", err)
	}
	return w
}

// Update is a part of a file of tests that an update writes anew.
type Update struct {
	// From and To are the bytes of the part.
	From, To int
	Text     []byte
}

// finishVerdicts compares all verdicts with those that are pinned.
func (j *judge) finishVerdicts() {
	w := j.Test.verdicts
	if w == nil {
		return
	}
	lines := diffTables(w.table, j.table)
	if lines == nil {
		return
	}
	j.Update = &Update{From: w.at.Start.Byte, To: w.at.End.Byte, Text: w.heredoc(j.table)}
	j.Failures = append(j.Failures, Failure{Position: j.wrong.Position(w.at), Message: "verdicts differ (- wanted, + came)", Lines: lines, mended: true})
}

// heredoc writes a table as it stands in a test.
func (w *wantedVerdicts) heredoc(table []entry) []byte {
	escape := strings.NewReplacer("${", "$${", "%{", "%%{")
	var b bytes.Buffer
	b.WriteString("<<-EOT\n")
	for _, line := range renderTable(table) {
		fmt.Fprintf(&b, "%s  %s\n", w.indent, escape.Replace(line))
	}
	b.WriteString(w.indent + "EOT")
	return b.Bytes()
}

// Mend drops the failures that the update of a result mends, and returns the update;
// nil where there is none.
func (r *Result) Mend() *Update {
	r.Failures = slices.DeleteFunc(r.Failures, func(f Failure) bool { return f.mended })
	return r.Update
}

// Apply replaces parts of the file, starting with the last, so that the positions of
// the others stay right.
func (f *File) Apply(parts []Update) error {
	if len(parts) == 0 {
		return nil
	}
	text, err := os.ReadFile(f.Path)
	if err == nil && !bytes.Equal(text, f.text.Src) {
		err = errors.New("it has changed meanwhile")
	}
	if err != nil {
		return fmt.Errorf("update %s: %w", f.Path, err)
	}
	slices.SortFunc(parts, func(a, b Update) int { return b.From - a.From })
	for _, u := range parts {
		text = slices.Concat(text[:u.From], u.Text, text[u.To:])
	}
	return WriteFile(f.Path, text)
}

// WriteFile writes a file whole or not at all, and makes its folder when missing.
func WriteFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o644)
}

// TraceName is the name of the file for the trace of a test: that of the file of
// tests, with the name of the test where several have a history.
func (t *Test) TraceName() string {
	histories := 0
	for _, other := range t.file.Tests {
		if other.history != nil {
			histories++
		}
	}
	name := strings.TrimSuffix(filepath.Base(t.file.Path), Suffix)
	if histories > 1 {
		name += "-" + strings.Trim(notInNames.ReplaceAllString(strings.ToLower(t.Name), "-"), "-")
	}
	return name + ".jsonl"
}

// notInNames are the runs of letters that a file is not named with.
var notInNames = regexp.MustCompile(`[^a-z0-9]+`)
