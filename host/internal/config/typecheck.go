package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// typecheck judges an expression over facts before any fact is known.
//
// Evaluating it once with unknown facts is not enough: with a unknown, HCL
// drops what is wrong in b of a && b and of a ? b : c. So every operand is
// evaluated by itself and compared with what its operator takes.
type typecheck struct {
	*file
	attribute string
	context   *hcl.EvalContext
}

// checkFormula reports everything that is wrong with an expression over facts.
// The value is unknown, of the type that the expression has, unless no fact
// stands in it.
func (f *file) checkFormula(attribute string, expr hclsyntax.Expression) (cty.Value, bool) {
	check := &typecheck{file: f, attribute: attribute, context: f.eval.NewChild()}
	check.context.Variables = unknownFacts()
	before := len(f.found)
	if tooLong(expr) {
		check.fail(expr.Range(), "Divide it into several rules.", "%s is too long", attribute)
		return cty.DynamicVal, false
	}
	check.facts(expr)
	check.node(expr)
	value, diags := expr.Value(check.context)
	return value, len(f.found) == before && !diags.HasErrors()
}

// tooLong says whether an expression has more parts than anyone writes by hand.
func tooLong(expr hclsyntax.Expression) bool {
	parts := 0
	hclsyntax.VisitAll(expr, func(hclsyntax.Node) hcl.Diagnostics {
		parts++
		return nil
	})
	return parts > maxFormulaSize
}

// unknownFacts has the type of each built-in fact; fact.NAME may be anything.
func unknownFacts() map[string]cty.Value {
	variables := map[string]cty.Value{factRoot: cty.DynamicVal}
	for _, fact := range rule.BuiltIn() {
		variables[fact.Name] = cty.UnknownVal(factType(fact.Kind))
	}
	return variables
}

func (c *typecheck) fail(at hcl.Range, hint, format string, args ...any) {
	c.file.fail(loud(at), hint, format, args...)
}

// facts reports names that are no facts, and makes them unknown for what
// follows, so that each mistake is reported once.
func (c *typecheck) facts(expr hclsyntax.Expression) {
	for _, variable := range expr.Variables() {
		root := variable.RootName()
		_, ok := factName(variable)
		switch {
		case ok:
		case root == factRoot:
			c.fail(variable.SourceRange(), "Write fact.NAME for a value that the log parser gives.", "fact stands without the name of a fact")
		case isFact(root):
			c.fail(variable.SourceRange(), "", "%s is one value and has no parts", root)
			c.context.Variables[root] = cty.DynamicVal
		default:
			c.fail(variable.SourceRange(), factHint(root), "unknown fact %q in %s", root, c.attribute)
			c.context.Variables[root] = cty.DynamicVal
		}
	}
}

func factHint(name string) string {
	var names []string
	for _, fact := range rule.BuiltIn() {
		names = append(names, fact.Name)
	}
	if slices.Contains([]string{"True", "TRUE", "False", "FALSE"}, name) {
		return "Write true or false."
	}
	return suggestion(name, names, "The facts are fact.NAME,")
}

// node checks an expression and everything inside it.
func (c *typecheck) node(expr hclsyntax.Expression) {
	before := len(c.found)
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		c.node(e.Expression)
	case *hclsyntax.BinaryOpExpr:
		c.operands(e.Op, e.LHS, e.RHS)
		c.comparison(e)
	case *hclsyntax.UnaryOpExpr:
		c.operands(e.Op, e.Val)
	case *hclsyntax.ConditionalExpr:
		c.operand(e.Condition, cty.Bool)
		c.node(e.TrueResult)
		c.node(e.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		c.call(e)
	case *hclsyntax.TupleConsExpr:
		c.nodes(e.Exprs)
	case *hclsyntax.TemplateExpr:
		c.nodes(e.Parts)
	case *hclsyntax.TemplateWrapExpr:
		c.node(e.Wrapped)
	case *hclsyntax.LiteralValueExpr, *hclsyntax.ScopeTraversalExpr:
	default:
		c.fail(expr.Range(), "Facts are compared and computed with; there are no lists of them.", "%s cannot hold this kind of expression", c.attribute)
		return
	}
	// What is left are mistakes of the expression itself, such as branches of
	// different types; it would find again what was found inside.
	if _, diags := expr.Value(c.context); diags.HasErrors() && len(c.found) == before {
		c.evaluation(loud(expr.Range()), diags)
	}
}

func (c *typecheck) nodes(exprs []hclsyntax.Expression) {
	for _, expr := range exprs {
		c.node(expr)
	}
}

// operands checks the operands of an operator.
func (c *typecheck) operands(op *hclsyntax.Operation, operands ...hclsyntax.Expression) {
	params := op.Impl.Params()
	for i, operand := range operands {
		c.operand(operand, params[i].Type)
	}
}

// operand checks one operand: what is in it, then whether it is of the wanted
// type.
func (c *typecheck) operand(expr hclsyntax.Expression, wanted cty.Type) {
	c.node(expr)
	value, diags := expr.Value(c.context)
	if diags.HasErrors() || wanted == cty.DynamicPseudoType {
		return
	}
	if _, err := convert.Convert(value, wanted); err != nil {
		c.fail(expr.Range(), "", "%s takes %s here, not %s", c.attribute, typeName(wanted), typeText(value))
	}
}

// comparison reports == and != of values that can never be equal: HCL finds
// them different without a word.
func (c *typecheck) comparison(e *hclsyntax.BinaryOpExpr) {
	if e.Op != hclsyntax.OpEqual && e.Op != hclsyntax.OpNotEqual {
		return
	}
	left, leftDiags := e.LHS.Value(c.context)
	right, rightDiags := e.RHS.Value(c.context)
	if leftDiags.HasErrors() || rightDiags.HasErrors() {
		return
	}
	l, r := left.Type(), right.Type()
	if l == cty.DynamicPseudoType || r == cty.DynamicPseudoType || l.Equals(r) {
		return
	}
	c.fail(e.SrcRange, "", "%s compares %s with %s, which are never equal", c.attribute, typeText(left), typeText(right))
}

// call checks the arguments of a function.
func (c *typecheck) call(e *hclsyntax.FunctionCallExpr) {
	called, known := c.eval.Functions[e.Name]
	for i, arg := range e.Args {
		wanted := cty.DynamicPseudoType
		if param := paramOf(called, known, i); param != nil && !e.ExpandFinal {
			wanted = param.Type
		}
		c.operand(arg, wanted)
	}
}

// paramOf is the parameter that takes an argument; nil where there is none.
func paramOf(called function.Function, known bool, at int) *function.Parameter {
	if !known {
		return nil
	}
	if params := called.Params(); at < len(params) {
		return &params[at]
	}
	return called.VarParam()
}

// typeText names what a value is: the value itself where it is known.
func typeText(value cty.Value) string {
	if value.IsKnown() && (value.Type().IsPrimitiveType() || value.IsNull()) {
		return show(value)
	}
	return typeName(value.Type())
}

func typeName(t cty.Type) string {
	switch t {
	case cty.Number:
		return "a number"
	case cty.Bool:
		return "true or false"
	case cty.String:
		return "a text"
	}
	return "a list"
}
