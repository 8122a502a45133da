package config

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
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
	for _, facts := range []fact.List{nil, someFacts()} {
		for _, by := range []ruleset.Quantity{s.Severe.LagAboveBy, s.SyncStall.LagAboveBy, s.FallingBehind.LagAboveBy, s.Moderate.LagAboveBy} {
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

// someFacts are facts of which a time has no end.
func someFacts() fact.List {
	var facts fact.List
	for _, f := range fact.BuiltIn() {
		f.Known, f.Count, f.Number = true, 120, math.Inf(1)
		facts = append(facts, f)
	}
	return append(facts, fact.Fact{Name: "fact.state", Kind: fact.Text, Known: true, Text: "idle"})
}
