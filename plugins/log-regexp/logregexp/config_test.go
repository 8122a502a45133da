package logregexp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

// with is a config of one pattern that matches a number, after a change.
func with(change func(*Pattern)) Config {
	p := Pattern{Name: "p", Enabled: true, Match: `height=(?P<number>[0-9]+)`, Events: []string{"imported"}}
	change(&p)
	return Config{Patterns: []Pattern{p}}
}

// numbers is a fact as the SDK fills it in.
func numbers(name, group string) Fact {
	return Fact{Name: name, Group: group, Type: typeNumber, Scale: 1}
}

func TestValidate(t *testing.T) {
	two := func(first, second Pattern) Config {
		return Config{Patterns: []Pattern{first, second}}
	}
	cases := []struct {
		name   string
		config Config
		// want is path: summary, with the hint behind it.
		want []string
	}{
		{"nothing at all", Config{},
			[]string{`preset: no preset is named and no pattern is written, so no line would mean anything | Write preset = "geth", or a pattern { ... } block.`}},
		{"expression missing", with(func(p *Pattern) { p.Match = "" }),
			[]string{`pattern.0.match: is missing: pattern "p" needs an expression | `}},
		{"bracket missing", with(func(p *Pattern) { p.Match = `height=(?P<number>[0-9]+` }),
			[]string{`pattern.0.match: is no regular expression: missing closing ) | A bracket that stands in the text is written [(] or [)].`}},
		{"a place in the expression", with(func(p *Pattern) { p.Match = `größe=\d+(?=x)` }),
			[]string{`pattern.0.match: is no regular expression: invalid or unsupported Perl syntax at character 10 ("(?=") | RE2 has no look-ahead and no look-behind: write what must not stand there as unless.`}},
		{"back-reference", with(func(p *Pattern) { p.Match = `(a)\1` }),
			[]string{`pattern.0.match: is no regular expression: invalid escape sequence at character 4 ("\\1") | The syntax is that of RE2; it has no back-references.`}},
		{"repetition of nothing", with(func(p *Pattern) { p.Match = `a|*` }),
			[]string{`pattern.0.match: is no regular expression: missing argument to repetition operator at character 3 ("*") | A *, + or ? that stands in the text is written [*], [+] or [?].`}},
		{"matches the empty line", with(func(p *Pattern) { p.Match = `(?P<number>[0-9]*)` }),
			[]string{`pattern.0.match: "(?P<number>[0-9]*)" matches the empty line, and so every line | Add words that stand in the lines that are meant, and in no others.`}},
		{"matches every line", with(func(p *Pattern) { p.Match = `(?P<number>.+)` }),
			[]string{`pattern.0.match: "(?P<number>.+)" matches every line | Add words that stand in the lines that are meant, and in no others.`}},
		{"unless is wrong", with(func(p *Pattern) { p.Unless = `x**` }),
			[]string{`pattern.0.unless: is no regular expression: invalid nested repetition operator at character 2 ("**") | A *, + or ? that stands in the text is written [*], [+] or [?].`}},
		{"unless matches every line", with(func(p *Pattern) { p.Unless = `^` }),
			[]string{`pattern.0.unless: "^" matches the empty line, and so every line | Add words that stand in the lines that are meant, and in no others.`}},
		{"ignore is wrong", Config{Preset: "geth", Ignore: []string{"fine", "["}},
			[]string{`ignore.1: is no regular expression: missing closing ] | A square bracket that stands in the text is written \\[ in quotes.`}},
		{"no number", with(func(p *Pattern) { p.Match = `height=(?P<height>[0-9]+)` }),
			[]string{`pattern.0.events.0: event "imported" needs a number, and no group of pattern "p" is called number | Name the group in match that holds it: (?P<number>[0-9]+), or (?P<imported>[0-9]+).`}},
		{"unknown event", with(func(p *Pattern) { p.Events = []string{"import"} }),
			[]string{`pattern.0.events.0: "import" is no event | `}},
		{"event twice", with(func(p *Pattern) { p.Events = []string{"imported", "imported"} }),
			[]string{`pattern.0.events.1: "imported" stands there twice | `}},
		{"both states", with(func(p *Pattern) { p.Events = []string{"major_sync", "not_major_sync"} }),
			[]string{`pattern.0.events: a line cannot say both major_sync and not_major_sync | Write two patterns, one for each.`}},
		{"cause without a fatal event", with(func(p *Pattern) { p.Cause = "database" }),
			[]string{`pattern.0.cause: is for fatal events, and pattern "p" has none | Add events = ["fatal"].`}},
		{"cures without a fatal event", with(func(p *Pattern) { p.Cures = true }),
			[]string{`pattern.0.restart_cures: is for fatal events, and pattern "p" has none | Add events = ["fatal"].`}},
		{"says nothing", with(func(p *Pattern) { p.Match, p.Events = `height=[0-9]+`, nil }),
			[]string{`pattern.0.match: pattern "p" says nothing | Name a group, as in "peers=(?P<peers>[0-9]+)", or set events.`}},
		{"group that cannot be a fact", with(func(p *Pattern) { p.Match, p.Events = `h=(?P<1st>[0-9]+)`, nil }),
			[]string{`pattern.0.match: group "1st" cannot be a fact: its name begins with a digit | Begin its name with a letter.`}},
		{"unknown group", with(func(p *Pattern) { p.Facts = []Fact{numbers("height", "hight")} }),
			[]string{`pattern.0.fact.0.group: no group of match is called "hight" | Its groups are number; set group to one of them.`}},
		{"no group of the fact's name", with(func(p *Pattern) { p.Facts = []Fact{numbers("height", "")} }),
			[]string{`pattern.0.fact.0.name: no group of match is called "height" | Its groups are number; set group to one of them.`}},
		{"no group at all", with(func(p *Pattern) { p.Match, p.Events, p.Facts = "height", nil, []Fact{numbers("height", "")} }),
			[]string{`pattern.0.fact.0.name: no group of match is called "height" | It has no named group: write (?P<name>...) around the value, or give the fact a constant value.`}},
		{"fact's name", with(func(p *Pattern) { p.Facts = []Fact{numbers("block height", "number")} }),
			[]string{`pattern.0.fact.0.name: "block height" cannot be the name of a fact | Use letters, digits and _, and begin with a letter.`}},
		{"fact twice", with(func(p *Pattern) { p.Facts = []Fact{numbers("h", "number"), numbers("h", "number")} }),
			[]string{`pattern.0.fact.1.name: pattern "p" gives fact "h" twice | `}},
		{"constant and group", with(func(p *Pattern) {
			p.Facts = []Fact{{Name: "h", Value: "1", Group: "number", Type: typeNumber, Scale: 1}}
		}),
			[]string{`pattern.0.fact.0.value: fact "h" has a constant value and a group | Keep one of the two.`}},
		{"constant that is no number", with(func(p *Pattern) { p.Facts = []Fact{{Name: "h", Value: "high", Type: typeNumber, Scale: 1}} }),
			[]string{`pattern.0.fact.0.value: "high" is no number | `}},
		{"scale of a text", with(func(p *Pattern) {
			p.Facts = []Fact{{Name: "h", Group: "number", Type: typeString, Scale: 2}}
		}),
			[]string{`pattern.0.fact.0.scale: a string cannot be scaled | `}},
		{"scale of nothing", with(func(p *Pattern) { p.Facts = []Fact{{Name: "h", Group: "number", Type: typeNumber}} }),
			[]string{`pattern.0.fact.0.scale: 0 leaves nothing of the number | `}},
		{"name twice", two(
			Pattern{Name: "p", Enabled: true, Match: `a=(?P<a>x)`}, Pattern{Name: "p", Enabled: true, Match: `b=(?P<b>x)`}),
			[]string{`pattern.1.name: "p" is the name of pattern 1 already | Give each pattern a name of its own.`}},
		{"two types of a fact", two(
			Pattern{Name: "p", Enabled: true, Match: `a=(?P<mode>x)`},
			Pattern{Name: "q", Enabled: true, Match: `b=(?P<mode>x)`, Facts: []Fact{{Name: "mode", Type: typeString, Scale: 1}}}),
			[]string{`pattern.1.fact.0.type: fact "mode" is a string here, and a number in pattern "p" | Give it the same type, or another name.`}},
		{"leaves nothing out", Config{Preset: "geth", Patterns: []Pattern{{Name: "peer"}}},
			[]string{`pattern.0.name: "peer" is no pattern of the preset, so that nothing is left out | The patterns of geth are loaded, loaded_finalized, imported, segment, young, head, syncing, healing, repairing, peers, beacon, no_beacon, started, database, write, disk_full, locked, outdated.`}},
		{"leaves nothing out, no preset", Config{Patterns: []Pattern{{Name: "peer"}}},
			[]string{`pattern.0.name: "peer" is no pattern of the preset, so that nothing is left out | No preset is named.`}},
		{"several mistakes at once", Config{Ignore: []string{""}, Patterns: []Pattern{
			{Name: "p", Enabled: true, Match: "("},
			{Name: "q", Enabled: true, Match: "x", Unless: "(", Events: []string{"session"}}}},
			[]string{
				`ignore.0: "" matches the empty line, and so every line | Add words that stand in the lines that are meant, and in no others.`,
				`pattern.0.match: is no regular expression: missing closing ) | A bracket that stands in the text is written [(] or [)].`,
				`pattern.1.unless: is no regular expression: missing closing ) | A bracket that stands in the text is written [(] or [)].`,
				`pattern.1.events.0: event "session" needs a number, and no group of pattern "q" is called number | Name the group in match that holds it: (?P<number>[0-9]+), or (?P<session>[0-9]+).`,
			}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range sdk.Diagnostics(c.config.Validate()) {
				got = append(got, strings.Join(d.Path, ".")+": "+d.Summary+" | "+d.Hint)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateTakes(t *testing.T) {
	configs := map[string]Config{
		"a heredoc":            with(func(p *Pattern) { p.Match += "\n" }),
		"left out but written": with(func(p *Pattern) { p.Enabled = false }),
		"two numbers": with(func(p *Pattern) {
			p.Match, p.Events = `a=(?P<imported>\d+) b=(?P<finalized>\d+)`, []string{"imported", "finalized"}
		}),
		"one name in alternatives": with(func(p *Pattern) { p.Match = `a=(?P<number>[0-9]+)|b=(?P<number>[0-9]+)` }),
		"a constant alone": with(func(p *Pattern) {
			p.Match, p.Events, p.Facts = "halted", nil, []Fact{{Name: "halted", Value: "yes", Type: typeBool, Scale: 1}}
		}),
		"a digit is much":       with(func(p *Pattern) { p.Match = `(?P<number>[0-9]+)` }),
		"a pattern of a preset": {Preset: "geth", Patterns: []Pattern{{Name: "peers"}}},
	}
	for _, name := range presetNames() {
		configs["preset "+name] = Config{Preset: name}
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			if err := config.Validate(); err != nil {
				t.Error(sdk.Diagnostics(err))
			}
		})
	}
}
