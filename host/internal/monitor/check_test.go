package monitor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

func TestFirstCheckIsMadeAtTheEndOfTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		h := w.host()
		w.log(sdk.RunStarted{StartedAt: w.state.StartedAt}, block(990))
		pass(10 * time.Second)
		if n := w.checks(); n != 0 {
			t.Fatalf("%d checks on half a backlog", n)
		}
		w.log(block(999), sdk.BacklogEnd{})
		pass(0)
		if diff := cmp.Diff([]string{"ok"}, w.outcomes()); diff != "" {
			t.Fatalf("verdicts (-want +got):\n%s", diff)
		}
		if got := w.last(); got.Fetched != 2 || got.Facts.Get("synced").Count != 999 {
			t.Errorf("fetched %d lines, synced %v; want 2 and 999", got.Fetched, got.Facts.Get("synced"))
		}
		pass(time.Minute - time.Nanosecond)
		if n := w.checks(); n != 1 {
			t.Errorf("%d checks before an interval is over, want 1", n)
		}
		pass(time.Nanosecond)
		if n := w.checks(); n != 2 {
			t.Errorf("%d checks after one interval, want 2", n)
		}
		h.stop(t)
	})
}

func TestFirstCheckDoesNotWaitForEverForTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		h := w.host()
		w.log(sdk.RunStarted{StartedAt: w.state.StartedAt}, block(1))
		pass(time.Minute)
		if diff := cmp.Diff([]string{"unknown evidence"}, w.outcomes()); diff != "" {
			t.Fatalf("verdicts (-want +got):\n%s", diff)
		}
		if got := w.last().Reason; !strings.Contains(got, "log not read yet") {
			t.Errorf("reason %q does not say that the log was not read yet", got)
		}
		w.log(block(999), sdk.BacklogEnd{})
		pass(30 * time.Second)
		if n := w.checks(); n != 1 {
			t.Errorf("%d checks, want the second one an interval after the first", n)
		}
		pass(30 * time.Second)
		if diff := cmp.Diff([]string{"unknown evidence", "ok"}, w.outcomes()); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
		h.stop(t)
	})
}

func TestFirstCheckIsDueOneIntervalAfterTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.inspect = func(ctx context.Context) (sdk.State, error) {
			sleep(ctx, 20*time.Second)
			return w.state, nil
		}
		h := w.host()
		pass(time.Minute + 20*time.Second)
		if n := w.checks(); n != 1 {
			t.Errorf("%d checks, want the first an interval after the start though the target is slow to inspect", n)
		}
		h.stop(t)
	})
}

func TestChecksKeepTheirSchedule(t *testing.T) {
	tests := []struct {
		name string
		took time.Duration
		want []time.Duration
	}{
		{"at once", 0, []time.Duration{0, 60 * time.Second, 120 * time.Second, 180 * time.Second, 240 * time.Second}},
		{"slow", 20 * time.Second, []time.Duration{20 * time.Second, 80 * time.Second, 140 * time.Second, 200 * time.Second}},
		{"longer than the interval", 70 * time.Second, []time.Duration{70 * time.Second, 190 * time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.getHead = func(ctx context.Context) (sdk.Head, error) {
					sleep(ctx, test.took)
					return sdk.Head{Best: 1000}, nil
				}
				begin := time.Now()
				w.log(w.backlog(1000)...)
				h := w.host()
				pass(250 * time.Second)
				h.stop(t)
				var got []time.Duration
				for _, v := range w.verdicts {
					got = append(got, v.Time.Sub(begin))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("checks (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A log that always has a line ready must not keep a check from being made.
func TestChecksAreMadeDuringAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		w.change(func() { w.parserTakes = 20 * time.Millisecond })
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case w.feed <- block(1000):
				}
			}
		}()
		time.Sleep(3*time.Minute + 5*time.Second)
		close(stop)
		h.stop(t)
		if n := w.checks(); n != 4 {
			t.Errorf("%d checks in three minutes of a flood, want 4", n)
		}
	})
}

func TestSentencesAreLoggedOncePerCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		w.log(block(1000))
		pass(time.Minute)
		h.stop(t)
		want := []record{
			{slog.LevelInfo, "Latest RPC block retrieved: 1000", ""},
			{slog.LevelInfo, "Latest synced block retrieved: 990", ""},
			{slog.LevelInfo, "Fetched 1 lines from docker logs", ""},
			{slog.LevelInfo, "Container is not in a major sync state.", ""},
			{slog.LevelInfo, "Container is not producing blocks.", ""},
			{slog.LevelInfo, "Container azero - Lag: 10 blocks, Caught up: unknown blocks, Sync rate: unknown blocks/s, ETA to catch up: unknowns", "verdict=ok"},
			{slog.LevelInfo, "Latest RPC block retrieved: 1000", ""},
			{slog.LevelInfo, "Latest synced block retrieved: 1000", ""},
			{slog.LevelInfo, "Fetched 1 lines from docker logs", ""},
			{slog.LevelInfo, "Container is not in a major sync state.", ""},
			{slog.LevelInfo, "Container is not producing blocks.", ""},
			{slog.LevelInfo, "Container azero - Lag: 0 blocks, Caught up: 10 blocks, Sync rate: 0.17 blocks/s, ETA to catch up: 0s", ""},
			{slog.LevelInfo, "Container azero is fully caught up at block #1000", "verdict=ok"},
		}
		if diff := cmp.Diff(want, w.records, cmp.AllowUnexported(record{})); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestBlindMonitorWarnsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.headErr = errors.New("no route to host")
		w.log(w.backlog(990)...)
		h := w.host()
		pass(10 * time.Minute)
		if n := w.told(slog.LevelWarn, "blind"); n != 0 {
			t.Errorf("%d warnings within ten minutes", n)
		}
		pass(20 * time.Minute)
		if n := w.told(slog.LevelWarn, "blind"); n != 1 {
			t.Errorf("%d warnings after half an hour, want 1", n)
		}
		w.change(func() { w.headErr = nil })
		pass(time.Minute)
		if got := w.last().Kind; got != rule.OK {
			t.Errorf("verdict %s once the head is back, want ok", got)
		}
		w.change(func() { w.headErr = errors.New("no route to host") })
		pass(20 * time.Minute)
		if n := w.told(slog.LevelWarn, "blind"); n != 2 {
			t.Errorf("%d warnings after it went blind again, want 2", n)
		}
		if n := len(w.asked()); n != 0 {
			t.Errorf("%d acts though nothing was known", n)
		}
		h.stop(t)
	})
}

func TestCauseAndTroubleAreToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(block(500), lines("trouble database", "fatal equivocation"), sdk.BacklogEnd{})
		h := w.host()
		pass(5 * time.Minute)
		h.stop(t)
		if got := w.last(); got.Rule != rule.RuleCause {
			t.Errorf("rule %s, want cause", got.Rule)
		}
		if n := w.told(slog.LevelError, "equivocation"); n != 1 {
			t.Errorf("the cause was told %d times, want once", n)
		}
		if n := w.told(slog.LevelWarn, "trouble database"); n != 1 {
			t.Errorf("the trouble was told %d times, want once", n)
		}
	})
}

func TestNotesAreToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.state.Notes = []string{"it has no volume", "its first process is a shell"}
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(5 * time.Minute)
		h.stop(t)
		for _, note := range w.state.Notes {
			if n := w.told(slog.LevelWarn, note); n != 1 {
				t.Errorf("note %q was told %d times, want once", note, n)
			}
		}
	})
}

// Each hazard is said once for a container, at its level, where a preflight is asked
// for; one that forbids an act holds it, unless it is allowed.
func TestPreflight(t *testing.T) {
	found := []sdk.Hazard{
		{ID: "purge", Level: sdk.HazardRefuse, What: "it deletes its chain", Mend: "stop that"},
		{ID: "no_volume", Level: sdk.HazardWarn, What: "it has no volume", Mend: "give it one"},
		{ID: "updater", Level: sdk.HazardNote, What: "others update it", Mend: "agree with them"},
	}
	for name, test := range map[string]struct {
		preflight *rule.Preflight
		levels    [3]slog.Level
		said      int
		kind      rule.VerdictKind
		acts      bool
	}{
		"none":    {nil, [3]slog.Level{}, 0, rule.Act, true},
		"forbids": {&rule.Preflight{}, [3]slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo}, 2, rule.Held, false},
		"allowed": {&rule.Preflight{Allow: []string{"purge"}}, [3]slog.Level{slog.LevelWarn, slog.LevelWarn, slog.LevelInfo}, 2, rule.Act, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.settings.Preflight = test.preflight
				w.state.Hazards, w.state.Notes = found, []string{"it has no volume"}
				w.log(w.backlog(500)...)
				h := w.host()
				pass(30 * time.Second)
				acts := w.asked()
				if (len(acts) > 0) != test.acts {
					t.Errorf("%d acts", len(acts))
				}
				if test.acts && (acts[0].Preflight != (test.preflight != nil) || len(acts[0].AllowedHazards) != test.said/2) {
					t.Errorf("the request is %+v", acts[0])
				}
				pass(5 * time.Minute)
				w.change(func() { w.state.ID = "another" })
				pass(5 * time.Minute)
				h.stop(t)
				for i, h := range found {
					if n := w.told(test.levels[i], "preflight: "+h.What); n != test.said {
						t.Errorf("%s was told %d times at %s, want %d", h.ID, n, test.levels[i], test.said)
					}
				}
				if got := w.outcomes()[0]; !strings.HasPrefix(got, string(test.kind)) {
					t.Errorf("the first check comes to %s, want %s", got, test.kind)
				}
			})
		})
	}
}

func TestTwoMonitorsOnOneTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.owner = "other"
		w.log(w.backlog(500)...)
		h := w.host()
		pass(10 * time.Minute)
		h.stop(t)
		v := w.last()
		if v.Kind != rule.Held || !strings.Contains(v.Reason, "monitor other watches the same target") {
			t.Errorf("verdict %s, %q; want held for the other monitor", v.Kind, v.Reason)
		}
		if n := len(w.asked()); n != 0 {
			t.Errorf("%d acts on a target of another monitor", n)
		}
	})
}

func TestTargetThatCannotBeJudged(t *testing.T) {
	code := 1
	tests := []struct {
		name  string
		state sdk.State
		err   error
		want  string
	}{
		{"absent", sdk.State{}, nil, "is absent"},
		{"stopped", sdk.State{Exists: true, ID: "c1", Name: container, StartedAt: time.Unix(1, 0), ExitCode: &code}, nil, "is stopped (exit code 1)"},
		{"paused", sdk.State{Exists: true, Running: true, Paused: true, ID: "c1", Name: container}, nil, "is paused"},
		{"restarting", sdk.State{Exists: true, Running: true, Restarting: true, ID: "c1", Name: container}, nil, "is restarting"},
		{"unreadable", sdk.State{}, errors.New("engine says no"), "engine says no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.log(w.backlog(1)...)
				w.state, w.inspectErr = test.state, test.err
				h := w.host()
				pass(5 * time.Minute)
				h.stop(t)
				v := w.last()
				if v.Rule != rule.RuleTarget || !strings.Contains(v.Reason, test.want) {
					t.Errorf("rule %s, reason %q; want target and %q", v.Rule, v.Reason, test.want)
				}
				if n := len(w.asked()); n != 0 {
					t.Errorf("%d acts", n)
				}
			})
		})
	}
}
