package alephlog

import (
	"encoding/json"
	"testing"

	"github.com/headwatch/headwatch/internal/corpustest"
	"github.com/headwatch/headwatch/sdk"
)

const corpus = "testdata/corpus/*.txt"

// TestCorpus holds what is read from lines of many nodes against what they mean.
func TestCorpus(t *testing.T) {
	corpustest.Run(t, corpus, func(t *testing.T, settings string) corpustest.Parse {
		p, state := New(), State{}
		if err := json.Unmarshal([]byte(settings), &p.config); err != nil {
			t.Fatalf("settings %s: %v", settings, err)
		}
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return func(line []byte) (events []sdk.Event) {
			p.ParseLine(&state, sdk.Line{Text: line}, func(e sdk.Event) { events = append(events, e) })
			return events
		}
	})
}
