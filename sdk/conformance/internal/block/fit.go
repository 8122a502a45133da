package block

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// FitsDefault says whether the default of an attribute is of its type. A text
// that is no JSON is for the host to refuse.
func FitsDefault(a sdk.Attribute) bool {
	value := parsed(a.Default)
	return value == nil || fits(a, value)
}

// fits says whether a JSON value is of an attribute's type.
func fits(a sdk.Attribute, value any) bool {
	switch a.Type {
	case sdk.TypeString:
		return fitsText(a, value)
	case sdk.TypeBool:
		_, ok := value.(bool)
		return ok
	case sdk.TypeStringList:
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(value any) bool { return !fitsText(a, value) })
	case sdk.TypeStringMap:
		values, ok := value.(map[string]any)
		for _, each := range values {
			_, isText := each.(string)
			ok = ok && isText
		}
		return ok
	}
	number, ok := value.(json.Number)
	return ok && fitsNumber(a.Type, number)
}

func fitsNumber(t sdk.AttributeType, number json.Number) bool {
	f, err := number.Float64()
	switch t {
	case sdk.TypeInteger:
		_, signed := strconv.ParseInt(number.String(), 10, 64)
		_, unsigned := strconv.ParseUint(number.String(), 10, 64)
		return signed == nil || unsigned == nil
	case sdk.TypeDuration:
		return err == nil && f >= 0
	}
	return err == nil
}

// fitsText says whether a value is a text, and one of those that may be.
func fitsText(a sdk.Attribute, value any) bool {
	text, ok := value.(string)
	return ok && (len(a.Allowed) == 0 || slices.Contains(a.Allowed, text))
}

// Unfit says what of an object does not fit a schema; empty where all does.
func Unfit(s sdk.Schema, o Object, path ...string) string {
	known := map[string]bool{}
	at := func(name string) string { return strings.Join(append(slices.Clone(path), name), ".") }
	for _, a := range s.Attributes {
		value, given := o[a.Name]
		known[a.Name] = true
		switch {
		case !given && a.Required:
			return at(a.Name) + " is missing"
		case given && value != nil && !fits(a, value):
			return fmt.Sprintf("%s is not of type %s, or not allowed", at(a.Name), a.Type)
		}
	}
	for _, b := range s.Blocks {
		known[b.Name] = true
		value, blocks := o[b.Name], blocksOf(o[b.Name])
		_, isList := value.([]any)
		_, isObject := value.(map[string]any)
		switch {
		case b.Required && (value == nil || isList && len(blocks) == 0):
			return at(b.Name) + " is missing"
		case value != nil && (isList != b.Repeated || isObject == b.Repeated):
			return at(b.Name) + " must be an object where the block is not repeated, and an array of objects where it is"
		}
		for _, inner := range blocks {
			if found := Unfit(b.Schema, inner, append(slices.Clone(path), b.Name)...); found != "" {
				return found
			}
		}
	}
	for name := range o {
		if !known[name] {
			return at(name) + " is not in it"
		}
	}
	return ""
}
