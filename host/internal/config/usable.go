package config

import (
	"slices"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// keepUsable drops the plugin blocks and monitors that hold an error, so that
// the plugins can be asked about the rest. A monitor stays where its target and
// the blocks that read it are free of errors, whatever its rules say.
func keepUsable(config *Config, top hcltext.Section) {
	if dirs := top.Child("host").Written("plugin_dir"); dirs != nil && top.ErrorIn(dirs.SrcRange) {
		config.Plugins = nil // no plugin could be found
	}
	config.Plugins = slices.DeleteFunc(config.Plugins, func(b *PluginBlock) bool { return top.ErrorIn(b.section.Extent) })
	unusable := func(b *PluginBlock) bool { return b == nil || !slices.Contains(config.Plugins, b) }
	config.Monitors = slices.DeleteFunc(config.Monitors, func(m *Monitor) bool {
		return unusable(m.Action) || m.Logs.From != nil && unusable(m.Logs.From) || m.Logs.From == nil && !m.Settings.NoLog || m.target.HasErrors()
	})
	for _, m := range config.Monitors {
		m.Heads = slices.DeleteFunc(m.Heads, unusable)
		if unusable(m.Parser) {
			m.Parser = nil
		}
		if unusable(m.Node) {
			m.Node = nil
		}
	}
}
