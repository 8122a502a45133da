package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/sdk"
)

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
}

// Load reads a configuration file; [Parse] says what it returns.
func Load(path string, env Environment) (*Config, Diagnostics) {
	src, err := readBounded(path)
	if err != nil {
		return nil, Diagnostics{{
			Severity: SeverityError,
			Position: Position{File: path},
			Summary:  fmt.Sprintf("read the configuration: %v", err),
			Hint:     "Name the file with --config or HEADWATCH_CONFIG.",
		}}
	}
	return Parse(path, src, env)
}

// readBounded reads a file, but no more of it than one byte above what Parse
// takes. The path is left out of its errors: the diagnostic begins with it.
func readBounded(path string) ([]byte, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer opened.Close()
	src, err := io.ReadAll(io.LimitReader(opened, maxFileSize+1))
	return src, withoutPath(err)
}

func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Parse reads the text of a configuration file. All mistakes are reported at
// once, each with a position; only where the syntax itself is wrong nothing
// else can be said, and the Config is nil.
//
// A configuration with an error must not be run. Its Config holds what can
// still be asked about: the plugin blocks that are free of errors, and the
// monitors whose target and action are.
func Parse(filename string, src []byte, env Environment) (*Config, Diagnostics) {
	f := newFile(filename, src, env)
	body, ok := f.parse(src)
	if !ok {
		return nil, f.take()
	}
	config := f.read(body, env)
	if f.found.HasErrors() {
		f.keepUsable(config, body)
		return config, f.take()
	}
	f.checkUse(body.Blocks, config.Plugins, config.Monitors)
	return config, f.take()
}

// read reads a whole file; what it returns is of use only where no error was
// found.
func (f *file) read(body *hclsyntax.Body, env Environment) *Config {
	grammar := fileGrammar()
	f.checkStructure(body, grammar, "the file")
	top := section{file: f, what: "the file", body: body, at: f.fileStart().at}
	config := &Config{Host: f.readHost(top.child("host"), env), Record: top.child("record").readRecord()}
	for _, block := range body.Blocks {
		if isPluginBlock(block) {
			config.Plugins = append(config.Plugins, f.readPlugin(block))
		}
	}
	defaults := top.child("defaults")
	if defaults.given {
		f.readMonitor("", defaults, config, readingDefaults)
	}
	for _, block := range body.Blocks {
		if block.Type != "monitor" || len(block.Labels) != 1 {
			continue
		}
		s := f.section(block)
		s.body = overlay(defaults.body, block.Body)
		config.Monitors = append(config.Monitors, f.readMonitor(block.Labels[0], s, config, readingMonitor))
	}
	f.checkMonitors(top, config.Monitors)
	return config
}

// isPluginBlock says whether a block names a plugin and can be referred to.
func isPluginBlock(block *hclsyntax.Block) bool {
	if len(block.Labels) != 1 {
		return false
	}
	for _, kind := range pluginKinds() {
		if sdk.Kind(block.Type) == kind {
			return true
		}
	}
	return false
}
