package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/sdk"
)

// ExplainConfig gives what a plugin says about its config its places in the
// file. What it says about a target is left out.
func (b *PluginBlock) ExplainConfig(schema sdk.Schema, said []sdk.Diagnostic) Diagnostics {
	return explain(b.config, schema, said, false)
}

// ExplainTarget does the same for what a plugin says about a target.
func (m *Monitor) ExplainTarget(schema sdk.Schema, said []sdk.Diagnostic) Diagnostics {
	return explain(m.target, schema, said, true)
}

func explain(s section, schema sdk.Schema, said []sdk.Diagnostic, inTarget bool) Diagnostics {
	private := *s.file
	private.found = nil
	for _, d := range said {
		if d.InTarget != inTarget {
			continue
		}
		severity := SeverityError
		if d.Warning {
			severity = SeverityWarning
		}
		summary := oneLine(d.Summary)
		if len(d.Path) > 0 {
			summary = strings.Join(d.Path, ".") + ": " + summary
		}
		at := place{at: s.locate(d.Path), quiet: maySecret(schema, d.Path)}
		private.add(severity, at, oneLine(d.Hint), summary)
	}
	return private.take()
}

// locate finds the place that a path of names and indices leads to, or the
// nearest one around it: what is not given stands nowhere.
func (s section) locate(path []string) hcl.Range {
	if len(path) == 0 {
		return s.at
	}
	if attribute, given := s.body.Attributes[path[0]]; given {
		return locateValue(attribute.Expr, path[1:])
	}
	var blocks []*hclsyntax.Block
	for _, block := range s.body.Blocks {
		if block.Type == path[0] {
			blocks = append(blocks, block)
		}
	}
	if len(blocks) == 0 {
		return s.at
	}
	rest, index := path[1:], 0
	if at, ok := indexOf(rest, len(blocks)); ok {
		rest, index = rest[1:], at
	}
	return s.file.section(blocks[index]).locate(rest)
}

// locateValue finds an element of a list or map as it is written.
func locateValue(expr hclsyntax.Expression, path []string) hcl.Range {
	switch e := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		if at, ok := indexOf(path, len(e.Exprs)); ok {
			return e.Exprs[at].Range()
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			key, diags := item.KeyExpr.Value(nil)
			if len(path) > 0 && !diags.HasErrors() && show(key) == strconv.Quote(path[0]) {
				return item.ValueExpr.Range()
			}
		}
	}
	return expr.Range()
}

// indexOf reads the index that a path begins with.
func indexOf(path []string, length int) (int, bool) {
	if len(path) == 0 {
		return 0, false
	}
	at, err := strconv.Atoi(path[0])
	return at, err == nil && at >= 0 && at < length
}

// maySecret says whether a path leads to something that must not be shown: a
// sensitive attribute, or nothing that the schema knows.
func maySecret(schema sdk.Schema, path []string) bool {
	if len(path) == 0 {
		return false
	}
	if at := slices.IndexFunc(schema.Attributes, func(a sdk.Attribute) bool { return a.Name == path[0] }); at >= 0 {
		return schema.Attributes[at].Sensitive
	}
	at := slices.IndexFunc(schema.Blocks, func(b sdk.Block) bool { return b.Name == path[0] })
	if at < 0 {
		return true
	}
	rest := path[1:]
	if len(rest) > 0 && schema.Blocks[at].Repeated {
		rest = rest[1:]
	}
	return maySecret(schema.Blocks[at].Schema, rest)
}
