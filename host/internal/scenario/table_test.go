package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

func TestTableIsReadAsItIsWritten(t *testing.T) {
	table := []entry{
		{from: time.Minute, to: 20 * time.Minute, kind: rule.OK, reason: "lag 5"},
		{from: 21 * time.Minute, to: 21 * time.Minute, kind: rule.Act, rule: ruleset.RuleSevere, reason: "behind by 120 | and more"},
		{from: 22 * time.Minute, to: 90 * time.Minute, kind: rule.Held, rule: rule.RuleCooldown, reason: "was restarted 60s ago"},
		{from: 90*time.Minute + 500*time.Millisecond, to: 25 * time.Hour, kind: rule.Unknown, rule: rule.RuleEvidence, reason: "no usable head"},
	}
	lines := renderTable(table)
	golden(t, "testdata/table.txt", strings.Join(lines, "\n")+"\n")
	got, err := parseTable(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := diffTables(got, table); lines != nil {
		t.Errorf("they differ:\n%s", strings.Join(lines, "\n"))
	}
}

func TestBadTables(t *testing.T) {
	for _, text := range []string{"1m", "1m fine", "soon ok", "1m .. soon ok", "1m .. 2m .. 3m ok", "1m act two rules"} {
		if table, err := parseTable("\n" + text + "\n"); err == nil || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("%q: %v, %v", text, table, err)
		}
	}
}

func TestDiffTables(t *testing.T) {
	tests := []struct{ name, want, got, diff string }{
		{"the same", "1m .. 2m ok\n3m act x", "1m .. 2m ok\n3m act x | why", ""},
		{"nothing wanted", "", "1m ok", "+ 1m  ok"},
		{"nothing came", "1m ok", "", "- 1m  ok"},
		{"another in the middle", "1m ok\n2m act x\n3m ok", "1m ok\n2m act y\n3m ok", "  1m  ok\n- 2m  act  x\n+ 2m  act  y\n  3m  ok"},
		{"one more", "1m ok\n3m ok", "1m ok\n2m act y\n3m ok", "  1m  ok\n+ 2m  act  y\n  3m  ok"},
		{"parted by an act", "1m .. 5m ok", "1m .. 3m ok\n4m act x\n5m ok", "- 1m .. 5m  ok\n+ 1m .. 3m  ok\n+ 4m        act  x\n+ 5m        ok"},
		{"not in their order", "3m ok\n1m ok", "1m ok", "+ 1m  ok\n- 3m  ok\n- 1m  ok"},
		{"another reason", "1m act x | a", "1m act x | b", "- 1m  act  x  | a\n+ 1m  act  x  | b"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want, err := parseTable(test.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parseTable(test.got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.diff, strings.Join(diffTables(want, got), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOffset(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Minute: "1m", 90 * time.Second: "1m30s", time.Hour: "1h", time.Hour + time.Second: "1h0m1s",
		10 * time.Minute: "10m", -3 * time.Hour: "-3h", 1500 * time.Millisecond: "1.5s", 100 * time.Hour: "100h",
	} {
		if got := Offset(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if back, err := time.ParseDuration(Offset(d)); err != nil || back != d {
			t.Errorf("%s reads back as %s, %v", Offset(d), back, err)
		}
	}
}
