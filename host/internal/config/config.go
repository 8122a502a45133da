package config

import (
	"slices"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// The words of package hcltext that this package's interface uses.
type (
	Environment = hcltext.Environment
	Position    = hcltext.Position
	Diagnostic  = hcltext.Diagnostic
	Diagnostics = hcltext.Diagnostics
)

// The severities of a [Diagnostic].
const (
	SeverityError   = hcltext.SeverityError
	SeverityWarning = hcltext.SeverityWarning
)

// maxFileSize bounds a configuration file.
const maxFileSize = 256 << 10

// Config is what a configuration file says, as far as it can be told without
// its plugins.
type Config struct {
	Host Host
	// Record is what is recorded; nil for nothing.
	Record *Record
	// Plugins are the plugin blocks in the order of the file.
	Plugins []*PluginBlock
	// Monitors are in the order of the file; there is at least one.
	Monitors []*Monitor

	host, record hcltext.Section
}

// language is the language of a configuration or another file of the host.
func language(grammar hcltext.Grammar, env Environment) hcltext.Language {
	return hcltext.Language{Grammar: grammar, Functions: expr.Functions(env), Env: env, MaxSize: maxFileSize, WordHint: wordHint, TextHint: expr.TextHint}
}

// Load reads a configuration file; [Parse] says what it returns.
func Load(path string, env Environment) (*Config, Diagnostics) {
	top, ok := language(Grammar(), env).Load(path, "configuration", "Name the file with --config or HEADWATCH_CONFIG.")
	return readFile(top, ok)
}

// Parse reads the text of a configuration file. All mistakes are reported at
// once, each with a position; only where the syntax itself is wrong nothing
// else can be said, and the Config is nil.
//
// A configuration with an error must not be run. Its Config holds what can
// still be asked about: the plugin blocks that are free of errors, and the
// monitors whose target and action are.
func Parse(filename string, src []byte, env Environment) (*Config, Diagnostics) {
	top, ok := language(Grammar(), env).Parse(filename, src)
	return readFile(top, ok)
}

func readFile(top hcltext.Section, ok bool) (*Config, Diagnostics) {
	if !ok {
		return nil, top.TakeFound()
	}
	top.Check()
	config := &Config{host: top.Child("host"), record: top.Child("record")}
	config.Host, config.Record = readHost(config.host), readRecord(config.record)
	for _, block := range pluginSections(top) {
		config.Plugins = append(config.Plugins, readPlugin(block))
	}
	defaults := top.Child("defaults")
	if defaults.Given {
		// Read by itself, so that mistakes are found even where every monitor
		// overrides them.
		readMonitor(withProfile(defaults, top.Language), config)
	}
	for _, block := range top.Children("monitor") {
		m := readMonitor(withProfile(block.WithDefaults(defaults), top.Language), config)
		m.checkWhole(config.Plugins)
		m.Source = block.BlockText() + defaults.BlockText()
		config.Monitors = append(config.Monitors, m)
	}
	checkMonitors(top, config.Monitors)
	if top.Found().HasErrors() {
		keepUsable(config, top)
	} else {
		checkUse(top, config)
	}
	return config, top.TakeFound()
}

// pluginSections are the blocks that name a plugin, in the order of the file.
func pluginSections(top hcltext.Section) []hcltext.Section {
	var all []hcltext.Section
	for _, kind := range pluginKinds() {
		all = append(all, top.Children(string(kind.kind))...)
	}
	slices.SortFunc(all, func(a, b hcltext.Section) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return all
}
