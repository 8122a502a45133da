package cli

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/plugin"
	"github.com/headwatch/headwatch/host/internal/simulate"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// TestSimulatedLog: the shipped parser reads from the lines of simulated nodes what
// the simulator says that they say.
func TestSimulatedLog(t *testing.T) {
	c, found := config.Load("../../../examples/careful.hcl", os.LookupEnv)
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	parsers, err := plugin.NewParsers()
	if err != nil {
		t.Fatal(err)
	}
	defer parsers.Close()
	parser, found := parsers.Parser(t.Context(), c.Host, c.Monitors[0].Parser)
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	for seed := range uint64(5) {
		log := simulate.Random(seed).Log()
		var lines []trace.Line
		for _, line := range log {
			lines = append(lines, trace.Line{Time: line.At, Text: []byte(line.Text())})
		}
		_, said, err := parser.Parse(t.Context(), nil, lines)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range log {
			// What else the informant says no rule of careful reads.
			got := slices.DeleteFunc(said[i], func(ev nodelog.Event) bool {
				return ev.Kind == nodelog.BlockFinalized || ev.Kind == nodelog.FactUnknown || ev.Kind == nodelog.FactGiven && ev.Name != "phase"
			})
			if diff := cmp.Diff(line.Events(), got); diff != "" {
				t.Fatalf("seed %d: %s (-simulator +parser):\n%s", seed, line.Text(), diff)
			}
		}
	}
}
