package hcltext

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/sdk"
)

// maxNesting bounds how deep a file is nested: the parser of HCL calls itself for
// each level.
const maxNesting = 100

// Parse reads the syntax of a text; [Section.Check] compares it with the grammar. ok
// is false where the syntax is wrong, and then nothing else can be read. The file of
// the section holds the mistakes either way.
func (l Language) Parse(name string, src []byte) (top Section, ok bool) {
	f := NewFile(l, name, src)
	start := f.Start()
	top = Section{File: f, Grammar: l.Grammar, What: "the file", Range: start, Given: true}
	if len(src) > l.MaxSize {
		f.FailQuietly(start, "", "file is larger than %d bytes", l.MaxSize)
		return top, false
	}
	if at, what := firstExcess(name, src); what != "" {
		f.FailQuietly(at, "", "%s", what)
		return top, false
	}
	parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	last := hcl.Diagnostic{Subject: &start}
	for i, d := range diags {
		if d.Subject == nil {
			d.Subject = &start
		}
		if d.Summary == "Invalid multi-line string" {
			// From here on texts and what lies between them change places.
			f.Report(SeverityError, Place{At: *d.Subject, Quiet: !f.ownLanguage(f.line(d.Subject.Start.Line))},
				"Close the quotes on this line. What follows them was not read.", "quotes are not closed")
			break
		}
		if i+1 < len(diags) && diags[i+1].Subject != nil && diags[i+1].Subject.Start == d.Subject.Start {
			continue
		}
		if d.Summary != last.Summary || d.Subject.Start.Line > last.Subject.Start.Line+1 {
			f.syntaxError(*d.Subject, d)
		}
		last = *d
	}
	if diags.HasErrors() {
		return top, false
	}
	top.bodies = []*hclsyntax.Body{parsed.Body.(*hclsyntax.Body)}
	return top, true
}

// syntaxError notes an error of the syntax, with a hint where the mistake can be
// guessed.
func (f *File) syntaxError(at hcl.Range, d *hcl.Diagnostic) {
	text := f.line(at.Start.Line)
	hint := FirstOf(f.slipHint(at), OneLine(d.Detail))
	if d.Summary == "Invalid escape sequence" {
		hint = `In quotes a backslash is written twice: \\d for \d. In a heredoc it stands once.`
	}
	if brace := strings.IndexByte(text, '{'); brace >= 0 && strings.Contains(text[brace:], "=") {
		hint += " A block with several attributes has each of them on a line of its own."
	}
	f.Report(SeverityError, Place{At: at, Quiet: !f.ownLanguage(text)}, hint, LowerFirst(d.Summary))
}

// WordsHint says how conditions are joined.
const WordsHint = "Write && for and, || for or, ! for not."

// slipHint guesses what was meant where the syntax goes wrong: an operator of another
// language, or a text without its quotes.
func (f *File) slipHint(at hcl.Range) string {
	if !at.CanSliceBytes(f.Src) {
		return ""
	}
	line := string(f.Src[strings.LastIndexByte(string(f.Src[:at.Start.Byte]), '\n')+1 : at.Start.Byte])
	before := strings.TrimRight(line, " \t")
	before = before[strings.LastIndexAny(before, " \t=")+1:]
	switch word := strings.ToLower(string(at.SliceBytes(f.Src))); {
	case word == "and" || word == "or" || word == "&" || word == "|" || before == "not":
		return WordsHint
	case word == "=" || word == "=>" || word == ">" && strings.HasSuffix(before, "<"):
		return "Write == for equal, != for not equal, >= and <= for at least and at most."
	case word == "'":
		return `Text stands in double quotes: "text".`
	case IsDuration(before+word) && f.takesDuration(line):
		return `Text stands in quotes: "` + before + word + `".`
	case IsDuration(before + word):
		return `Write duration("` + before + word + `").`
	}
	return ""
}

// takesDuration says whether a line begins with an attribute that is a duration.
func (f *File) takesDuration(line string) bool {
	name, _, _ := strings.Cut(line, "=")
	return f.Grammar.hasDuration(strings.TrimSpace(name))
}

func (g Grammar) hasDuration(name string) bool {
	a, known := g.attribute(name)
	return known && a.Type == sdk.TypeDuration || slices.ContainsFunc(g.Blocks, func(b Grammar) bool { return b.hasDuration(name) })
}

// ownLanguage says whether a line that could not be parsed belongs to the language
// itself and not to a plugin's block, so that it holds no secret.
func (f *File) ownLanguage(line string) bool {
	end := strings.IndexFunc(line, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
	if end <= 0 {
		return false
	}
	word := line[:end]
	foreign := func(g Grammar) bool { return g.Name == word && g.Foreign }
	for _, home := range f.Grammar.Blocks {
		if slices.ContainsFunc(home.Blocks, foreign) {
			return false
		}
	}
	return len(f.Grammar.homes(word, false))+len(f.Grammar.homes(word, true)) > 0
}

// hugeNumber is a number that would fill the memory when it is written in full.
var hugeNumber = regexp.MustCompile(`[eE][+-]?[0-9]{4,}$`)

// firstExcess finds the first token that is nested too deep or a number that is too
// large, and says which. Signs nest as well: each takes the next as its operand.
func firstExcess(name string, src []byte) (at hcl.Range, what string) {
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
		case hclsyntax.TokenNumberLit:
			if hugeNumber.Match(token.Bytes) {
				return token.Range, "number has an exponent of more than three digits"
			}
		}
		if depth > maxNesting || signs > maxNesting {
			return token.Range, fmt.Sprintf("expression is nested more than %d levels deep", maxNesting)
		}
	}
	return hcl.Range{}, ""
}
