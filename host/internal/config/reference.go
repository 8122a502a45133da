package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headwatch/headwatch/sdk"
)

// plugins are the plugin blocks of a file, in its order.
type plugins []*PluginBlock

func (ps plugins) find(kind sdk.Kind, name string) *PluginBlock {
	at := slices.IndexFunc(ps, func(b *PluginBlock) bool { return b.Kind == kind && b.Name == name })
	if at < 0 {
		return nil
	}
	return ps[at]
}

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

// reference reads an attribute such as action = action.restart.
func (s section) reference(name string, known plugins, kinds ...sdk.Kind) *PluginBlock {
	attribute, ok := s.body.Attributes[name]
	if !ok {
		return nil
	}
	return s.resolve(attribute.Name, attribute.Expr, known, kinds)
}

// references reads an attribute such as heads = [head_source.a, head_source.b].
func (s section) references(name string, known plugins, kinds ...sdk.Kind) []*PluginBlock {
	attribute, ok := s.body.Attributes[name]
	if !ok {
		return nil
	}
	list, diags := hcl.ExprList(attribute.Expr)
	if diags.HasErrors() {
		s.fail(loud(attribute.Expr.Range()), "Write "+name+" = ["+exampleOf(known, kinds)+"].", "%s must be a list", name)
		return nil
	}
	if len(list) == 0 {
		s.fail(loud(attribute.Expr.Range()), "Write "+name+" = ["+exampleOf(known, kinds)+"].", "%s is empty", name)
	}
	var found []*PluginBlock
	for _, expr := range list {
		block := s.resolve(name, expr, known, kinds)
		if block != nil && slices.Contains(found, block) {
			s.fail(loud(expr.Range()), "", "%s names %s twice", name, block)
			continue
		}
		if block != nil {
			found = append(found, block)
		}
	}
	return found
}

// exampleOf is a reference that could be written, of the file itself where it
// has one.
func exampleOf(known plugins, kinds []sdk.Kind) string {
	if names := known.names(kinds); len(names) > 0 {
		return names[0]
	}
	return string(kinds[0]) + ".name"
}

// resolve finds the block that an expression names and reports why there is
// none.
func (s section) resolve(attribute string, expr hcl.Expression, known plugins, kinds []sdk.Kind) *PluginBlock {
	at := loud(expr.Range())
	kind, name, ok := splitReference(expr)
	if !ok {
		s.fail(at, "Write it without quotes: "+exampleOf(known, kinds)+".", "%s must name a block", attribute)
		return nil
	}
	written := kind + "." + name
	if !slices.Contains(pluginKinds(), sdk.Kind(kind)) {
		s.fail(at, suggestion(written, known.names(kinds), "There are"), "%s names %s, and there is no such kind of block", attribute, written)
		return nil
	}
	if !slices.Contains(kinds, sdk.Kind(kind)) {
		s.fail(at, suggestion(written, known.names(kinds), "There are"), "%s takes %s, not %s", attribute, kindList(kinds), written)
		return nil
	}
	block := known.find(sdk.Kind(kind), name)
	if block == nil {
		s.fail(at, suggestion(written, known.names(kinds), "There are"), "%s names %s, which does not exist", attribute, written)
	}
	return block
}

// splitReference reads kind.name or kind["name"].
func splitReference(expr hcl.Expression) (kind, name string, ok bool) {
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() || len(traversal) != 2 {
		return "", "", false
	}
	name, ok = stepName(traversal[1])
	return traversal.RootName(), name, ok
}

// stepName is the name in .name or ["name"].
func stepName(step hcl.Traverser) (string, bool) {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

// traversalText writes a traversal as it stands in a file, as far as it is made
// of names.
func traversalText(traversal hcl.Traversal) string {
	names := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		name, ok := stepName(step)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return strings.Join(names, ".")
}

func kindList(kinds []sdk.Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind) + ".NAME"
	}
	return strings.Join(words, " or ")
}

// checkUse warns of blocks that no monitor uses: each would be a process that
// does nothing.
func (f *file) checkUse(blocks hclsyntax.Blocks, all plugins, monitors []*Monitor) {
	used := map[*PluginBlock]bool{}
	for _, m := range monitors {
		for _, b := range m.Plugins() {
			used[b] = true
		}
	}
	for _, block := range blocks {
		if len(block.Labels) != 1 {
			continue
		}
		if b := all.find(sdk.Kind(block.Type), block.Labels[0]); b != nil && !used[b] {
			f.warn(loud(block.TypeRange), "", "no monitor uses %s", b)
		}
	}
}
