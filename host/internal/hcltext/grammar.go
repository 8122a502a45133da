package hcltext

import (
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Grammar is a block of a language: what may stand in it, and what that means.
// The language itself is the grammar of the file, which has no name.
type Grammar struct {
	Name        string
	Description string
	// Labelled says that a name stands between the type and the brace: a word
	// that can be referred to, or with FreeLabel any text.
	Labelled, FreeLabel bool
	// Labels are the names there may be; empty for any.
	Labels     []string
	Attributes []Attribute
	Blocks     []Grammar
	// Required says that the block must stand there, Repeated that it may do so
	// more than once.
	Required, Repeated bool
	// Whole says that the block replaces the one of defaults as a whole. In any
	// other its attributes replace those of defaults one by one.
	Whole bool
	// Foreign says that the schema of a plugin decides what stands inside.
	Foreign bool
	// Open says that any attribute may stand inside, Opaque that what stands
	// inside is read as a file of its own.
	Open, Opaque bool
	// quiet says that lines with unknown words are not shown: one may be a
	// secret under a misspelt name.
	quiet bool
}

// Attribute is an attribute of a block.
type Attribute struct {
	Name string
	Type sdk.AttributeType
	// Required says that it must be given; then it has no default.
	Required bool
	// OverFacts says that it may be an expression over facts instead.
	OverFacts bool
	// Default is what it is when it is not given: JSON, or the expression of an
	// attribute whose type is one over facts.
	Default string
	// ByLabel is the default in a block of this name, where it depends on it.
	ByLabel map[string]string
	// Otherwise says in words what it is when it is not given and that is no
	// constant.
	Otherwise string
	// Variable of the environment gives the value where the file does not, or,
	// with VariableWins, in spite of the file.
	Variable     string
	VariableWins bool
	// Least and Most bound the value; Positive excludes 0.
	Least, Most string
	Positive    bool
	// Form says whether a text is of the wanted form, which Want names.
	Form func(text string) bool
	Want string
	// Hint says what to write.
	Hint string
	// Description is one sentence; Sensitive, Deprecated and Allowed are as in
	// [sdk.Attribute].
	Description string
	Sensitive   bool
	Deprecated  string
	Allowed     []string
}

// Schema is the grammar of a block that a plugin describes.
func Schema(name string, schema sdk.Schema) Grammar {
	g := Grammar{Name: name, quiet: true}
	for _, a := range schema.Attributes {
		g.Attributes = append(g.Attributes, Attribute{Name: a.Name, Type: a.Type, Required: a.Required && a.Default == "", Default: a.Default,
			Description: a.Description, Sensitive: a.Sensitive, Deprecated: a.Deprecated, Allowed: a.Allowed})
	}
	for _, b := range schema.Blocks {
		inner := Schema(b.Name, b.Schema)
		inner.Required, inner.Repeated, inner.Description = b.Required, b.Repeated, b.Description
		g.Blocks = append(g.Blocks, inner)
	}
	return g
}

// Block finds the grammar of a block inside.
func (g Grammar) Block(name string) (Grammar, bool) {
	at := slices.IndexFunc(g.Blocks, func(b Grammar) bool { return b.Name == name })
	if at < 0 {
		return Grammar{}, false
	}
	return g.Blocks[at], true
}

// attribute finds an attribute.
func (g Grammar) attribute(name string) (Attribute, bool) {
	at := slices.IndexFunc(g.Attributes, func(a Attribute) bool { return a.Name == name })
	if at < 0 {
		return Attribute{}, false
	}
	return g.Attributes[at], true
}

// names are the words that may stand inside; deprecated ones are not told.
func (g Grammar) names() (attributes, blocks []string) {
	for _, a := range g.Attributes {
		if a.Deprecated == "" {
			attributes = append(attributes, a.Name)
		}
	}
	for _, b := range g.Blocks {
		blocks = append(blocks, b.Name)
	}
	return attributes, blocks
}

// takes says whether a word may stand inside, as a block or as an attribute.
func (g Grammar) takes(word string, asBlock bool) bool {
	if asBlock {
		_, known := g.Block(word)
		return known
	}
	_, known := g.attribute(word)
	return known || g.Open
}

// Homes names the blocks that a word may stand in, each once; the file is the
// empty name.
func (g Grammar) Homes(word string, asBlock bool) []string {
	var found []string
	if g.takes(word, asBlock) && !g.Open {
		found = append(found, g.Name)
	}
	for _, b := range g.Blocks {
		found = append(found, b.Homes(word, asBlock)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// belongs is a hint on where a word belongs that stands in the wrong place;
// empty for a word that is not of the language.
func (g Grammar) belongs(word string, asBlock bool) string {
	homes := g.Homes(word, asBlock)
	switch {
	case len(homes) == 0:
		return ""
	case homes[0] == "":
		return word + " belongs at the top level of the file."
	}
	return word + " belongs in " + strings.Join(homes, ", ") + "."
}
