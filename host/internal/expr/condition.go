package expr

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

// The types of attributes that hold expressions over facts.
const (
	TypeCondition sdk.AttributeType = "condition"
	TypeMessage   sdk.AttributeType = "message"
)

// condition is a yes-or-no expression over facts.
type condition struct{ formula }

var _ ruleset.Condition = (*condition)(nil)

// Holds implements [ruleset.Condition].
func (c *condition) Holds(facts fact.List) (bool, error) {
	value, err := c.evaluate(facts)
	if err != nil {
		return false, err
	}
	truth, err := convert.Convert(value, cty.Bool)
	if err != nil || truth.IsNull() || !truth.IsKnown() {
		return false, fmt.Errorf("evaluate %s: it is %s, neither true nor false", c.text, hcltext.Show(value))
	}
	return truth.True(), nil
}

// ReadCondition compiles the condition of an attribute, or its default. It is nil
// where there is none, where it is wrong, and where it is constantly false.
func ReadCondition(s hcltext.Section, name string) ruleset.Condition {
	attribute := s.Said(name)
	if attribute == nil {
		return builtIn(s, s.Spec(name).Default)
	}
	value, ok := check(s.File, attribute, checkTruth)
	if !ok {
		return nil
	}
	truth, err := convert.Convert(value, cty.Bool)
	if constant := err == nil && truth.IsKnown(); constant && s.Spec(name).Required {
		s.Warn(attribute.Expr.Range(), "", "%s is always %s, whatever the facts are", name, hcltext.Show(truth))
	} else if constant && truth.False() {
		return nil
	}
	return &condition{newFormula(s.File, attribute.Expr)}
}

// ReadSwitch reads an attribute that is true or false, or a condition for each check.
func ReadSwitch(s hcltext.Section, name string) (bool, ruleset.Condition) {
	if attribute := s.Said(name); attribute != nil && !isConstant(attribute.Expr) {
		return true, ReadCondition(s, name)
	}
	return s.Flag(name), nil
}

// builtIn compiles the default of an attribute; nil for an empty text.
func builtIn(s hcltext.Section, text string) ruleset.Condition {
	if text == "" {
		return nil
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "built-in", hcl.InitialPos)
	if diags.HasErrors() {
		panic(diags)
	}
	return &condition{formula{expr: expr, needs: FactsOf(expr), eval: s.Eval, text: text}}
}

// isConstant says whether an expression reads no fact, so that it is computed once.
func isConstant(expr hclsyntax.Expression) bool { return len(expr.Variables()) == 0 }

// checkTruth says why a result is neither true nor false.
func checkTruth(name string, value cty.Value) (summary, hint string) {
	t := value.Type()
	switch {
	case value.IsNull():
	case t == cty.Bool || t == cty.DynamicPseudoType:
		return "", ""
	case t == cty.String && value.IsKnown():
		if _, err := convert.Convert(value, cty.Bool); err != nil {
			return name + " is a text, not a condition", quotedHint(value)
		}
		return "", ""
	}
	return fmt.Sprintf("%s must be true or false, not %s", name, typeText(value)), "Compare it with something, such as lag > 50."
}

// quotedHint is the hint for a text where a condition is wanted.
func quotedHint(value cty.Value) string {
	return hcltext.FirstOf(TextHint(value.AsString()), "Write true or false, or a condition without quotes.")
}

// TextHint is the hint for a text that is an expression over facts in quotes; empty
// for any other text.
func TextHint(text string) string {
	expr, diags := hclsyntax.ParseExpression([]byte(text), "quoted", hcl.InitialPos)
	if diags.HasErrors() || len(FactsOf(expr)) == 0 {
		return ""
	}
	return "Write the expression without quotes."
}

// WordHint is the hint for a fact in an attribute that cannot read facts; empty for
// any other word.
func WordHint(word hcl.Traversal) string {
	if root := word.RootName(); root != FactRoot && !slices.Contains(FactNames(), root) {
		return ""
	}
	return "Facts are read in when and message, and in unless, enabled and lag_above of a rule; this has to be the same at each check."
}

// quantity is a threshold over facts.
type quantity struct{ formula }

var _ ruleset.Quantity = (*quantity)(nil)

// Count implements [ruleset.Quantity].
func (q *quantity) Count(facts fact.List) (uint64, error) {
	value, err := q.evaluate(facts)
	if err != nil {
		return 0, err
	}
	count, ok := hcltext.ToCount(value)
	if !ok {
		return 0, fmt.Errorf("evaluate %s: it is %s, not %s", q.text, hcltext.Show(value), hcltext.WantCount)
	}
	return count, nil
}

// ReadThreshold reads a number of blocks: the same at each check, or an
// expression over facts.
func ReadThreshold(s hcltext.Section, name string) (uint64, ruleset.Quantity) {
	attribute := s.Said(name)
	if attribute == nil || isConstant(attribute.Expr) {
		return s.Count(name), nil
	}
	if _, ok := check(s.File, attribute, checkCount); !ok {
		return 0, nil
	}
	return 0, &quantity{newFormula(s.File, attribute.Expr)}
}

// checkCount says why a result is no number of blocks.
func checkCount(name string, value cty.Value) (summary, hint string) {
	t := value.Type()
	if _, ok := hcltext.ToCount(value); ok || !value.IsKnown() && (t == cty.Number || t == cty.DynamicPseudoType) {
		return "", ""
	}
	hint = "Write a number of blocks."
	switch {
	case t == cty.Bool:
		hint = "Write a number for each case, such as producing ? 200 : 100."
	case t == cty.String && value.IsKnown() && !value.IsNull():
		hint = hcltext.FirstOf(TextHint(value.AsString()), hint)
	}
	return fmt.Sprintf("%s must be %s, not %s", name, hcltext.WantCount, typeText(value)), hint
}
