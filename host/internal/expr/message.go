package expr

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// message is a text with facts in it. Its parts are evaluated each by itself, so
// that an unknown fact leaves the rest of the text readable.
type message struct{ parts []formula }

var _ ruleset.Message = (*message)(nil)

// Text implements [ruleset.Message]. It is one line.
func (m *message) Text(facts fact.List) string {
	var b strings.Builder
	for _, part := range m.parts {
		value, err := part.evaluate(facts)
		text, ok := hcltext.ToText(value)
		switch {
		case err != nil || !ok:
			text = "unknown"
		case value.Type() == cty.Number:
			text = hcltext.NumberText(value.AsBigFloat())
		}
		b.WriteString(text)
	}
	return hcltext.OneLine(b.String())
}

// FixedText is a message without facts.
type FixedText string

// Text implements [ruleset.Message].
func (t FixedText) Text(fact.List) string { return string(t) }

// ReadMessage compiles a message; otherwise is the message where none is given, or a
// wrong one.
func ReadMessage(s hcltext.Section, name, otherwise string) ruleset.Message {
	attribute := s.Written(name)
	if attribute == nil {
		return FixedText(otherwise)
	}
	value, ok := check(s.File, attribute, checkText)
	if text, fixed := hcltext.ToText(value); ok && fixed && hcltext.OneLine(text) == "" {
		s.Fail(attribute.Expr.Range(), "Without a message the condition itself is said.", "%s is empty", name)
		ok = false
	}
	if !ok {
		return FixedText(otherwise)
	}
	m := &message{}
	for _, part := range partsOf(attribute.Expr) {
		m.parts = append(m.parts, newFormula(s.File, part))
	}
	return m
}

// checkText says why a result is no text.
func checkText(name string, value cty.Value) (summary, hint string) {
	if _, err := convert.Convert(value, cty.String); err != nil {
		return fmt.Sprintf("%s must be a text, not %s", name, typeText(value)), `join(", ", [...]) makes a text of a list.`
	}
	return "", ""
}

// partsOf takes a template apart.
func partsOf(expr hclsyntax.Expression) []hclsyntax.Expression {
	switch e := expr.(type) {
	case *hclsyntax.TemplateExpr:
		return e.Parts
	case *hclsyntax.TemplateWrapExpr:
		return []hclsyntax.Expression{e.Wrapped}
	}
	return []hclsyntax.Expression{expr}
}
