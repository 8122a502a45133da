package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits on a file, so that none can exhaust the memory, the stack or the time:
// the parser of HCL calls itself for each level, and a check of a formula
// evaluates every part of it.
const (
	maxFileSize    = 256 << 10
	maxNesting     = 100
	maxFormulaSize = 500
)

// file is a configuration file that is being read, and what was found wrong
// with it so far.
type file struct {
	name  string
	src   []byte
	lines [][]byte
	eval  *hcl.EvalContext
	found Diagnostics
}

func newFile(name string, src []byte, env Environment) *file {
	return &file{
		name:  name,
		src:   src,
		lines: bytes.Split(src, []byte("\n")),
		eval:  &hcl.EvalContext{Functions: functions(env)},
	}
}

// position translates a range of HCL. A range without a place is that of the
// file's beginning, so that every diagnostic has one.
func (f *file) position(at hcl.Range) Position {
	return Position{File: f.name, Line: max(at.Start.Line, 1), Column: max(at.Start.Column, 1)}
}

// line is the text of a line of the file.
func (f *file) line(number int) string {
	if number < 1 || number > len(f.lines) {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(f.lines[number-1]), "�"))
}

// quietLine is a line without what may be a secret: only the words before the
// value.
func (f *file) quietLine(number int) string {
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

// place is where a diagnostic points and whether its line may be shown.
type place struct {
	at    hcl.Range
	quiet bool
}

// loud is a place whose line may be shown.
func loud(at hcl.Range) place { return place{at: at} }

func (f *file) add(severity Severity, p place, hint, summary string) {
	d := Diagnostic{Severity: severity, Position: f.position(p.at), Summary: summary, Hint: hint}
	if p.quiet {
		d.Source = f.quietLine(d.Line)
	} else {
		d.Source = f.line(d.Line)
	}
	f.found = append(f.found, d)
}

// fail notes an error; the hint may be empty.
func (f *file) fail(p place, hint, format string, args ...any) {
	f.add(SeverityError, p, hint, fmt.Sprintf(format, args...))
}

// warn notes a warning; the hint may be empty.
func (f *file) warn(p place, hint, format string, args ...any) {
	f.add(SeverityWarning, p, hint, fmt.Sprintf(format, args...))
}

// take returns what was found and forgets it.
func (f *file) take() Diagnostics {
	found := f.found.Sorted()
	f.found = nil
	return found
}

// evaluation notes what HCL found when it evaluated an expression.
func (f *file) evaluation(p place, diags hcl.Diagnostics) {
	for _, d := range diags {
		at := p
		if d.Subject != nil {
			at.at = *d.Subject
		}
		if unset, ok := unsetIn(d); ok {
			// This is what a first start meets: one line says it all.
			f.found = append(f.found, Diagnostic{Severity: SeverityError, Position: f.position(at.at), Summary: unset.Error()})
			continue
		}
		hint := oneLine(d.Detail)
		if p.quiet && fromFunction(d) {
			hint = "An argument is not what the function takes."
		}
		f.fail(at, hint, "%s", lowerFirst(d.Summary))
	}
}

// parse reads the syntax. Where it is wrong nothing more can be said about the
// file, and ok is false.
func (f *file) parse(src []byte) (body *hclsyntax.Body, ok bool) {
	start := hcl.Range{Filename: f.name, Start: hcl.InitialPos, End: hcl.InitialPos}
	if len(src) > maxFileSize {
		f.fail(place{at: start, quiet: true}, "", "file is larger than %d bytes", maxFileSize)
		return nil, false
	}
	if at, deep := tooDeep(f.name, src); deep {
		f.fail(place{at: at, quiet: true}, "", "expression is nested more than %d levels deep", maxNesting)
		return nil, false
	}
	parsed, diags := hclsyntax.ParseConfig(src, f.name, hcl.InitialPos)
	last := hcl.Diagnostic{Subject: &start}
	for i, d := range diags {
		if d.Subject == nil {
			d.Subject = &start
		}
		if i+1 < len(diags) && diags[i+1].Subject != nil && diags[i+1].Subject.Start == d.Subject.Start {
			continue
		}
		// A quote that is not closed turns every line after it inside out.
		if d.Summary != last.Summary || d.Subject.Start.Line > last.Subject.Start.Line+1 {
			f.syntaxError(*d.Subject, d)
		}
		last = *d
	}
	if diags.HasErrors() {
		return nil, false
	}
	return parsed.Body.(*hclsyntax.Body), true
}

// syntaxError notes an error of the syntax, with a hint where the mistake is
// that of a block written in one line.
func (f *file) syntaxError(at hcl.Range, d *hcl.Diagnostic) {
	text := f.line(at.Start.Line)
	hint := firstOf(f.operatorHint(at), oneLine(d.Detail))
	if d.Summary == "Invalid escape sequence" {
		hint = `In quotes a backslash is written twice: \\d for \d. In a heredoc it stands once.`
	}
	if brace := strings.IndexByte(text, '{'); brace >= 0 && strings.Contains(text[brace:], "=") {
		hint += " A block with several attributes has each of them on a line of its own."
	}
	f.fail(place{at: at, quiet: !f.harmless(text)}, hint, "%s", lowerFirst(d.Summary))
}

// wordsHint says how conditions are joined.
const wordsHint = "Write && for and, || for or, ! for not."

// operatorHint is for an operator of another language, or a duration without
// quotes, at the place where the syntax goes wrong.
func (f *file) operatorHint(at hcl.Range) string {
	if !at.CanSliceBytes(f.src) {
		return ""
	}
	before := strings.TrimRight(string(f.src[:at.Start.Byte]), " \t")
	before = before[strings.LastIndexAny(before, " \t\n=")+1:]
	switch word := strings.ToLower(string(at.SliceBytes(f.src))); {
	case word == "and" || word == "or" || word == "&" || word == "|" || before == "not":
		return wordsHint
	case word == "=" || word == "=>" || word == ">" && strings.HasSuffix(before, "<"):
		return "Write == for equal, != for not equal, >= and <= for at least and at most."
	case isDuration(before + word):
		return `Write duration("` + before + word + `").`
	}
	return ""
}

// harmless says whether a line that could not be parsed holds no secret: it
// belongs to the host's own language, not to a plugin's config.
func (f *file) harmless(line string) bool {
	end := strings.IndexFunc(line, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
	if end <= 0 {
		return false
	}
	word := line[:end]
	return word != "config" && word != "target" && slices.Contains(fileGrammar().words(), word)
}

// tooDeep finds the first token that is nested too deep for the parser. Signs
// nest as well: each takes the next as its operand.
func tooDeep(name string, src []byte) (hcl.Range, bool) {
	tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	depth, signs := 0, 0
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			depth = max(depth-1, 0)
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion:
			signs++
		case hclsyntax.TokenNewline:
			signs = 0
		}
		if depth > maxNesting || signs > maxNesting {
			return token.Range, true
		}
	}
	return hcl.Range{}, false
}

// lowerFirst makes a sentence of HCL fit into ours.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// oneLine folds a text into one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
