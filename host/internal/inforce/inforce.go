// Package inforce tells of a block of a configuration everything that is in force in
// it, and where each value comes from. It walks the grammar over the layers that
// package hcltext reads; it must not show what may be secret.
package inforce

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/redact"
)

// Block is a block with everything that is in force in it.
type Block struct {
	// Name is the block's type, Label its name.
	Name       string    `json:"block"`
	Label      string    `json:"name,omitempty"`
	Attributes []Setting `json:"attributes,omitempty"`
	Blocks     []Block   `json:"blocks,omitempty"`
	// Off names the blocks inside that are in force only where they stand, and do
	// not.
	Off []string `json:"off,omitempty"`
}

// Setting is the value of an attribute, and where it comes from.
type Setting struct {
	Name string `json:"name"`
	// Value is the value as HCL; an expression over facts and a name of a block
	// stand as they are written. It is empty where there is no constant: then
	// Otherwise says what holds.
	Value     string `json:"value,omitempty"`
	Otherwise string `json:"otherwise,omitempty"`
	// Written is the expression that the value comes from; empty where it says no
	// more than the value.
	Written string `json:"written,omitempty"`
	// From is where the value is said: a file and its line, a variable of the
	// environment, or the word for what nobody said.
	From string `json:"from"`
}

// FromDefault is where a value comes from that nobody said.
const FromDefault = "built-in"

// Hidden stands where a value may be secret.
const Hidden = `"[hidden]"`

// Reader reads blocks.
type Reader struct {
	// Foreign gives the section of a block that a plugin describes its grammar; false
	// where that is not known, and then no value of it is told.
	Foreign func(hcltext.Section) (hcltext.Section, bool)
	// Layer says which layer a range is in; empty for the file itself.
	Layer func(hcl.Range) string
}

// Read reads a block with everything that is in force in it.
func (r Reader) Read(s hcltext.Section) Block {
	b := Block{Name: s.Grammar.Name, Label: s.Label}
	if off, is := offBy(s); is {
		b.Attributes = []Setting{r.setting(s, off)}
		return b
	}
	for _, a := range s.Grammar.Attributes {
		if set := r.setting(s, s.Spec(a.Name)); set.Value != "" || set.Otherwise != "" {
			b.Attributes = append(b.Attributes, set)
		}
	}
	for _, inner := range s.Grammar.Blocks {
		children := r.children(s, inner)
		if inner.OnlyWhereGiven && len(children) == 0 {
			b.Off = append(b.Off, inner.Name)
		}
		b.Blocks = append(b.Blocks, children...)
	}
	return b
}

// offBy is the attribute that switches the block off.
func offBy(s hcltext.Section) (hcltext.Attribute, bool) {
	at := slices.IndexFunc(s.Grammar.Attributes, func(a hcltext.Attribute) bool { return a.Name == "enabled" })
	written := s.Said("enabled")
	if at < 0 || written == nil || len(written.Expr.Variables()) > 0 {
		return hcltext.Attribute{}, false
	}
	return s.Grammar.Attributes[at], !s.Flag("enabled")
}

// children are the blocks of a type inside: those that stand there, and those that
// are in force without.
func (r Reader) children(s hcltext.Section, inner hcltext.Grammar) []Block {
	var all []Block
	switch given := s.Children(inner.Name); {
	case inner.Foreign:
		if child := s.Child(inner.Name); child.Given {
			all = append(all, r.foreignBlock(child))
		}
	case len(inner.Labels) > 0:
		for _, label := range inner.Labels {
			all = append(all, r.Read(s.Child(inner.Name, label)))
		}
	case len(given) > 0:
		for _, child := range given {
			all = append(all, r.Read(child))
		}
	case inner.Beside != "" && s.Child(inner.Beside).Given && s.Child(inner.Beside).Flag("enabled"):
		child := r.Read(s.Child(inner.Name))
		for i := range child.Attributes {
			child.Attributes[i].From += ", with " + inner.Beside
		}
		all = append(all, child)
	case !inner.Repeated && !inner.OnlyWhereGiven && !inner.NeedsAnything():
		if child := r.Read(s.Child(inner.Name)); len(child.Attributes)+len(child.Blocks) > 0 {
			all = append(all, child)
		}
	}
	return all
}

// foreignBlock is a block of a plugin. Without the plugin's schema nobody knows what
// is secret in it.
func (r Reader) foreignBlock(s hcltext.Section) Block {
	name := s.Grammar.Name
	if described, ok := r.Foreign(s); ok {
		b := r.Read(described)
		b.Name = name
		return b
	}
	b := Block{Name: name}
	for _, attribute := range s.Attributes() {
		b.Attributes = append(b.Attributes, Setting{Name: attribute.Name, Value: Hidden, From: r.place(s.File, attribute.SrcRange)})
	}
	return b
}

// setting is an attribute with where it comes from.
func (r Reader) setting(s hcltext.Section, a hcltext.Attribute) Setting {
	set := Setting{Name: a.Name, From: FromDefault}
	written := s.Said(a.Name)
	text, isSet := "", false
	if a.Variable != "" {
		text, isSet = s.Env.Lookup(a.Variable)
	}
	switch {
	case isSet && (written == nil || a.VariableWins):
		set.Value, set.From = valueText(cty.StringVal(text)), "env "+a.Variable
	case written != nil:
		set.Value, set.From = sourceText(s, written.Expr), r.place(s.File, written.SrcRange)
		if source := s.Source(written.Expr.Range()); source != set.Value {
			set.Written = source
		}
	case a.Default != "":
		set.Value = defaultText(a)
	default:
		set.Otherwise = strings.ReplaceAll(a.Otherwise, "`", "")
	}
	if a.Sensitive && set.Value != "" {
		set.Value, set.Written = hide(set.Value), ""
	}
	return set
}

// addressForm is a text that is an address and nothing else.
var addressForm = regexp.MustCompile(`^"[A-Za-z][A-Za-z0-9+.-]*://[^"\s$]*"$`)

// hide leaves of an address its scheme and host, and of anything else nothing.
func hide(value string) string {
	if !addressForm.MatchString(value) {
		return Hidden
	}
	return redact.New().Text(value)
}

// place is the file and line of a range, with its layer.
func (r Reader) place(f *hcltext.File, at hcl.Range) string {
	p := f.Position(at)
	text := p.File + ":" + strconv.Itoa(p.Line)
	if layer := r.Layer(at); layer != "" {
		text += " (" + layer + ")"
	}
	return text
}

// valueText is the value of an expression as HCL, or the expression where that reads
// a fact or names a block.
func sourceText(s hcltext.Section, expr hclsyntax.Expression) string {
	if len(expr.Variables()) == 0 {
		if value, diags := expr.Value(s.Eval); !diags.HasErrors() && value.IsWhollyKnown() {
			return valueText(value)
		}
	}
	return s.Source(expr.Range())
}

func valueText(value cty.Value) string {
	return hcltext.OneLine(string(hclwrite.TokensForValue(value).Bytes()))
}

// defaultText is the default as HCL: JSON is, but for its null.
func defaultText(a hcltext.Attribute) string {
	if strings.TrimSpace(a.Default) == "null" {
		return ""
	}
	return a.Default
}
