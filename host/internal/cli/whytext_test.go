package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/explain"
	"github.com/headwatch/headwatch/host/internal/rule"
)

func TestOneOf(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		want  string
		err   string
	}{
		{"", []string{"aleph"}, "aleph", ""},
		{"aleph", []string{"aleph", "azero"}, "aleph", ""},
		{"", []string{"aleph", "azero"}, "", "say which monitor: the configuration has aleph, azero"},
		{"aelph", []string{"aleph", "azero"}, "", `no monitor "aelph": the configuration has aleph, azero. Did you mean "aleph"?`},
		{"polkadot", []string{"aleph", "azero"}, "", `no monitor "polkadot": the configuration has aleph, azero`},
	}
	for _, test := range tests {
		got, err := oneOf(test.name, test.names, "the configuration")
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != test.want || text != test.err {
			t.Errorf("%q of %v is %q, %q; want %q, %q", test.name, test.names, got, text, test.want, test.err)
		}
	}
}

func TestSegmentsOf(t *testing.T) {
	noon := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	files := []string{"d/aleph-2-20250301T110000.000Z.jsonl.gz", "d/aleph-20250301T100000.000Z.jsonl.gz", "d/aleph-20250301T110000.500Z.jsonl.gz",
		"d/aleph-20250301T120000.000Z.jsonl.gz", "d/aleph-20250301T130000.000Z.jsonl", "d/lock", "d/night.jsonl"}
	tests := []struct {
		name      string
		since, at time.Time
		want      string
	}{
		{"in the middle of one", noon.Add(10 * time.Minute), noon.Add(20 * time.Minute), "12"},
		{"at the beginning of one", noon, noon, "12"},
		{"over the border", noon.Add(-time.Minute), noon, "11 12"},
		{"all", time.Time{}, noon.Add(24 * time.Hour), "10 11 12 13"},
		{"the newest", noon.Add(23 * time.Hour), noon.Add(24 * time.Hour), "13"},
		{"before all", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour).Add(-1), ""},
	}
	for _, test := range tests {
		found, begins := segmentsOf(files, "aleph", test.since, test.at)
		var hours []string
		for _, file := range found {
			hours = append(hours, strings.TrimPrefix(file, "d/aleph-20250301T")[:2])
		}
		if got := strings.Join(hours, " "); got != test.want || !begins.Equal(noon.Add(-2*time.Hour)) {
			t.Errorf("%s: got %q since %s, want %q", test.name, got, begins, test.want)
		}
	}
	if found, begins := segmentsOf(files, "other", noon, noon); found != nil || !begins.IsZero() {
		t.Errorf("a monitor that was not recorded has %v since %s", found, begins)
	}
}

// troubled is an explanation in which nearly everything is out of order.
func troubled() *answer {
	noon := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	best, code := uint64(105000000), 137
	age := func(s float64) *float64 { return &s }
	return &answer{
		Source: answerSource{From: fromRecording, Files: []string{"/d/aleph-20250301T110000.000Z.jsonl"}, Recorded: "act sync_stall", NoHost: "no host answers"},
		Explanation: explain.Explanation{
			T: noon, Monitor: "aleph", Verdict: rule.Unknown, Rule: rule.RuleTarget, Reason: "Container azero is stopped (exit code 137, out of memory)",
			Name: "azero", Trouble: "panic: x", UnknownFor: 90, Shadow: []string{"rule.no_logs"},
			Heads: []explain.Head{
				{Source: "one", Use: explain.UseUsable, Best: &best, Age: 2, BlockTime: noon, HeadAge: age(6), MaxAge: 180},
				{Source: "two", Use: explain.UseStale, Why: "its newest head is 300s old (max_age 180s)", Best: &best, Age: 300, MaxAge: 180},
			},
			Target:  explain.Target{State: "stopped", Target: rule.Target{StartedAt: noon.Add(-time.Hour), FinishedAt: noon.Add(-time.Minute), ExitCode: &code, OOMKilled: true}},
			Log:     explain.Log{Unreadable: "stream down", Since: noon.Add(-48 * time.Hour), Lines: 1, Gap: "rotated", GapAt: noon.Add(-time.Minute)},
			Actions: []explain.Action{{At: noon.Add(-26 * time.Hour), Age: 93600, Action: rule.Action{Outcome: rule.Failed, Detail: "the engine said no"}}},
			Readings: []explain.Fact{
				{Fact: "sync_rate", Value: json.RawMessage("1.23456")},
				{Fact: "eta", Value: json.RawMessage(`"inf"`), Unit: "s"},
				{Fact: "uptime", Value: json.RawMessage("null"), Missing: "the target is stopped", Unit: "s"},
				{Fact: "fact.version", Value: json.RawMessage(`"1.2 beta"`), At: noon, Age: age(90)},
			},
			Rules: []explain.Rule{
				{Step: rule.Step{Rule: "rule.no_logs", Result: "waits", Saw: "log_age 950"}, Since: noon, Held: 60, For: 120,
					Turns: []explain.Needs{{{What: "log_age", Is: explain.AtMost, Text: "log_age of at most 900 s (50 s less)"}}}},
				{Step: rule.Step{Rule: "sync_stall", Result: "unknown", Saw: "lag is unknown"}, Turns: []explain.Needs{{{What: "lag", Is: explain.Known, Text: "lag known"}, {What: "producing", Is: explain.Known, Text: "producing known"}}}},
			},
			Guards:  []explain.Guard{{Guard: rule.GuardRefused, Stands: true, Text: "monitor azero watches the same target"}},
			Changes: []explain.Change{{Text: "the container is started: held (cooldown)"}},
		},
	}
}

const troubledPage = `aleph: unknown, by target
  Container azero is stopped (exit code 137, out of memory)
  Check of 2025-03-01 12:00:00 UTC, 1 d 2 h ago, made anew from the recording
  aleph-20250301T110000.000Z.jsonl; no host answers.
  The recording host came to: act sync_stall. This configuration, or this version, comes to
  something else.
  Unknown for 1 min 30 s, check after check.
  In the shadow: rule.no_logs would act.
  Trouble in the log: panic: x

Inputs, as of the check
  head    one: #105000000, answered 2 s before, block made 6 s before; usable (max_age 3 min)
  head    two: #105000000, answered 5 min before; not used, its newest head is 300s old (max_age
          180s)
  target  azero: stopped since 11:59:00 (1 min), exit code 137, out of memory
  log     cannot be read since 2025-02-27 12:00:00: stream down; no line of this run, 1 line since
          the check before; gap at 11:59:00: rotated
  action  failed at 2025-02-28 10:00:00, 1 d 2 h before: the engine said no

Facts
  sync_rate       1.23
  eta             inf
  uptime          unknown       the target is stopped
  fact.version    1.2 beta      1 min 30 s old

Rules, in their order
  rule.no_logs          waits     log_age 950
                                  has held for 1 min of 2 min
                                  would not hold with log_age of at most 900 s (50 s less)
  sync_stall            unknown   lag is unknown
                                  cannot be told without lag, producing

Guards
  refused target        stands    monitor azero watches the same target

What would make another verdict
  the container is started: held (cooldown)
`

func TestWhyPage(t *testing.T) {
	var b strings.Builder
	if err := writeWhy(&b, troubled(), time.Date(2025, 3, 2, 14, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(troubledPage, b.String()); diff != "" {
		t.Errorf("the page differs (-want +got):\n%s", diff)
	}
}
