package expr

import (
	"fmt"
	"math/big"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// Functions are the functions of the language.
func Functions(env hcltext.Environment) map[string]function.Function {
	return map[string]function.Function{
		"env":        envFunction(env),
		"duration":   durationFunction(),
		"round":      roundFunction(),
		"abs":        stdlib.AbsoluteFunc,
		"ceil":       stdlib.CeilFunc,
		"coalesce":   stdlib.CoalesceFunc,
		"concat":     stdlib.ConcatFunc,
		"contains":   stdlib.ContainsFunc,
		"floor":      stdlib.FloorFunc,
		"format":     stdlib.FormatFunc,
		"join":       stdlib.JoinFunc,
		"jsonencode": stdlib.JSONEncodeFunc,
		"length":     stdlib.LengthFunc,
		"lower":      stdlib.LowerFunc,
		"max":        stdlib.MaxFunc,
		"min":        stdlib.MinFunc,
		"replace":    stdlib.ReplaceFunc,
		"split":      stdlib.SplitFunc,
		"tonumber":   stdlib.MakeToFunc(cty.Number),
		"trimprefix": stdlib.TrimPrefixFunc,
		"trimspace":  stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc,
		"upper":      stdlib.UpperFunc,
	}
}

// unset is the error of env() for a variable without a value or a default.
func unset(name string) error {
	return hcltext.PlainError(fmt.Sprintf("environment variable %s is not set; set it, or give a default: env(%q, \"...\")", name, name))
}

// envFunction reads a variable of the environment, as a string; the default
// keeps its own type.
func envFunction(env hcltext.Environment) function.Function {
	value := func(args []cty.Value) (cty.Value, error) {
		if len(args) > 2 {
			return cty.NilVal, function.NewArgErrorf(2, "env takes a name and at most one default")
		}
		name := args[0].AsString()
		if text, set := env.Lookup(name); set {
			return cty.StringVal(text), nil
		}
		switch {
		case len(args) == 1:
			return cty.NilVal, unset(name)
		case args[1].IsNull():
			return cty.NullVal(cty.String), nil // a null without a type is taken for unknown
		}
		return args[1], nil
	}
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			if !args[0].IsKnown() {
				return cty.DynamicPseudoType, nil
			}
			found, err := value(args)
			if err != nil {
				return cty.NilType, err
			}
			return found.Type(), nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return value(args) },
	})
}

// durationFunction turns "15m" into seconds.
func durationFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "duration", Type: cty.DynamicPseudoType}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if t := args[0].Type(); t != cty.String && t != cty.Number && t != cty.DynamicPseudoType {
				return cty.NilType, function.NewArgErrorf(0, "it must be %w, such as \"90s\" or a number of seconds", hcltext.ErrNoDuration)
			}
			return cty.Number, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			d, err := hcltext.ToDuration(args[0])
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(0, "it must be %w, such as \"90s\" or a number of seconds", err)
			}
			return cty.NumberFloatVal(d.Seconds()), nil
		},
	})
}

// roundFunction rounds to the nearest whole number, halves away from zero.
func roundFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "num", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			number := args[0].AsBigFloat()
			if number.IsInf() {
				return args[0], nil
			}
			half := big.NewFloat(0.5)
			if number.Signbit() {
				half.Neg(half)
			}
			whole, _ := new(big.Float).Add(number, half).Int(nil)
			return cty.NumberVal(new(big.Float).SetInt(whole)), nil
		},
	})
}
