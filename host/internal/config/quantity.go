package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// quantity is a threshold over facts; it implements [rule.Quantity].
type quantity struct {
	formula
	text string
}

var _ rule.Quantity = (*quantity)(nil)

// String is the threshold as it stands in the file.
func (q *quantity) String() string { return q.text }

// Count implements [rule.Quantity].
func (q *quantity) Count(facts rule.Facts) (uint64, error) {
	value, err := q.evaluate(facts)
	if err != nil {
		return 0, fmt.Errorf("evaluate %s: %w", q.text, err)
	}
	count, ok := toCount(value)
	if !ok {
		return 0, fmt.Errorf("evaluate %s: it is %s, not %s", q.text, show(value), wantCount)
	}
	return count, nil
}

// wantCount is what a threshold must be.
const wantCount = "a whole number, 0 or above"

// toCount reads a whole number that is not negative.
func toCount(value cty.Value) (uint64, bool) {
	number, err := convert.Convert(value, cty.Number)
	if err != nil || number.IsNull() || !number.IsKnown() || !isCount(number.AsBigFloat()) {
		return 0, false
	}
	count, _ := number.AsBigFloat().Uint64()
	return count, true
}

// readThreshold reads a number of blocks: the same at each check, or an
// expression over facts.
func (s section) readThreshold(name string, fallback uint64) (uint64, rule.Quantity) {
	attribute, given := s.body.Attributes[name]
	if !given || isConstant(attribute.Expr) {
		return s.count(name, fallback), nil
	}
	_, ok := s.checkFormula(name, attribute.Expr)
	if !ok || !s.checkResults(attribute, checkCount) {
		return fallback, nil
	}
	return fallback, &quantity{formula: s.formula(attribute.Expr), text: s.sourceOf(attribute.Expr)}
}

// checkCount says why a result is no number of blocks.
func checkCount(name string, value cty.Value) (summary, hint string) {
	t := value.Type()
	if !value.IsKnown() && (t == cty.Number || t == cty.DynamicPseudoType) {
		return "", ""
	}
	if _, ok := toCount(value); ok {
		return "", ""
	}
	hint = firstOf(expressionHint(value), "Write a number of blocks.")
	if t == cty.Bool {
		hint = "Write a number for each case, such as producing ? 200 : 100."
	}
	return fmt.Sprintf("%s must be %s, not %s", name, wantCount, typeText(value)), hint
}

// checkResults reports each value that an expression may come to and that
// judge has something to say about: the branches of "a ? b : c" are two.
func (f *file) checkResults(attribute *hclsyntax.Attribute, judge func(name string, value cty.Value) (summary, hint string)) bool {
	context := f.eval.NewChild()
	context.Variables = unknownFacts()
	sound := true
	for _, expr := range branches(attribute.Expr) {
		value, diags := expr.Value(context)
		if diags.HasErrors() {
			continue
		}
		if summary, hint := judge(attribute.Name, value); summary != "" {
			f.fail(loud(expr.Range()), hint, "%s", summary)
			sound = false
		}
	}
	return sound
}

// branches are the expressions of which one is the result.
func branches(expr hclsyntax.Expression) []hclsyntax.Expression {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return branches(e.Expression)
	case *hclsyntax.ConditionalExpr:
		return append(branches(e.TrueResult), branches(e.FalseResult)...)
	}
	return []hclsyntax.Expression{expr}
}
