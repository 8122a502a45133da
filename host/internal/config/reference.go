package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/sdk"
)

// plugins are the plugin blocks of a file, in its order.
type plugins []*PluginBlock

// names lists the references there are to blocks of some kinds.
func (ps plugins) names(kinds []sdk.Kind) []string {
	var names []string
	for _, b := range ps {
		if slices.Contains(kinds, b.Kind) {
			names = append(names, b.String())
		}
	}
	return names
}

// example is a reference that could be written, of the file itself where it has
// one.
func (ps plugins) example(kinds ...sdk.Kind) string {
	return append(ps.names(kinds), string(kinds[0])+".name")[0]
}

// reference reads an attribute such as action = action.restart.
func (ps plugins) reference(s hcltext.Section, name string, kinds ...sdk.Kind) *PluginBlock {
	attribute := s.Written(name)
	if attribute == nil {
		return nil
	}
	return ps.resolve(s, name, attribute.Expr, kinds)
}

// references reads an attribute such as heads = [head_source.a, head_source.b].
func (ps plugins) references(s hcltext.Section, name string, kinds ...sdk.Kind) []*PluginBlock {
	attribute := s.Written(name)
	if attribute == nil {
		return nil
	}
	list, diags := hcl.ExprList(attribute.Expr)
	hint := "Write " + name + " = [" + ps.example(kinds...) + "]."
	switch {
	case diags.HasErrors():
		s.Fail(attribute.Expr.Range(), hint, "%s must be a list", name)
	case len(list) == 0:
		s.Fail(attribute.Expr.Range(), hint, "%s is empty", name)
	}
	var found []*PluginBlock
	for _, expr := range list {
		switch block := ps.resolve(s, name, expr, kinds); {
		case block == nil:
		case slices.Contains(found, block):
			s.Fail(expr.Range(), "", "%s names %s twice", name, block)
		default:
			found = append(found, block)
		}
	}
	return found
}

// resolve finds the block that an expression names and reports why there is
// none.
func (ps plugins) resolve(s hcltext.Section, attribute string, expr hcl.Expression, kinds []sdk.Kind) *PluginBlock {
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() || len(traversal) != 2 {
		s.Fail(expr.Range(), "Write it without quotes: "+ps.example(kinds...)+".", "%s must name a block", attribute)
		return nil
	}
	kind, written := traversal.RootName(), hcltext.TraversalText(traversal)
	at := slices.IndexFunc(ps, func(b *PluginBlock) bool { return b.String() == written })
	takes := slices.Contains(kinds, sdk.Kind(kind))
	if at >= 0 && takes {
		return ps[at]
	}
	hint := hcltext.Suggest(written, ps.names(kinds), "There are")
	switch isKind := slices.ContainsFunc(pluginKinds(), func(k pluginKind) bool { return string(k.kind) == kind }); {
	case !isKind:
		s.Fail(expr.Range(), hint, "%s names %s, and there is no such kind of block", attribute, written)
	case !takes:
		s.Fail(expr.Range(), hint, "%s takes %s, not %s", attribute, kindList(kinds), written)
	default:
		s.Fail(expr.Range(), hint, "%s names %s, which does not exist", attribute, written)
	}
	return nil
}

func kindList(kinds []sdk.Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind) + ".NAME"
	}
	return strings.Join(words, " or ")
}

// wordHint says what was probably meant by a word without quotes.
func wordHint(word hcl.Traversal) string {
	if _, isBlock := Grammar().Block(word.RootName()); isBlock {
		return "A block is named in heads, parser, action and logs.from only."
	}
	return expr.WordHint(word)
}

// checkUse warns of blocks that no monitor uses: each would be a process that
// does nothing.
func checkUse(s hcltext.Section, config *Config) {
	used := map[*PluginBlock]bool{}
	for _, m := range config.Monitors {
		for _, b := range m.Plugins() {
			used[b] = true
		}
	}
	for _, b := range config.Plugins {
		if !used[b] {
			s.Warn(b.section.Range, "", "no monitor uses %s", b)
		}
	}
}
