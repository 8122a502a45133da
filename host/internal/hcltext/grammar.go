package hcltext

import (
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Grammar describes a block: what may stand in it and what that means. The grammar
// of a whole file has no name.
type Grammar struct {
	Name        string
	Description string
	// Labelled says that the block has a name, written between its type and the
	// brace. With FreeLabel the name may be any text, otherwise it is a word that
	// a reference can be made of.
	Labelled, FreeLabel bool
	// Labels are the allowed names; empty for any.
	Labels     []string
	Attributes []Attribute
	Blocks     []Grammar
	// Required says that the block must stand there, Repeated that it may do so
	// more than once.
	Required, Repeated bool
	// ReplacesDefault says that the block replaces the block of the same name in
	// defaults as a whole. Otherwise its attributes do so one by one.
	ReplacesDefault bool
	// OnlyWhereGiven says that the block is in force only where it stands.
	OnlyWhereGiven bool
	// Beside names the block beside it that has it in force too where that is: such
	// a block need not stand, and can be switched off.
	Beside string
	// Foreign says that the schema of a plugin decides what stands inside.
	Foreign bool
	// Open says that any attribute may stand inside, Opaque that what stands
	// inside is read as a file of its own.
	Open, Opaque bool
	// quiet says that a line with an unknown word is not shown: it may hold a
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
	// Default is the value of an attribute that is not given, as JSON. For a
	// condition it is the text of the expression.
	Default string
	// ByLabel has the defaults that depend on the name of the block.
	ByLabel map[string]string
	// Otherwise describes the value of an attribute that is not given, for the
	// documentation, where it is not a constant.
	Otherwise string
	// Variable names the variable of the environment that gives the value where
	// the file does not; with VariableWins it wins over the file.
	Variable     string
	VariableWins bool
	// Least and Most bound the value; Positive excludes 0.
	Least, Most string
	Positive    bool
	// Form says whether a text is valid; Want names what is valid.
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

// With is the grammar with the words of another one besides.
func (g Grammar) With(other Grammar) Grammar {
	for _, a := range other.Attributes {
		if _, known := g.attribute(a.Name); !known {
			g.Attributes = append(slices.Clip(g.Attributes), a)
		}
	}
	for _, b := range other.Blocks {
		if _, known := g.Block(b.Name); !known {
			g.Blocks = append(slices.Clip(g.Blocks), b)
		}
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

// words are the words that may stand inside, without the deprecated ones.
func (g Grammar) words() (attributes, blocks []string) {
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

// allows says whether a word may stand inside, as a block or as an attribute.
func (g Grammar) allows(word string, asBlock bool) bool {
	if asBlock {
		_, known := g.Block(word)
		return known
	}
	_, known := g.attribute(word)
	return known || g.Open
}

// homes names the blocks in which a word may stand, each once. The file itself is
// the empty name.
func (g Grammar) homes(word string, asBlock bool) []string {
	var found []string
	if g.allows(word, asBlock) && !g.Open {
		found = append(found, g.Name)
	}
	for _, b := range g.Blocks {
		found = append(found, b.homes(word, asBlock)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// belongs is a hint for a word in the wrong place: where it belongs. It is empty for
// a word that belongs nowhere.
func (g Grammar) belongs(word string, asBlock bool) string {
	homes := g.homes(word, asBlock)
	switch {
	case len(homes) == 0:
		return ""
	case homes[0] == "":
		return word + " belongs at the top level of the file."
	}
	return word + " belongs in " + strings.Join(homes, ", ") + "."
}
