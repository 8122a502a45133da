package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

var update = flag.Bool("update", false, "write the .want files anew; read each change before it is kept")

// TestGolden replays testdata/NAME.jsonl. The verdicts are in NAME.want, the
// warnings in NAME.warnings, and what differs from the drop-in's settings in
// NAME.settings.json.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("find traces in testdata: %v, %d files", err, len(files))
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			verdicts, warnings := replayFile(t, file, readSetup(t, base+".settings.json").monitors())
			golden(t, base+".want", verdicts)
			golden(t, base+".warnings", warnings)
		})
	}
}

// golden compares with a file; one that is not there wants nothing.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		writeGolden(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", filepath.Base(file), diff)
	}
}

func writeGolden(t *testing.T, file, got string) {
	t.Helper()
	err := os.Remove(file)
	if got != "" {
		err = os.WriteFile(file, []byte(got), 0o644)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

func replayFile(t *testing.T, file string, monitors []Monitor) (verdicts, warnings string) {
	t.Helper()
	verdicts, warnings, err := replay(t.Context(), monitors, Source{Open: func() (io.ReadCloser, error) { return Open(file) }})
	if err != nil {
		t.Fatal(err)
	}
	return verdicts, warnings
}

func replayText(ctx context.Context, monitors []Monitor, text string) (verdicts, warnings string, err error) {
	return replay(ctx, monitors, TextSource("", []byte(text)))
}

// replay returns what replay --json prints, and the warnings.
func replay(ctx context.Context, monitors []Monitor, trace Source) (verdicts, warnings string, err error) {
	var out []byte
	var warned strings.Builder
	r := Replay{
		Monitors: monitors,
		Verdict: func(c Checked) error {
			line, err := c.Verdict.AppendJSON(out, c.Monitor)
			out = append(line, '\n')
			return err
		},
		Warn: func(w Warning) { warned.WriteString(w.String() + "\n") },
	}
	err = r.Run(ctx, trace)
	return string(out), warned.String(), err
}

// setup is what a case changes in the settings of the drop-in. Times are in
// seconds.
type setup struct {
	Monitors       []string         `json:"monitors"`
	Sources        []string         `json:"sources"`
	SourceMaxAge   map[string]int64 `json:"source_max_age"`
	DryRun         bool             `json:"dry_run"`
	RestartOnFatal bool             `json:"restart_on_fatal"`
	Interval       int64            `json:"interval"`
	SevereLag      uint64           `json:"severe_lag"`
	SevereFor      int64            `json:"severe_for"`
	StallLag       uint64           `json:"stall_lag"`
	FallingLag     uint64           `json:"falling_lag"`
	AfterAction    int64            `json:"after_action"`
	AfterFailure   int64            `json:"after_failure"`
	Off            []string         `json:"off"`
	Custom         []customSetup    `json:"custom"`
}

type customSetup struct {
	Name    string `json:"name"`
	When    string `json:"when"`
	For     int64  `json:"for"`
	Message string `json:"message"`
}

func readSetup(t *testing.T, file string) setup {
	t.Helper()
	s := setup{Monitors: []string{"aleph"}, Sources: []string{"onfinality"}, Interval: 60, SevereLag: 100,
		StallLag: 100, FallingLag: 100, AfterAction: 300, AfterFailure: 60}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return s
	}
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

func (s setup) monitors() []Monitor {
	var all []Monitor
	for i, name := range s.Monitors {
		settings := s.settings()
		if i > 0 {
			settings.Name += "-" + name
		}
		all = append(all, Monitor{Name: name, Settings: settings, Sources: s.Sources, Parser: fakeParser{}})
	}
	return all
}

// settings are those of the drop-in with the changes of the case.
func (s setup) settings() rule.Settings {
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	rules := rule.Settings{
		Name: "azero", Interval: seconds(s.Interval), MaxAge: max(30*time.Second, seconds(3*s.Interval)),
		DryRun: s.DryRun, RestartOnFatal: s.RestartOnFatal, SourceMaxAge: map[string]time.Duration{},
		Severe:        ruleset.BlockLag{Threshold: ruleset.Threshold{LagAbove: s.SevereLag}, For: seconds(s.SevereFor)},
		SyncStall:     ruleset.SyncStall{Switch: ruleset.Switch{Unless: fakeCondition("producing")}, Threshold: ruleset.Threshold{LagAbove: s.StallLag}, For: 180 * time.Second},
		FallingBehind: ruleset.FallingBehind{Switch: ruleset.Switch{Unless: fakeCondition("producing")}, Threshold: ruleset.Threshold{LagAbove: s.FallingLag}, Window: 300 * time.Second},
		Moderate:      ruleset.BlockLag{Switch: ruleset.Switch{Unless: fakeCondition("major_sync || producing")}, Threshold: ruleset.Threshold{LagAbove: 20}},
		Cooldown:      rule.Cooldown{AfterAction: seconds(s.AfterAction), AfterFailure: seconds(s.AfterFailure)},
	}
	for source, age := range s.SourceMaxAge {
		rules.SourceMaxAge[source] = seconds(age)
	}
	off := " " + strings.Join(s.Off, " ") + " "
	on := func(name string) bool { return !strings.Contains(off, " "+name+" ") }
	rules.Severe.Enabled, rules.Moderate.Enabled = on(ruleset.RuleSevere), on(ruleset.RuleModerate)
	rules.SyncStall.Enabled, rules.FallingBehind.Enabled = on(ruleset.RuleSyncStall), on(ruleset.RuleFallingBehind)
	for _, c := range s.Custom {
		rules.Custom = append(rules.Custom, ruleset.Custom{Name: c.Name, When: fakeCondition(c.When), For: seconds(c.For), Message: fakeMessage(c.Message)})
	}
	return rules
}
