package hcltext

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Section is one block that is being read. A block that is not given is a section
// without content, in which every attribute has its default.
type Section struct {
	*File
	Grammar Grammar
	// What describes the block in messages; Label is its name.
	What, Label string
	// Range is the line where missing words are reported; Extent is the whole
	// block.
	Range, Extent hcl.Range
	// Given says that the block stands in the file.
	Given bool
	// Evaluate computes the value of an attribute and reports what is wrong; nil
	// stands for [File.Constant].
	Evaluate func(attribute *hclsyntax.Attribute, quiet bool) (cty.Value, bool)
	// bodies are the block's own body and, after it, those of defaults.
	bodies []*hclsyntax.Body
}

// open is a block inside, without the defaults under it.
func (s Section) open(block *hclsyntax.Block, grammar Grammar) Section {
	inner := Section{File: s.File, Grammar: grammar, What: describe(block), Range: block.DefRange(), Given: true, Evaluate: s.Evaluate,
		Extent: hcl.RangeBetween(block.TypeRange, block.CloseBraceRange), bodies: []*hclsyntax.Body{block.Body}}
	if len(block.Labels) > 0 {
		inner.Label = block.Labels[0]
	}
	if grammar.Foreign || grammar.quiet {
		inner.What += " of " + s.What
	}
	return inner
}

// BlockText is the text of the block; empty where it does not stand in the file.
func (s Section) BlockText() string {
	if !s.Given {
		return ""
	}
	return string(s.Extent.SliceBytes(s.Src))
}

// WithDefaults is the section with defaults under it: whatever the section does not
// say is taken from the defaults. These may stand in another file.
func (s Section) WithDefaults(defaults Section) Section {
	if defaults.File != s.File {
		if s.beneath == nil {
			s.beneath = map[string]*File{}
		}
		s.beneath[defaults.Name] = defaults.File
	}
	s.bodies = slices.Concat(s.bodies, defaults.bodies)
	return s
}

// WithGrammar is the section with another grammar, such as the schema of a plugin, and
// with a list of mistakes of its own.
func (s Section) WithGrammar(grammar Grammar) Section {
	s.Grammar, s.File = grammar, s.withoutFindings()
	return s
}

// Children are the blocks of a type inside, in the order of the file. Blocks without
// a name that they need are left out: Check reports them.
func (s Section) Children(name string) []Section {
	grammar, known := s.Grammar.Block(name)
	if !known {
		panic("the grammar of " + s.What + " has no block " + name)
	}
	var all []Section
	for _, body := range s.bodies {
		above := len(all)
		for _, block := range body.Blocks {
			if block.Type != name || grammar.Labelled != (len(block.Labels) == 1) {
				continue
			}
			inner := s.open(block, grammar)
			at := slices.IndexFunc(all[:above], func(o Section) bool { return o.Label == inner.Label })
			switch {
			case at < 0:
				all = append(all, inner)
			case !grammar.ReplacesDefault && !grammar.Repeated:
				all[at] = all[at].WithDefaults(inner)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Section) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return all
}

// Child is the block of a type inside, with the given name if any; a section without
// content where there is no such block.
func (s Section) Child(name string, label ...string) Section {
	for _, inner := range s.Children(name) {
		if len(label) == 0 || inner.Label == label[0] {
			return inner
		}
	}
	grammar, _ := s.Grammar.Block(name)
	none := Section{File: s.File, Grammar: grammar, What: name, Label: strings.Join(label, ""), Range: s.Range, Evaluate: s.Evaluate}
	if grammar.Foreign {
		none.What = s.What
	}
	return none
}

// Written is the attribute of a name; nil where it is not given, or is written null.
func (s Section) Written(name string) *hclsyntax.Attribute {
	return s.written(name, func(expr hclsyntax.Expression) bool {
		literal, ok := expr.(*hclsyntax.LiteralValueExpr)
		return ok && literal.Val.IsNull()
	})
}

// Said is the attribute of a name; nil where it is not given, or comes to null
// whatever the facts are, as env("NAME", null) does where the variable is not set.
func (s Section) Said(name string) *hclsyntax.Attribute {
	return s.written(name, func(expr hclsyntax.Expression) bool {
		if len(expr.Variables()) > 0 {
			return false
		}
		value, diags := expr.Value(s.Eval)
		return !diags.HasErrors() && value.IsNull()
	})
}

func (s Section) written(name string, isNull func(hclsyntax.Expression) bool) *hclsyntax.Attribute {
	for _, body := range s.bodies {
		if attribute, given := body.Attributes[name]; given && !isNull(attribute.Expr) {
			return attribute
		}
	}
	return nil
}

// Attributes are all attributes that are written, in the order of the file.
func (s Section) Attributes() []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, body := range s.bodies {
		all = append(all, inOrder(body)...)
	}
	return all
}

// valueOf is the value of an attribute, and where it is written: nil for an attribute
// that is not given or null. ok is false where there is no value, either way.
func (s Section) valueOf(name string, quiet bool) (written *hclsyntax.Attribute, value cty.Value, ok bool) {
	evaluate := s.Evaluate
	if evaluate == nil {
		evaluate = s.Constant
	}
	for _, body := range s.bodies {
		attribute, given := body.Attributes[name]
		if !given {
			continue
		}
		if value, ok = evaluate(attribute, quiet); !ok || !value.IsNull() {
			return attribute, value, ok
		}
	}
	return nil, cty.NilVal, false
}

// Raw is the value of an attribute without a conversion to its type.
func (s Section) Raw(name string) (cty.Value, bool) {
	_, value, ok := s.valueOf(name, false)
	return value, ok
}

// Value is the value of an attribute in the Go type of the grammar: as written, from
// its variable of the environment, or the default. ok is false where it has none.
func (s Section) Value(name string) (value any, ok bool) {
	return s.value(s.Spec(name))
}

// Spec is what the grammar says about an attribute.
func (s Section) Spec(name string) Attribute {
	a, known := s.Grammar.attribute(name)
	if !known {
		panic("the grammar of " + s.Grammar.Name + " has no attribute " + name)
	}
	a.Default = FirstOf(a.ByLabel[s.Label], a.Default)
	return a
}

func (s Section) value(a Attribute) (any, bool) {
	written, raw, ok := s.valueOf(a.Name, a.Sensitive)
	if written != nil && a.Deprecated != "" {
		s.Report(SeverityWarning, Place{written.NameRange, a.Sensitive}, Sentence(a.Deprecated), a.Name+" is deprecated")
	}
	var value any
	if ok {
		var r *refusal
		if value, r = a.convert(raw); r != nil {
			s.refuse(a, written, raw, r)
			ok = false
		}
	}
	if text, set := s.variable(a); set && (written == nil || a.VariableWins) {
		fromVariable, r := a.convert(cty.StringVal(text))
		if r == nil {
			return fromVariable, true
		}
		s.FailQuietly(s.Start(), FirstOf(a.Hint, r.hint), "environment variable %s must be %s, not %q", a.Variable, r.want, text)
	}
	if ok {
		return value, true
	}
	return s.fallback(a, written != nil)
}

// variable is the value of the attribute's variable of the environment.
func (s Section) variable(a Attribute) (text string, set bool) {
	if a.Variable == "" {
		return "", false
	}
	return s.Env.Lookup(a.Variable)
}

// fallback is the value of an attribute that is not given.
func (s Section) fallback(a Attribute, written bool) (any, bool) {
	if a.Required && !written {
		s.Missing(a.Name, FirstOf(a.Hint, Sentence(a.Description)))
	}
	if a.Default == "" {
		return nil, false
	}
	value, err := fromJSON(a.Default)
	if err == nil && value.IsNull() {
		return nil, false
	}
	if err == nil {
		if converted, r := a.convert(value); r == nil {
			return converted, true
		}
	}
	s.Fail(s.Range, "The mistake is in the plugin, not in this file.", "plugin publishes a default for %q that is not of its type", a.Name)
	return nil, false
}

// refuse reports a value that is not what the attribute takes. The value of a
// sensitive one is not shown.
func (s Section) refuse(a Attribute, at *hclsyntax.Attribute, value cty.Value, r *refusal) {
	summary := fmt.Sprintf("%s must be %s", a.Name, r.want)
	hint := r.hint
	if !a.Sensitive {
		summary += ", not " + FirstOf(r.wrong, Show(value))
		hint = FirstOf(QuotesHint(value), s.textHint(value), r.hint)
	}
	s.Report(SeverityError, Place{at.Expr.Range(), a.Sensitive}, hint, summary)
}

// QuotesHint is the hint for a text with quotation marks around it, as an env file
// leaves them in a variable; empty for any other value.
func QuotesHint(value cty.Value) string {
	text, ok := ToText(value)
	text = strings.TrimSpace(text)
	if !ok || len(text) < 2 || text[0] != text[len(text)-1] || text[0] != '"' && text[0] != '\'' {
		return ""
	}
	return "The quotation marks are part of the value; an env file takes values without them."
}

// textHint is what a text in quotes was probably meant to be.
func (s Section) textHint(value cty.Value) string {
	if s.TextHint == nil || value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
		return ""
	}
	return s.TextHint(value.AsString())
}

// Refuse reports that the value of an attribute is not what is wanted.
func (s Section) Refuse(name, want, hint string) {
	if written, value, ok := s.valueOf(name, false); ok {
		s.refuse(Attribute{Name: name}, written, value, &refusal{want: want, hint: hint})
	}
}

// Missing reports a word that is required and not given. Where it stands there under
// a misspelt name, that was reported already.
func (s Section) Missing(name, hint string) {
	misspelt := func(attribute *hclsyntax.Attribute) bool {
		at, meant := s.Position(attribute.NameRange), DidYouMean(attribute.Name, []string{name})
		return meant != "" && slices.ContainsFunc(s.found, func(d Diagnostic) bool { return d.Position == at && d.Hint == meant })
	}
	if !slices.ContainsFunc(s.Attributes(), misspelt) {
		s.Fail(s.Range, hint, "%s needs %q", s.What, name)
	}
}

// valueAs is the value of an attribute of this Go type; the zero value where there is
// none. It panics where the grammar gives the attribute another type.
func valueAs[T any](s Section, name string) T {
	value, _ := s.Value(name)
	if value == nil {
		var none T
		return none
	}
	return value.(T)
}

// Text reads a text; empty where there is none.
func (s Section) Text(name string) string { return valueAs[string](s, name) }

// Texts reads a list of texts.
func (s Section) Texts(name string) []string { return valueAs[[]string](s, name) }

// TextMap reads a map of texts.
func (s Section) TextMap(name string) map[string]string { return valueAs[map[string]string](s, name) }

// Flag reads true or false.
func (s Section) Flag(name string) bool { return valueAs[bool](s, name) }

// Count reads a whole number that is not negative.
func (s Section) Count(name string) uint64 { return valueAs[uint64](s, name) }

// Duration reads a duration.
func (s Section) Duration(name string) time.Duration { return valueAs[time.Duration](s, name) }

// Size reads a number of bytes.
func (s Section) Size(name string) int64 { return valueAs[int64](s, name) }

// HasBlockOf says whether a block of another grammar stands inside.
func (s Section) HasBlockOf(other Grammar) bool {
	return slices.ContainsFunc(s.bodies, func(body *hclsyntax.Body) bool {
		return slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return other.allows(b.Type, true) })
	})
}
