// Package block has the config and target blocks of a plugin as the host would
// send them: JSON objects with their defaults filled in. It compares them with
// their schema, makes mistakes in them, and finds the secrets in them. It never
// calls a plugin.
package block

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/sdk"
)

// Object is a block as a JSON object.
type Object map[string]any

// JSON is the object as a text.
func (o Object) JSON() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(o); err != nil {
		panic(fmt.Sprintf("block: write what was read: %v", err))
	}
	return bytes.TrimSpace(b.Bytes())
}

// with is a copy in which one value is another; nil leaves it out.
func (o Object) with(name string, value any) Object {
	changed := Object{}
	for k, v := range o {
		changed[k] = v
	}
	delete(changed, name)
	if value != nil {
		changed[name] = value
	}
	return changed
}

// Read reads a JSON object and fills in the defaults, as the host does; nil
// where the text is no object. An empty text is an empty object.
func Read(schema sdk.Schema, text string) Object {
	if text == "" {
		text = "{}"
	}
	value, _ := parsed(text).(map[string]any)
	if value == nil {
		return nil
	}
	fill(schema, value)
	return value
}

// fill fills in the defaults of what an object lacks.
func fill(schema sdk.Schema, o Object) {
	for _, a := range schema.Attributes {
		if _, given := o[a.Name]; !given && a.Default != "" {
			if value := parsed(a.Default); value != nil {
				o[a.Name] = value
			}
		}
	}
	for _, b := range schema.Blocks {
		if _, given := o[b.Name]; !given && !b.Required && !b.Repeated && !NeedsAnything(b.Schema) {
			inner := Object{}
			if fill(b.Schema, inner); len(inner) > 0 {
				o[b.Name] = map[string]any(inner)
			}
		}
		for _, inner := range blocksOf(o[b.Name]) {
			fill(b.Schema, inner)
		}
	}
}

// blocksOf are the nested blocks that a value holds: one object, or several.
func blocksOf(value any) []Object {
	switch value := value.(type) {
	case map[string]any:
		return []Object{value}
	case []any:
		var all []Object
		for _, each := range value {
			if o, ok := each.(map[string]any); ok {
				all = append(all, o)
			}
		}
		return all
	}
	return nil
}

// parsed is a JSON text as a value, numbers as they stand; nil where it is none.
func parsed(text string) any {
	var value any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || decoder.More() {
		return nil
	}
	return value
}

// NeedsAnything says whether a block cannot be empty.
func NeedsAnything(s sdk.Schema) bool {
	return slices.ContainsFunc(s.Attributes, func(a sdk.Attribute) bool { return a.Required }) ||
		slices.ContainsFunc(s.Blocks, func(b sdk.Block) bool { return b.Required })
}
