package config

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// factRoot stands before the name of a fact that a parser gives.
const factRoot = "fact"

// condition is a yes-or-no expression over facts; it implements
// [rule.Condition].
type condition struct {
	formula
	text string
}

var _ rule.Condition = (*condition)(nil)

// String is the condition as it stands in the file.
func (c *condition) String() string { return c.text }

// Holds implements [rule.Condition].
func (c *condition) Holds(facts rule.Facts) (bool, error) {
	value, err := c.evaluate(facts)
	if err != nil {
		return false, fmt.Errorf("evaluate %s: %w", c.text, err)
	}
	truth, err := convert.Convert(value, cty.Bool)
	if err != nil || truth.IsNull() || !truth.IsKnown() {
		return false, fmt.Errorf("evaluate %s: it is %s, neither true nor false", c.text, show(value))
	}
	return truth.True(), nil
}

// formula is an expression over facts that was checked when it was read.
type formula struct {
	expr  hclsyntax.Expression
	needs []string
	eval  *hcl.EvalContext
}

func (f *file) formula(expr hclsyntax.Expression) formula {
	return formula{expr: expr, needs: needsOf(expr), eval: f.eval}
}

// Needs implements [rule.Condition].
func (f formula) Needs() []string { return slices.Clone(f.needs) }

// needsOf names the facts that an expression reads, each once.
func needsOf(expr hclsyntax.Expression) []string {
	var names []string
	for _, variable := range expr.Variables() {
		if name, ok := factName(variable); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// factName is the fact that a traversal reads; ok is false where it reads none.
func factName(variable hcl.Traversal) (string, bool) {
	root := variable.RootName()
	if root != factRoot {
		return root, isFact(root) && len(variable) == 1
	}
	if len(variable) != 2 {
		return "", false
	}
	name, ok := stepName(variable[1])
	return factRoot + "." + name, ok
}

// isFact says whether name is a built-in fact.
func isFact(name string) bool {
	return slices.ContainsFunc(rule.BuiltIn(), func(f rule.Fact) bool { return f.Name == name })
}

// evaluate computes the expression; every fact it needs must be known.
func (f formula) evaluate(facts rule.Facts) (cty.Value, error) {
	variables, err := f.variables(facts)
	if err != nil {
		return cty.NilVal, err
	}
	context := f.eval.NewChild()
	context.Variables = variables
	value, diags := f.expr.Value(context)
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", lowerFirst(strings.TrimSuffix(firstOf(oneLine(diags[0].Detail), diags[0].Summary), ".")))
	}
	return value, nil
}

// variables gives the needed facts to the expression. An expression without
// any still gets a map: HCL takes none for a place where facts are not allowed.
func (f formula) variables(facts rule.Facts) (map[string]cty.Value, error) {
	variables, custom := map[string]cty.Value{}, map[string]cty.Value{}
	for _, name := range f.needs {
		value, err := factValue(facts.Get(name))
		if err != nil {
			return nil, err
		}
		if rule.IsCustom(name) {
			custom[strings.TrimPrefix(name, factRoot+".")] = value
			continue
		}
		variables[name] = value
	}
	variables[factRoot] = cty.ObjectVal(custom)
	return variables, nil
}

// factValue is the value of a known fact.
func factValue(fact rule.Fact) (cty.Value, error) {
	switch {
	case !fact.Known:
		return cty.NilVal, fmt.Errorf("%s is unknown", fact.Name)
	case fact.Kind == rule.Truth:
		return cty.BoolVal(fact.Truth), nil
	case fact.Kind == rule.Text:
		return cty.StringVal(fact.Text), nil
	case fact.Kind == rule.Blocks:
		return cty.NumberUIntVal(fact.Count), nil
	case math.IsNaN(fact.Number):
		return cty.NilVal, fmt.Errorf("%s is not a number", fact.Name)
	}
	return cty.NumberFloatVal(fact.Number), nil
}

// factType is the type of a built-in fact in an expression.
func factType(kind rule.FactKind) cty.Type {
	switch kind {
	case rule.Truth:
		return cty.Bool
	case rule.Text:
		return cty.String
	}
	return cty.Number
}

// isConstant says whether a value is the same at each check, so that it is
// computed once.
func isConstant(expr hclsyntax.Expression) bool { return len(expr.Variables()) == 0 }

// isNull says whether an attribute is written as not given.
func isNull(expr hclsyntax.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}

// readCondition compiles an attribute such as when; nil where it is wrong, and
// where it never holds.
func (s section) readCondition(attribute *hclsyntax.Attribute) rule.Condition {
	value, ok := s.checkFormula(attribute.Name, attribute.Expr)
	if !ok || !s.checkResults(attribute, checkTruth) {
		return nil
	}
	truth, err := convert.Convert(value, cty.Bool)
	switch constant := err == nil && truth.IsKnown(); {
	case constant && attribute.Name == "unless" && truth.False():
		return nil
	case constant && attribute.Name == "when":
		s.warn(loud(attribute.Expr.Range()), "", "when is always %s, whatever the facts are", show(truth))
	}
	return &condition{formula: s.formula(attribute.Expr), text: s.sourceOf(attribute.Expr)}
}

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

// quotedHint is for a text where a condition was meant.
func quotedHint(value cty.Value) string {
	return firstOf(expressionHint(value), "Write true or false, or a condition without quotes.")
}

// expressionHint is for a text that would be an expression over facts without
// its quotes; empty for any other value.
func expressionHint(value cty.Value) string {
	if value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
		return ""
	}
	expr, diags := hclsyntax.ParseExpression([]byte(value.AsString()), "quoted", hcl.InitialPos)
	if diags.HasErrors() || len(needsOf(expr)) == 0 {
		return ""
	}
	return "Write the expression without quotes."
}

// mustCondition compiles a condition of our own.
func (s section) mustCondition(text string) rule.Condition {
	expr, diags := hclsyntax.ParseExpression([]byte(text), "built-in", hcl.InitialPos)
	if diags.HasErrors() {
		panic(diags)
	}
	return &condition{formula: s.formula(expr), text: text}
}

// sourceOf is an expression as it stands in the file, in one line.
func (f *file) sourceOf(expr hclsyntax.Expression) string {
	at := expr.Range()
	if !at.CanSliceBytes(f.src) {
		return ""
	}
	return oneLine(string(at.SliceBytes(f.src)))
}

// numberText writes a number with two decimals at most and none that are zero;
// a number close to zero keeps its first two digits instead.
func numberText(number *big.Float) string {
	switch {
	case number.IsInf() && number.Signbit():
		return "-inf"
	case number.IsInf():
		return "inf"
	case number.IsInt():
		return number.Text('f', 0)
	}
	value, _ := number.Float64()
	if math.Abs(value) < 0.01 {
		return fmt.Sprintf("%.2g", value)
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", value), "0"), ".")
}
