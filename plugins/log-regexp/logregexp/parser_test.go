package logregexp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

// shown are the events of one line, as text.
func shown(p *Parser, line string) []string {
	var all []string
	for _, e := range eventsOf(p, sdk.Line{Text: []byte(line)}) {
		all = append(all, describe(e))
	}
	return all
}

func enabled(patterns ...Pattern) []Pattern {
	for i := range patterns {
		patterns[i].Enabled = true
	}
	return patterns
}

func TestPatterns(t *testing.T) {
	height := Pattern{Name: "height", Match: `^at (?P<number>[0-9,]+)`, Events: []string{"imported"}}
	cases := []struct {
		name   string
		config Config
		line   string
		want   []string
	}{
		{"every event with a number", Config{Patterns: enabled(Pattern{Name: "p", Match: `^at (?P<number>\d+)`,
			Events: []string{"imported", "finalized", "prepared", "sealed", "session"}})}, "at 7",
			[]string{"BlockImported{Number:7 Hash:}", "BlockFinalized{Number:7 Hash:}", "BlockProduced{Number:7 Step:1}", "BlockProduced{Number:7 Step:2}", "SessionStarted{Number:7}"}},
		{"a number for each event", Config{Patterns: enabled(Pattern{Name: "p", Match: `best=(?P<imported>\d+) final=(?P<finalized>\d+) other=(?P<number>\d+)`,
			Events: []string{"finalized", "imported", "session"}})}, "best=9 final=7 other=3",
			[]string{"BlockFinalized{Number:7 Hash:}", "BlockImported{Number:9 Hash:}", "SessionStarted{Number:3}"}},
		{"a whole hash", Config{Patterns: enabled(Pattern{Name: "p", Match: `#(?P<number>\d+) (?P<hash>\S+)`, Events: []string{"imported"}})},
			"#5 0xABcd01", []string{"BlockImported{Number:5 Hash:0xABcd01}"}},
		{"a short hash", Config{Patterns: enabled(Pattern{Name: "p", Match: `#(?P<number>\d+) (?P<hash>\S+)`, Events: []string{"imported"}})},
			"#5 aaaaaa..bbbbbb", []string{"BlockImported{Number:5 Hash:}"}},
		{"every pattern that matches speaks", Config{Patterns: enabled(height, Pattern{Name: "peers", Match: `peers=(?P<peers>\d+)`})},
			"at 1,234 peers=21", []string{"BlockImported{Number:1234 Hash:}", "Fact{Name:peers Value:21}"}},
		{"a fatal event", Config{Patterns: enabled(Pattern{Name: "disk", Match: `^no space`, Events: []string{"fatal"}, Cures: true})},
			"ERROR no space left", []string{"FatalCause{Kind:disk Message:no space left RestartCures:true}"}},
		{"a fatal event with a cause and words", Config{Patterns: enabled(Pattern{Name: "p", Match: `^halted: (?P<message>[a-z ]+)`, Events: []string{"fatal"}, Cause: "outdated"})},
			"halted: too old, sorry", []string{"FatalCause{Kind:outdated Message:too old RestartCures:false}"}},
		{"unless", Config{Patterns: enabled(Pattern{Name: "p", Match: `peers=(?P<peers>\d+)`, Unless: `^old `})}, "old peers=7", nil},
		{"ignore", Config{Ignore: []string{`^x`, `^debug `}, Patterns: enabled(height, Pattern{Name: "peers", Match: `peers=(?P<peers>\d+)`})},
			"debug at 5 peers=7", nil},
		{"ignore has nothing against others", Config{Ignore: []string{`^debug `}, Patterns: enabled(height)},
			"at 5 debug ", []string{"BlockImported{Number:5 Hash:}"}},
		{"whole line", Config{Patterns: enabled(Pattern{Name: "p", Match: `^WARN .*low peers`, WholeLine: true,
			Facts: []Fact{{Name: "low", Value: "true", Type: typeBool, Scale: 1}}})},
			"WARN [09-01|15:43:12.807] low peers", []string{"Fact{Name:low Value:true}"}},
		{"whole line of JSON", Config{Patterns: enabled(Pattern{Name: "p", Match: `"peers":(?P<peers>\d+)`, WholeLine: true})},
			`{"msg":"m","peers":7}`, []string{"Fact{Name:peers Value:7}"}},
		{"in place of a preset's", Config{Preset: "geth", Patterns: enabled(Pattern{Name: "segment", Match: `^Imported new .* txs=(?P<txs>\d+)`})},
			"INFO [09-01|15:43:12.807] Imported new chain segment               number=15 txs=145", []string{"SyncState{Major:false}", "Fact{Name:txs Value:145}"}},
		{"a preset's left out", Config{Preset: "geth", Patterns: []Pattern{{Name: "segment"}}},
			"INFO [09-01|15:43:12.807] Imported new chain segment               number=15 txs=145", []string{"SyncState{Major:false}"}},
		{"beside a preset's", Config{Preset: "geth", Patterns: enabled(Pattern{Name: "txs", Match: `^Imported new .* txs=(?P<txs>\d+)`})},
			"INFO [09-01|15:43:12.807] Imported new chain segment               number=15 txs=145",
			[]string{"BlockBest{Number:15 Hash:}", "SyncState{Major:false}", "Fact{Name:txs Value:145}"}},
		{"alternatives with one name", Config{Patterns: enabled(Pattern{Name: "p", Match: `^(?:at (?P<number>\d+)|height (?P<number>\d+))`, Events: []string{"imported"}})},
			"height 9", []string{"BlockImported{Number:9 Hash:}"}},
		{"a group that takes no part", Config{Patterns: enabled(Pattern{Name: "p", Match: `^status(?: at=(?P<number>\d+))?(?: peers=(?P<peers>\d+))?`, Events: []string{"imported"}})},
			"status peers=3", []string{"Fact{Name:peers Value:3}"}},
		{"a number that is none", Config{Patterns: enabled(Pattern{Name: "p", Match: `^at (?P<number>\S+)`, Events: []string{"imported"}})}, "at home", nil},
		{"a pattern with nothing to look for first", Config{Patterns: enabled(Pattern{Name: "p", Match: `(?P<n>[0-9]+)`})}, "7", []string{"Fact{Name:n Value:7}"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, shown(started(t, c.config), c.line)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFacts(t *testing.T) {
	cases := []struct {
		name string
		fact Fact
		text string
		want sdk.Event
	}{
		{"number", Fact{Type: typeNumber, Scale: 1}, "15,500", sdk.Fact{Name: "f", Value: 15500.0}},
		{"hex", Fact{Type: typeNumber, Scale: 1}, "0x10", sdk.Fact{Name: "f", Value: 16.0}},
		{"scaled", Fact{Type: typeNumber, Scale: 32}, "8", sdk.Fact{Name: "f", Value: 256.0}},
		{"duration", Fact{Type: typeDuration, Scale: 1}, "1m30s", sdk.Fact{Name: "f", Value: 90.0}},
		{"quantity", Fact{Type: typeQuantity, Scale: 1}, "1.5MiB/s", sdk.Fact{Name: "f", Value: 1.5 * 1024 * 1024}},
		{"bool", Fact{Type: typeBool, Scale: 1}, "no", sdk.Fact{Name: "f", Value: false}},
		{"string", Fact{Type: typeString, Scale: 1}, "fa\xffst", sdk.Fact{Name: "f", Value: "fast"}},
		{"constant", Fact{Type: typeDuration, Value: "2 mins", Scale: 1}, "whatever", sdk.Fact{Name: "f", Value: 120.0}},
		{"no number", Fact{Type: typeNumber, Scale: 1}, "--",
			sdk.FactUnknown{Name: "f", Reason: `the log says "--" where pattern "p" expects a number`}},
		{"no bool", Fact{Type: typeBool, Scale: 1}, "perhaps",
			sdk.FactUnknown{Name: "f", Reason: `the log says "perhaps" where pattern "p" expects a bool`}},
		{"scaled beyond all numbers", Fact{Type: typeNumber, Scale: 1e300}, "1e300",
			sdk.FactUnknown{Name: "f", Reason: `the log says "1e300" where pattern "p" expects a number`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.fact.Name = "f"
			if c.fact.Value == "" {
				c.fact.Group = "value"
			}
			p := started(t, Config{Patterns: enabled(Pattern{Name: "p", Match: `^value=(?:(?P<value>.+))$`, Facts: []Fact{c.fact}})})
			got := eventsOf(p, sdk.Line{Text: []byte("value=" + c.text)})
			if diff := cmp.Diff(c.want, got[0]); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCutLine gives lines without their end, where a number may miss digits.
func TestCutLine(t *testing.T) {
	p := started(t, Config{Patterns: enabled(Pattern{Name: "p", Match: `^at (?P<number>\d+)(?: peers=(?P<peers>\d+))?`, Events: []string{"imported"}})})
	for line, want := range map[string][]sdk.Event{
		"at 105":          nil,
		"at 105 ":         nil, // blanks at the end of a line are dropped first
		"at 105 peers=1":  {sdk.BlockImported{Number: 105}},
		"at 105 peers=1,": {sdk.BlockImported{Number: 105}, sdk.Fact{Name: "peers", Value: 1.0}},
	} {
		got := eventsOf(p, sdk.Line{Text: []byte(line), Truncated: true})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
	long := "at 5" + strings.Repeat("0", maxText)
	if got := shown(p, long); got != nil {
		t.Errorf("a number of %d digits: got %v", len(long)-3, got)
	}
	long = "at 5 " + strings.Repeat("x", 1<<20)
	if diff := cmp.Diff([]string{"BlockImported{Number:5 Hash:}"}, shown(p, long)); diff != "" {
		t.Errorf("a long line (-want +got):\n%s", diff)
	}
	if got := shown(p, strings.Repeat(" ", maxText)+"at 5 "); got != nil {
		t.Errorf("behind what is looked at: got %v", got)
	}
}

func TestFatalMessageIsShortUTF8(t *testing.T) {
	p := started(t, Config{Patterns: enabled(Pattern{Name: "p", Match: `^stop`, Events: []string{"fatal"}})})
	events := eventsOf(p, sdk.Line{Text: []byte("stop \xff" + strings.Repeat("ü", 5000))})
	message := events[0].(sdk.FatalCause).Message
	if !utf8.ValidString(message) || len(message) > maxMessage || len(message) < maxMessage/2 {
		t.Errorf("message of %d bytes, valid UTF-8: %v", len(message), utf8.ValidString(message))
	}
}

// TestKeepsNothing overwrites each line after it was parsed.
func TestKeepsNothing(t *testing.T) {
	for _, f := range fixtures(t) {
		p := started(t, Config{Preset: f.preset})
		for _, line := range f.lines {
			want := shown(p, string(line))
			text := bytes.Clone(line)
			events := eventsOf(p, sdk.Line{Text: text})
			copy(text, bytes.Repeat([]byte("#"), len(text)))
			shown(p, "INFO "+strings.Repeat("\x1b[0m{}", 100))
			var got []string
			for _, e := range events {
				got = append(got, describe(e))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", line, diff)
			}
		}
	}
}

func TestStateIsEmpty(t *testing.T) {
	text, err := json.Marshal(State{})
	if err != nil || string(text) != "{}" {
		t.Errorf("state is %s, %v; want {}", text, err)
	}
}

// TestNoAllocation holds the parser to costing nothing for lines that no
// pattern is about.
func TestNoAllocation(t *testing.T) {
	p := started(t, Config{Preset: "geth"})
	for _, line := range []string{
		"",
		"INFO [03-01|12:00:01.948] Indexed transactions                     blocks=1 txs=145 tail=13,150,464 elapsed=588.373µs",
		"\x1b[33mWARN \x1b[0m[03-01|12:00:01.948] Snapshot extension registration failed   \x1b[33mpeer\x1b[0m=2a2a2a2a",
		`{"t":"2025-03-01T12:00:01Z","lvl":"info","msg":"Submitted transaction","hash":"0x3e3e"}`,
		strings.Repeat("0x1234…abcd, ", 1<<16),
	} {
		text := []byte(line)
		emit := func(e sdk.Event) { t.Errorf("%.80q said %v", line, e) }
		allocations := testing.AllocsPerRun(200, func() { p.ParseLine(&State{}, sdk.Line{Text: text}, emit) })
		if allocations >= 1 && !raceEnabled {
			t.Errorf("%.80q: %v allocations", line, allocations)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	p := started(t, Config{Preset: "cometbft"})
	all := func() string {
		var said []string
		for _, line := range cometbftLines() {
			said = append(said, shown(p, line)...)
		}
		return fmt.Sprint(said)
	}
	want, results := all(), make(chan string)
	for range 8 {
		go func() { results <- all() }()
	}
	for range 8 {
		if got := <-results; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestExamples holds that each example for the conformance kit says something.
func TestExamples(t *testing.T) {
	for _, example := range info().Examples {
		t.Run(example.Name, func(t *testing.T) {
			host := plugintest.ServeLogParser(t, New(), example.Config)
			if events := host.Parse(example.Lines...); len(events) < 4 {
				t.Errorf("%d events: %v", len(events), events)
			}
		})
	}
}
