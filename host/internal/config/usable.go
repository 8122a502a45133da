package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// keepUsable drops the plugin blocks and monitors that hold an error, so that
// the plugins can be asked about the rest. A monitor stays where its target and
// the blocks that read it are free of errors, whatever its rules say.
func (f *file) keepUsable(config *Config, body *hclsyntax.Body) {
	if f.wrongPluginDir(body) {
		config.Plugins = nil // no plugin could be found
	}
	unusable := func(b *PluginBlock) bool { return b == nil || !slices.Contains(config.Plugins, b) }
	config.Plugins = slices.DeleteFunc(config.Plugins, func(b *PluginBlock) bool { return f.errorIn(b.extent) })
	config.Monitors = slices.DeleteFunc(config.Monitors, func(m *Monitor) bool {
		return unusable(m.Action) || unusable(m.Logs.From) || f.errorInBody(m.target.body)
	})
	for _, m := range config.Monitors {
		m.Heads = slices.DeleteFunc(m.Heads, unusable)
		if unusable(m.Parser) {
			m.Parser = nil
		}
	}
}

func (f *file) wrongPluginDir(body *hclsyntax.Body) bool {
	return slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		dir := b.Body.Attributes["plugin_dir"]
		return b.Type == "host" && dir != nil && f.errorIn(dir.SrcRange)
	})
}

// errorIn says whether an error was found on the lines of a range.
func (f *file) errorIn(at hcl.Range) bool {
	return slices.ContainsFunc(f.found, func(d Diagnostic) bool {
		return d.Severity == SeverityError && at.Start.Line <= d.Line && d.Line <= at.End.Line
	})
}

// errorInBody does so for each attribute: those of defaults stand elsewhere.
func (f *file) errorInBody(body *hclsyntax.Body) bool {
	return slices.ContainsFunc(inOrder(body), func(a *hclsyntax.Attribute) bool { return f.errorIn(a.SrcRange) }) ||
		slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return f.errorInBody(b.Body) })
}
