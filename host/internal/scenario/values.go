package scenario

import (
	"fmt"
	"hash/fnv"
	"maps"
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

// functions are those of the configuration without env(), and some for making log
// lines.
func functions() map[string]function.Function {
	all := expr.Functions(nil)
	delete(all, "env")
	all["hash"] = hashFunction()
	all["formatdate"] = stdlib.FormatDateFunc
	all["substr"] = stdlib.SubstrFunc
	all["timeadd"] = stdlib.TimeAddFunc
	return all
}

// values are the names that expressions may read.
type values struct {
	start time.Time
	let   map[string]*formula
}

// formula is an expression whose names are known.
type formula struct {
	name string
	expr hclsyntax.Expression
	// needs are the definitions that it reads, each behind those that it reads
	// itself; base are the varying names among all of them.
	needs []*formula
	base  []string
	eval  *hcl.EvalContext
}

// varies says whether its value is another one at another record.
func (f *formula) varies() bool { return len(f.base) > 0 }

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
	context := f.eval.NewChild()
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

// formula reads the expression of an attribute; nil where it reads a name that
// there is not, which is then reported. Names of also are left to the caller.
func (v *values) formula(file *hcltext.File, attribute *hclsyntax.Attribute, also ...string) *formula {
	f := &formula{name: attribute.Name, expr: attribute.Expr, eval: file.Eval}
	known := true
	shortNumbers(attribute.Expr)
	for _, variable := range attribute.Expr.Variables() {
		name := variable.RootName()
		defined, isDefined := v.let[name]
		switch {
		case isDefined:
			f.needs = union(f.needs, append(slices.Clone(defined.needs), defined))
			f.base = union(f.base, defined.base)
		case slices.Contains(varyingNames(), name):
			f.base = union(f.base, []string{name})
		case !slices.Contains(also, name):
			names := append(slices.Sorted(maps.Keys(v.let)), slices.Concat(varyingNames(), also)...)
			file.Fail(variable.SourceRange(), hcltext.Suggest(name, names, fmt.Sprintf("Text stands in quotes: %q. The names are", name)),
				"unknown name %q in %s", name, attribute.Name)
			known = false
		}
	}
	if !known {
		return nil
	}
	return f
}

// union adds what is not there yet.
func union[T comparable](all, more []T) []T {
	for _, one := range more {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// define adds the names of a let block. One may read those above it.
func (v *values) define(s hcltext.Section) {
	for _, attribute := range s.Attributes() {
		if slices.Contains(varyingNames(), attribute.Name) {
			s.Fail(attribute.NameRange, "Choose another name.", "%s is the record's own", attribute.Name)
			continue
		}
		if f := v.formula(s.File, attribute); f != nil {
			v.let[attribute.Name] = f
		}
	}
}

// fixed evaluates attributes that do not change in the course of a history.
func (v *values) fixed(file *hcltext.File) func(*hclsyntax.Attribute, bool) (cty.Value, bool) {
	return func(attribute *hclsyntax.Attribute, _ bool) (cty.Value, bool) {
		f := v.formula(file, attribute)
		switch {
		case f == nil:
			return cty.DynamicVal, false
		case f.varies():
			file.Fail(attribute.Expr.Range(), "It is told once, before the history begins.", "%s cannot depend on %s", attribute.Name, strings.Join(f.base, ", "))
			return cty.DynamicVal, false
		}
		value, diags := f.value(occasion{})
		file.ReportHCL(hcltext.Place{At: attribute.Expr.Range()}, diags)
		return value, !diags.HasErrors()
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

// short is a whole number with 64 bits of precision, which hold any block number. HCL
// uses 512 bits, and converting those to text takes most of the time of a history.
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

// shortNumbers shortens the numbers in an expression, and thereby its results.
func shortNumbers(expr hclsyntax.Expression) {
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok {
			literal.Val = short(literal.Val)
		}
		return nil
	})
}
