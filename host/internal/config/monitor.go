package config

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Monitor is one watched node.
type Monitor struct {
	Name string
	// Interval is the time between two checks.
	Interval time.Duration
	// Heads are the head sources, in the order they are named; at least one.
	Heads  []*PluginBlock
	Parser *PluginBlock
	Action *PluginBlock
	Logs   Logs
	// Settings are what the rules are told; their Name is the target's, as far
	// as the file names it.
	Settings rule.Settings
	// Position is where the block begins.
	Position Position

	target section
}

// Logs says where a monitor's log comes from.
type Logs struct {
	// From is the action's own plugin unless the file says otherwise.
	From *PluginBlock
	// Tail is how many lines of the past are read at first.
	Tail int
}

// Plugins lists the plugin blocks that a monitor uses, each once.
func (m *Monitor) Plugins() []*PluginBlock {
	all := slices.Clone(m.Heads)
	for _, b := range []*PluginBlock{m.Parser, m.Action, m.Logs.From} {
		if b != nil && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all
}

// What a monitor has unless its block or defaults say otherwise.
const (
	defaultInterval = time.Minute
	defaultTail     = 5000
	maxTail         = 1_000_000
	leastMaxAge     = 30 * time.Second
)

// reading says what a body is read for. Defaults are read by themselves so that
// their mistakes are found even where every monitor overrides them; they may
// leave anything out.
type reading int

const (
	readingMonitor reading = iota
	readingDefaults
)

func (f *file) readMonitor(name string, s section, config *Config, what reading) *Monitor {
	known := plugins(config.Plugins)
	m := &Monitor{
		Name:     name,
		Interval: s.period("interval", defaultInterval),
		Heads:    s.references("heads", known, sdk.KindHeadSource),
		Parser:   s.reference("parser", known, sdk.KindLogParser),
		Action:   s.reference("action", known, sdk.KindAction),
		Position: f.position(s.at),
		target:   s.foreign("target"),
	}
	m.Logs = s.readLogs(known, m.Action)
	m.Settings = s.readSettings(m, config)
	if what == readingMonitor {
		s.needReferences(known)
		s.checkWindow(m)
	}
	return m
}

// needReferences reports what a monitor cannot do without.
func (s section) needReferences(known plugins) {
	for name, kind := range map[string]sdk.Kind{"heads": sdk.KindHeadSource, "parser": sdk.KindLogParser, "action": sdk.KindAction} {
		if _, given := s.body.Attributes[name]; given {
			continue
		}
		example := exampleOf(known, []sdk.Kind{kind})
		if name == "heads" {
			example = "[" + example + "]"
		}
		s.missing(name, "Write "+name+" = "+example+".")
	}
}

func (s section) readLogs(known plugins, action *PluginBlock) Logs {
	logs := s.child("logs")
	from := logs.reference("from", known, sdk.KindLogSource, sdk.KindAction)
	if from == nil {
		from = action
	}
	tail := logs.count("tail", defaultTail)
	if tail < 1 || tail > maxTail {
		g, _ := logs.attribute("tail")
		logs.refuse(g, "from 1 to 1000000", "")
		tail = defaultTail
	}
	return Logs{From: from, Tail: int(tail)}
}

// targetName is what the sentences call the target until its plugin says: the
// container where the target names one, else its only attribute, else the
// monitor.
func (m *Monitor) targetName() string {
	attributes := m.target.body.Attributes
	attribute, ok := attributes["container"]
	if !ok && len(attributes) == 1 {
		for _, attribute = range attributes {
			ok = true
		}
	}
	if !ok {
		return m.Name
	}
	value, diags := attribute.Expr.Value(m.target.eval)
	if text, isText := toText(value); isText && text != "" && !diags.HasErrors() {
		return text
	}
	return m.Name
}

// checkMonitors looks at the monitors together.
func (f *file) checkMonitors(top section, monitors []*Monitor) {
	if !slices.ContainsFunc(top.body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "monitor" }) {
		f.fail(f.fileStart(), `Write monitor "name" { ... }.`, "there is no monitor, so nothing would be watched")
	}
	type use struct {
		action *PluginBlock
		target string
	}
	first := map[use]*Monitor{}
	for _, m := range monitors {
		target, ok := m.targetText()
		if m.Action == nil || !ok {
			continue
		}
		key := use{m.Action, target}
		if earlier, twice := first[key]; twice {
			f.fail(place{at: m.target.at, quiet: true}, "Two monitors would restart it in turn; give each a target of its own.",
				"monitor %q has the same target as monitor %q at %s", m.Name, earlier.Name, earlier.Position)
			continue
		}
		first[key] = m
	}
}

// targetText is the target as a text that is the same for the same values; ok
// is false where there is none.
func (m *Monitor) targetText() (string, bool) {
	if !m.target.given {
		return "", false
	}
	values, ok := m.target.file.plainBody(m.target.body)
	text, err := json.Marshal(values)
	return string(text), ok && err == nil
}

// plainBody evaluates a body without a schema: attributes by name, blocks in
// their order. ok is false where a value cannot be told.
func (f *file) plainBody(body *hclsyntax.Body) (map[string]any, bool) {
	plain := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		value, diags := body.Attributes[name].Expr.Value(f.eval)
		if diags.HasErrors() {
			return nil, false
		}
		plain[name] = value.GoString()
	}
	for _, block := range body.Blocks {
		inner, ok := f.plainBody(block.Body)
		if !ok {
			return nil, false
		}
		before, _ := plain[block.Type].([]any)
		plain[block.Type] = append(before, inner)
	}
	return plain, true
}
