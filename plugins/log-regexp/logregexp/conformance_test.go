package logregexp

import (
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) { plugintest.LogParser(t, info(), New) }

// TestHostSeesMistakesAtTheirPlace has a host of the SDK judge a config, so that
// schema, defaults and paths are those that a real one sees.
func TestHostSeesMistakesAtTheirPlace(t *testing.T) {
	host := plugintest.ServeLogParser(t, New(), `{"preset":"geth"}`)
	cases := []struct{ name, config, path, summary string }{
		{"preset", `{"preset":"gath"}`, "preset", "must be one of agave, besu, bitcoin, cometbft, erigon, geth, lighthouse, nethermind, nimbus, op-node, prysm, reth, solana, teku"},
		{"event", `{"pattern":[{"name":"p","match":"x","events":["import"]}]}`, "pattern 0 events", "must be one of imported, best, finalized, prepared, sealed, major_sync, not_major_sync, session, node_started, fatal"},
		{"fact's type", `{"pattern":[{"name":"p","match":"(?P<a>x)","fact":[{"name":"a","type":"int"}]}]}`, "pattern 0 fact 0 type", "must be one of number, duration, quantity, bool, string"},
		{"an expression", `{"preset":"geth","pattern":[{"name":"p","match":"(?P<a>x)"},{"name":"q","match":"("}]}`, "pattern 1 match", "is no regular expression: missing closing )"},
		{"no name", `{"pattern":[{"match":"x"}]}`, "pattern 0 name", `"name" is required`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found := host.Validate(c.config, "")
			if len(found) != 1 || strings.Join(found[0].Path, " ") != c.path || found[0].Summary != c.summary {
				t.Errorf("got %+v, want %s: %s", found, c.path, c.summary)
			}
		})
	}
}
