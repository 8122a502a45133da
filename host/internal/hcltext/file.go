package hcltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
)

// Environment looks a variable up, as [os.LookupEnv] does.
type Environment func(name string) (string, bool)

// Lookup is the value of a variable without the blanks and line ends around it. An
// empty variable counts as unset.
func (env Environment) Lookup(name string) (string, bool) {
	if env == nil {
		return "", false
	}
	value, _ := env(name)
	value = strings.TrimSpace(value)
	return value, value != ""
}

// Language describes one kind of file, such as a configuration.
type Language struct {
	Grammar   Grammar
	Functions map[string]function.Function
	Env       Environment
	// MaxSize bounds a file, in bytes.
	MaxSize int
	// WordHint guesses what a word without quotes was meant to be; TextHint does
	// so for a text in quotes where no text is wanted. Both may be nil.
	WordHint func(word hcl.Traversal) string
	TextHint func(text string) string
}

// File is a file that is being read, and what was found wrong with it so far.
type File struct {
	Language
	Name string
	Src  []byte
	Eval *hcl.EvalContext
	// SummarySuffix is appended to each summary, such as the time of a record.
	SummarySuffix string
	lines         [][]byte
	found         Diagnostics
	// beneath are the files whose blocks stand under those of this one, by name.
	beneath map[string]*File
}

// NewFile is a file that has not been parsed yet.
func NewFile(language Language, name string, src []byte) *File {
	return &File{Language: language, Name: name, Src: src, lines: bytes.Split(src, []byte("\n")),
		Eval: &hcl.EvalContext{Functions: language.Functions}}
}

// Load reads and parses a file, as [Language.Parse] does. Where the file cannot be
// read, what names it and hint says what to do.
func (l Language) Load(path, what, hint string) (top Section, ok bool) {
	src, err := readFile(path, l.MaxSize)
	if err == nil {
		return l.Parse(path, src)
	}
	f := NewFile(l, path, nil)
	f.found = Diagnostics{{Severity: SeverityError, Position: Position{File: path}, Summary: fmt.Sprintf("read the %s: %v", what, WithoutPath(err)), Hint: hint}}
	return Section{File: f}, false
}

// readFile reads a file up to one byte more than most, so that a longer one is
// noticed.
func readFile(path string, most int) ([]byte, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return io.ReadAll(io.LimitReader(opened, int64(most)+1))
}

// WithoutPath is an error of a file without its path.
func WithoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Position is where a range of HCL begins; a range without a place begins at the
// start of the file, so that every diagnostic has a position.
func (f *File) Position(at hcl.Range) Position {
	return Position{File: f.of(at).Name, Line: max(at.Start.Line, 1), Column: max(at.Start.Column, 1)}
}

// of is the file in which a range lies.
func (f *File) of(at hcl.Range) *File {
	if other, ok := f.beneath[at.Filename]; ok {
		return other
	}
	return f
}

// Start is the range for mistakes that have no place in the file.
func (f *File) Start() hcl.Range {
	return hcl.Range{Filename: f.Name, Start: hcl.InitialPos, End: hcl.InitialPos}
}

// Source is the text of a range, in one line.
func (f *File) Source(at hcl.Range) string {
	src := f.of(at).Src
	if !at.CanSliceBytes(src) {
		return ""
	}
	return OneLine(string(at.SliceBytes(src)))
}

// longestLine bounds a line that is shown.
const longestLine = 160

// line is the text of a line of the file.
func (f *File) line(number int) string {
	if number < 1 || number > len(f.lines) {
		return ""
	}
	return Clip(strings.TrimSpace(strings.ToValidUTF8(string(f.lines[number-1]), "�")), longestLine)
}

// Clip cuts a text that is too long to be shown.
func Clip(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// quietLine is a line without what may be a secret: only the words before the
// value.
func (f *File) quietLine(number int) string {
	text := f.line(number)
	switch cut := strings.IndexAny(text, `="`); {
	case cut < 0:
		return ""
	case text[cut] == '=':
		return text[:cut] + "= …"
	default:
		return text[:cut] + "…"
	}
}

// Place is where a diagnostic points and whether the line may be shown.
type Place struct {
	At    hcl.Range
	Quiet bool
}

// Report notes a diagnostic; the hint may be empty.
func (f *File) Report(severity Severity, p Place, hint, summary string) {
	d := Diagnostic{Severity: severity, Position: f.Position(p.At), Summary: summary + f.SummarySuffix, Hint: hint}
	if at := f.of(p.At); p.Quiet {
		d.Source = at.quietLine(d.Line)
	} else {
		d.Source = at.line(d.Line)
	}
	f.found = append(f.found, d)
}

// Fail notes an error.
func (f *File) Fail(at hcl.Range, hint, format string, args ...any) {
	f.Report(SeverityError, Place{At: at}, hint, fmt.Sprintf(format, args...))
}

// FailQuietly notes an error at a line that may hold a secret.
func (f *File) FailQuietly(at hcl.Range, hint, format string, args ...any) {
	f.Report(SeverityError, Place{At: at, Quiet: true}, hint, fmt.Sprintf(format, args...))
}

// Warn notes a warning.
func (f *File) Warn(at hcl.Range, hint, format string, args ...any) {
	f.Report(SeverityWarning, Place{At: at}, hint, fmt.Sprintf(format, args...))
}

// Found is everything reported so far, in the order of the reports.
func (f *File) Found() Diagnostics { return f.found }

// TakeFound returns everything reported so far in the order of the file, and clears
// it.
func (f *File) TakeFound() Diagnostics {
	found := f.found.Sorted()
	f.found = nil
	return found
}

// withoutFindings is a copy with a list of mistakes of its own, so that several
// blocks of a file may be read at the same time.
func (f *File) withoutFindings() *File {
	own := *f
	own.found = nil
	return &own
}

// ReportHCL notes the errors of HCL about an expression; p is where it stands.
func (f *File) ReportHCL(p Place, diags hcl.Diagnostics) {
	for _, d := range diags {
		at := p
		if d.Subject != nil {
			at.At = *d.Subject
		}
		err := callError(d)
		var plain PlainError
		if errors.As(err, &plain) {
			f.found = append(f.found, Diagnostic{Severity: SeverityError, Position: f.Position(at.At), Summary: plain.Error()})
			continue
		}
		summary, hint := Reason(d)
		if p.Quiet && err != nil {
			hint = "An argument is not what the function takes." // its words may quote the argument
		}
		f.Report(SeverityError, at, hint, summary)
	}
}

// Reason words an error of HCL as our own: the summary begins with a small letter,
// the hint is one line. Where a function panicked, HCL puts the stack into the text;
// it is dropped.
func Reason(d *hcl.Diagnostic) (summary, hint string) {
	summary, hint = LowerFirst(strings.TrimSuffix(OneLine(d.Summary), ".")), strings.TrimPrefix(OneLine(d.Detail), "Error during operation: ")
	if strings.Contains(hint, "panic in function implementation") {
		return "these values have no result", ""
	}
	return summary, hint
}

// PlainError is an error of a function that needs no hint and no line of the file
// beside it, such as a variable that is not set.
type PlainError string

func (e PlainError) Error() string { return string(e) }

// callError is the error with which a function refused its arguments, or nil.
func callError(d *hcl.Diagnostic) error {
	extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok {
		return nil
	}
	return extra.FunctionCallError()
}

// LowerFirst writes a sentence with a small first letter.
func LowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// OneLine folds a text into one line.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Sentence is a text in one line, with a full stop.
func Sentence(text string) string {
	text = OneLine(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// FirstOf is the first of the texts that is not empty.
func FirstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
