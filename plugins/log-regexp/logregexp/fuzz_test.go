package logregexp

import (
	"bytes"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/internal/corpustest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// FuzzParseLine parses arbitrary lines with every preset and with patterns that
// take nearly anything. It holds that nothing panics, that the same line says
// the same again and when every pattern is tried, that events are UTF-8, that
// the numbers of blocks stand in the line, and that the line stays as it was.
func FuzzParseLine(f *testing.F) {
	var parsers []*Parser
	for _, name := range presetNames() {
		parsers = append(parsers, started(f, Config{Preset: name}))
	}
	parsers = append(parsers, started(f, Config{Ignore: []string{"^not this"}, Patterns: enabled(
		Pattern{Name: "any", Match: `(?P<word>\w+)=(?P<text>.+)`, Events: []string{"fatal", "node_started"}, Facts: []Fact{
			{Name: "word", Type: typeDuration, Scale: 1}, {Name: "text", Type: typeString, Scale: 1}, {Name: "amount", Group: "text", Type: typeQuantity, Scale: 2}}},
		Pattern{Name: "number", Match: `(?P<number>\S*[0-9]\S*)`, Events: []string{"imported", "finalized", "session"}},
		Pattern{Name: "line", Match: `.(?P<rest>.)$`, WholeLine: true})}))
	var plain []*Parser
	for _, p := range parsers {
		plain = append(plain, unhurried(p))
	}
	for _, fixture := range fixtures(f) {
		for _, line := range fixture.lines {
			f.Add(line, false)
		}
	}
	for _, run := range corpustest.Runs(f, corpus) {
		for line := range bytes.SplitSeq(run, []byte("\n")) {
			f.Add(line, false)
		}
	}
	f.Add([]byte(`{"msg":"at","n":5}`), true)
	f.Fuzz(func(t *testing.T, line []byte, cut bool) {
		for i, p := range parsers {
			before := bytes.Clone(line)
			first := eventsOf(p, sdk.Line{Text: line, Truncated: cut})
			if !bytes.Equal(before, line) {
				t.Fatalf("the line %q was changed to %q", before, line)
			}
			for _, e := range first {
				mustBeTrue(t, line, e)
			}
			if diff := cmp.Diff(first, eventsOf(p, sdk.Line{Text: line, Truncated: cut})); diff != "" {
				t.Errorf("%q again (-first +second):\n%s", line, diff)
			}
			if diff := cmp.Diff(first, eventsOf(plain[i], sdk.Line{Text: line, Truncated: cut})); diff != "" {
				t.Errorf("%q with every pattern tried (-quick +all):\n%s", line, diff)
			}
		}
	})
}

// mustBeTrue holds an event against its line: its text is UTF-8, and the number
// of a block stands in the line.
func mustBeTrue(t *testing.T, line []byte, e sdk.Event) {
	if text := fmt.Sprintf("%v", e); !utf8.ValidString(text) {
		t.Errorf("%q said %q, which is not UTF-8", line, text)
	}
	var number uint64
	switch e := e.(type) {
	case sdk.BlockImported:
		number = e.Number
	case sdk.BlockBest:
		number = e.Number
	case sdk.BlockFinalized:
		number = e.Number
	default:
		return
	}
	if bytes.ContainsAny(line, "\x1b\\") || logtext.HasSpelledColour(line) {
		return // what is taken out of a line may stand in a number
	}
	plain := bytes.ToLower(bytes.Map(func(r rune) rune {
		if r == ',' || r == '_' || r == '\'' {
			return -1
		}
		return r
	}, line))
	if !bytes.Contains(plain, fmt.Append(nil, number)) && !bytes.Contains(plain, fmt.Appendf(nil, "%x", number)) {
		t.Errorf("%q said %v", line, e)
	}
}

// FuzzAppendFlat lays out arbitrary text. It holds that what comes out is one
// line.
func FuzzAppendFlat(f *testing.F) {
	f.Add([]byte(`{"level":"info","height":5,"message":"executed\nblock","a":{"b":[1,2]}}`))
	f.Add([]byte(`t=1 lvl=info msg="a\nb" n=1`))
	f.Fuzz(func(t *testing.T, text []byte) {
		flat, ok := appendFlat(nil, text)
		if ok && bytes.ContainsAny(flat, "\n\r") && !bytes.ContainsAny(text, "\n\r") {
			t.Errorf("%q is %q", text, flat)
		}
	})
}
