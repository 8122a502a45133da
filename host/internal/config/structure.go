package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkStructure compares a body with the grammar: unknown words, words in the
// wrong place, names that are missing or given twice. Reading then passes over
// what was reported here.
func (f *file) checkStructure(body *hclsyntax.Body, grammar blockType, what string) {
	for _, attribute := range inOrder(body) {
		if !slices.Contains(grammar.attributes, attribute.Name) {
			f.unknownWord(attribute.NameRange, attribute.Name, false, grammar, what)
		}
	}
	f.checkDuplicates(body.Blocks)
	for _, block := range body.Blocks {
		inner, known := grammar.block(block.Type)
		if !known {
			f.unknownWord(block.TypeRange, block.Type, true, grammar, what)
			continue
		}
		f.checkLabels(block, inner)
		if inner.foreign {
			f.checkForeign(block.Body)
			continue
		}
		f.checkStructure(block.Body, inner, describe(block))
	}
}

// inOrder lists attributes in the order of the file.
func inOrder(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, attribute := range body.Attributes {
		all = append(all, attribute)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int {
		return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte
	})
	return all
}

// unknownWord reports an attribute or block that has no place here. A word
// that is a block but was written as an attribute, or the other way round,
// gets a hint of its own.
func (f *file) unknownWord(at hcl.Range, word string, isBlock bool, grammar blockType, what string) {
	form, known, others := "attribute", grammar.attributes, grammar.blockNames()
	if isBlock {
		form, known, others = "block", others, known
	}
	hint := ""
	switch {
	case slices.Contains(others, word) && isBlock:
		hint = word + " is an attribute: write " + word + " = ..."
	case slices.Contains(others, word):
		hint = word + " is a block: write " + word + " { ... } without an equals sign."
	default:
		hint = firstOf(belongs(word, isBlock), didYouMean(word, known), didYouMean(word, others))
	}
	f.fail(loud(at), hint, "unknown %s %q in %s", form, word, what)
}

// firstOf is the first of the texts that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// checkDuplicates reports blocks of the same type and name; none may be given
// twice.
func (f *file) checkDuplicates(blocks hclsyntax.Blocks) {
	first := map[string]*hclsyntax.Block{}
	for _, block := range blocks {
		key := describe(block)
		if earlier, twice := first[key]; twice {
			f.fail(loud(block.TypeRange), "Give each a name of its own, or join them.",
				"%s is given twice; the first is at %s", key, f.position(earlier.TypeRange))
			continue
		}
		first[key] = block
	}
}

// checkLabels reports a name that is missing, too much, or not one that can be
// written in a reference.
func (f *file) checkLabels(block *hclsyntax.Block, grammar blockType) {
	switch {
	case !grammar.labelled && len(block.Labels) > 0:
		f.fail(loud(block.LabelRanges[0]), "Write "+block.Type+" { ... }.", "%s takes no name", block.Type)
	case grammar.labelled && len(block.Labels) != 1:
		hint := "Write " + block.Type + ` "name" { ... }.`
		if len(grammar.labels) > 0 {
			hint = "Write " + block.Type + ` "` + strings.Join(grammar.labels, `" or "`) + `".`
		}
		f.fail(loud(block.TypeRange), hint, "%s takes one name", block.Type)
	case !grammar.labelled:
	case len(grammar.labels) > 0 && !slices.Contains(grammar.labels, block.Labels[0]):
		f.fail(loud(block.LabelRanges[0]), suggestion(block.Labels[0], grammar.labels, "There are"),
			"unknown %s %q", block.Type, block.Labels[0])
	case !hclsyntax.ValidIdentifier(block.Labels[0]):
		f.fail(loud(block.LabelRanges[0]), "A name is letters, digits, - and _, and begins with a letter.",
			"%q is not a name", block.Labels[0])
	}
}

// checkForeign evaluates what belongs to a plugin, so that a variable that is
// not set is reported before any plugin is started. Which values are secret is
// not known here, so none is shown.
func (f *file) checkForeign(body *hclsyntax.Body) {
	for _, attribute := range inOrder(body) {
		f.evaluate(attribute, true)
	}
	for _, block := range body.Blocks {
		f.checkForeign(block.Body)
	}
}

// describe names a block in a message, such as `monitor "aleph"`.
func describe(block *hclsyntax.Block) string {
	text := block.Type
	for _, label := range block.Labels {
		text += ` "` + label + `"`
	}
	return text
}
