package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// message is a text with facts in it; it implements [rule.Message].
type message struct {
	// parts are evaluated each by itself, so that an unknown fact leaves the
	// rest of the text readable.
	parts []formula
}

var _ rule.Message = (*message)(nil)

// unknownText stands in a text for what cannot be told.
const unknownText = "unknown"

// Text implements [rule.Message]. It is one line.
func (m *message) Text(facts rule.Facts) string {
	var b strings.Builder
	for _, part := range m.parts {
		b.WriteString(part.text(facts))
	}
	return oneLine(b.String())
}

func (f formula) text(facts rule.Facts) string {
	unknown := func(name string) bool { return !facts.Get(name).Known }
	if slices.ContainsFunc(f.needs, unknown) {
		return unknownText
	}
	value, err := f.evaluate(facts)
	if err != nil || value.IsNull() || !value.IsKnown() {
		return unknownText
	}
	if value.Type() == cty.Number {
		return numberText(value.AsBigFloat())
	}
	text, ok := toText(value)
	if !ok {
		return unknownText
	}
	return text
}

// fixedText is a message without facts.
type fixedText string

func (t fixedText) Text(rule.Facts) string { return string(t) }

// readMessage compiles the message of a rule; without one the condition itself
// is the message.
func (s section) readMessage(when *hclsyntax.Attribute) rule.Message {
	condition := fixedText(s.sourceOf(when.Expr))
	attribute, given := s.body.Attributes["message"]
	if !given || isNull(attribute.Expr) {
		return condition
	}
	value, ok := s.checkFormula(attribute.Name, attribute.Expr)
	if !ok {
		return condition
	}
	if _, err := convert.Convert(value, cty.String); err != nil {
		s.fail(loud(attribute.Expr.Range()), `join(", ", [...]) makes a text of a list.`, "message must be a text, not %s", typeText(value))
		return condition
	}
	if text, ok := toText(value); ok && oneLine(text) == "" {
		s.fail(loud(attribute.Expr.Range()), "Without a message the condition itself is said.", "message is empty")
		return condition
	}
	m := &message{}
	for _, part := range partsOf(attribute.Expr) {
		m.parts = append(m.parts, s.formula(part))
	}
	return m
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
