package rule_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// sentenceTest is an engine that has seen something, and the sentences of the
// check that is made a minute after start.
type sentenceTest struct {
	name string
	see  func(e *Engine)
	want []string
}

func testSentences(t *testing.T, tests []sentenceTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			test.see(e)
			if diff := cmp.Diff(test.want, e.Check(At(60)).Sentences); diff != "" {
				t.Errorf("sentences differ (-want +got):\n%s", diff)
			}
		})
	}
}

// The sentences are what operators grep for: byte for byte.
func TestSentencesOfFacts(t *testing.T) {
	testSentences(t, []sentenceTest{
		{"nothing known", func(*Engine) {}, []string{
			"Fetched 0 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container azero: no usable head (no head source has answered yet); no synced block in this run's log",
		}},
		{"everything known", func(e *Engine) {
			e.Observe(Start, Imported(Start, 1000))
			e.Observe(Start, Head{Source: "one", Best: 1010})
			e.Check(Start)
			e.Observe(At(30), Said(At(30), Event{Kind: SessionStarted, Number: 116665}, Event{Kind: BlockPrepared}, Event{Kind: BlockSealed}, Event{Kind: MajorSync}))
			e.Observe(At(60), Imported(At(60), 1030))
			e.Observe(At(60), Head{Source: "one", Best: 1045})
		}, []string{
			"Latest RPC block retrieved: 1045",
			"Latest synced block retrieved: 1030",
			"Fetched 2 lines from docker logs",
			"Current session retrieved: 116665",
			"Container is in a major sync state.",
			"Container is producing blocks.",
			"Container azero - Lag: 15 blocks, Caught up: 30 blocks, Sync rate: 0.50 blocks/s, ETA to catch up: 30s",
		}},
		{"first check, caught up", func(e *Engine) {
			e.Observe(Start, Target{Name: "node-7", Exists: true, Running: true, StartedAt: Began})
			e.Observe(At(60), Imported(At(60), 1000))
			e.Observe(At(60), Head{Source: "one", Best: 1000})
		}, []string{
			"Latest RPC block retrieved: 1000",
			"Latest synced block retrieved: 1000",
			"Fetched 1 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container node-7 - Lag: 0 blocks, Caught up: unknown blocks, Sync rate: unknown blocks/s, ETA to catch up: unknowns",
			"Container node-7 is fully caught up at block #1000",
		}},
		{"no progress", func(e *Engine) {
			e.Observe(Start, Imported(Start, 1000))
			e.Observe(Start, Head{Source: "one", Best: 1010})
			e.Check(Start)
		}, []string{
			"Latest RPC block retrieved: 1010",
			"Latest synced block retrieved: 1000",
			"Fetched 0 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container azero - Lag: 10 blocks, Caught up: 0 blocks, Sync rate: 0.00 blocks/s, ETA to catch up: infs",
		}},
	})
}

func TestSentencesOfDecisions(t *testing.T) {
	testSentences(t, []sentenceTest{
		{"severe, with what holds beside it", func(e *Engine) {
			for i := range 5 {
				now := At(float64(60 * (i - 3)))
				e.Observe(now, Imported(now, 1000))
				e.Observe(now, Head{Source: "one", Best: 1000 + uint64(60*i)})
				if i < 4 {
					e.Check(now)
				}
			}
		}, []string{
			"Latest RPC block retrieved: 1240",
			"Latest synced block retrieved: 1000",
			"Fetched 1 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container azero - Lag: 240 blocks, Caught up: 0 blocks, Sync rate: 0.00 blocks/s, ETA to catch up: infs",
			"Container azero sync stalled for 180s (no progress)",
			"Container azero falling behind (avg lag increase over 300s)",
			"Container azero is behind by 240 blocks (>100). Restarting...",
		}},
		{"stall said whatever the lag", func(e *Engine) {
			e.Observe(At(-120), Imported(At(-120), 1000))
			e.Observe(At(60), Head{Source: "one", Best: 1000})
		}, []string{
			"Latest RPC block retrieved: 1000",
			"Latest synced block retrieved: 1000",
			"Fetched 1 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container azero - Lag: 0 blocks, Caught up: unknown blocks, Sync rate: unknown blocks/s, ETA to catch up: unknowns",
			"Container azero is fully caught up at block #1000",
			"Container azero sync stalled for 180s (no progress)",
		}},
		{"cooldown", func(e *Engine) {
			e.Observe(Start, Imported(Start, 1000))
			e.Observe(Start, Head{Source: "one", Best: 2000})
			e.Observe(At(13.5), Action{Outcome: Done})
		}, []string{"Container azero was restarted 46s ago. Waiting for 300s cooldown"}},
		{"cooldown of a failure", func(e *Engine) {
			e.Observe(At(1), Action{Outcome: Failed})
		}, []string{"Container azero could not be restarted 59s ago. Waiting for 60s cooldown"}},
		{"log not read", func(e *Engine) {
			e.Observe(Start, Head{Source: "one", Best: 2000})
			e.Observe(Start, Imported(Start, 1000))
			e.Observe(At(60), LogError{Error: "stream down"})
		}, []string{
			"Latest RPC block retrieved: 2000",
			"Container azero: the log cannot be read: stream down",
		}},
		{"stopped", func(e *Engine) {
			code := 137
			e.Observe(Start, Target{Exists: true, StartedAt: Began, ExitCode: &code})
		}, []string{
			"Fetched 0 lines from docker logs",
			"Container is not in a major sync state.",
			"Container is not producing blocks.",
			"Container azero is stopped (exit code 137)",
		}},
	})
}

// Where nothing is restarted the sentence says so; the thresholds and periods in
// it are the configured ones.
func TestSentencesOfConfiguredRules(t *testing.T) {
	settings := DropIn()
	settings.DryRun = true
	settings.Severe.LagAbove, settings.Moderate.LagAbove = 2000, 7
	settings.SyncStall.For, settings.SyncStall.LagAbove = 90*time.Second, 50
	e := Behind(settings, 8)
	last := func(seconds float64) string {
		v := e.Check(At(seconds))
		return v.Sentences[len(v.Sentences)-1]
	}
	if got, want := last(0), "Container azero is behind by 8 blocks (>7) and not syncing/producing. Restarting... (dry run: not restarted)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	e.Observe(At(90), Head{Source: "one", Best: 1051})
	if got, want := last(90), "Container azero sync stalled for 90s (no progress) (dry run: not restarted)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	e.Observe(At(91), Head{Source: "one", Best: 3001})
	v := e.Check(At(91))
	want := "Container azero is behind by 2001 blocks (>2000). Restarting... (dry run: not restarted); Container azero sync stalled for 90s (no progress)"
	if v.Reason != want {
		t.Errorf("got  %s\nwant %s", v.Reason, want)
	}
}

func TestFactInASentence(t *testing.T) {
	tests := []struct {
		fact Fact
		want string
	}{
		{Fact{Kind: Seconds}, "unknown"},
		{Fact{Kind: Seconds, Known: true, Number: math.Inf(1)}, "inf"},
		{Fact{Kind: Seconds, Known: true, Number: 33.9}, "33"},
		{Fact{Kind: Seconds, Known: true, Number: 1e19}, "10000000000000000000"},
		{Fact{Kind: Blocks, Known: true, Count: 105000000}, "105000000"},
		{Fact{Kind: Number, Known: true, Number: 2.5}, "2.5"},
		{Fact{Kind: Truth, Known: true, Truth: true}, "true"},
		{Fact{Kind: Text, Known: true, Text: "archive"}, "archive"},
	}
	for _, test := range tests {
		if got := test.fact.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestSyncRateHasTwoDecimals(t *testing.T) {
	for number, want := range map[float64]string{0: "0.00", 1.0 / 3: "0.33", 1.005: "1.00", 12.5: "12.50", 1234.567: "1234.57"} {
		if got := Rate(Fact{Kind: Number, Known: true, Number: number}); got != want {
			t.Errorf("%v: got %s, want %s", number, got, want)
		}
	}
}

// Of a container that is gone no sentence says what it is doing.
func TestSentencesOfAnAbsentTarget(t *testing.T) {
	e := Behind(DropIn(), 5)
	e.Observe(Start, Target{})
	for _, line := range e.Check(Start).Sentences {
		if strings.Contains(line, "sync state") || strings.Contains(line, "producing") {
			t.Errorf("it says %q", line)
		}
	}
}
