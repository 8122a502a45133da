package httpserver

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

// series are the lines of /metrics, value by series.
func series(t *testing.T, s *Server) map[string]string {
	t.Helper()
	code, body := get(t, s, "/metrics")
	if code != 200 {
		t.Fatalf("/metrics is %d", code)
	}
	all := map[string]string{}
	for line := range strings.Lines(body) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			all[name] = value
		}
	}
	return all
}

func TestFactsAsMetrics(t *testing.T) {
	s := serving("aleph")
	v := verdict()
	set := func(name string, change func(*fact.Fact)) {
		for i := range v.Facts {
			if v.Facts[i].Name == name {
				change(&v.Facts[i])
			}
		}
	}
	set("best", func(f *fact.Fact) { f.Count = 105000000 })
	set("eta", func(f *fact.Fact) { f.Number = math.Inf(1) })
	set("producing", func(f *fact.Fact) { f.Truth = false })
	set("session", func(f *fact.Fact) { f.Known = false })
	v.Facts = append(v.Facts, fact.Fact{Name: "fact.peers", Kind: fact.Number, Known: true, Number: 12.5},
		fact.Fact{Name: "fact.role", Kind: fact.Text, Known: true, Text: "AUTHORITY"})
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
	got := series(t, s)
	want := map[string]string{
		`headwatch_lag_blocks{monitor="aleph"}`:                   "0",
		`headwatch_best_blocks{monitor="aleph"}`:                  "1.05e+08",
		`headwatch_head_age_seconds{monitor="aleph"}`:             "2",
		`headwatch_synced_blocks{monitor="aleph"}`:                "3",
		`headwatch_finalized_blocks{monitor="aleph"}`:             "4",
		`headwatch_caught_up_blocks{monitor="aleph"}`:             "5",
		`headwatch_sync_rate_blocks_per_second{monitor="aleph"}`:  "6",
		`headwatch_eta_seconds{monitor="aleph"}`:                  "+Inf",
		`headwatch_stalled_for_seconds{monitor="aleph"}`:          "8",
		`headwatch_falling_behind{monitor="aleph"}`:               "1",
		`headwatch_major_sync{monitor="aleph"}`:                   "1",
		`headwatch_producing{monitor="aleph"}`:                    "0",
		`headwatch_uptime_seconds{monitor="aleph"}`:               "13",
		`headwatch_log_age_seconds{monitor="aleph"}`:              "14",
		`headwatch_since_action_seconds{monitor="aleph"}`:         "15",
		`headwatch_fact{fact="fact.peers",monitor="aleph"}`:       "12.5",
		`headwatch_fact_known{fact="lag",monitor="aleph"}`:        "1",
		`headwatch_fact_known{fact="session",monitor="aleph"}`:    "0",
		`headwatch_fact_known{fact="fact.role",monitor="aleph"}`:  "1",
		`headwatch_blind{monitor="aleph"}`:                        "0",
		`headwatch_verdict{monitor="aleph",rule="",verdict="ok"}`: "1",
		`headwatch_build_info{version="1.2.3"}`:                   "1",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	for _, name := range []string{`headwatch_session_number{monitor="aleph"}`, `headwatch_fact{fact="fact.role",monitor="aleph"}`} {
		if value, ok := got[name]; ok {
			t.Errorf("%s is %s, want no such series", name, value)
		}
	}
}

// A number never stands for a fact that is unknown, also not the last one.
func TestUnknownFactsHaveNoSeries(t *testing.T) {
	s := serving("aleph")
	v := verdict()
	v.Facts = append(v.Facts, fact.Fact{Name: "fact.peers", Kind: fact.Number, Known: true, Number: 12})
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: blind()})
	got := series(t, s)
	for _, f := range fact.BuiltIn() {
		if value, ok := got["headwatch_"+factMetric(f)+`{monitor="aleph"}`]; ok {
			t.Errorf("%s is %s though it is unknown", f.Name, value)
		}
		if value := got[`headwatch_fact_known{fact="`+f.Name+`",monitor="aleph"}`]; value != "0" {
			t.Errorf("%s is known: %q, want 0", f.Name, value)
		}
	}
	for name := range got {
		if strings.Contains(name, "fact.peers") {
			t.Errorf("%s is left of a run that gave it", name)
		}
	}
}

func TestCounters(t *testing.T) {
	s := serving("aleph")
	zero := series(t, s)
	for _, name := range []string{`headwatch_actions_total{monitor="aleph",outcome="done"}`, `headwatch_actions_killed_total{monitor="aleph"}`, `headwatch_blind_total{monitor="aleph"}`} {
		if zero[name] != "0" {
			t.Errorf("%s begins as %q, want 0", name, zero[name])
		}
	}
	act := verdict()
	act.Kind, act.Rule = rule.Act, ruleset.RuleSevere
	shadowed := verdict()
	shadowed.Shadowed = []string{ruleset.RuleSevere, "rule.quiet"}
	for _, v := range []rule.Verdict{shadowed, act, blind(), blind(), verdict(), blind()} {
		s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
	}
	s.Acted(monitor.Act{Monitor: "aleph", Result: sdk.Result{Outcome: sdk.Done, Killed: true, StopTook: 1500 * time.Millisecond}})
	for _, o := range []sdk.Outcome{sdk.Done, sdk.NotDone, sdk.Failed, sdk.Unknown, 0} {
		s.Acted(monitor.Act{Monitor: "aleph", Result: sdk.Result{Outcome: o}})
	}
	got := series(t, s)
	want := map[string]string{
		`headwatch_checks_total{monitor="aleph",rule="",verdict="ok"}`:                  "2",
		`headwatch_checks_total{monitor="aleph",rule="block_lag.severe",verdict="act"}`: "1",
		`headwatch_checks_total{monitor="aleph",rule="evidence",verdict="unknown"}`:     "3",
		`headwatch_verdict{monitor="aleph",rule="evidence",verdict="unknown"}`:          "1",
		`headwatch_shadow_verdicts_total{monitor="aleph",rule="block_lag.severe"}`:      "1",
		`headwatch_shadow_verdicts_total{monitor="aleph",rule="rule.quiet"}`:            "1",
		`headwatch_blind_total{monitor="aleph"}`:                                        "2",
		`headwatch_blind{monitor="aleph"}`:                                              "1",
		`headwatch_actions_total{monitor="aleph",outcome="done"}`:                       "2",
		`headwatch_actions_total{monitor="aleph",outcome="not_done"}`:                   "1",
		`headwatch_actions_total{monitor="aleph",outcome="failed"}`:                     "1",
		`headwatch_actions_total{monitor="aleph",outcome="unknown"}`:                    "2",
		`headwatch_actions_killed_total{monitor="aleph"}`:                               "1",
		`headwatch_action_stop_seconds{monitor="aleph"}`:                                "1.5",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	verdicts := slices.DeleteFunc(slices.Collect(maps.Keys(got)), func(n string) bool { return !strings.HasPrefix(n, "headwatch_verdict{") })
	if len(verdicts) != 1 {
		t.Errorf("verdicts %v, want the last one only", verdicts)
	}
}

func TestMonitorsThatAreGone(t *testing.T) {
	s := serving("old", "stays")
	for _, name := range []string{"old", "stays"} {
		s.Checked(monitor.Check{Monitor: name, Verdict: verdict()})
		s.Acted(monitor.Act{Monitor: name, Result: sdk.Result{Outcome: sdk.Done, Killed: true, StopTook: time.Second}})
	}
	s.Watch(intervals("stays", "new"), 0)
	// The monitor that is gone says its last words.
	s.Checked(monitor.Check{Monitor: "old", Verdict: verdict()})
	s.Acted(monitor.Act{Monitor: "old", Result: sdk.Result{Outcome: sdk.Done, Killed: true, StopTook: time.Second}})
	got := series(t, s)
	for name := range got {
		if strings.Contains(name, `monitor="old"`) {
			t.Errorf("%s is left of a monitor that is gone", name)
		}
	}
	for _, name := range []string{`headwatch_actions_total{monitor="stays",outcome="done"}`, `headwatch_checks_total{monitor="stays",rule="",verdict="ok"}`} {
		if got[name] != "1" {
			t.Errorf("%s is %q, want that it goes on from 1", name, got[name])
		}
	}
	if value := got[`headwatch_actions_total{monitor="new",outcome="done"}`]; value != "0" {
		t.Errorf("actions of a new monitor begin as %q, want 0", value)
	}
	for _, path := range []string{"/healthz", "/readyz", "/status"} {
		if _, body := get(t, s, path); strings.Contains(body, "old") {
			t.Errorf("%s still names a monitor that is gone: %s", path, body)
		}
	}
}

func TestHazardsAreShown(t *testing.T) {
	s := serving("aleph")
	found := []rule.Hazard{{ID: "purge", Level: rule.HazardRefuse, What: "it deletes its chain", Mend: "stop that"}, {ID: "no_volume", Level: rule.HazardWarn}}
	const purge, volume = `headwatch_target_hazard{id="purge",level="refuse",monitor="aleph"}`, `headwatch_target_hazard{id="no_volume",level="warn",monitor="aleph"}`
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict(), Hazards: found})
	if got := series(t, s); got[purge] != "1" || got[volume] != "1" {
		t.Errorf("hazards are shown as %q and %q", got[purge], got[volume])
	}
	if _, body := get(t, s, "/status"); !strings.Contains(body, "it deletes its chain") || !strings.Contains(body, "stop that") {
		t.Errorf("/status is %s", body)
	}
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict(), Hazards: found[1:]})
	if got := series(t, s); got[purge] != "" || got[volume] != "1" {
		t.Errorf("after a mend hazards are shown as %q and %q", got[purge], got[volume])
	}
}

func TestMetricsFollowTheConventions(t *testing.T) {
	s := serving("aleph")
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
	s.Acted(monitor.Act{Monitor: "aleph", Result: sdk.Result{Outcome: sdk.Done, StopTook: time.Second}})
	_, body := get(t, s, "/metrics")
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, f := range fact.BuiltIn() {
		name := factMetric(f)
		unit := map[fact.Kind]string{fact.Blocks: "_blocks", fact.Seconds: "_seconds", fact.Number: "_per_second"}[f.Kind]
		if f.Name == "block_time" {
			unit = "_seconds"
		}
		if !slices.Contains([]string{"session", "heads", "starts", "unhelpful", "node_peers"}, f.Name) && !strings.HasSuffix(name, unit) {
			t.Errorf("metric %s has no unit %s", name, unit)
		}
	}
}

// How late a log arrives is told while it is known.
func TestLogDelay(t *testing.T) {
	s := serving("aleph")
	for _, test := range []struct {
		delay time.Duration
		want  string
	}{{45 * time.Second, "45"}, {0, "0"}, {-1, ""}} {
		s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict(), LogDelay: test.delay})
		if got := series(t, s)[`headwatch_log_delay_seconds{monitor="aleph"}`]; got != test.want {
			t.Errorf("a delay of %s is %q", test.delay, got)
		}
	}
}

// A scrape in the middle of a check must not see half of it.
func TestScrapesSeeWholeChecks(t *testing.T) {
	s := serving("aleph")
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
	var checking sync.WaitGroup
	checking.Go(func() {
		for range 300 {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: blind()})
		}
	})
	for range 50 {
		got := series(t, s)
		_, lag := got[`headwatch_lag_blocks{monitor="aleph"}`]
		known := got[`headwatch_fact_known{fact="lag",monitor="aleph"}`] == "1"
		_, ok := got[`headwatch_verdict{monitor="aleph",rule="",verdict="ok"}`]
		if lag != known || lag != ok {
			t.Fatalf("lag is shown: %t, known: %t, verdict ok: %t; want one check", lag, known, ok)
		}
	}
	checking.Wait()
}

func TestRecordingAsMetrics(t *testing.T) {
	s := serving("aleph")
	has := func(name string) string { return series(t, s)[name] }
	if got := has("headwatch_recording_files"); got != "" {
		t.Errorf("%s files where nothing is recorded", got)
	}
	s.RecordingLost("aleph", 0)
	s.RecordingStored(1500, 3)
	const dropped = `headwatch_recording_dropped_records_total{monitor="aleph"}`
	if has("headwatch_recording_bytes") != "1500" || has("headwatch_recording_files") != "3" || has(dropped) != "0" {
		t.Errorf("series %v", series(t, s))
	}
	s.RecordingLost("aleph", 5)
	s.RecordingLost("aleph", 2)
	if got := has(dropped); got != "7" {
		t.Errorf("%s records dropped, want 7", got)
	}
	// Another configuration, which may record nothing.
	s.Watch(map[string]time.Duration{"aleph": time.Minute}, 0)
	if got := has("headwatch_recording_bytes"); got != "" {
		t.Errorf("%s bytes where nothing is recorded any more", got)
	}
}

// What each head source is worth, and what came of acts, is shown as it is at the
// last check.
func TestHeadsAndOutcomesInMetrics(t *testing.T) {
	s := serving("aleph")
	check := monitor.Check{Monitor: "aleph", Verdict: verdict(), Heads: []rule.JudgedHead{
		{Source: "one", HeadReport: rule.HeadReport{Head: rule.Head{Best: 7}}},
		{Source: "two", HeadReport: rule.HeadReport{Error: "refused"}, Unusable: "refused", Excluded: "error"}},
		Acts: acts.Ledger{Acts: []acts.Act{{Outcome: acts.Helped}, {Outcome: acts.NoEffect}, {Outcome: acts.Helped}, {}}}}
	s.Checked(check)
	_, body := get(t, s, "/metrics")
	for _, line := range []string{`headwatch_head_height_blocks{monitor="aleph",source="one"} 7`, `headwatch_head_eligible{monitor="aleph",source="one"} 1`,
		`headwatch_head_eligible{monitor="aleph",source="two"} 0`, `headwatch_head_excluded{monitor="aleph",reason="error",source="two"} 1`,
		`headwatch_acts{monitor="aleph",outcome="helped"} 2`, `headwatch_acts{monitor="aleph",outcome="no_effect"} 1`, `headwatch_acts{monitor="aleph",outcome="pending"} 1`} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
	check.Verdict.Guards = []rule.Standing{{Guard: "paused", Holds: true, Why: "kim paused it: a new disk"}}
	s.Checked(check)
	_, shown := get(t, s, "/status")
	for _, part := range []string{`"helped": 2`, `"pending": 1`, `"no_effect": 1`, `"outcome": "pending"`, `"guard": "paused"`, "kim paused it: a new disk"} {
		if !strings.Contains(shown, part) {
			t.Errorf("/status has no %s:\n%s", part, shown)
		}
	}
	if strings.Contains(body, `headwatch_head_height_blocks{monitor="aleph",source="two"}`) {
		t.Error("a source that failed has a height")
	}
	check.Heads[1] = rule.JudgedHead{Source: "two", HeadReport: rule.HeadReport{Head: rule.Head{Best: 8}}}
	s.Checked(check)
	if _, body := get(t, s, "/metrics"); strings.Contains(body, "headwatch_head_excluded{") {
		t.Error("a source that counts again is excluded")
	}
}
