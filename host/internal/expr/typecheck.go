package expr

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// maxParts bounds an expression: a check of it evaluates every part.
const maxParts = 500

// typecheck checks an expression over facts before any fact is known.
//
// Evaluating it once with unknown facts is not enough: with a unknown, HCL
// drops what is wrong in b of a && b and of a ? b : c. So every operand is
// evaluated by itself and compared with what its operator takes.
type typecheck struct {
	*hcltext.File
	attribute string
	context   *hcl.EvalContext
}

// check reports everything that is wrong with an expression over facts. judge says
// what is wrong with a result; it is called for each result there may be, such as
// both branches of "a ? b : c". The value that check returns is unknown and has the
// type of the expression, unless the expression reads no fact.
func check(f *hcltext.File, attribute *hclsyntax.Attribute, judge func(name string, value cty.Value) (summary, hint string)) (cty.Value, bool) {
	c := &typecheck{File: f, attribute: attribute.Name, context: f.Eval.NewChild()}
	c.context.Variables = unknownFacts()
	before := len(f.Found())
	if tooLong(attribute.Expr) {
		c.Fail(attribute.Expr.Range(), "Divide it into several rules.", "%s is too long", c.attribute)
		return cty.DynamicVal, false
	}
	c.checkFacts(attribute.Expr)
	c.checkNode(attribute.Expr)
	value, ok := c.value(attribute.Expr)
	if !ok || len(f.Found()) > before {
		return value, false
	}
	for _, branch := range branches(attribute.Expr) {
		result, ok := c.value(branch)
		if summary, hint := judge(c.attribute, result); summary != "" && ok {
			c.Fail(branch.Range(), hint, "%s", summary)
		}
	}
	return value, len(f.Found()) == before
}

// value evaluates an expression with all facts unknown.
func (c *typecheck) value(expr hclsyntax.Expression) (cty.Value, bool) {
	value, diags := expr.Value(c.context)
	return value, !diags.HasErrors()
}

// branches are the expressions one of which is the result.
func branches(expr hclsyntax.Expression) []hclsyntax.Expression {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return branches(e.Expression)
	case *hclsyntax.ConditionalExpr:
		return append(branches(e.TrueResult), branches(e.FalseResult)...)
	}
	return []hclsyntax.Expression{expr}
}

// tooLong says whether an expression has more parts than anyone writes by hand.
func tooLong(expr hclsyntax.Expression) bool {
	parts := 0
	hclsyntax.VisitAll(expr, func(hclsyntax.Node) hcl.Diagnostics {
		parts++
		return nil
	})
	return parts > maxParts
}

// checkFacts reports names that are not facts, and defines them as unknown, so that
// later checks do not report them again.
func (c *typecheck) checkFacts(expr hclsyntax.Expression) {
	for _, variable := range expr.Variables() {
		root := variable.RootName()
		_, ok := factName(variable)
		switch {
		case ok:
		case root == FactRoot && len(variable) > 2:
			c.refuseParts(variable, hcltext.TraversalText(variable[:2]))
		case root == FactRoot:
			c.Fail(variable.SourceRange(), "Write fact.NAME for a value that the log parser gives.", "fact stands without the name of a fact")
		case isFact(root):
			c.refuseParts(variable, root)
			c.context.Variables[root] = cty.DynamicVal
		default:
			c.Fail(variable.SourceRange(), c.factHint(root), "unknown fact %q in %s", root, c.attribute)
			c.context.Variables[root] = cty.DynamicVal
		}
	}
}

func (c *typecheck) refuseParts(variable hcl.Traversal, fact string) {
	c.Fail(variable.SourceRange(), "Write "+fact+" by itself.", "%s is one value and has no parts", fact)
}

func (c *typecheck) factHint(name string) string {
	if slices.Contains([]string{"True", "TRUE", "False", "FALSE"}, name) {
		return "Write true or false."
	}
	if near := hcltext.DidYouMean(name, append(FactNames(), FactRoot)); near != "" {
		return near
	}
	if c.attribute == "message" {
		return `A text stands in quotes, and a fact in it in ${ }: "lag is ${lag}".`
	}
	return hcltext.Suggest(name, FactNames(), "The facts are fact.NAME,")
}

// noLists says what an expression may not hold.
const noLists = "Facts are compared and computed with; there are no lists of them."

// readable says whether all variables of an expression are facts; checkFacts has
// reported those that are not.
func readable(expr hclsyntax.Expression) bool {
	for _, variable := range expr.Variables() {
		if _, ok := factName(variable); !ok {
			return false
		}
	}
	return true
}

// checkNode checks an expression and everything inside it.
func (c *typecheck) checkNode(expr hclsyntax.Expression) {
	before := len(c.Found())
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		c.checkNode(e.Expression)
	case *hclsyntax.BinaryOpExpr:
		c.checkOperands(e.Op, e.LHS, e.RHS)
		c.checkComparison(e)
	case *hclsyntax.UnaryOpExpr:
		c.checkOperands(e.Op, e.Val)
	case *hclsyntax.ConditionalExpr:
		c.checkOperand(e.Condition, cty.Bool)
		c.checkNode(e.TrueResult)
		c.checkNode(e.FalseResult)
		c.checkBranches(e)
	case *hclsyntax.FunctionCallExpr:
		c.checkCall(e)
	case *hclsyntax.TupleConsExpr:
		c.checkNodes(e.Exprs)
	case *hclsyntax.TemplateExpr:
		c.checkNodes(e.Parts)
	case *hclsyntax.TemplateWrapExpr:
		c.checkNode(e.Wrapped)
	case *hclsyntax.LiteralValueExpr, *hclsyntax.ScopeTraversalExpr:
	case *hclsyntax.IndexExpr, *hclsyntax.SplatExpr:
		if readable(expr) {
			c.Fail(expr.Range(), noLists, "%s cannot hold this kind of expression", c.attribute)
		}
		return
	default:
		c.Fail(expr.Range(), noLists, "%s cannot hold this kind of expression", c.attribute)
		return
	}
	// The rest are mistakes of the expression as a whole. They are reported only
	// where nothing was found inside, since HCL would report that again.
	if _, diags := expr.Value(c.context); diags.HasErrors() && len(c.Found()) == before {
		c.ReportHCL(hcltext.Place{At: expr.Range()}, diags)
	}
}

func (c *typecheck) checkNodes(exprs []hclsyntax.Expression) {
	for _, expr := range exprs {
		c.checkNode(expr)
	}
}

// checkOperands checks the operands of an operator.
func (c *typecheck) checkOperands(op *hclsyntax.Operation, operands ...hclsyntax.Expression) {
	params := op.Impl.Params()
	for i, operand := range operands {
		c.checkOperand(operand, params[i].Type)
	}
}

// checkOperand checks an operand, then whether each of its branches has the wanted
// type.
func (c *typecheck) checkOperand(expr hclsyntax.Expression, wanted cty.Type) {
	before := len(c.Found())
	c.checkNode(expr)
	if wanted == cty.DynamicPseudoType || len(c.Found()) > before {
		return
	}
	for _, branch := range branches(expr) {
		value, ok := c.value(branch)
		if _, err := convert.Convert(value, wanted); ok && (err != nil || value.IsNull()) {
			c.Fail(branch.Range(), operandHint(value, wanted), "%s takes %s here, not %s", c.attribute, typeName(wanted), typeText(value))
		}
	}
}

// timeInWords is the duration that a text such as "15 minutes" means; empty where
// it means none.
func timeInWords(text string) string {
	parts := timeForm.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return ""
	}
	return parts[1] + parts[2][:1]
}

// timeForm is a time as one says it.
var timeForm = regexp.MustCompile(`^\s*(\d+)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s*$`)

// operandHint guesses what was meant by a value of the wrong type.
func operandHint(value cty.Value, wanted cty.Type) string {
	isText := value.Type() == cty.String && value.IsKnown() && !value.IsNull()
	switch {
	case value.IsNull():
		return nullHint
	case isText && isFact(value.AsString()):
		return "A fact stands without quotes: " + value.AsString() + "."
	case isText && wanted == cty.Number && hcltext.IsDuration(value.AsString()):
		return "Write duration(" + strconv.Quote(value.AsString()) + ") for its seconds."
	case isText && wanted == cty.Number && timeInWords(value.AsString()) != "":
		return "Write duration(" + strconv.Quote(timeInWords(value.AsString())) + ") for its seconds."
	case isText && wanted == cty.Number:
		return hcltext.FirstOf(TextHint(value.AsString()), "A number stands without quotes.")
	case isText && wanted == cty.Bool:
		return quotedHint(value)
	case wanted == cty.Number && value.Type() == cty.Bool:
		return "It is true or false by itself; && and || join such conditions."
	case wanted == cty.Bool && value.Type() == cty.Number:
		return "Compare it with something, such as lag > 50."
	case wanted.IsListType():
		return listHint
	}
	return ""
}

// listHint says how a list is written.
const listHint = `A list is written [1, 2] or ["a", "b"].`

// nullHint says why nothing is compared with null.
const nullHint = "A fact is never null: where it is unknown, the rule cannot be told."

// checkBranches reports a conditional whose branches have no type in common.
func (c *typecheck) checkBranches(e *hclsyntax.ConditionalExpr) {
	yes, yesOK := c.value(e.TrueResult)
	no, noOK := c.value(e.FalseResult)
	if common, _ := convert.Unify([]cty.Type{yes.Type(), no.Type()}); yesOK && noOK && common == cty.NilType {
		c.Fail(e.SrcRange, "Both must be of one type.", "%s comes to %s or to %s here", c.attribute, typeText(yes), typeText(no))
	}
}

// checkComparison reports == and != of values that can never be equal, which HCL
// accepts, and divisions by zero.
func (c *typecheck) checkComparison(e *hclsyntax.BinaryOpExpr) {
	left, leftOK := c.value(e.LHS)
	right, rightOK := c.value(e.RHS)
	if !leftOK || !rightOK {
		return
	}
	switch e.Op {
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		if left.IsNull() || right.IsNull() {
			c.Fail(e.SrcRange, nullHint, "%s compares with null", c.attribute)
		} else if neverEqual(left.Type(), right.Type()) {
			c.Fail(e.SrcRange, equalHint(left.Type(), right.Type()), "%s compares %s with %s, which are never equal", c.attribute, typeText(left), typeText(right))
		}
	case hclsyntax.OpDivide, hclsyntax.OpModulo:
		if divisor, err := convert.Convert(right, cty.Number); err == nil && divisor.IsKnown() && !divisor.IsNull() && divisor.AsBigFloat().Sign() == 0 {
			c.Fail(e.RHS.Range(), "The result has no end, or is no number at all.", "%s divides by zero", c.attribute)
		}
	}
}

func neverEqual(a, b cty.Type) bool {
	return a != cty.DynamicPseudoType && b != cty.DynamicPseudoType && !a.Equals(b)
}

func equalHint(a, b cty.Type) string {
	switch {
	case a == cty.Bool || b == cty.Bool:
		return "Write a fact that is true or false by itself, or ! before it."
	case a == cty.Number && b == cty.String || a == cty.String && b == cty.Number:
		return "A number stands without quotes; tonumber() reads one from a text."
	}
	return ""
}

// typeText is a value where it is known, and the name of its type where it is not.
func typeText(value cty.Value) string {
	if value.IsKnown() && (value.Type().IsPrimitiveType() || value.IsNull()) {
		return hcltext.Show(value)
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
	case cty.DynamicPseudoType:
		return "a fact"
	}
	return "a list"
}
