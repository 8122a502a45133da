package config

import (
	"strings"

	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/sdk"
)

// DecodeConfig checks the config block against the schema of its plugin and
// returns it as the JSON object that Configure takes: defaults filled in,
// values converted, durations as seconds. What is not given and has no default
// is left out. The JSON is nil where the diagnostics hold an error.
func (b *PluginBlock) DecodeConfig(schema sdk.Schema) ([]byte, Diagnostics) {
	return b.config.Decode(schema)
}

// DecodeTarget does the same for the target block. Where the log comes from
// another plugin than the action's, the block is decoded once for each: a word
// that only the schemas of the others know is passed over.
func (m *Monitor) DecodeTarget(schema sdk.Schema, others ...sdk.Schema) ([]byte, Diagnostics) {
	return m.target.Decode(schema, others...)
}

// ExplainConfig gives what a plugin says about its config its places in the
// file. What it says about a target is left out.
func (b *PluginBlock) ExplainConfig(schema sdk.Schema, said []sdk.Diagnostic) Diagnostics {
	return explain(b.config, schema, said, false)
}

// ExplainTarget does the same for what a plugin says about a target.
func (m *Monitor) ExplainTarget(schema sdk.Schema, said []sdk.Diagnostic) Diagnostics {
	return explain(m.target, schema, said, true)
}

func explain(s hcltext.Section, schema sdk.Schema, said []sdk.Diagnostic, inTarget bool) Diagnostics {
	s = s.WithGrammar(hcltext.Schema(s.Grammar.Name, schema))
	for _, d := range said {
		if d.InTarget != inTarget {
			continue
		}
		severity := SeverityError
		if d.Warning {
			severity = SeverityWarning
		}
		summary, hint := hcltext.OneLine(d.Summary), hcltext.OneLine(d.Hint)
		if len(d.Path) > 0 {
			summary = strings.Join(d.Path, ".") + ": " + summary
		}
		place, value := s.Locate(d.Path)
		if text, ok := hcltext.ToText(value); ok && text != strings.TrimSpace(text) {
			hint = hcltext.OneLine(hcltext.Sentence(hint) + " It has a blank or a line end at an end; trimspace() takes it off.")
		}
		hint = hcltext.FirstOf(hcltext.QuotesHint(value), hint)
		s.Report(severity, place, hint, summary)
	}
	return s.TakeFound()
}
