package block

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Mistake is a block with one thing wrong in it.
type Mistake struct {
	// What is wrong, and Path where.
	What  string
	Block Object
	Path  []string
}

// UnknownName is a word that no schema has.
const UnknownName = "no_such_attribute_zq"

// Unknown adds an attribute to a block, and to each block in it.
func Unknown(s sdk.Schema, o Object) []Mistake {
	return append([]Mistake{replaced(o, UnknownName, "x", "an attribute that the schema does not have")}, nested(s, o, Unknown)...)
}

// WrongTypes gives each attribute a value that it cannot have.
func WrongTypes(s sdk.Schema, o Object) []Mistake {
	var all []Mistake
	for _, a := range s.Attributes {
		value := any("not of this type")
		if a.Type == sdk.TypeString {
			value = 5
		}
		all = append(all, replaced(o, a.Name, value, fmt.Sprintf("%s that is not of type %s", a.Name, a.Type)))
		if len(a.Allowed) > 0 {
			value = "not " + strings.Join(a.Allowed, "")
			if a.Type == sdk.TypeStringList {
				value = []any{value}
			}
			all = append(all, replaced(o, a.Name, value, a.Name+" with a value that is not allowed"))
		}
	}
	for _, b := range s.Blocks {
		all = append(all, replaced(o, b.Name, 5, b.Name+" that is no block"))
	}
	return append(all, nested(s, o, WrongTypes)...)
}

// Missing leaves out what must be given.
func Missing(s sdk.Schema, o Object) []Mistake {
	var all []Mistake
	for _, a := range s.Attributes {
		if a.Required {
			all = append(all, replaced(o, a.Name, nil, "a config without "+a.Name))
		}
	}
	for _, b := range s.Blocks {
		if b.Required {
			all = append(all, replaced(o, b.Name, nil, "a config without "+b.Name))
		}
	}
	return append(all, nested(s, o, Missing)...)
}

// replaced is a block in which one value is wrong.
func replaced(o Object, name string, value any, what string) Mistake {
	return Mistake{What: what, Block: o.with(name, value), Path: []string{name}}
}

// nested makes mistakes in the blocks within a block; of a repeated block in the
// first.
func nested(s sdk.Schema, o Object, within func(sdk.Schema, Object) []Mistake) []Mistake {
	var all []Mistake
	for _, b := range s.Blocks {
		inner, single := o[b.Name].(map[string]any)
		list, _ := o[b.Name].([]any)
		path := []string{b.Name}
		if len(list) > 0 {
			inner, _ = list[0].(map[string]any)
			path = append(path, "0")
		} else if !single {
			continue
		}
		for _, m := range within(b.Schema, inner) {
			value := any(map[string]any(m.Block))
			if len(list) > 0 {
				value = append([]any{value}, list[1:]...)
			}
			all = append(all, Mistake{What: m.What, Block: o.with(b.Name, value), Path: append(slices.Clone(path), m.Path...)})
		}
	}
	return all
}
