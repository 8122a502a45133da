package config

import (
	"path/filepath"
	"slices"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/sdk"
)

// Example is a config and a target that a plugin is to be tested with.
type Example struct {
	// Name is empty for one that stands at the top of its file.
	Name string
	// Missing and Disposable say of the target what [sdk.Example] says.
	Missing, Disposable bool
	// Lines are log lines for a parser.
	Lines []string

	config, target hcltext.Section
}

// exampleGrammar is the language of a file of examples.
func exampleGrammar() hcltext.Grammar {
	inside := hcltext.Grammar{
		Attributes: []hcltext.Attribute{{Name: "missing", Type: sdk.TypeBool}, {Name: "disposable", Type: sdk.TypeBool}, {Name: "lines", Type: sdk.TypeStringList}},
		Blocks:     []hcltext.Grammar{{Name: "config", Foreign: true}, {Name: "target", Foreign: true}},
	}
	file := inside
	inside.Name, inside.Labelled, inside.Repeated = "example", true, true
	file.Blocks = append(slices.Clone(inside.Blocks), inside)
	return file
}

// LoadExamples reads a file of examples: config and target blocks, with what
// else an example has, at its top or in blocks example "name". ok is false for
// a file that is a configuration of the host.
func LoadExamples(path string, env Environment) (examples []*Example, ok bool, found Diagnostics) {
	top, parsed := language(exampleGrammar(), env).Load(path, "examples", "")
	if !parsed {
		return nil, true, top.TakeFound()
	}
	if top.HasBlockOf(Grammar()) {
		return nil, false, nil
	}
	top.Check()
	if e := readExample(top); e.config.Given || e.target.Given || len(top.Attributes()) > 0 {
		examples = append(examples, e)
	}
	for _, s := range top.Children("example") {
		examples = append(examples, readExample(s))
	}
	if len(examples) == 0 {
		top.FailQuietly(top.Start(), `Write config { ... } and target { ... }, or blocks example "name" { ... } with them inside.`, "there is no example in the file")
	}
	return examples, true, top.TakeFound()
}

func readExample(s hcltext.Section) *Example {
	return &Example{Name: s.Label, Missing: s.Flag("missing"), Disposable: s.Flag("disposable"), Lines: s.Texts("lines"),
		config: s.Child("config"), target: s.Child("target")}
}

// Decode checks an example against the schema of a plugin. A target that is
// not given stays so.
func (e *Example) Decode(config, target sdk.Schema) (sdk.Example, Diagnostics) {
	decoded := sdk.Example{Name: e.Name, Missing: e.Missing, Disposable: e.Disposable, Lines: e.Lines}
	json, found := e.config.Decode(config)
	decoded.Config = string(json)
	if e.target.Given {
		json, more := e.target.Decode(target)
		decoded.Target, found = string(json), append(found, more...)
	}
	return decoded, found
}

// BlocksOf are the blocks that name a plugin's file, by the name of that: one file may
// be several plugins, by as many links.
func (c *Config) BlocksOf(path string) []*PluginBlock {
	var blocks []*PluginBlock
	for _, block := range c.Plugins {
		if filepath.Base(block.Plugin) == filepath.Base(path) {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// Examples are the examples that blocks of one plugin and their monitors make.
func (c *Config) Examples(blocks []*PluginBlock, schema, target sdk.Schema) (all []sdk.Example, found Diagnostics) {
	for _, block := range blocks {
		json, wrong := block.DecodeConfig(schema)
		found = append(found, wrong...)
		before := len(all)
		for _, m := range c.Monitors {
			// A target that two plugins read has words of both.
			if m.Action != block || m.Logs.From != block {
				continue
			}
			text, wrong := m.DecodeTarget(target)
			all, found = append(all, sdk.Example{Name: block.String() + " of monitor " + m.Name, Config: string(json), Target: string(text)}), append(found, wrong...)
		}
		if len(all) == before {
			all = append(all, sdk.Example{Name: block.String(), Config: string(json)})
		}
	}
	return all, found
}
