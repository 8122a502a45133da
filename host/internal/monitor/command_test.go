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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

func (h *host) do(t *testing.T, p *rule.Pause) (Answer, error) {
	t.Helper()
	return h.monitor.Do(t.Context(), Command{Pause: p})
}

// A pause holds what would be done, also over a restart of the host, until its time
// is over or a person ends it.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		answer, err := h.do(t, &rule.Pause{For: time.Hour, Reason: "the disk is being replaced", By: "kim"})
		if err != nil || answer.Text != "paused by kim until 2000-01-01T01:00:00Z: the disk is being replaced" {
			t.Errorf("answer %q, error %v", answer.Text, err)
		}
		w.change(func() { w.best = 2000 })
		pass(10 * time.Minute)
		if v := w.last(); v.Kind != rule.Held || v.Guard != rule.GuardPaused || !strings.Contains(v.Reason, "kim paused it: the disk is being replaced") {
			t.Errorf("in the pause: %s, guard %q: %s", v.Kind, v.Guard, v.Reason)
		}
		h.stop(t)
		next := w.died()
		next.log(next.backlog(1000)...)
		h = next.host()
		pass(45 * time.Minute)
		if v := next.last(); v.Kind != rule.Held || v.Guard != rule.GuardPaused {
			t.Errorf("in the next host: %s, guard %q", v.Kind, v.Guard)
		}
		pass(6 * time.Minute)
		if n := len(next.asked()); n != 1 {
			t.Errorf("%d acts after the pause, want 1", n)
		}
		h.stop(t)
	})
}

// stuck is a node that says after each restart that it stands where it stood.
func stuck(t *testing.T) *world {
	w := behind(t)
	w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
		result, err := w.restart(ctx, r)
		w.log(block(500))
		return result, err
	}
	return w
}

func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stuck(t)
		w.settings.Budget = &acts.Budget{Actions: 1, Per: 24 * time.Hour, Forgive: time.Hour}
		h := w.host()
		pass(time.Hour)
		if v := w.last(); len(w.asked()) != 1 || v.Guard != rule.GuardBudget {
			t.Fatalf("%d acts, guard %q; want one, and a budget that is spent", len(w.asked()), v.Guard)
		}
		answer, err := h.do(t, &rule.Pause{By: "kim"})
		if err != nil || answer.Text != "resumed by kim" {
			t.Errorf("answer %q, error %v", answer.Text, err)
		}
		pass(2 * time.Minute)
		if n := len(w.asked()); n != 2 {
			t.Errorf("%d acts after a person resumed, want 2", n)
		}
		h.stop(t)
	})
}

func TestCheckNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(10 * time.Second)
		before := len(w.outcomes())
		w.change(func() { w.best = 1050 })
		answer, err := h.do(t, nil)
		if err != nil || answer.Verdict == nil || answer.Verdict.Facts.Get("lag").Count != 50 || !strings.HasPrefix(answer.Text, "ok: ") {
			t.Errorf("answer %+v, error %v", answer, err)
		}
		if n := len(w.outcomes()); n != before+1 {
			t.Errorf("%d checks more, want 1", n-before)
		}
		h.stop(t)
		if _, err := h.do(t, nil); !errors.Is(err, errEnded) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// A pause that cannot be kept holds all the same, and says so; a busy monitor does
// not keep a person waiting for ever.
func TestCommandThatCannotBeCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.saveErr = errors.New("disk full")
		w.log(w.backlog(1000)...)
		h := w.host()
		if _, err := h.do(t, &rule.Pause{For: time.Hour, Reason: "x", By: "kim"}); err == nil || !strings.Contains(err.Error(), unwritable) {
			t.Errorf("error %v", err)
		}
		if _, err := h.do(t, &rule.Pause{For: MostPause + 1, Reason: "x", By: "kim"}); err == nil {
			t.Error("a pause of more than seven days is taken")
		}
		w.change(func() {
			w.inspect = func(ctx context.Context) (sdk.State, error) { <-ctx.Done(); return sdk.State{}, ctx.Err() }
		})
		pass(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.monitor.Do(ctx, Command{}); err == nil || !strings.Contains(err.Error(), "busy") {
			t.Errorf("while it inspects: %v", err)
		}
		h.stop(t)
	})
}

// What was done, what came of it and what holds because of it are the same for the
// next host, whenever the first dies.
func TestLedgerOverARestart(t *testing.T) {
	for _, minutes := range []int{2, 7, 12, 30} {
		synctest.Test(t, func(t *testing.T) { // the next host begins at once, or long after that
			away := time.Duration(minutes%2) * time.Hour
			w := stuck(t)
			w.settings.Recovery = &acts.Recovery{Unhelpful: 1, Quarantine: 24 * time.Hour}
			w.settings.CrashLoop = &acts.CrashLoop{Starts: 4, Per: 15 * time.Minute}
			h := w.host()
			pass(time.Duration(minutes)*time.Minute + time.Second)
			h.end() // nothing more is saved than what was at the last check
			kept := w.stored().Lasting
			h.stop(t)
			next := w.died()
			pass(away)
			next.log(next.backlog(500)...)
			other := next.host()
			pass(time.Second)
			got := next.stored().Lasting
			// The log is read again, and this one's lines have other stamps then.
			read := cmpopts.IgnoreFields(acts.Act{}, "FirstLine", "FirstBlock")
			if away > 0 { // its first check shows what came of the act
				read = cmpopts.IgnoreFields(acts.Act{}, "FirstLine", "FirstBlock", "Outcome", "Judged")
			}
			if diff := cmp.Diff(kept.Acts.Acts, got.Acts.Acts, read); diff != "" || len(got.Acts.Acts) != 1 {
				t.Errorf("killed after %d minutes (-before +after):\n%s", minutes, diff)
			}
			if diff := cmp.Diff(kept.Acts.Starts, got.Acts.Starts); diff != "" {
				t.Errorf("killed after %d minutes, starts (-before +after):\n%s", minutes, diff)
			}
			pass(40 * time.Minute)
			if v := next.last(); len(next.asked()) != 0 || v.Guard != rule.GuardRecovery {
				t.Errorf("killed after %d minutes: %d acts, guard %q", minutes, len(next.asked()), v.Guard)
			}
			other.stop(t)
		})
	}
}

// What came of an act is said once, and by the host that saw it.
func TestOutcomeIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stuck(t)
		w.settings.Recovery = &acts.Recovery{Unhelpful: 1, Quarantine: 24 * time.Hour}
		h := w.host()
		pass(30 * time.Minute)
		if n := w.told(slog.LevelWarn, "the restart did not help"); n != 1 {
			t.Errorf("told %d times that it did not help, want once", n)
		}
		if n := w.told(slog.LevelError, "a person has to see to this node"); n != 1 {
			t.Errorf("a person was called %d times, want once", n)
		}
		pass(2 * time.Hour)
		if n := w.told(slog.LevelError, "a person has to see to this node"); n != 3 {
			t.Errorf("a person was called %d times in two hours more, want 3", n)
		}
		h.stop(t)
		next := w.died()
		next.log(next.backlog(500)...)
		h = next.host()
		pass(30 * time.Minute)
		if n := next.told(slog.LevelWarn, "the restart did not help"); n != 0 {
			t.Errorf("the next host told %d times of it", n)
		}
		h.stop(t)
	})
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			result, err := w.restart(ctx, r)
			w.log(block(999))
			return result, err
		}
		h := w.host()
		pass(30 * time.Minute)
		if n := w.told(slog.LevelInfo, "the restart helped"); n != 1 {
			t.Errorf("told %d times that it helped, want once", n)
		}
		h.stop(t)
	})
}

// A catch-up that will take longer than a day is said once.
func TestSlowCatchUpIsSaid(t *testing.T) {
	for blocks, want := range map[int]int{12: 1, 600: 0} { // a minute, of ten that the network makes
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.settings.Judge = &judge.Settings{Quorum: 1, Tolerance: 10 * time.Second}
			w.settings.CatchingUp = &rule.CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute, Alert: 24 * time.Hour}
			w.best = 100000
			w.log(w.backlog(1000)...)
			h := w.host()
			for m := range 30 {
				pass(time.Minute)
				w.change(func() { w.best += 10 })
				w.log(block(1000 + blocks*(m+1)))
			}
			if n := w.told(slog.LevelWarn, "will need long"); n != want {
				t.Errorf("%d blocks a minute: told %d times, want %d", blocks, n, want)
			}
			h.stop(t)
		})
	}
}
