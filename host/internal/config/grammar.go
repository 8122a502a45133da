package config

import (
	"slices"
	"strings"
)

// blockType is one type of block of the language.
type blockType struct {
	name string
	// labelled says that a name stands between the type and the brace.
	labelled bool
	// labels are the names there may be; empty for any.
	labels     []string
	attributes []string
	blocks     []blockType
	// foreign says that the plugin's schema decides what stands inside.
	foreign bool
}

// fileGrammar is the whole language.
func fileGrammar() blockType {
	pluginAttributes := []string{"plugin", "env", "timeout", "mtls", "sha256"}
	configBlock := blockType{name: "config", foreign: true}
	plugin := func(kind string, more ...string) blockType {
		return blockType{
			name: kind, labelled: true,
			attributes: slices.Concat(pluginAttributes, more),
			blocks:     []blockType{configBlock},
		}
	}
	return blockType{blocks: []blockType{
		{
			name:       "host",
			attributes: []string{"plugin_dir", "state_dir", "dry_run"},
			blocks:     []blockType{{name: "http", attributes: []string{"listen"}}},
		},
		{name: "record", attributes: []string{"dir", "max_size", "max_age", "log"}},
		plugin("head_source", "max_age"),
		plugin("log_parser"),
		plugin("action"),
		plugin("log_source"),
		monitorGrammar("defaults", false),
		monitorGrammar("monitor", true),
	}}
}

// monitorGrammar is what a monitor may say; defaults may say the same.
func monitorGrammar(name string, labelled bool) blockType {
	return blockType{
		name: name, labelled: labelled,
		attributes: []string{"interval", "heads", "parser", "action", "max_age", "restart_on_fatal"},
		blocks: []blockType{
			{name: "target", foreign: true},
			{name: "logs", attributes: []string{"from", "tail"}},
			{
				name: "block_lag", labelled: true, labels: []string{"severe", "moderate"},
				attributes: []string{"enabled", "for", "lag_above", "unless", "shadow"},
			},
			{name: "sync_stall", attributes: []string{"enabled", "for", "lag_above", "unless", "shadow"}},
			{name: "falling_behind", attributes: []string{"enabled", "for", "window", "lag_above", "unless", "shadow"}},
			{name: "cooldown", attributes: []string{"enabled", "after_action", "after_failure"}},
			{name: "rule", labelled: true, attributes: []string{"enabled", "when", "for", "message", "action", "shadow"}},
		},
	}
}

// block finds the type of block with this name.
func (t blockType) block(name string) (blockType, bool) {
	at := slices.IndexFunc(t.blocks, func(b blockType) bool { return b.name == name })
	if at < 0 {
		return blockType{}, false
	}
	return t.blocks[at], true
}

// blockNames are the blocks that may stand inside.
func (t blockType) blockNames() []string {
	names := make([]string, len(t.blocks))
	for i, b := range t.blocks {
		names[i] = b.name
	}
	return names
}

// homes names the types of block that a word may stand in; the file itself is
// the empty name.
func (t blockType) homes(word string, isBlock bool) []string {
	var found []string
	known := t.attributes
	if isBlock {
		known = t.blockNames()
	}
	if slices.Contains(known, word) {
		found = append(found, t.name)
	}
	for _, b := range t.blocks {
		found = append(found, b.homes(word, isBlock)...)
	}
	return found
}

// words are all words of the language.
func (t blockType) words() []string {
	found := slices.Clone(t.attributes)
	for _, b := range t.blocks {
		found = append(append(found, b.name), b.words()...)
	}
	return found
}

// belongs is a hint on where a word belongs that stands in the wrong place;
// empty for a word that is not of the language.
func belongs(word string, isBlock bool) string {
	homes := fileGrammar().homes(word, isBlock)
	if len(homes) == 0 {
		return ""
	}
	slices.Sort(homes)
	homes = slices.Compact(homes)
	if homes[0] == "" {
		return word + " belongs at the top level of the file."
	}
	return word + " belongs in " + strings.Join(homes, ", ") + "."
}
