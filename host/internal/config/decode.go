package config

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/sdk"
)

// DecodeConfig checks the config block against the schema of its plugin and
// returns it as the JSON object that Configure takes: defaults filled in,
// values converted, durations as seconds. What is not given and has no default
// is left out. The JSON is nil where the diagnostics hold an error.
func (b *PluginBlock) DecodeConfig(schema sdk.Schema) ([]byte, Diagnostics) {
	return decode(b.config, schema, nil)
}

// DecodeTarget does the same for the target block. Where the log comes from
// another plugin than the action's, the block is decoded once for each: a word
// that only the schemas of the others know is passed over.
func (m *Monitor) DecodeTarget(schema sdk.Schema, others ...sdk.Schema) ([]byte, Diagnostics) {
	return decode(m.target, schema, others)
}

// decode works on a copy of the file, so that several blocks may be decoded at
// the same time.
func decode(s section, schema sdk.Schema, others []sdk.Schema) ([]byte, Diagnostics) {
	private := *s.file
	private.found = nil
	s.file = &private
	object := s.object(schema, others)
	found := s.take()
	if found.HasErrors() {
		return nil, found
	}
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		s.fail(loud(s.at), "", "%s cannot be written as JSON: %v", s.what, err)
		return nil, append(found, s.take()...)
	}
	return bytes.TrimSpace(encoded.Bytes()), found
}

// object reads one block by its schema.
func (s section) object(schema sdk.Schema, others []sdk.Schema) map[string]any {
	s.checkNames(schema, others)
	object := map[string]any{}
	for _, attribute := range schema.Attributes {
		if value, ok := s.schemaValue(attribute); ok {
			object[attribute.Name] = value
		}
	}
	for _, block := range schema.Blocks {
		if value, ok := s.schemaBlock(block); ok {
			object[block.Name] = value
		}
	}
	return object
}

// schemaValue reads one attribute; ok is false where there is no value.
func (s section) schemaValue(attribute sdk.Attribute) (any, bool) {
	written, given := s.body.Attributes[attribute.Name]
	if !given {
		return s.schemaDefault(attribute)
	}
	at := place{at: written.Expr.Range(), quiet: attribute.Sensitive}
	if attribute.Deprecated != "" {
		s.warn(place{at: written.NameRange, quiet: attribute.Sensitive}, sentence(attribute.Deprecated), "%s is deprecated", attribute.Name)
	}
	value, ok := s.evaluate(written, attribute.Sensitive)
	switch {
	case !ok:
		return nil, false
	case value.IsNull():
		return s.schemaDefault(attribute)
	}
	converted, problem := convertTo(attribute, value)
	if problem != nil {
		s.fail(at, problem.hint, "%s", problem.summary(attribute, value))
	}
	return converted, problem == nil
}

// schemaDefault is the value of an attribute that is not given.
func (s section) schemaDefault(attribute sdk.Attribute) (any, bool) {
	if attribute.Default == "" {
		if attribute.Required {
			s.missing(attribute.Name, sentence(attribute.Description))
		}
		return nil, false
	}
	value, err := fromJSON(attribute.Default)
	if err == nil && value.IsNull() {
		return nil, false
	}
	if err == nil {
		if converted, problem := convertTo(attribute, value); problem == nil {
			return converted, true
		}
	}
	s.fail(loud(s.at), "The mistake is in the plugin, not in this file.",
		"plugin publishes a default for %q that is not of its type", attribute.Name)
	return nil, false
}

// schemaBlock reads the nested blocks of one type; ok is false where there is
// nothing to say about them.
func (s section) schemaBlock(block sdk.Block) (any, bool) {
	var objects []map[string]any
	for _, written := range s.body.Blocks {
		if written.Type != block.Name {
			continue
		}
		if len(written.Labels) > 0 {
			s.fail(place{at: written.LabelRanges[0], quiet: true}, "Write "+block.Name+" { ... }.", "%s takes no name", block.Name)
		}
		if len(objects) == 1 && !block.Repeated {
			s.fail(place{at: written.TypeRange, quiet: true}, "", "%s is given twice in %s", block.Name, s.what)
			continue
		}
		inner := s.file.section(written)
		inner.what = block.Name + " of " + s.what
		objects = append(objects, inner.object(block.Schema, nil))
	}
	switch {
	case block.Required && len(objects) == 0:
		s.missing(block.Name, sentence(block.Description))
		return nil, false
	case block.Repeated:
		return append([]map[string]any{}, objects...), true
	case len(objects) == 0:
		return s.absentBlock(block.Schema)
	}
	return objects[0], true
}

// absentBlock holds the defaults of a block that is not given, so that a plugin
// need not know them. A block in which something is required has none.
func (s section) absentBlock(schema sdk.Schema) (any, bool) {
	if needsAnything(schema) {
		return nil, false
	}
	empty := section{file: s.file, what: s.what, body: &hclsyntax.Body{}, at: s.at}
	object := empty.object(schema, nil)
	return object, len(object) > 0
}

func needsAnything(schema sdk.Schema) bool {
	return slices.ContainsFunc(schema.Attributes, func(a sdk.Attribute) bool { return a.Required && a.Default == "" }) ||
		slices.ContainsFunc(schema.Blocks, func(b sdk.Block) bool { return b.Required })
}

// checkNames reports words that the schema does not have. Their lines are not
// shown: one may be a secret under a misspelt name.
func (s section) checkNames(schema sdk.Schema, others []sdk.Schema) {
	known, elsewhere := namesOf(schema), names{}
	for _, other := range others {
		more := namesOf(other)
		elsewhere.attributes = append(elsewhere.attributes, more.attributes...)
		elsewhere.blocks = append(elsewhere.blocks, more.blocks...)
	}
	for _, attribute := range inOrder(s.body) {
		if slices.Contains(known.attributes, attribute.Name) || slices.Contains(elsewhere.attributes, attribute.Name) {
			continue
		}
		hint := didYouMean(attribute.Name, slices.Concat(known.attributes, known.blocks, elsewhere.attributes))
		if slices.Contains(known.blocks, attribute.Name) {
			hint = attribute.Name + " is a block: write " + attribute.Name + " { ... } without an equals sign."
		}
		s.fail(place{at: attribute.NameRange, quiet: true}, firstOf(hint, known.list()), "unknown attribute %q in %s", attribute.Name, s.what)
	}
	for _, block := range s.body.Blocks {
		if slices.Contains(known.blocks, block.Type) || slices.Contains(elsewhere.blocks, block.Type) {
			continue
		}
		hint := didYouMean(block.Type, slices.Concat(known.blocks, known.attributes, elsewhere.blocks))
		if slices.Contains(known.attributes, block.Type) {
			hint = block.Type + " is an attribute: write " + block.Type + " = ..."
		}
		s.fail(place{at: block.TypeRange, quiet: true}, firstOf(hint, known.list()), "unknown block %q in %s", block.Type, s.what)
	}
}

// names are the words of a schema.
type names struct{ attributes, blocks []string }

func namesOf(schema sdk.Schema) names {
	var n names
	for _, attribute := range schema.Attributes {
		n.attributes = append(n.attributes, attribute.Name)
	}
	for _, block := range schema.Blocks {
		n.blocks = append(n.blocks, block.Name)
	}
	return n
}

func (n names) list() string {
	return suggestion("", slices.Concat(n.attributes, n.blocks), "The plugin knows")
}

// sentence puts a full stop behind a plugin's words.
func sentence(text string) string {
	text = oneLine(text)
	if text == "" || text[len(text)-1] == '.' {
		return text
	}
	return text + "."
}

// quoteAll writes texts for a message.
func quoteAll(texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return quoted
}
