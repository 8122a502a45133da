package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// validator is an optional method of a config or target struct.
type validator interface{ Validate() error }

// decodeNew reads a JSON object into a fresh struct of the type that prototype
// points to, fills in defaults, and has the struct judge itself. A nil
// prototype takes nothing.
func decodeNew(prototype any, data []byte) (any, []Diagnostic) {
	if len(data) == 0 {
		data = []byte("{}")
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, []Diagnostic{{Summary: "the block is no JSON object"}}
	}
	if prototype == nil {
		var found []Diagnostic
		for _, name := range slices.Sorted(maps.Keys(values)) {
			found = append(found, Diagnostic{Summary: "this plugin takes nothing in this block", Path: []string{name}})
		}
		return nil, found
	}
	fresh := reflect.New(reflect.TypeOf(prototype).Elem())
	found := decodeStruct(fresh.Elem(), values, nil)
	if v, ok := fresh.Interface().(validator); ok && len(found) == 0 {
		found = Diagnostics(v.Validate())
	}
	return fresh.Interface(), found
}

// decodeTarget reads the target of a call.
func decodeTarget[T any](data []byte) (T, error) {
	fresh, found := decodeNew(new(T), data)
	if len(found) == 0 {
		return *fresh.(*T), nil
	}
	var zero T
	var words []string
	for _, d := range found {
		words = append(words, strings.Join(append(slices.Clone(d.Path), d.Summary), ": "))
	}
	return zero, Invalid(fmt.Errorf("read target: %s", strings.Join(words, "; ")))
}

// assign copies a decoded struct over the author's own.
func assign(pointer, fresh any) { reflect.ValueOf(pointer).Elem().Set(reflect.ValueOf(fresh).Elem()) }

func decodeStruct(into reflect.Value, values map[string]json.RawMessage, path []string) []Diagnostic {
	var found []Diagnostic
	fields, err := fieldsOf(into.Type(), 0)
	if err != nil {
		return []Diagnostic{{Summary: err.Error(), Path: path}}
	}
	for _, f := range fields {
		raw, given := values[f.name]
		delete(values, f.name)
		given = given && string(raw) != "null"
		found = append(found, f.decode(into.Field(f.index), raw, given, append(slices.Clone(path), f.name))...)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		found = append(found, Diagnostic{Summary: fmt.Sprintf("%q is unknown here", name), Path: append(slices.Clone(path), name)})
	}
	return found
}

func (f field) decode(into reflect.Value, raw json.RawMessage, given bool, path []string) []Diagnostic {
	required := f.block != nil && f.block.Required || f.attribute != nil && f.attribute.Required
	switch {
	case !given && required:
		return f.missing(path)
	case f.block != nil:
		return f.decodeBlock(into, raw, given, path)
	case !given && f.attribute.Default == "":
		return nil
	case !given:
		raw = json.RawMessage(f.attribute.Default)
	}
	if err := f.decodeAttribute(into, raw); err != nil {
		return []Diagnostic{{Summary: err.Error(), Path: path}}
	}
	return nil
}

func (f field) missing(path []string) []Diagnostic {
	return []Diagnostic{{Summary: fmt.Sprintf("%q is required", f.name), Path: path}}
}

// decodeBlock reads a nested block; the defaults of one that is not given are
// filled in all the same.
func (f field) decodeBlock(into reflect.Value, raw json.RawMessage, given bool, path []string) []Diagnostic {
	if !f.block.Repeated {
		values := map[string]json.RawMessage{}
		if given && json.Unmarshal(raw, &values) != nil {
			return []Diagnostic{{Summary: "must be a block", Path: path}}
		}
		if !given && needsAnything(f.block.Schema) {
			return nil
		}
		return decodeStruct(into, values, path)
	}
	var blocks []map[string]json.RawMessage
	if given && json.Unmarshal(raw, &blocks) != nil {
		return []Diagnostic{{Summary: "must be a list of blocks", Path: path}}
	}
	if f.block.Required && len(blocks) == 0 {
		return f.missing(path)
	}
	var found []Diagnostic
	all := reflect.MakeSlice(into.Type(), len(blocks), len(blocks))
	for i, values := range blocks {
		found = append(found, decodeStruct(all.Index(i), values, append(slices.Clone(path), fmt.Sprint(i)))...)
	}
	into.Set(all)
	return found
}

// needsAnything says whether a block has something that must be given, so that
// it cannot be filled in by itself.
func needsAnything(s Schema) bool {
	return slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.Required }) ||
		slices.ContainsFunc(s.Blocks, func(b Block) bool { return b.Required })
}

func (f field) decodeAttribute(into reflect.Value, raw json.RawMessage) error {
	if f.attribute.Type == TypeDuration {
		var number float64
		if err := json.Unmarshal(raw, &number); err != nil || number < 0 || number >= math.MaxInt64/float64(time.Second) {
			return errors.New("must be a number of seconds, zero or more")
		}
		into.SetInt(int64(math.Round(number * float64(time.Second))))
		return nil
	}
	if err := json.Unmarshal(raw, into.Addr().Interface()); err != nil {
		if into.Kind() == reflect.Uint64 {
			return errors.New("must be an integer, zero or more")
		}
		return fmt.Errorf("must be of type %s", f.attribute.Type)
	}
	return f.allowed(into)
}

// allowed checks a string, or each of a list, against those that there may be.
func (f field) allowed(value reflect.Value) error {
	if len(f.attribute.Allowed) == 0 {
		return nil
	}
	given, isList := value.Interface().([]string)
	if !isList {
		given = []string{value.String()}
	}
	for _, text := range given {
		if !slices.Contains(f.attribute.Allowed, text) {
			return fmt.Errorf("must be one of %s", strings.Join(f.attribute.Allowed, ", "))
		}
	}
	return nil
}
