package expr

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// call checks a call of a function: its name, its arguments one by one, and
// what the types of its parameters do not say.
func (c *typecheck) call(e *hclsyntax.FunctionCallExpr) {
	called, known := c.Eval.Functions[e.Name]
	if !known {
		names := slices.Sorted(maps.Keys(c.Eval.Functions))
		hint := hcltext.Suggest(e.Name, names, "The functions are")
		if strings.EqualFold(e.Name, "not") {
			hint = hcltext.WordsHint
		}
		c.Fail(e.NameRange, hint, "unknown function %q in %s", e.Name, c.attribute)
		return
	}
	before := len(c.Found())
	for i, arg := range e.Args {
		wanted := cty.DynamicPseudoType
		if param := paramOf(called, i); param != nil && !e.ExpandFinal {
			wanted = param.Type
		}
		c.operand(arg, wanted)
	}
	if len(c.Found()) > before || e.ExpandFinal {
		return
	}
	switch e.Name {
	case "env":
		c.envCall(e)
	case "format":
		c.formatCall(e, called)
	case "contains":
		c.containsCall(e)
	case "length", "concat":
		c.lists(e.Args)
	case "join":
		c.lists(e.Args[min(1, len(e.Args)):])
	}
}

// paramOf is the parameter that takes an argument; nil where there is none.
func paramOf(called function.Function, at int) *function.Parameter {
	if params := called.Params(); at < len(params) {
		return &params[at]
	}
	return called.VarParam()
}

// envCall: what a node says must not choose what is read from the environment,
// and what is read stays the same.
func (c *typecheck) envCall(e *hclsyntax.FunctionCallExpr) {
	for _, arg := range e.Args {
		if !isConstant(arg) {
			c.Fail(arg.Range(), "The environment is read once, when the file is.", "env takes no facts")
		}
	}
}

// lists reports arguments that are no lists: a fact never is one.
func (c *typecheck) lists(args []hclsyntax.Expression) (ok bool) {
	ok = true
	for _, arg := range args {
		if value, known := c.value(arg); known && !hcltext.IsList(value.Type()) {
			c.Fail(arg.Range(), listHint, "%s takes a list here, not %s", c.attribute, typeText(value))
			ok = false
		}
	}
	return ok
}

// containsCall reports a list that can never hold what is looked for.
func (c *typecheck) containsCall(e *hclsyntax.FunctionCallExpr) {
	if len(e.Args) != 2 || !c.lists(e.Args[:1]) {
		return
	}
	list, listOK := c.value(e.Args[0])
	sought, soughtOK := c.value(e.Args[1])
	if !listOK || !soughtOK {
		return
	}
	t := list.Type()
	if !t.IsTupleType() {
		t = cty.Tuple([]cty.Type{t.ElementType()})
	}
	never := func(element cty.Type) bool { return neverEqual(element, sought.Type()) }
	if types := t.TupleElementTypes(); !slices.ContainsFunc(types, func(t cty.Type) bool { return !never(t) }) {
		c.Fail(e.Args[1].Range(), "A number is found among numbers, a text among texts.", "%s looks for %s in a list that never holds it", c.attribute, typeText(sought))
	}
}

// formatCall tries the verbs of a format on facts that are made up, with a
// fraction where a fact may have one: HCL itself looks only once they are known.
func (c *typecheck) formatCall(e *hclsyntax.FunctionCallExpr, called function.Function) {
	sample := c.Eval.NewChild()
	sample.Variables = sampleFacts()
	args := make([]cty.Value, len(e.Args))
	for i, arg := range e.Args {
		value, diags := arg.Value(sample)
		if diags.HasErrors() {
			return
		}
		args[i] = value
	}
	if err := tryFormat(called, args, mostTried); err != nil {
		c.Fail(e.Range(), "Verbs are %s for anything, %d for a whole number such as floor(log_age), %.1f for any other.",
			"%s: %s", c.attribute, err)
	}
}

// mostTried bounds the values of unknown kind that are tried.
const mostTried = 4

// tryFormat calls the function with every kind of value that a parser's fact
// may have; it returns an error where none fits.
func tryFormat(called function.Function, args []cty.Value, tries int) error {
	at := slices.IndexFunc(args, func(v cty.Value) bool { return !v.IsKnown() })
	if at < 0 {
		_, err := called.Call(args)
		return err
	}
	if at == 0 || tries == 0 {
		return nil
	}
	var err error
	for _, value := range []cty.Value{cty.NumberIntVal(1), cty.True, cty.StringVal("x")} {
		if neverEqual(args[at].Type(), value.Type()) {
			continue
		}
		tried := slices.Clone(args)
		tried[at] = value
		if err = tryFormat(called, tried, tries-1); err == nil {
			return nil
		}
	}
	return err
}
