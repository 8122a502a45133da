package config

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// FuzzParse reads any bytes: nothing panics, every diagnostic has a position,
// and what is taken can be decoded, evaluated and shown.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.hcl", "../../../examples/*.hcl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		config, found := Parse("fuzz.hcl", src, testEnvironment())
		if config == nil && !found.HasErrors() {
			t.Fatalf("config %v with %v", config, found)
		}
		checkPositions(t, found, src)
		if config == nil {
			return
		}
		for _, b := range config.Plugins {
			_, found := b.DecodeConfig(configSchema())
			checkPositions(t, found, src)
		}
		for _, m := range config.Monitors {
			_, inTarget := m.DecodeTarget(targetSchema())
			checkPositions(t, inTarget, src)
			if !found.HasErrors() {
				tryRules(m)
			}
		}
	})
}

func checkPositions(t *testing.T, found Diagnostics, src []byte) {
	lines := 1 + bytes.Count(src, []byte("\n"))
	for _, d := range found {
		if d.File != "fuzz.hcl" || d.Line < 1 || d.Line > lines || d.Column < 1 || d.Summary == "" {
			t.Fatalf("diagnostic without a place in %d lines: %+v", lines, d)
		}
	}
}

// tryRules evaluates all that a monitor compiled, with and without facts.
func tryRules(m *Monitor) {
	m.Thresholds()
	s := m.Settings
	for _, facts := range []rule.Facts{nil, knownFacts()} {
		for _, by := range []rule.Quantity{s.Severe.LagAboveBy, s.SyncStall.LagAboveBy, s.FallingBehind.LagAboveBy, s.Moderate.LagAboveBy} {
			if by != nil {
				_, _ = by.Count(facts)
			}
		}
		for _, c := range s.Custom {
			_, _ = c.When.Holds(facts)
			c.Message.Text(facts)
			if c.EnabledIf != nil {
				_, _ = c.EnabledIf.Holds(facts)
			}
		}
	}
}

func TestDurationsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(0, int64(maxDuration.Seconds())).Draw(t, "seconds")
		d, err := fromSeconds(float64(whole))
		if err != nil || d.Seconds() != float64(whole) {
			t.Fatalf("%d seconds: %v, %v", whole, d, err)
		}
		back, err := toDuration(cty.StringVal(seconds(d)))
		if err != nil || back != d {
			t.Fatalf("%s: %v, %v", seconds(d), back, err)
		}
	})
}

func TestToDuration(t *testing.T) {
	tests := []struct {
		name  string
		value cty.Value
		want  string
		err   error
	}{
		{"text", cty.StringVal("90s"), "90s", nil},
		{"several units", cty.StringVal("1h30m"), "5400s", nil},
		{"number", cty.NumberIntVal(60), "60s", nil},
		{"numeric text", cty.StringVal(" 2.5 "), "2.5s", nil},
		{"zero", cty.StringVal("0"), "0s", nil},
		{"negative", cty.StringVal("-1s"), "", errNegative},
		{"negative number", cty.NumberIntVal(-1), "", errNegative},
		{"garbage", cty.StringVal("soon"), "", errNoDuration},
		{"empty", cty.StringVal(""), "", errNoDuration},
		{"not a number", cty.StringVal("NaN"), "", errNoDuration},
		{"infinite", cty.StringVal("inf"), "", errTooLong},
		{"infinite number", cty.PositiveInfinity, "", errTooLong},
		{"too long", cty.StringVal("100000h"), "", errTooLong},
		{"truth", cty.True, "", errNoDuration},
		{"null", cty.NullVal(cty.String), "", errNoDuration},
		{"list", cty.EmptyTupleVal, "", errNoDuration},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := toDuration(test.value)
			if err != test.err || err == nil && seconds(d) != test.want {
				t.Errorf("got %v, %v; want %s, %v", d, err, test.want, test.err)
			}
		})
	}
}
