package config

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/inforce"
	"github.com/headwatch/headwatch/sdk"
)

// InForce is a block with everything that is in force in it.
type InForce = inforce.Block

// Schemas are the schemas of the plugin of a block; ok is false where they are not
// known.
type Schemas func(*PluginBlock) (config, target sdk.Schema, ok bool)

// InForce is the whole configuration as it is in force, with where each value comes
// from. A value that a plugin calls sensitive is hidden, and each where the plugin's
// schema is not known.
func (c *Config) InForce(schemas Schemas) []InForce {
	none := func(hcl.Range) string { return "" }
	own := inforce.Reader{Layer: none}
	host := own.Read(c.host)
	for i, set := range host.Attributes {
		if set.Name == "dry_run" && set.Value == "false" && c.Host.DryRun {
			host.Attributes[i] = inforce.Setting{Name: set.Name, Value: "true", From: "env DRY_RUN"} // it holds whatever the file says
		}
	}
	all := []InForce{host}
	if c.Record != nil {
		all = append(all, own.Read(c.record))
	}
	for _, b := range c.Plugins {
		all = append(all, inforce.Reader{Foreign: b.foreign(schemas), Layer: none}.Read(b.section))
	}
	for _, m := range c.Monitors {
		all = append(all, inforce.Reader{Foreign: m.foreign(schemas), Layer: m.layer}.Read(m.section))
	}
	return all
}

// foreign gives the config block the grammar of its plugin.
func (b *PluginBlock) foreign(schemas Schemas) func(hcltext.Section) (hcltext.Section, bool) {
	return func(s hcltext.Section) (hcltext.Section, bool) {
		config, _, ok := schemas(b)
		return s.WithGrammar(hcltext.Schema(s.Grammar.Name, config)), ok
	}
}

// foreign gives the target block the grammars of the plugins that read it.
func (m *Monitor) foreign(schemas Schemas) func(hcltext.Section) (hcltext.Section, bool) {
	return func(s hcltext.Section) (hcltext.Section, bool) {
		_, target, ok := schemas(m.Action)
		grammar := hcltext.Schema(s.Grammar.Name, target)
		if m.Logs.From != nil && m.Logs.From != m.Action {
			_, more, known := schemas(m.Logs.From)
			grammar, ok = grammar.With(hcltext.Schema(s.Grammar.Name, more)), ok && known
		}
		return s.WithGrammar(grammar), ok
	}
}

// layer says which of the layers under a monitor a range is in: a profile has a name
// of its own as a file.
func (m *Monitor) layer(at hcl.Range) string {
	if at.Filename == m.section.Name && !within(m.section.Extent, at) {
		return "defaults"
	}
	return ""
}

func within(outer, inner hcl.Range) bool {
	return outer.Start.Byte <= inner.Start.Byte && inner.End.Byte <= outer.End.Byte
}

// Profile is the text of a profile; ok is false where there is none of that name.
func Profile(name string) (text string, ok bool) {
	text, ok = profiles()[name]
	return text, ok
}

// ProfileNames are the profiles there are.
func ProfileNames() []string { return profileNames() }
