package expr

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// FactRoot stands before the name of a fact that a parser gives.
const FactRoot = "fact"

// FactNames are the built-in facts.
func FactNames() []string {
	var names []string
	for _, f := range fact.BuiltIn() {
		names = append(names, f.Name)
	}
	return names
}

// isFact says whether name is a built-in fact.
func isFact(name string) bool {
	return slices.ContainsFunc(fact.BuiltIn(), func(f fact.Fact) bool { return f.Name == name })
}

// factName is the fact that a traversal reads; ok is false where it reads none.
func factName(variable hcl.Traversal) (string, bool) {
	root := variable.RootName()
	if root != FactRoot {
		return root, isFact(root) && len(variable) == 1
	}
	if len(variable) != 2 {
		return "", false
	}
	name, ok := hcltext.StepName(variable[1])
	return FactRoot + "." + name, ok
}

// FactsOf names the facts that an expression reads, each once.
func FactsOf(expr hclsyntax.Expression) []string {
	var names []string
	for _, variable := range expr.Variables() {
		if name, ok := factName(variable); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// FactValue is the value of a fact in an expression; an unknown one is null.
func FactValue(f fact.Fact) cty.Value {
	switch {
	case !f.Known:
		return cty.NullVal(cty.DynamicPseudoType)
	case f.Kind == fact.Truth:
		return cty.BoolVal(f.Truth)
	case f.Kind == fact.Text:
		return cty.StringVal(f.Text)
	case f.Kind == fact.Blocks:
		return cty.NumberUIntVal(f.Count)
	}
	return cty.NumberFloatVal(f.Number)
}

// Variables are the variables of an expression, one for each fact.
func Variables(facts []fact.Fact) map[string]cty.Value {
	values, custom := map[string]cty.Value{}, map[string]cty.Value{}
	for _, f := range facts {
		if name, isCustom := strings.CutPrefix(f.Name, FactRoot+"."); isCustom {
			custom[name] = FactValue(f)
		} else {
			values[f.Name] = FactValue(f)
		}
	}
	values[FactRoot] = cty.ObjectVal(custom)
	return values
}

// factType is the type of a built-in fact in an expression.
func factType(kind fact.Kind) cty.Type {
	switch kind {
	case fact.Truth:
		return cty.Bool
	case fact.Text:
		return cty.String
	}
	return cty.Number
}

// unknownFacts has the type of each built-in fact; fact.NAME may be anything.
func unknownFacts() map[string]cty.Value {
	variables := map[string]cty.Value{FactRoot: cty.DynamicVal}
	for _, f := range fact.BuiltIn() {
		variables[f.Name] = cty.UnknownVal(factType(f.Kind))
	}
	return variables
}

// sampleFacts are made-up facts, with a fraction where a fact may have one. Those of
// the parser stay unknown.
func sampleFacts() map[string]cty.Value {
	facts := unknownFacts()
	for _, f := range fact.BuiltIn() {
		switch {
		case factType(f.Kind) == cty.Bool:
			facts[f.Name] = cty.True
		case f.Kind == fact.Blocks:
			facts[f.Name] = cty.NumberIntVal(1000)
		default:
			facts[f.Name] = cty.NumberFloatVal(1.5)
		}
	}
	return facts
}

// formula is an expression over facts that was checked when it was read.
type formula struct {
	expr  hclsyntax.Expression
	needs []string
	eval  *hcl.EvalContext
	text  string
}

func newFormula(f *hcltext.File, expr hclsyntax.Expression) formula {
	return formula{expr: expr, needs: FactsOf(expr), eval: f.Eval, text: f.Source(expr.Range())}
}

// Needs implements [ruleset.Condition] and [ruleset.Quantity].
func (f formula) Needs() []string { return slices.Clone(f.needs) }

// String is the expression as it stands in the file.
func (f formula) String() string { return f.text }

// evaluate computes the expression; every fact that it needs must be known.
func (f formula) evaluate(facts fact.List) (cty.Value, error) {
	needed := make([]fact.Fact, len(f.needs))
	for i, name := range f.needs {
		needed[i] = facts.Get(name)
		switch {
		case !needed[i].Known:
			return cty.DynamicVal, fmt.Errorf("evaluate %s: %s is unknown", f.text, name)
		case needed[i].Kind != fact.Blocks && math.IsNaN(needed[i].Number):
			return cty.DynamicVal, fmt.Errorf("evaluate %s: %s is not a number", f.text, name)
		}
	}
	context := f.eval.NewChild()
	context.Variables = Variables(needed)
	value, diags := f.expr.Value(context)
	if diags.HasErrors() {
		summary, hint := hcltext.Reason(diags[0])
		return cty.DynamicVal, fmt.Errorf("evaluate %s: %s%s", f.text, strings.TrimSuffix(hcltext.LowerFirst(hcltext.FirstOf(hint, summary)), "."), infinite(needed))
	}
	return value, nil
}

// infinite lists the facts that are infinite, which explains most failures.
func infinite(facts []fact.Fact) string {
	var names []string
	for _, f := range facts {
		if f.Kind != fact.Blocks && math.IsInf(f.Number, 0) {
			names = append(names, f.Name+" inf")
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (with " + strings.Join(names, ", ") + ")"
}
