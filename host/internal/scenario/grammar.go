package scenario

import (
	"slices"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
)

// The types of attributes beside those of package hcltext: a moment, a list of
// them, and what is compared with a verdict.
const (
	typeMoment  sdk.AttributeType = "moment"
	typeMoments sdk.AttributeType = "list of moments"
	typeWanted  sdk.AttributeType = "wanted"
)

// grammar is the language of a file of tests.
func grammar() hcltext.Grammar {
	config := hcltext.Grammar{Name: "config", Opaque: true}
	let := hcltext.Grammar{Name: "let", Open: true}
	expect := hcltext.Grammar{Name: "expect", Repeated: true}
	expect.Attributes = attributes(typeMoments, "at")
	expect.Attributes = append(expect.Attributes, attributes(typeMoment, "from", "to")...)
	expect.Attributes = append(expect.Attributes, attributes(typeWanted, wanted()...)...)
	expect.Attributes = append(expect.Attributes, hcltext.Attribute{Name: wantHolds, Type: expr.TypeCondition})
	env := hcltext.Attribute{Name: "env", Type: sdk.TypeStringMap, Hint: `Write env = { NAME = "value" }.`}
	test := hcltext.Grammar{Name: "test", Labelled: true, FreeLabel: true, Repeated: true, Blocks: []hcltext.Grammar{config, let, historyGrammar(), expect}}
	test.Attributes = append(attributes(sdk.TypeString, "about", "operator", "differs", "config", "monitor", "trace", "verdicts"), env)
	test.Attributes = append(test.Attributes, attributes(typeMoment, "start")...)
	test.Attributes = append(test.Attributes, attributes(typeMoments, "acts", "actions")...)
	return hcltext.Grammar{Attributes: append(attributes(sdk.TypeString, "config"), env), Blocks: []hcltext.Grammar{config, let, test}}
}

func attributes(kind sdk.AttributeType, names ...string) []hcltext.Attribute {
	var all []hcltext.Attribute
	for _, name := range names {
		all = append(all, hcltext.Attribute{Name: name, Type: kind})
	}
	return all
}

// when is the attribute that leaves records of a row out.
const when = "when"

// historyGrammar is a history: a block for each kind of record, named as in a
// trace.
func historyGrammar() hcltext.Grammar {
	history := hcltext.Grammar{Name: "history", Attributes: attributes(typeMoment, "to")}
	for _, k := range kinds() {
		k.grammar.Repeated = true
		k.grammar.Attributes = append(k.grammar.Attributes, attributes(typeMoments, "at")...)
		k.grammar.Attributes = append(k.grammar.Attributes, attributes(typeMoment, "from", "to", "every")...)
		k.grammar.Attributes = append(k.grammar.Attributes, attributes(sdk.TypeBool, when)...)
		history.Blocks = append(history.Blocks, k.grammar)
	}
	return history
}

// kind is a kind of record. make makes a record, or several for a text of several
// lines; what is wrong it reports.
type kind struct {
	grammar hcltext.Grammar
	make    func(r *row) []trace.Record
}

func kinds() []kind {
	text := func(names ...string) []hcltext.Attribute { return attributes(sdk.TypeString, names...) }
	flag := func(names ...string) []hcltext.Attribute { return attributes(sdk.TypeBool, names...) }
	moment := func(names ...string) []hcltext.Attribute { return attributes(typeMoment, names...) }
	count := func(names ...string) []hcltext.Attribute {
		all := attributes(hcltext.TypeCount, names...)
		for i := range all {
			all[i].Want = "a number of blocks, 0 or above"
		}
		return all
	}
	define := func(name string, make func(r *row) []trace.Record, all ...[]hcltext.Attribute) kind {
		return kind{hcltext.Grammar{Name: name, Attributes: slices.Concat(all...)}, make}
	}
	answer := slices.Concat(required(count("best")), count("finalized", "peers", "progress"), text("hash", "endpoint", "chain"), flag("syncing"), moment("block_time"))
	events := define("events", eventsRecord, count("lines"))
	events.grammar.Blocks = []hcltext.Grammar{{Name: "event", Repeated: true, Attributes: append(append(text("kind", "name", "text", "value"), count("number")...), flag("cures")...)}}
	return []kind{
		define("target", targetRecord, flag("exists", "running", "paused", "restarting", "oom_killed", "may_start"), moment("started", "finished"),
			attributes(sdk.TypeInteger, "exit_code"), text("name", "error", "refuse"), attributes(sdk.TypeStringList, "hazards")),
		define("head", headRecord, answer, text("source")),
		define("head_error", func(r *row) []trace.Record {
			return []trace.Record{{HeadError: &rule.HeadError{Source: r.source(), Error: r.Text("error")}}}
		}, text("source"), required(text("error"))),
		define("node", nodeRecord, answer),
		define("node_error", func(r *row) []trace.Record {
			return []trace.Record{{NodeError: &rule.NodeError{Source: "node", Error: r.Text("error")}}}
		}, required(text("error"))),
		define("log", logRecords, text("text", "base64")),
		define("log_error", logErrorRecord, required(text("error"))),
		define("log_gap", logGapRecord, required(text("reason"))),
		events,
		define("action", actionRecord, required(text("outcome")), text("detail")),
		define("last_action", lastActionRecord, moment("done", "failed")),
		define("check", checkRecord, text("hold")),
	}
}

func required(all []hcltext.Attribute) []hcltext.Attribute {
	for i := range all {
		all[i].Required = true
	}
	return all
}
