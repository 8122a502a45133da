package hcltext

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/headwatch/headwatch/sdk"
)

// The types of attributes beside those of [sdk.AttributeType].
const (
	// TypeCount is a whole number, 0 or above.
	TypeCount sdk.AttributeType = "count"
	// TypeSize is a number of bytes.
	TypeSize sdk.AttributeType = "size"
	// TypePaths is a list of paths, or a text with the separator of PATH between
	// them.
	TypePaths sdk.AttributeType = "paths"
)

// refusal is why a value does not fit an attribute.
type refusal struct {
	// want says what it must be. wrong is the element that does not fit, and empty
	// where the whole value does not.
	want, wrong, hint string
}

// convert turns a value of HCL into the Go value of its attribute.
func (a Attribute) convert(value cty.Value) (any, *refusal) {
	converted, r := a.convertType(value)
	if r != nil {
		r.hint = FirstOf(a.Hint, r.hint)
		return nil, r
	}
	if r = a.judge(converted); r != nil {
		r.hint = FirstOf(r.hint, a.Hint)
	}
	return converted, r
}

func (a Attribute) convertType(value cty.Value) (any, *refusal) {
	switch a.Type {
	case sdk.TypeString:
		text, ok := ToText(value)
		return text, refuseUnless(ok, "a text", "")
	case sdk.TypeInteger, sdk.TypeNumber:
		return convertNumber(a.Type, value)
	case TypeCount:
		count, ok := ToCount(value)
		hint := ""
		if value.Type() == cty.Number && !value.IsNull() && !value.AsBigFloat().IsInt() {
			hint = "floor(), ceil() or round() make a whole number of it."
		}
		return count, refuseUnless(ok, FirstOf(a.Want, WantCount), hint)
	case sdk.TypeBool:
		truth, ok := toTruth(value)
		return truth, refuseUnless(ok, "true or false", "Write true or false, without quotes.")
	case sdk.TypeDuration:
		d, err := ToDuration(value)
		if err != nil {
			return nil, &refusal{want: err.Error(), hint: DurationHint}
		}
		return d, nil
	case TypeSize:
		size, ok := toSize(value)
		return size, refuseUnless(ok, "a size", sizeHint)
	case TypePaths:
		if value.Type() == cty.String {
			return filepath.SplitList(value.AsString()), nil
		}
		fallthrough
	case sdk.TypeStringList:
		all, ok := toTexts(value)
		return all, refuseUnless(ok, "a list of texts", "Write "+a.Name+` = ["...", "..."].`)
	case sdk.TypeStringMap:
		all, ok := toTextMap(value)
		return all, refuseUnless(ok, "a map of texts", "Write "+a.Name+` = { name = "..." }.`)
	}
	return nil, &refusal{want: fmt.Sprintf("of type %q, which this host does not know", a.Type), hint: "The plugin is newer than this host."}
}

func refuseUnless(ok bool, want, hint string) *refusal {
	if ok {
		return nil
	}
	return &refusal{want: want, hint: hint}
}

// judge compares a value of the right type with what is allowed.
func (a Attribute) judge(value any) *refusal {
	switch value := value.(type) {
	case string:
		return a.judgeText(value)
	case []string:
		for _, text := range value {
			if r := a.judgeText(text); r != nil {
				return r
			}
		}
	case time.Duration:
		if a.Positive && value <= 0 {
			return &refusal{want: "longer than 0s"}
		}
		return a.judgeBounds(value.Seconds(), func(text string) float64 {
			d, _ := ToDuration(cty.StringVal(text))
			return d.Seconds()
		})
	case uint64:
		return a.judgeBounds(float64(value), sizeOf)
	case int64:
		return a.judgeBounds(float64(value), sizeOf)
	}
	return nil
}

func (a Attribute) judgeText(text string) *refusal {
	if len(a.Allowed) > 0 && !slices.Contains(a.Allowed, text) {
		r := &refusal{want: "one of " + strings.Join(quoteAll(a.Allowed), ", "), wrong: Show(cty.StringVal(text))}
		if !a.Sensitive {
			r.hint = DidYouMean(text, a.Allowed)
		}
		return r
	}
	return refuseUnless(a.Form == nil || a.Form(text), a.Want, "")
}

func (a Attribute) judgeBounds(value float64, bound func(text string) float64) *refusal {
	switch above, below := a.Most != "" && value > bound(a.Most), a.Least != "" && value < bound(a.Least); {
	case !above && !below:
		return nil
	case a.Most == "":
		return &refusal{want: "at least " + a.Least}
	default:
		return &refusal{want: "from " + a.Least + " to " + a.Most}
	}
}

// convertNumber keeps all digits of a whole number: a float cannot hold those of
// every block number or id.
func convertNumber(kind sdk.AttributeType, value cty.Value) (any, *refusal) {
	converted, err := convert.Convert(value, cty.Number)
	want := "a number"
	if kind == sdk.TypeInteger {
		want = "a whole number"
	}
	if err != nil || converted.IsNull() || converted.AsBigFloat().IsInf() {
		return nil, &refusal{want: want}
	}
	number := converted.AsBigFloat()
	if !number.IsInt() {
		float, _ := number.Float64()
		return float, refuseUnless(kind == sdk.TypeNumber, want, "")
	}
	if _, exact := number.Int64(); exact != 0 && !isCount(number) {
		return nil, &refusal{want: want + " of at most 64 bits"}
	}
	return json.Number(number.Text('f', 0)), nil
}

// WantCount names a count in messages.
const WantCount = "a whole number, 0 or above"

// ToCount reads a whole number that is not negative.
func ToCount(value cty.Value) (uint64, bool) {
	number, err := convert.Convert(value, cty.Number)
	if err != nil || number.IsNull() || !number.IsKnown() || !isCount(number.AsBigFloat()) {
		return 0, false
	}
	count, _ := number.AsBigFloat().Uint64()
	return count, true
}

func isCount(number *big.Float) bool {
	return number.IsInt() && number.Sign() >= 0 && number.Cmp(new(big.Float).SetUint64(math.MaxUint64)) <= 0
}

// toTruth reads true or false. It also takes the words that people write into
// variables of the environment.
func toTruth(value cty.Value) (truth, ok bool) {
	if text, isText := ToText(value); isText {
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "1", "t", "true", "yes", "on":
			return true, true
		case "0", "f", "false", "no", "off":
			return false, true
		}
	}
	return false, false
}

// ToText converts a value to a text where it is one or can be written as one.
func ToText(value cty.Value) (string, bool) {
	text, err := convert.Convert(value, cty.String)
	if err != nil || text.IsNull() || !text.IsKnown() {
		return "", false
	}
	return text.AsString(), true
}

// toTexts reads a list of texts.
func toTexts(value cty.Value) ([]string, bool) {
	if !IsList(value.Type()) {
		return nil, false
	}
	all := []string{}
	for _, element := range value.AsValueSlice() {
		text, ok := ToText(element)
		if !ok {
			return nil, false
		}
		all = append(all, text)
	}
	return all, true
}

// IsList says whether a type is one of lists.
func IsList(t cty.Type) bool { return t.IsTupleType() || t.IsListType() || t.IsSetType() }

// toTextMap reads a map of texts.
func toTextMap(value cty.Value) (map[string]string, bool) {
	if t := value.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, false
	}
	all := map[string]string{}
	for name, element := range value.AsValueMap() {
		text, ok := ToText(element)
		if !ok {
			return nil, false
		}
		all[name] = text
	}
	return all, true
}

// fromJSON reads a default.
func fromJSON(text string) (cty.Value, error) {
	implied, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return cty.NilVal, err
	}
	return ctyjson.Unmarshal([]byte(text), implied)
}
