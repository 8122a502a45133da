package hcltext

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Show writes a value for a message.
func Show(value cty.Value) string {
	const longest = 60
	switch t := value.Type(); {
	case value.IsNull():
		return "null"
	case !value.IsKnown():
		return "unknown"
	case t == cty.String:
		return strconv.Quote(Clip(value.AsString(), longest))
	case t == cty.Number:
		return NumberText(value.AsBigFloat())
	case t == cty.Bool:
		return strconv.FormatBool(value.True())
	case t.IsObjectType() || t.IsMapType():
		return showCollection("map", value)
	}
	return showCollection("list", value)
}

// showCollection describes a collection, and an element that is not plain.
func showCollection(what string, value cty.Value) string {
	if !value.CanIterateElements() {
		return "a " + what
	}
	for it := value.ElementIterator(); it.Next(); {
		switch _, element := it.Element(); {
		case element.IsNull():
			return "a " + what + " with null in it"
		case !element.Type().IsPrimitiveType():
			return "a nested " + what
		}
	}
	return "a " + what
}

// mostShown is the binary exponent above which a number is not written in full.
const mostShown = 256

// NumberText writes a number with two decimals at most and none that are zero;
// a number close to zero keeps its first two digits instead.
func NumberText(number *big.Float) string {
	switch {
	case number.IsInf() && number.Signbit():
		return "-inf"
	case number.IsInf():
		return "inf"
	case number.MantExp(nil) > mostShown:
		return number.Text('g', 3)
	case number.IsInt():
		return number.Text('f', 0)
	}
	value, _ := number.Float64()
	if math.Abs(value) < 0.01 {
		return fmt.Sprintf("%.2g", value)
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", value), "0"), ".")
}

func quote(text string) string { return strconv.Quote(text) }

// quoteAll writes texts for a message.
func quoteAll(texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return quoted
}
