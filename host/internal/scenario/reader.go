package scenario

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// reader is a file of tests that is being read, and what was found wrong with
// it so far.
type reader struct {
	path  string
	src   []byte
	lines [][]byte
	found config.Diagnostics
}

func newReader(path string, src []byte) *reader {
	return &reader{path: path, src: src, lines: bytes.Split(src, []byte("\n"))}
}

func (r *reader) position(at hcl.Range) config.Position {
	return config.Position{File: r.path, Line: max(at.Start.Line, 1), Column: max(at.Start.Column, 1)}
}

// fail notes a mistake; the hint may be empty.
func (r *reader) fail(at hcl.Range, hint, format string, args ...any) {
	d := config.Diagnostic{Severity: config.SeverityError, Position: r.position(at), Summary: fmt.Sprintf(format, args...), Hint: hint}
	if d.Line <= len(r.lines) {
		d.Source = clip(strings.TrimSpace(strings.ToValidUTF8(string(r.lines[d.Line-1]), "�")))
	}
	if !slices.ContainsFunc(r.found, func(f config.Diagnostic) bool { return f.Position == d.Position && f.Summary == d.Summary }) {
		r.found = append(r.found, d)
	}
}

// clip cuts a line that is too long to be shown.
func clip(line string) string {
	const longest = 160
	if runes := []rune(line); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return line
}

// library notes what the HCL library found; at stands in where it names no
// place.
func (r *reader) library(at hcl.Range, diags hcl.Diagnostics) {
	for _, d := range diags {
		where := at
		if d.Subject != nil {
			where = *d.Subject
		}
		summary, hint := hcltext.Reason(d)
		r.fail(where, hint, "%s", summary)
	}
}

// take returns what was found, in the order of the file, and forgets it.
func (r *reader) take() config.Diagnostics {
	found := r.found
	r.found = nil
	slices.SortStableFunc(found, func(a, b config.Diagnostic) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return found
}

// block is one block that is being read.
type block struct {
	*reader
	// what names the block in messages.
	what string
	body *hclsyntax.Body
	// at is where something that is missing is reported.
	at     hcl.Range
	values *values
	// inside are the bytes between its braces.
	inside [2]int
}

// child is a block inside this one.
func (b block) child(inner *hclsyntax.Block) block {
	return block{reader: b.reader, what: describe(inner), body: inner.Body, at: inner.DefRange(), values: b.values,
		inside: [2]int{inner.OpenBraceRange.End.Byte, inner.CloseBraceRange.Start.Byte}}
}

// describe names a block in a message, such as `test "a"`.
func describe(b *hclsyntax.Block) string {
	text := b.Type
	for _, label := range b.Labels {
		text += fmt.Sprintf(" %q", label)
	}
	return text
}

// check reports words that have no place in the block.
func (b block) check(attributes, blocks []string) {
	for _, attribute := range inOrder(b.body) {
		if slices.Contains(attributes, attribute.Name) {
			continue
		}
		hint := hcltext.Suggest(attribute.Name, attributes, b.what+" takes")
		if slices.Contains(blocks, attribute.Name) {
			hint = attribute.Name + " is a block: write " + attribute.Name + " { ... } without an equals sign."
		}
		b.fail(attribute.NameRange, hint, "unknown attribute %q in %s", attribute.Name, b.what)
	}
	for _, inner := range b.body.Blocks {
		switch {
		case !slices.Contains(blocks, inner.Type):
			hint := hcltext.Suggest(inner.Type, blocks, b.what+" takes the blocks")
			if slices.Contains(attributes, inner.Type) {
				hint = inner.Type + " is an attribute: write " + inner.Type + " = ..."
			}
			b.fail(inner.TypeRange, hint, "unknown block %q in %s", inner.Type, b.what)
		case inner.Type == "test" && len(inner.Labels) != 1:
			b.fail(inner.TypeRange, `Write test "what is tested" { ... }.`, "test takes one name")
		case inner.Type != "test" && len(inner.Labels) > 0:
			b.fail(inner.LabelRanges[0], "Write "+inner.Type+" { ... }.", "%s takes no name", inner.Type)
		}
	}
}

// inOrder lists attributes in the order of the file.
func inOrder(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, attribute := range body.Attributes {
		all = append(all, attribute)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return all
}

// blocks are the blocks of a type, of which there may be one at most where one
// is set.
func (b block) blocks(name string, one bool) []block {
	var all []block
	for _, inner := range b.body.Blocks {
		if inner.Type != name {
			continue
		}
		if one && len(all) == 1 {
			b.fail(inner.TypeRange, "", "%s is given twice in %s", name, b.what)
			continue
		}
		all = append(all, b.child(inner))
	}
	return all
}

// fixed is the value of an attribute that does not change in the course of a
// history; ok is false where it is not given or null, or is wrong, which has
// then been reported.
func (b block) fixed(name string) (value cty.Value, at hcl.Range, ok bool) {
	attribute, given := b.body.Attributes[name]
	if !given {
		return cty.NilVal, b.at, false
	}
	at = attribute.Expr.Range()
	f, ok := b.formula(attribute)
	if !ok {
		return cty.NilVal, at, false
	}
	if f.varies() {
		b.fail(at, "It is told once, before the history begins.", "%s cannot depend on %s", name, f.because())
		return cty.NilVal, at, false
	}
	value, diags := f.value(occasion{})
	b.library(at, diags)
	return value, at, !diags.HasErrors() && !value.IsNull()
}

// text reads a text; empty where there is none.
func (b block) text(name string) string {
	value, at, ok := b.fixed(name)
	if !ok {
		return ""
	}
	text, ok := toText(value)
	if !ok {
		b.fail(at, "", "%s must be a text", name)
	}
	return text
}

func toText(value cty.Value) (string, bool) {
	text, err := convert.Convert(value, cty.String)
	if err != nil || text.IsNull() || !text.IsKnown() {
		return "", false
	}
	return text.AsString(), true
}

// texts reads a map of texts.
func (b block) texts(name string) map[string]string {
	value, at, ok := b.fixed(name)
	if !ok {
		return nil
	}
	if t := value.Type(); !t.IsObjectType() && !t.IsMapType() {
		b.fail(at, "Write "+name+` = { NAME = "value" }.`, "%s must be a map of texts", name)
		return nil
	}
	all := map[string]string{}
	for key, element := range value.AsValueMap() {
		text, ok := toText(element)
		if !ok {
			b.fail(at, "Write "+name+` = { NAME = "value" }.`, "%s must be a map of texts", name)
			return nil
		}
		all[key] = text
	}
	return all
}
