package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/headwatch/headwatch/sdk"
)

// problem is why a value does not fit an attribute of a plugin.
type problem struct {
	want string
	// wrong is the element that does not fit; the zero value for all of it.
	wrong string
	hint  string
}

// summary puts a problem into words. The value of a sensitive attribute is not
// among them.
func (p *problem) summary(attribute sdk.Attribute, value cty.Value) string {
	text := fmt.Sprintf("%s must be %s", attribute.Name, p.want)
	if attribute.Sensitive {
		return text
	}
	return text + ", not " + firstOf(p.wrong, show(value))
}

// convertTo turns a value into what travels as JSON.
func convertTo(attribute sdk.Attribute, value cty.Value) (any, *problem) {
	switch attribute.Type {
	case sdk.TypeString:
		return convertText(attribute, value)
	case sdk.TypeInteger, sdk.TypeNumber:
		return convertNumber(attribute.Type, value)
	case sdk.TypeBool:
		truth, err := convert.Convert(value, cty.Bool)
		if err != nil {
			return nil, &problem{want: "true or false"}
		}
		return truth.True(), nil
	case sdk.TypeDuration:
		d, err := toDuration(value)
		if err != nil {
			return nil, &problem{want: err.Error(), hint: durationHint}
		}
		return d.Seconds(), nil
	case sdk.TypeStringList:
		return convertList(attribute, value)
	case sdk.TypeStringMap:
		return convertMap(attribute, value)
	}
	return nil, &problem{
		want: fmt.Sprintf("of type %q, which this host does not know", attribute.Type),
		hint: "The plugin is newer than this host.",
	}
}

func convertText(attribute sdk.Attribute, value cty.Value) (any, *problem) {
	text, ok := toText(value)
	if !ok {
		return nil, &problem{want: "a text"}
	}
	return text, allowed(attribute, text)
}

// allowed checks a text against the ones there may be.
func allowed(attribute sdk.Attribute, text string) *problem {
	if len(attribute.Allowed) == 0 || slices.Contains(attribute.Allowed, text) {
		return nil
	}
	p := &problem{
		want:  "one of " + strings.Join(quoteAll(attribute.Allowed), ", "),
		wrong: show(cty.StringVal(text)),
	}
	if !attribute.Sensitive {
		p.hint = didYouMean(text, attribute.Allowed)
	}
	return p
}

// convertNumber keeps all digits of a whole number: a block number or an id may
// have more of them than a float holds.
func convertNumber(kind sdk.AttributeType, value cty.Value) (any, *problem) {
	converted, err := convert.Convert(value, cty.Number)
	want := "a number"
	if kind == sdk.TypeInteger {
		want = "a whole number"
	}
	if err != nil || converted.AsBigFloat().IsInf() {
		return nil, &problem{want: want}
	}
	number := converted.AsBigFloat()
	if !number.IsInt() {
		if kind == sdk.TypeInteger {
			return nil, &problem{want: want}
		}
		float, _ := number.Float64()
		return float, nil
	}
	if _, exact := number.Int64(); exact != 0 && !isCount(number) {
		return nil, &problem{want: want + " of at most 64 bits"}
	}
	return json.Number(number.Text('f', 0)), nil
}

func convertList(attribute sdk.Attribute, value cty.Value) (any, *problem) {
	all, ok := toTexts(value)
	if !ok {
		return nil, &problem{want: "a list of texts", hint: "Write " + attribute.Name + ` = ["...", "..."].`}
	}
	for _, text := range all {
		if p := allowed(attribute, text); p != nil {
			return nil, p
		}
	}
	return all, nil
}

func convertMap(attribute sdk.Attribute, value cty.Value) (any, *problem) {
	wrong := &problem{want: "a map of texts", hint: "Write " + attribute.Name + ` = { name = "..." }.`}
	if t := value.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, wrong
	}
	all := map[string]string{}
	for name, element := range value.AsValueMap() {
		text, ok := toText(element)
		if !ok {
			return nil, wrong
		}
		all[name] = text
	}
	return all, nil
}

// fromJSON reads a default that a plugin publishes.
func fromJSON(text string) (cty.Value, error) {
	implied, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return cty.NilVal, err
	}
	return ctyjson.Unmarshal([]byte(text), implied)
}
