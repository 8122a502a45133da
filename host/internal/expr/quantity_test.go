package expr

import (
	"math"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// threshold compiles a threshold.
func threshold(t *testing.T, text string) ruleset.Quantity {
	t.Helper()
	s := file(t, "lag_above = "+text)
	_, by := ReadThreshold(s, "lag_above")
	if found := s.TakeFound(); len(found) > 0 || by == nil {
		t.Fatalf("%s: %v", text, found)
	}
	return by
}

func TestQuantityCounts(t *testing.T) {
	tests := []struct {
		expr string
		want uint64
	}{
		{`producing ? 200 : 100`, 200},
		{`(major_sync ? 300 : (producing ? env("LONG") : 5))`, 200},
		{`round(sync_rate * 60)`, 20},
		{`max(50, ceil(log_age / 10))`, 94},
		{`fact.peers * 10`, 30},
		{`synced`, math.MaxUint64},
		{`fact.peers > 2 ? "7" : "8"`, 7},
		{`lag * 0`, 0},
		{`sync_rate * 3 > 0.9 ? 1 : 2`, 1},
	}
	for _, test := range tests {
		t.Run(test.expr, func(t *testing.T) {
			got, err := threshold(t, test.expr).Count(knownFacts())
			if err != nil || got != test.want {
				t.Errorf("got %d, %v; want %d", got, err, test.want)
			}
		})
	}
}

func TestQuantityCannotBeTold(t *testing.T) {
	tests := []struct{ expr, want string }{
		{`sync_rate * 60 + 0.5`, "evaluate sync_rate * 60 + 0.5: it is 20.5, not a whole number, 0 or above"},
		{`100 - lag`, "evaluate 100 - lag: it is -20, not a whole number, 0 or above"},
		{`eta`, "evaluate eta: it is inf, not a whole number, 0 or above"},
		{`synced + 1`, "evaluate synced + 1: it is 18446744073709551616, not a whole number, 0 or above"},
		{`fact.state`, `evaluate fact.state: it is "idle", not a whole number, 0 or above`},
		{`lag / (lag - 120)`, "evaluate lag / (lag - 120): it is inf, not a whole number, 0 or above"},
		{`session`, "evaluate session: session is unknown"},
	}
	for _, test := range tests {
		t.Run(test.expr, func(t *testing.T) {
			got, err := threshold(t, test.expr).Count(knownFacts())
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %d, %v; want %s", got, err, test.want)
			}
		})
	}
}
