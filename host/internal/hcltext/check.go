package hcltext

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Check reports what the grammar does not allow: unknown words, words in the wrong
// place, names that are missing or given twice. Whoever reads the block afterwards
// may ignore them. A word that one of the other grammars allows is not reported.
func (s Section) Check(elsewhere ...Grammar) {
	known := func(word string, asBlock bool) bool {
		return s.Grammar.allows(word, asBlock) || slices.ContainsFunc(elsewhere, func(g Grammar) bool { return g.allows(word, asBlock) })
	}
	for _, body := range s.bodies {
		for _, attribute := range inOrder(body) {
			if !known(attribute.Name, false) {
				s.unknownWord(attribute.NameRange, attribute.Name, false, elsewhere)
			}
		}
		first := map[string]*hclsyntax.Block{}
		for _, block := range body.Blocks {
			if inner, here := s.Grammar.Block(block.Type); here {
				s.checkBlock(block, inner, first)
			} else if !known(block.Type, true) {
				s.unknownWord(block.TypeRange, block.Type, true, elsewhere)
			}
		}
	}
}

// checkBlock checks a block that the grammar allows here. A block of the same type
// and name may stand there once, unless the grammar lets it be repeated.
func (s Section) checkBlock(block *hclsyntax.Block, grammar Grammar, first map[string]*hclsyntax.Block) {
	s.checkLabels(block, grammar)
	key := describe(block)
	if earlier, twice := first[key]; twice && !(grammar.Repeated && !grammar.Labelled) {
		s.Report(SeverityError, Place{block.TypeRange, s.Grammar.quiet}, "Give each a name of its own, or join them.",
			key+" is given twice; the first is at "+s.Position(earlier.TypeRange).String())
	} else {
		first[key] = block
	}
	switch {
	case grammar.Opaque:
	case grammar.Foreign:
		s.checkForeign(block.Body)
	default:
		s.open(block, grammar).Check()
	}
}

// inOrder lists attributes in the order of the file.
func inOrder(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, attribute := range body.Attributes {
		all = append(all, attribute)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return all
}

// unknownWord reports an attribute or block that has no place here. A word that
// is a block but was written as an attribute, or the other way round, gets a
// hint of its own.
func (s Section) unknownWord(at hcl.Range, word string, asBlock bool, elsewhere []Grammar) {
	attributes, blocks := s.Grammar.words()
	for _, g := range elsewhere {
		more, moreBlocks := g.words()
		attributes, blocks = append(attributes, more...), append(blocks, moreBlocks...)
	}
	form, other, hint := "attribute", s.Grammar.allows(word, !asBlock), word+" is a block: write "+word+" { ... } without an equals sign."
	known := slices.Concat(attributes, blocks)
	if asBlock {
		form, hint, known = "block", word+" is an attribute: write "+word+" = ...", slices.Concat(blocks, attributes)
	}
	if !other {
		hint = DidYouMean(word, known)
		if !s.Grammar.quiet {
			hint = FirstOf(s.File.Grammar.belongs(word, asBlock), hint)
		}
		hint = FirstOf(hint, Suggest("", known, s.What+" takes"))
	}
	s.Report(SeverityError, Place{at, s.Grammar.quiet}, hint, "unknown "+form+" "+quote(word)+" in "+s.What)
}

// checkLabels reports a missing name, a name too many, and a name that cannot be
// written in a reference.
func (s Section) checkLabels(block *hclsyntax.Block, grammar Grammar) {
	switch {
	case !grammar.Labelled && len(block.Labels) > 0:
		s.Report(SeverityError, Place{block.LabelRanges[0], s.Grammar.quiet}, "Write "+block.Type+" { ... }.", block.Type+" takes no name")
	case grammar.Labelled && len(block.Labels) != 1:
		hint := "Write " + block.Type + ` "name" { ... }.`
		if len(grammar.Labels) > 0 {
			hint = "Write " + block.Type + ` "` + strings.Join(grammar.Labels, `" or "`) + `".`
		}
		s.Fail(block.TypeRange, hint, "%s takes one name", block.Type)
	case !grammar.Labelled || grammar.FreeLabel:
	case len(grammar.Labels) > 0 && !slices.Contains(grammar.Labels, block.Labels[0]):
		s.Fail(block.LabelRanges[0], Suggest(block.Labels[0], grammar.Labels, "There are"), "unknown %s %q", block.Type, block.Labels[0])
	case len(grammar.Labels) == 0 && !hclsyntax.ValidIdentifier(block.Labels[0]):
		s.Fail(block.LabelRanges[0], "A name is letters, digits, - and _, and begins with a letter.", "%q is not a name", block.Labels[0])
	}
}

// checkForeign evaluates the attributes of a plugin's block, so that a variable that
// is not set is reported before any plugin is started. Nobody knows yet which values
// are secret, so no line is shown.
func (s Section) checkForeign(body *hclsyntax.Body) {
	for _, attribute := range inOrder(body) {
		s.Constant(attribute, true)
	}
	for _, block := range body.Blocks {
		s.checkForeign(block.Body)
	}
}

// describe names a block in a message, such as `monitor "aleph"`.
func describe(block *hclsyntax.Block) string {
	text := block.Type
	for _, label := range block.Labels {
		text += " " + quote(label)
	}
	return text
}
