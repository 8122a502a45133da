package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Monitor is one watched node.
type Monitor struct {
	Name string
	// Interval is the time between two checks.
	Interval time.Duration
	// Heads are the head sources, in the order they are named; at least one.
	Heads []*PluginBlock
	// Node is the head source that asks the node's own endpoint; nil for none.
	// Without a parser the log is not read: then Parser and Logs.From are nil.
	Node   *PluginBlock
	Parser *PluginBlock
	Action *PluginBlock
	Logs   Logs
	// Settings are what the rules are told; their Name is the target's, as far
	// as the file names it.
	Settings rule.Settings
	// Position is where the block begins.
	Position Position
	// Source is the text of the block and of the defaults: while it stays the same
	// so does the monitor, but for the plugins that it uses.
	Source string

	section, target hcltext.Section
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
	for _, b := range []*PluginBlock{m.Node, m.Parser, m.Action, m.Logs.From} {
		if b != nil && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all
}

// HeadNames are the names of the head sources, in their order.
func (m *Monitor) HeadNames() []string {
	names := []string{}
	for _, source := range m.Heads {
		names = append(names, source.Name)
	}
	return names
}

// readMonitor reads a monitor, or defaults, which may leave anything out.
func readMonitor(s hcltext.Section, config *Config) *Monitor {
	known := plugins(config.Plugins)
	m := &Monitor{
		Name: s.Label, Interval: s.Duration("interval"),
		Heads:    known.references(s, "heads", sdk.KindHeadSource),
		Node:     known.reference(s, "node", sdk.KindHeadSource),
		Parser:   known.reference(s, "parser", sdk.KindLogParser),
		Action:   known.reference(s, "action", sdk.KindAction),
		Position: s.Position(s.Range),
		section:  s, target: s.Child("target"),
	}
	logs := s.Child("logs")
	m.Logs = Logs{From: known.reference(logs, "from", sdk.KindLogSource, sdk.KindAction), Tail: int(logs.Count("tail"))}
	if m.Logs.From == nil {
		m.Logs.From = m.Action
	}
	m.Settings = m.readSettings(s, config)
	m.Settings.Node = m.Node != nil
	if m.Settings.NoLog = m.readsNoLog(); m.Settings.NoLog {
		m.Logs.From = nil
	}
	return m
}

// readsNoLog says that the monitor goes by the node's own endpoint alone.
func (m *Monitor) readsNoLog() bool {
	return m.section.Written("node") != nil && m.section.Written("parser") == nil
}

// checkNode checks the witness of the node itself.
func (m *Monitor) checkNode() {
	node, logs := m.section.Written("node"), m.section.Child("logs")
	if m.Node != nil && slices.Contains(m.Heads, m.Node) {
		m.section.Fail(node.Expr.Range(), "Give the node's own endpoint a head_source block of its own: a node that is behind cannot say how high its network is.",
			"node names %s, which is one of heads too", m.Node)
	}
	if m.readsNoLog() && logs.Given {
		m.section.Warn(logs.Range, "Name a parser, or take the block out.", "logs is of no use without a parser: the log is not read")
	}
}

// checkWhole checks what a monitor and defaults must say together.
func (m *Monitor) checkWhole(known plugins) {
	for name, kind := range map[string]sdk.Kind{"heads": sdk.KindHeadSource, "parser": sdk.KindLogParser, "action": sdk.KindAction} {
		if m.section.Written(name) != nil || name == "parser" && m.readsNoLog() {
			continue
		}
		example := known.example(kind)
		if name == "parser" {
			example += ", or node = " + known.example(sdk.KindHeadSource) + " for one that asks the node's own endpoint"
		}
		if name == "heads" {
			example = "[" + example + "]"
		}
		m.section.Missing(name, "Write "+name+" = "+example+".")
	}
	m.checkRules()
	m.checkJudge()
	m.checkBudget()
	m.checkNode()
}

// targetName is what the sentences call the target until its plugin says: the
// container where the target names one, else its only attribute, else the
// monitor.
func (m *Monitor) targetName() string {
	values, _ := m.target.Values()
	value, ok := values["container"]
	if !ok && len(values) == 1 {
		for _, value = range values {
			ok = true
		}
	}
	if ok && value != "" {
		return value
	}
	return m.Name
}

// checkMonitors checks that there is a monitor, and that no two have the same target.
func checkMonitors(top hcltext.Section, monitors []*Monitor) {
	if len(monitors) == 0 {
		top.FailQuietly(top.Start(), `Write monitor "name" { ... }.`, "there is no monitor, so nothing would be watched")
	}
	type use struct {
		action *PluginBlock
		target string
	}
	first := map[use]*Monitor{}
	for _, m := range monitors {
		values, ok := m.target.Values()
		if m.Action == nil || !ok || !m.target.Given {
			continue
		}
		var target strings.Builder
		for _, name := range slices.Sorted(maps.Keys(values)) {
			target.WriteString(name + "=" + values[name] + "\x00")
		}
		key := use{m.Action, target.String()}
		if earlier, twice := first[key]; twice {
			top.FailQuietly(m.target.Range, "Two monitors would restart it in turn; give each a target of its own.",
				"monitor %q has the same target as monitor %q at %s", m.Name, earlier.Name, earlier.Position)
			continue
		}
		first[key] = m
	}
}
