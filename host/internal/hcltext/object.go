package hcltext

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/sdk"
)

// Decode checks a block against the schema of a plugin and returns it as a JSON
// object: defaults are filled in, values converted, durations are seconds. Words that
// one of the other schemas allows are ignored. The JSON is nil where the diagnostics
// hold an error. Several blocks of a file may be decoded at the same time.
func (s Section) Decode(schema sdk.Schema, others ...sdk.Schema) ([]byte, Diagnostics) {
	s = s.WithGrammar(Schema(s.Grammar.Name, schema))
	var elsewhere []Grammar
	for _, other := range others {
		elsewhere = append(elsewhere, Schema("", other))
	}
	s.Check(elsewhere...)
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s.object()); err != nil {
		s.Fail(s.Range, "", "%s cannot be written as JSON: %v", s.What, err)
	}
	found := s.TakeFound()
	if found.HasErrors() {
		return nil, found
	}
	return bytes.TrimSpace(encoded.Bytes()), found
}

// object reads a block by its grammar.
func (s Section) object() map[string]any {
	object := map[string]any{}
	for _, a := range s.Grammar.Attributes {
		value, ok := s.value(a)
		if d, isDuration := value.(time.Duration); isDuration {
			value = d.Seconds()
		}
		if ok {
			object[a.Name] = value
		}
	}
	for _, block := range s.Grammar.Blocks {
		if value, ok := s.objects(block); ok {
			object[block.Name] = value
		}
	}
	return object
}

// objects reads the blocks of one type; ok is false where the object has no entry for
// them.
func (s Section) objects(block Grammar) (any, bool) {
	children := s.Children(block.Name)
	objects := make([]map[string]any, len(children))
	for i, child := range children {
		objects[i] = child.object()
	}
	switch {
	case block.Required && len(objects) == 0:
		s.Missing(block.Name, Sentence(block.Description))
		return nil, false
	case block.Repeated:
		return objects, true
	case len(objects) > 0:
		return objects[0], true
	case block.NeedsAnything():
		return nil, false
	}
	// The block is not given: the plugin is told its defaults.
	object := s.Child(block.Name).object()
	return object, len(object) > 0
}

// NeedsAnything says whether the block needs an attribute or a block, so that nothing
// is in force without it.
func (g Grammar) NeedsAnything() bool {
	return slices.ContainsFunc(g.Attributes, func(a Attribute) bool { return a.Required }) ||
		slices.ContainsFunc(g.Blocks, func(b Grammar) bool { return b.Required })
}

// Locate finds the place of a path of names and indices, or the nearest place around
// it, and the value there. The value is unknown where there is none.
func (s Section) Locate(path []string) (Place, cty.Value) {
	if len(path) == 0 {
		return Place{At: s.Range}, cty.DynamicVal
	}
	a, known := s.Grammar.attribute(path[0])
	if written := s.Written(path[0]); written != nil {
		expr := elementOf(written.Expr, path[1:])
		value, _ := expr.Value(s.Eval)
		return Place{expr.Range(), a.Sensitive || !known}, value
	}
	block, isBlock := s.Grammar.Block(path[0])
	if !isBlock {
		return Place{s.Range, !known}, cty.DynamicVal
	}
	children, rest, index := s.Children(block.Name), path[1:], 0
	if at, ok := indexOf(rest, len(children)); ok {
		rest, index = rest[1:], at
	}
	if index < len(children) {
		return children[index].Locate(rest)
	}
	return Place{At: s.Range}, cty.DynamicVal
}

// elementOf finds an element of a list or map as it is written.
func elementOf(expr hclsyntax.Expression, path []string) hclsyntax.Expression {
	switch e := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		if at, ok := indexOf(path, len(e.Exprs)); ok {
			return e.Exprs[at]
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			key, diags := item.KeyExpr.Value(nil)
			if len(path) > 0 && !diags.HasErrors() && Show(key) == quote(path[0]) {
				return item.ValueExpr
			}
		}
	}
	return expr
}

// indexOf reads the index that a path begins with.
func indexOf(path []string, length int) (int, bool) {
	if len(path) == 0 {
		return 0, false
	}
	at, err := strconv.Atoi(path[0])
	return at, err == nil && at >= 0 && at < length
}

// Values are the attributes of a block whose grammar is not known. Those of inner
// blocks have the block's name before their own. ok is false where a value cannot be
// computed.
func (s Section) Values() (values map[string]string, ok bool) {
	values, ok = map[string]string{}, true
	for _, body := range s.bodies {
		ok = s.valuesIn(body, "", values) && ok
	}
	return values, ok
}

func (s Section) valuesIn(body *hclsyntax.Body, prefix string, values map[string]string) (ok bool) {
	ok = true
	for name, attribute := range body.Attributes {
		value, diags := attribute.Expr.Value(s.Eval)
		text, isText := ToText(value)
		if !isText {
			text = value.GoString()
		}
		if _, nearer := values[prefix+name]; !nearer {
			values[prefix+name] = text
		}
		ok = ok && !diags.HasErrors()
	}
	for i, block := range body.Blocks {
		ok = s.valuesIn(block.Body, prefix+block.Type+"."+strconv.Itoa(i)+".", values) && ok
	}
	return ok
}

// ErrorIn says whether an error was found on the lines of a range.
func (f *File) ErrorIn(at hcl.Range) bool {
	return slices.ContainsFunc(f.found, func(d Diagnostic) bool {
		return d.Severity == SeverityError && at.Start.Line <= d.Line && d.Line <= at.End.Line
	})
}

// HasErrors says whether an error was found in the block, or in the defaults under it.
func (s Section) HasErrors() bool { return slices.ContainsFunc(s.bodies, s.errorInBody) }

func (s Section) errorInBody(body *hclsyntax.Body) bool {
	return slices.ContainsFunc(inOrder(body), func(a *hclsyntax.Attribute) bool { return s.ErrorIn(a.SrcRange) }) ||
		slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return s.errorInBody(b.Body) })
}
