package alephlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/internal/corpustest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/logtext"
)

// FuzzParseLine parses arbitrary logs. It holds that nothing panics, that the
// same text gives the same events, also when the state travels as JSON after
// each line, that events are UTF-8, and that an indented line never says
// anything about a block.
func FuzzParseLine(f *testing.F) {
	for _, fixture := range fixtures(f) {
		for i := 0; i < len(fixture.lines); i += 3 {
			f.Add(bytes.Join(fixture.lines[i:min(i+3, len(fixture.lines))], []byte("\n")), fixture.parser.config.Chain)
		}
	}
	for _, run := range corpustest.Runs(f, corpus) {
		f.Add(run, "")
		f.Add(run, "Parachain")
	}
	f.Fuzz(func(t *testing.T, log []byte, chain string) {
		p := New()
		p.config.Chain = chain
		once := eventsOf(t, p, log, false)
		if diff := cmp.Diff(once, eventsOf(t, p, log, true)); diff != "" {
			t.Errorf("the same text again (-first +second):\n%s", diff)
		}
	})
}

func eventsOf(t *testing.T, p *Parser, log []byte, travel bool) []string {
	var (
		state  State
		events []string
	)
	for line := range bytes.SplitSeq(log, []byte("\n")) {
		before := bytes.Clone(line)
		p.ParseLine(&state, sdk.Line{Text: line}, func(e sdk.Event) {
			events = append(events, fmt.Sprintf("%#v", e))
			mustBeTrue(t, line, e)
		})
		if !bytes.Equal(before, line) {
			t.Errorf("the line %q was changed to %q", before, line)
		}
		indented := append([]byte(" "), line...)
		rest := state
		p.ParseLine(&rest, sdk.Line{Text: indented}, func(e sdk.Event) {
			if _, ok := e.(sdk.FatalCause); !ok {
				t.Errorf("the indented line %q said %v", indented, e)
			}
		})
		if travel {
			state = travelled(t, state)
		}
	}
	return events
}

// mustBeTrue holds an event against its line: the text of events is UTF-8, and
// a block's number stands in the line.
func mustBeTrue(t *testing.T, line []byte, e sdk.Event) {
	if text := fmt.Sprintf("%v", e); !utf8.ValidString(text) {
		t.Errorf("%q said %q, which is not UTF-8", line, text)
	}
	block, ok := e.(sdk.BlockImported)
	if best, isBest := e.(sdk.BlockBest); isBest {
		block, ok = sdk.BlockImported(best), true
	}
	if ok && !logtext.HasColour(line) && !bytes.Contains(line, []byte(`\`)) &&
		!bytes.Contains(line, fmt.Appendf(nil, "%d", block.Number)) {
		t.Errorf("%q said %v", line, e)
	}
}

func travelled(t *testing.T, state State) State {
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var arrived State
	if err := json.Unmarshal(text, &arrived); err != nil {
		t.Fatal(err)
	}
	return arrived
}
