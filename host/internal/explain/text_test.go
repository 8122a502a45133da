package explain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// troubled is an explanation in which nearly everything is out of order.
func troubled() *Answer {
	noon := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	best, code := uint64(105000000), 137
	age := func(s float64) *float64 { return &s }
	return &Answer{
		Source: Source{From: FromRecording, Files: []string{"/d/aleph-20250301T110000.000Z.jsonl"}, Recorded: "act sync_stall", NoHost: "no host answers"},
		Explanation: Explanation{
			T: noon, Monitor: "aleph", Verdict: rule.Unknown, Rule: rule.RuleTarget, Reason: "Container azero is stopped (exit code 137, out of memory)",
			Name: "azero", Trouble: "panic: x", UnknownFor: 90, Shadow: []string{"rule.no_logs"},
			Heads: []Head{
				{Source: "one", Use: UseUsable, Best: &best, Age: 2, BlockTime: noon, HeadAge: age(6), MaxAge: 180},
				{Source: "two", Use: UseStale, Why: "its newest head is 300s old (max_age 180s)", Best: &best, Age: 300, MaxAge: 180},
			},
			Target:  Target{State: "stopped", Target: rule.Target{StartedAt: noon.Add(-time.Hour), FinishedAt: noon.Add(-time.Minute), ExitCode: &code, OOMKilled: true}},
			Log:     Log{Unreadable: "stream down", Since: noon.Add(-48 * time.Hour), Lines: 1, Gap: "rotated", GapAt: noon.Add(-time.Minute)},
			Actions: []Action{{At: noon.Add(-26 * time.Hour), Age: 93600, Action: rule.Action{Outcome: rule.Failed, Detail: "the engine said no"}}},
			Readings: []Fact{
				{Fact: "sync_rate", Value: json.RawMessage("1.23456")},
				{Fact: "eta", Value: json.RawMessage(`"inf"`), Unit: "s"},
				{Fact: "uptime", Value: json.RawMessage("null"), Missing: "the target is stopped", Unit: "s"},
				{Fact: "fact.version", Value: json.RawMessage(`"1.2 beta"`), At: noon, Age: age(90)},
			},
			Rules: []Rule{
				{Step: ruleset.Step{Rule: "rule.no_logs", Result: "waits", Saw: "log_age 950"}, Since: noon, Held: 60, For: 120,
					Turns: []Needs{{{What: "log_age", Is: AtMost, Text: "log_age of at most 900 s (50 s less)"}}}},
				{Step: ruleset.Step{Rule: "sync_stall", Result: "unknown", Saw: "lag is unknown"}, Turns: []Needs{{{What: "lag", Is: Known, Text: "lag known"}, {What: "producing", Is: Known, Text: "producing known"}}}},
			},
			Guards:  []Guard{{Guard: rule.GuardRefused, Stands: true, Text: "monitor azero watches the same target"}},
			Changes: []Change{{Text: "the container is started: held (cooldown)"}},
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
	if err := troubled().WriteText(&b, time.Date(2025, 3, 2, 14, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(troubledPage, b.String()); diff != "" {
		t.Errorf("the page differs (-want +got):\n%s", diff)
	}
}
