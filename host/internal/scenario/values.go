package scenario

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// The names that a record's expressions read beside those of let: the seconds
// since the start, the number of the record in its block, the time itself, and
// the time as a node stamps it.
const (
	nameSeconds = "t"
	nameNumber  = "n"
	nameTime    = "time"
	nameStamp   = "stamp"
)

func varyingNames() []string { return []string{nameSeconds, nameNumber, nameTime, nameStamp} }

// occasion is one record of a history, or one check.
type occasion struct {
	start time.Time
	at    time.Duration
	n     int
}

// value is one of the varying names.
func (o occasion) value(name string) cty.Value {
	switch name {
	case nameSeconds:
		if o.at%time.Second == 0 {
			return short(cty.NumberIntVal(int64(o.at / time.Second)))
		}
		return cty.MustParseNumberVal(strconv.FormatFloat(o.at.Seconds(), 'f', -1, 64))
	case nameNumber:
		return short(cty.NumberIntVal(int64(o.n)))
	case nameTime:
		return cty.StringVal(o.start.Add(o.at).UTC().Format("2006-01-02T15:04:05.000Z"))
	default:
		return cty.StringVal(o.start.Add(o.at).UTC().Format("2006-01-02 15:04:05.000"))
	}
}

// values are the names that expressions may read, and their functions.
type values struct {
	start     time.Time
	functions *hcl.EvalContext
	let       map[string]*formula
}

func newValues(start time.Time) *values {
	functions := expr.Functions(nil)
	delete(functions, "env")
	functions["hash"] = hashFunction()
	functions["formatdate"] = stdlib.FormatDateFunc
	functions["substr"] = stdlib.SubstrFunc
	functions["timeadd"] = stdlib.TimeAddFunc
	return &values{start: start, functions: &hcl.EvalContext{Functions: functions}, let: map[string]*formula{}}
}

// with is a copy to which names can be added.
func (v *values) with(start time.Time) *values {
	let := make(map[string]*formula, len(v.let))
	for name, f := range v.let {
		let[name] = f
	}
	return &values{start: start, functions: v.functions, let: let}
}

// names are all names that can be read.
func (v *values) names() []string {
	names := varyingNames()
	for name := range v.let {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// formula is an expression whose names are known.
type formula struct {
	name string
	expr hclsyntax.Expression
	// needs are the definitions that it reads, each behind those that it reads
	// itself; base are the varying names among all of them.
	needs     []*formula
	base      []string
	functions *hcl.EvalContext
}

// varies says whether its value is another one at another record.
func (f *formula) varies() bool { return len(f.base) > 0 }

// because names what makes it vary.
func (f *formula) because() string { return strings.Join(f.base, ", ") }

// value computes it for one record.
func (f *formula) value(o occasion) (cty.Value, hcl.Diagnostics) {
	context, diags := f.context(o)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return f.expr.Value(context)
}

// context is what it reads at one record.
func (f *formula) context(o occasion) (*hcl.EvalContext, hcl.Diagnostics) {
	context := f.functions.NewChild()
	context.Variables = make(map[string]cty.Value, len(f.base)+len(f.needs))
	for _, name := range f.base {
		context.Variables[name] = o.value(name)
	}
	for _, need := range f.needs {
		value, diags := need.expr.Value(context)
		if diags.HasErrors() {
			return context, diags
		}
		context.Variables[need.name] = short(value)
	}
	return context, nil
}

// formula reads the expression of an attribute; ok is false where it reads a
// name that there is not, which has then been reported. Names of also are left
// to the caller.
func (b block) formula(attribute *hclsyntax.Attribute, also ...string) (f *formula, ok bool) {
	f, ok = &formula{name: attribute.Name, expr: attribute.Expr, functions: b.values.functions}, true
	shortNumbers(attribute.Expr)
	for _, variable := range attribute.Expr.Variables() {
		name := variable.RootName()
		defined, known := b.values.let[name]
		switch {
		case known:
			f.need(defined)
		case slices.Contains(varyingNames(), name):
			f.vary(name)
		case slices.Contains(also, name):
		default:
			hint := hcltext.Suggest(name, append(b.values.names(), also...), fmt.Sprintf("Text stands in quotes: %q. The names are", name))
			b.fail(variable.SourceRange(), hint, "unknown name %q in %s", name, attribute.Name)
			ok = false
		}
	}
	return f, ok
}

func (f *formula) need(defined *formula) {
	for _, needed := range append(slices.Clone(defined.needs), defined) {
		if !slices.Contains(f.needs, needed) {
			f.needs = append(f.needs, needed)
		}
	}
	for _, name := range defined.base {
		f.vary(name)
	}
}

func (f *formula) vary(name string) {
	if !slices.Contains(f.base, name) {
		f.base = append(f.base, name)
	}
}

// define adds the names of a let block. One may read those above it.
func (b block) define() {
	for _, inner := range b.body.Blocks {
		b.fail(inner.TypeRange, "", "let holds names and their values, no block %q", inner.Type)
	}
	for _, attribute := range inOrder(b.body) {
		if slices.Contains(varyingNames(), attribute.Name) {
			b.fail(attribute.NameRange, "Choose another name.", "%s is the record's own", attribute.Name)
			continue
		}
		if f, ok := b.formula(attribute); ok {
			b.values.let[attribute.Name] = f
		}
	}
}

// hashFunction makes up a hash as a node writes one in short, from a number.
func hashFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "of", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			h := fnv.New32a()
			fmt.Fprint(h, args[0].AsString())
			sum := h.Sum32()
			return cty.StringVal(fmt.Sprintf("0x%04x…%04x", sum>>16, sum&0xffff)), nil
		},
	})
}

// short is a whole number in as few bits as hold any block number. HCL keeps
// 512, and writing that many as text would be most of the work of a history.
func short(value cty.Value) cty.Value {
	if value.Type() != cty.Number || value.IsNull() || !value.IsKnown() {
		return value
	}
	number := value.AsBigFloat()
	if !number.IsInt() {
		return value
	}
	number.SetPrec(64)
	if number.Acc() != big.Exact {
		return value
	}
	return cty.NumberVal(number)
}

// shortNumbers makes the numbers short that stand in an expression, and so what
// is computed of them.
func shortNumbers(expr hclsyntax.Expression) {
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok {
			literal.Val = short(literal.Val)
		}
		return nil
	})
}
