package review

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/host/internal/trace"
)

var t0 = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// at is a verdict so many minutes after t0.
func at(minutes int, o Outcome, reason string) rule.Verdict {
	return rule.Verdict{Time: t0.Add(time.Duration(minutes) * time.Minute), Target: "azero",
		Kind: o.Verdict, Rule: o.Rule, Guard: o.Guard, Reason: reason, Reasons: []string{reason}}
}

var (
	ok       = Outcome{Verdict: rule.OK}
	severe   = Outcome{Verdict: rule.Act, Rule: ruleset.RuleSevere}
	cooldown = Outcome{Verdict: rule.Held, Rule: rule.RuleCooldown}
	cause    = Outcome{Verdict: rule.Held, Rule: rule.RuleCause}
	blind    = Outcome{Verdict: rule.Unknown, Rule: rule.RuleEvidence}
	dry      = Outcome{Verdict: rule.Held, Rule: ruleset.RuleSevere, Guard: "dry run"}
)

func known(name string, value float64) fact.Fact {
	return fact.Fact{Name: name, Kind: fact.Seconds, Known: true, Number: value}
}

func lag(blocks uint64) fact.Fact {
	return fact.Fact{Name: "lag", Kind: fact.Blocks, Known: true, Count: blocks}
}

// anEveningOfANode has something of everything.
func anEveningOfANode() []trace.Checked {
	started := fact.Fact{Name: "uptime", Kind: fact.Seconds, Known: true, At: t0.Add(-time.Hour)}
	again := started
	again.At = t0.Add(90 * time.Minute)
	verdicts := []rule.Verdict{
		at(0, ok, "Container azero is fully caught up at block #1"),
		at(1, severe, "Container azero is behind by 120 blocks (>100). Restarting..."),
		at(2, cooldown, "Container azero was restarted 60s ago. Waiting for 300s cooldown"),
		at(3, blind, "Container azero: no usable head (onfinality: connection refused)"),
		at(14, blind, "Container azero: no usable head (onfinality: connection refused)"),
		at(15, ok, "Container azero is fully caught up at block #900"),
		at(90, dry, "Container azero is behind by 150 blocks (>100). Restarting... (dry run: not restarted)"),
		at(91, cause, "Container azero reports equivocation, which no restart cures: two of me"),
		at(92, ok, "Container azero is fully caught up at block #1000"),
	}
	verdicts[0].Facts = fact.List{lag(0), started, known("log_age", 1)}
	verdicts[1].Facts = fact.List{lag(120), started, known("log_age", 300)}
	verdicts[4].UnknownFor = 11 * time.Minute
	verdicts[6].Facts = fact.List{lag(150), again, known("log_age", 2)}
	verdicts[7].Shadowed = []string{"rule.quiet"}
	verdicts[8].Shadowed = []string{"rule.quiet"}
	var checks []trace.Checked
	for i, v := range verdicts {
		c := trace.Checked{Monitor: "aleph", Verdict: v}
		if i < 3 {
			c.Recorded = &trace.Check{Verdict: rule.OK}
		}
		checks = append(checks, c)
	}
	return checks
}

func summaryOf(checks []trace.Checked) *Summary {
	s := NewSummary(map[string]time.Duration{"aleph": time.Minute})
	for _, c := range checks {
		s.Add(c)
	}
	s.End()
	return s
}

var update = flag.Bool("update", false, "write the files in testdata anew; read each change before it is kept")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func TestSummaryText(t *testing.T) {
	var b strings.Builder
	if err := summaryOf(anEveningOfANode()).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/summary.txt", b.String())
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("line of %d columns: %s", n, line)
		}
	}
}

func TestSummaryJSON(t *testing.T) {
	text, err := json.Marshal(summaryOf(anEveningOfANode()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"checks":9,"actions":1,`, `"monitor":"aleph"`, `{"state":"not checked","seconds":`, `{"verdict":"held","rule":"block_lag.severe","guard":"dry run","checks":1,`,
		`"greatest_lag":{"t":"2025-03-01T13:30:00Z","value":150}`, `"recorded":3,"otherwise":2,`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// What a summary lists is bounded, whatever happens; what it counts is not.
func TestSummaryIsBounded(t *testing.T) {
	var checks []trace.Checked
	for i := range 5000 {
		v := at(i, []Outcome{severe, blind, ok, cause, dry}[i%5], fmt.Sprint("reason ", i))
		checks = append(checks, trace.Checked{Monitor: "aleph", Verdict: v, Recorded: &trace.Check{Verdict: rule.OK}})
	}
	m := summaryOf(checks).Monitors[0]
	if m.ActionCount != 1000 || len(m.Actions) != maxActions || m.Otherwise != 4000 || m.Stretches != 4000 || len(m.Differences) != maxDifferences || len(m.Moments) > maxMoments {
		t.Errorf("%d actions with %d listed, %d differences in %d stretches with %d listed, %d moments", m.ActionCount, len(m.Actions), m.Otherwise, m.Stretches, len(m.Differences), len(m.Moments))
	}
	if !strings.Contains(m.Moments[0].Text, "reason 0") {
		t.Errorf("the first moment is %q, want the first act", m.Moments[0].Text)
	}
}

// A check has one moment, the most interesting; the same checks have the same.
func TestMomentsAreDeterministic(t *testing.T) {
	first, again := summaryOf(anEveningOfANode()).Monitors[0].Moments, summaryOf(anEveningOfANode()).Monitors[0].Moments
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	seen := map[time.Time]bool{}
	for _, m := range first {
		if seen[m.T] {
			t.Errorf("two moments at %s", m.T)
		}
		seen[m.T] = true
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 59*time.Second + 600*time.Millisecond: "1m00s", 61 * time.Minute: "1h01m",
		25 * time.Hour: "1d01h", 700 * 24 * time.Hour: "700d00h"} {
		if got := span(d); got != want {
			t.Errorf("span of %s is %q, want %q", d, got, want)
		}
	}
}

// step is a verdict with what one rule came to.
func step(v rule.Verdict, name, result, saw string) rule.Verdict {
	v.Steps = []ruleset.Step{{Rule: name, Result: result, Saw: saw}}
	return v
}

func TestInstead(t *testing.T) {
	tests := []struct {
		name string
		v    rule.Verdict
		want string
	}{
		{"cooldown", at(0, cooldown, "Container azero was restarted 5s ago. Waiting for 300s cooldown"), "held cooldown: Container azero was restarted 5s ago. Waiting for 300s cooldown"},
		{"dry run", at(0, dry, "no"), "held block_lag.severe (dry run): no"},
		{"threshold", step(at(0, ok, ""), ruleset.RuleSevere, "no", "lag 90, threshold 200"), "ok: lag 90, threshold 200"},
		{"waits", step(at(0, ok, ""), ruleset.RuleSevere, "waits", "lag 120, threshold 100"), "ok: lag 120, threshold 100 (it waits: not yet for long enough)"},
		{"off", step(at(0, ok, ""), ruleset.RuleSevere, "off", "switched off"), "ok: block_lag.severe is off"},
		{"shadow", step(at(0, ok, ""), ruleset.RuleSevere, "shadow", "lag 120, threshold 100"), "ok: lag 120, threshold 100 (shadow: never acts)"},
		{"no such rule", step(at(0, ok, ""), ruleset.RuleModerate, "no", ""), "ok: there is no rule block_lag.severe"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := instead(test.v, ruleset.RuleSevere); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestComparison(t *testing.T) {
	pair := func(monitor string, minutes int, old, is Outcome) trace.Checked {
		was := at(minutes, old, "old reason")
		return trace.Checked{Monitor: monitor, Verdict: at(minutes, is, "new reason"), Old: &was}
	}
	c := NewComparison([]string{"a", "b"})
	var differing int
	var text strings.Builder
	write := func(d *Differing) {
		if err := c.WriteStretch(&text, d); err != nil {
			t.Fatal(err)
		}
	}
	for _, checked := range []trace.Checked{
		pair("a", 0, severe, ok), pair("b", 0, ok, ok), pair("a", 1, cooldown, ok), pair("b", 1, ok, severe),
		pair("a", 2, cooldown, ok), pair("a", 3, ok, ok), pair("b", 3, ok, cooldown), pair("a", 4, dry, severe),
		pair("a", 5, ok, ok), pair("a", 6, severe, ok), pair("a", 7, cooldown, severe), pair("a", 8, ok, ok),
		pair("a", 20, ok, severe), pair("a", 21, severe, cooldown), pair("a", 22, severe, severe),
		{Monitor: "c", Verdict: at(5, severe, "not compared")},
	} {
		differs, ended := c.Add(checked)
		if differs != nil {
			differing++
		}
		if ended != nil {
			write(ended)
		}
	}
	for _, open := range c.End() {
		write(open)
	}
	if err := c.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/comparison.txt", text.String())
	if c.Checks != 15 || c.Differ != differing || differing != 10 || len(c.End()) != 0 {
		t.Errorf("%d checks, %d differ, %d returned", c.Checks, c.Differ, differing)
	}
}

func TestComparisonIsBounded(t *testing.T) {
	c := NewComparison([]string{"a"})
	for i := range 3000 {
		was, is := at(i, severe, ""), at(i, ok, "")
		if i%2 == 0 {
			was, is = is, was
		}
		c.Add(trace.Checked{Monitor: "a", Verdict: is, Old: &was})
	}
	if c.GoneCount != 1500 || c.AddedCount != 1500 || len(c.Gone) != maxRestarts || len(c.Added) != maxRestarts {
		t.Errorf("%d gone with %d listed, %d added with %d listed", c.GoneCount, len(c.Gone), c.AddedCount, len(c.Added))
	}
	var b strings.Builder
	if err := c.WriteText(&b); err != nil || strings.Count(b.String(), "and 1300 more") != 2 {
		t.Errorf("error %v, text:\n%s", err, b.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrors(t *testing.T) {
	if err := summaryOf(anEveningOfANode()).WriteText(brokenWriter{}); err == nil {
		t.Error("a summary that cannot be written is no error")
	}
	if err := NewComparison(nil).WriteText(brokenWriter{}); err == nil {
		t.Error("a comparison that cannot be written is no error")
	}
}

// TestOneStartIsOneMoment: an engine whose clock is a little ahead makes the host
// read a start a moment late at first.
func TestOneStartIsOneMoment(t *testing.T) {
	cases := map[string]struct {
		apart time.Duration
		want  int
	}{
		"the same start":        {0, 0},
		"read a little earlier": {-20 * time.Millisecond, 0},
		"another start":         {time.Minute, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			first, second := at(0, ok, "fine"), at(5, ok, "fine")
			first.Facts = fact.List{{Name: "uptime", Kind: fact.Seconds, Known: true, At: t0}}
			second.Facts = fact.List{{Name: "uptime", Kind: fact.Seconds, Known: true, At: t0.Add(c.apart)}}
			s := summaryOf([]trace.Checked{{Monitor: "aleph", Verdict: first}, {Monitor: "aleph", Verdict: second}})
			got := 0
			for _, m := range s.Monitors[0].Moments {
				if strings.Contains(m.Text, "started anew") {
					got++
				}
			}
			if got != c.want {
				t.Errorf("%d moments tell of a start, want %d: %v", got, c.want, s.Monitors[0].Moments)
			}
		})
	}
}
