package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

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

	config, target section
}

// exampleGrammar is the language of a file of examples.
func exampleGrammar() blockType {
	attributes := []string{"missing", "disposable", "lines"}
	blocks := []blockType{{name: "config", foreign: true}, {name: "target", foreign: true}}
	inner := blockType{name: "example", labelled: true, attributes: attributes, blocks: blocks}
	return blockType{attributes: attributes, blocks: append(slices.Clone(blocks), inner)}
}

// LoadExamples reads a file of examples: config and target blocks, with what
// else an example has, at its top or in blocks example "name". ok is false for
// a file that is a configuration of the host.
func LoadExamples(path string, env Environment) (examples []*Example, ok bool, found Diagnostics) {
	src, err := readBounded(path)
	if err != nil {
		return nil, true, Diagnostics{{Severity: SeverityError, Position: Position{File: path}, Summary: fmt.Sprintf("read the examples: %v", err)}}
	}
	f := newFile(path, src, env)
	body, parsed := f.parse(src)
	if !parsed {
		return nil, true, f.take()
	}
	if slices.ContainsFunc(body.Blocks, isOfHost) {
		return nil, false, nil
	}
	f.checkStructure(body, exampleGrammar(), "the file")
	top := section{file: f, what: "the file", body: body, at: f.fileStart().at}
	if example := top.example(""); example.config.given || example.target.given || len(body.Attributes) > 0 {
		examples = append(examples, example)
	}
	for _, block := range body.Blocks {
		if block.Type == "example" && len(block.Labels) == 1 {
			examples = append(examples, f.section(block).example(block.Labels[0]))
		}
	}
	if len(examples) == 0 {
		f.fail(top.file.fileStart(), `Write config { ... } and target { ... }, or blocks example "name" { ... } with them inside.`, "there is no example in the file")
	}
	return examples, true, f.take()
}

// isOfHost says whether a block belongs to a configuration of the host.
func isOfHost(block *hclsyntax.Block) bool {
	_, known := fileGrammar().block(block.Type)
	return known
}

func (s section) example(name string) *Example {
	return &Example{Name: name, Missing: s.flag("missing", false), Disposable: s.flag("disposable", false), Lines: s.texts("lines", false),
		config: s.foreign("config"), target: s.foreign("target")}
}

// Decode checks an example against the schema of a plugin. A target that is
// not given stays so.
func (e *Example) Decode(config, target sdk.Schema) (sdk.Example, Diagnostics) {
	decoded := sdk.Example{Name: e.Name, Missing: e.Missing, Disposable: e.Disposable, Lines: e.Lines}
	json, found := decode(e.config, config, nil)
	decoded.Config = string(json)
	if e.target.given {
		json, more := decode(e.target, target, nil)
		decoded.Target, found = string(json), append(found, more...)
	}
	return decoded, found
}
