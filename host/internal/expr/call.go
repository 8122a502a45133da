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

// checkCall checks the name of a function, each of its arguments, and what the types
// of its parameters do not express.
func (c *typecheck) checkCall(e *hclsyntax.FunctionCallExpr) {
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
		c.checkOperand(arg, wanted)
	}
	if len(c.Found()) > before || e.ExpandFinal {
		return
	}
	switch e.Name {
	case "env":
		c.checkEnvCall(e)
	case "format":
		c.checkFormatCall(e, called)
	case "contains":
		c.checkContainsCall(e)
	case "length", "concat":
		c.checkLists(e.Args)
	case "join":
		c.checkLists(e.Args[min(1, len(e.Args)):])
	}
}

// paramOf is the parameter that takes an argument; nil where there is none.
func paramOf(called function.Function, at int) *function.Parameter {
	if params := called.Params(); at < len(params) {
		return &params[at]
	}
	return called.VarParam()
}

// checkEnvCall refuses facts in env(): what a node says must not choose which variable
// is read.
func (c *typecheck) checkEnvCall(e *hclsyntax.FunctionCallExpr) {
	for _, arg := range e.Args {
		if !isConstant(arg) {
			c.Fail(arg.Range(), "The environment is read once, when the file is.", "env takes no facts")
		}
	}
}

// checkLists reports arguments that are not lists.
func (c *typecheck) checkLists(args []hclsyntax.Expression) (ok bool) {
	ok = true
	for _, arg := range args {
		if value, known := c.value(arg); known && !hcltext.IsList(value.Type()) {
			c.Fail(arg.Range(), listHint, "%s takes a list here, not %s", c.attribute, typeText(value))
			ok = false
		}
	}
	return ok
}

// checkContainsCall reports a list that can never hold the value that is looked for.
func (c *typecheck) checkContainsCall(e *hclsyntax.FunctionCallExpr) {
	if len(e.Args) != 2 || !c.checkLists(e.Args[:1]) {
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

// checkFormatCall tries the verbs of a format on made-up facts, because HCL checks
// them only once all arguments are known.
func (c *typecheck) checkFormatCall(e *hclsyntax.FunctionCallExpr, called function.Function) {
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
