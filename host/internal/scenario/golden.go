package scenario

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/hashicorp/hcl/v2"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// compressed is how the name of a file ends that is compressed.
const compressed = ".gz"

// wantedVerdicts are all verdicts that there should be: a table in the test, or
// a file of the lines that replay --json prints.
type wantedVerdicts struct {
	at     hcl.Range
	indent string
	path   string
	table  []entry
}

// readVerdicts reads verdicts; nil where none are given. A text without a line
// end that names a .jsonl file is a path, any other a table.
func (b block) readVerdicts() *wantedVerdicts {
	attribute, given := b.body.Attributes["verdicts"]
	if !given {
		return nil
	}
	w := &wantedVerdicts{at: attribute.Expr.Range(), indent: strings.Repeat(" ", max(attribute.NameRange.Start.Column-1, 0))}
	text := b.text("verdicts")
	if !strings.Contains(text, "\n") && strings.HasSuffix(strings.TrimSuffix(text, compressed), ".jsonl") {
		w.path = b.resolve(text)
		return w
	}
	var err error
	if w.table, err = parseTable(text); err != nil {
		b.fail(w.at, "headwatch test --update writes them.", "%v", err)
	}
	return w
}

// take keeps one verdict for the file.
func (w *wantedVerdicts) take(to *bytes.Buffer, monitor string, v rule.Verdict) error {
	if w == nil || w.path == "" {
		return nil
	}
	line, err := v.AppendJSON(nil, monitor)
	to.Write(append(line, '\n'))
	return err
}

// Update is a file, or a part of one, that an update writes.
type Update struct {
	Path string
	// From and To are the bytes of the part; both 0 stand for the whole file.
	From, To int
	Text     []byte
}

// finishVerdicts compares all verdicts with those that are pinned.
func (j *judge) finishVerdicts() {
	w := j.Test.verdicts
	if w == nil {
		return
	}
	f := Failure{Position: j.wrong.position(w.at), mended: true}
	if w.path == "" {
		if f.Lines = diffTables(w.table, j.table); f.Lines == nil {
			return
		}
		f.Message = "verdicts differ (- wanted, + came)"
		j.Updates = append(j.Updates, Update{Path: j.Test.file.Path, From: w.at.Start.Byte, To: w.at.End.Byte, Text: w.heredoc(j.table)})
	} else {
		if f.Message, f.Lines = differs(w.path, j.golden.Bytes()); f.Message == "" {
			return
		}
		j.Updates = append(j.Updates, Update{Path: w.path, Text: j.golden.Bytes()})
	}
	j.Failures = append(j.Failures, f)
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

// keepTrace compares the trace of a history with the file that keeps it.
func (j *judge) keepTrace(text []byte) {
	t := j.Test
	if t.history == nil || t.trace == "" {
		return
	}
	message, lines := differs(t.trace, text)
	if message == "" {
		return
	}
	j.Failures = append(j.Failures, Failure{Position: t.Position, Message: message, Lines: lines, mended: true})
	j.Updates = append(j.Updates, Update{Path: t.trace, Text: text})
}

// differs says how a file is another one than it should be; empty where it is
// the same. A compressed one is compared by what is in it.
func differs(path string, want []byte) (message string, lines []string) {
	got, err := readTrace(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s is not there; headwatch test --update writes it", path), nil
	case err != nil:
		return fmt.Sprintf("%s cannot be read: %v", path, withoutPath(err)), nil
	case bytes.Equal(got, want):
		return "", nil
	}
	wantLines, gotLines := linesOf(want), linesOf(got)
	for i := range min(len(wantLines), len(gotLines)) {
		if wantLines[i] != gotLines[i] {
			return fmt.Sprintf("%s differs from line %d on (- kept, + came)", path, i+1), []string{"- " + gotLines[i], "+ " + wantLines[i]}
		}
	}
	return fmt.Sprintf("%s has %d lines where %d came", path, len(gotLines), len(wantLines)), nil
}

func linesOf(text []byte) []string {
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func readTrace(path string) ([]byte, error) {
	in, err := trace.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// openTraces finds the traces that a path stands for, a file or a folder of a
// recording. The start is the given one, or else the time of the first record.
func openTraces(path string, start time.Time) (sources []trace.Source, first time.Time, err error) {
	files, err := trace.Files([]string{path})
	if err != nil {
		return nil, first, err
	}
	for _, file := range files {
		source, err := trace.FileSource(file)
		if err != nil {
			return nil, first, err
		}
		if len(files) == 1 {
			source.Name = "" // the test names it
		}
		sources = append(sources, source)
	}
	merged, err := trace.NewMerge(sources, func(trace.Warning) {})
	if err != nil {
		return nil, first, err
	}
	defer merged.Close()
	record, err := merged.Next()
	if errors.Is(err, io.EOF) {
		err = errors.New("it holds no record")
	}
	if start.IsZero() {
		start = record.T
	}
	return sources, start, err
}

// WriteFile writes a file whole or not at all, compressed where its name says
// so. The same text makes the same bytes.
func WriteFile(path string, text []byte) error {
	if strings.HasSuffix(path, compressed) {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		text = packed.Bytes()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o644)
}

// Apply writes the updates of one file of tests: whole files, and parts of the
// file itself.
func Apply(updates []Update) error {
	parts := map[string][]Update{}
	for _, u := range updates {
		if u.IsPart() {
			parts[u.Path] = append(parts[u.Path], u)
			continue
		}
		if err := WriteFile(u.Path, u.Text); err != nil {
			return err
		}
	}
	for path, all := range parts {
		if err := applyParts(path, all); err != nil {
			return fmt.Errorf("update %s: %w", path, err)
		}
	}
	return nil
}

// applyParts replaces parts of a file, the last of them first, so that those
// before keep their places.
func applyParts(path string, parts []Update) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	slices.SortFunc(parts, func(a, b Update) int { return b.From - a.From })
	for _, u := range parts {
		if u.To > len(text) {
			return errors.New("it has changed meanwhile")
		}
		text = slices.Concat(text[:u.From], u.Text, text[u.To:])
	}
	return WriteFile(path, text)
}

// IsPart says whether it is a part of the file of tests, which has to wait until
// all its tests have run.
func (u Update) IsPart() bool { return u.To > 0 }

func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Update takes what an update will write for done, and returns it: failures
// that it mends are none any more.
func (r *Result) Update() []Update {
	r.Failures = slices.DeleteFunc(r.Failures, func(f Failure) bool { return f.mended })
	return r.Updates
}

// TraceName is the name of the file for the trace of a test: that of its trace,
// else one made of the names of the file and, where it holds several, the test.
func (t *Test) TraceName(f *File) string {
	if t.trace != "" {
		return filepath.Base(t.trace)
	}
	name := strings.TrimSuffix(filepath.Base(f.Path), Suffix)
	if len(f.Tests) > 1 {
		name += "-" + strings.Trim(notInNames.ReplaceAllString(strings.ToLower(t.Name), "-"), "-")
	}
	return name + ".jsonl"
}

// notInNames are the runs of letters that a file is not named with.
var notInNames = regexp.MustCompile(`[^a-z0-9]+`)
