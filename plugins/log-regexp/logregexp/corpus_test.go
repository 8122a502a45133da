package logregexp

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
		var config Config
		if err := json.Unmarshal([]byte(settings), &config); err != nil {
			t.Fatalf("settings %s: %v", settings, err)
		}
		p := started(t, config)
		return func(line []byte) []sdk.Event { return eventsOf(p, sdk.Line{Text: line}) }
	})
}
