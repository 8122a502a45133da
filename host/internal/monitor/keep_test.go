package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

func TestNothingIsDoneWithoutAWrittenIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.saveErr = errors.New("no space left on device")
		h := w.host()
		pass(5 * time.Minute)
		v := w.last()
		want := "Container azero is behind by 500 blocks (>100). Restarting... (state cannot be written: not restarted)"
		if v.Kind != rule.Held || v.Rule != ruleset.RuleSevere || v.Guard != "state cannot be written" || v.Reasons[0] != want {
			t.Errorf("verdict %s, rule %s, guard %q, reason %q; want held, and %q", v.Kind, v.Rule, v.Guard, v.Reasons[0], want)
		}
		if n := len(w.asked()); n != 0 {
			t.Errorf("%d acts without a written intent", n)
		}
		if n := w.told(slog.LevelError, "no space left on device"); n != 1 {
			t.Errorf("the failure was told %d times, want once", n)
		}
		w.change(func() { w.saveErr = nil })
		pass(time.Minute)
		h.stop(t)
		if n := len(w.asked()); n != 1 {
			t.Errorf("%d acts once the state can be written, want 1", n)
		}
	})
}

func TestNothingIsDoneBeforeTheStateIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.kept["aleph"] = Kept{LastDone: time.Now().Add(-time.Minute)}
		w.loadErr = errors.New("input/output error")
		h := w.host()
		pass(90 * time.Second)
		if v := w.last(); v.Kind != rule.Held || v.Guard != "state cannot be read" {
			t.Errorf("verdict %s, guard %q; want held", v.Kind, v.Guard)
		}
		if n := w.told(slog.LevelError, "input/output error"); n != 1 {
			t.Errorf("the failure was told %d times, want once", n)
		}
		w.change(func() { w.loadErr = nil })
		pass(time.Minute)
		if v := w.last(); v.Rule != rule.RuleCooldown {
			t.Errorf("rule %s once the state is read, want the cooldown that it holds", v.Rule)
		}
		pass(5 * time.Minute)
		h.stop(t)
		if n := len(w.asked()); n != 1 {
			t.Errorf("%d acts after the cooldown, want 1", n)
		}
	})
}

// Nothing is done while there is no place for the state, and each check tries
// again: one that becomes usable and holds nothing is a first start.
func TestNothingIsDoneWithoutAPlaceForTheState(t *testing.T) {
	for hold, err := range map[string]error{
		unwritable: fmt.Errorf("%w: read-only file system", ErrUnwritable),
		unreadable: errors.New("input/output error"),
	} {
		synctest.Test(t, func(t *testing.T) {
			w := behind(t)
			w.loadErr = err
			h := w.host()
			pass(time.Minute)
			if v := w.last(); v.Kind != rule.Held || v.Guard != hold {
				t.Errorf("verdict %s, guard %q; want held for %q", v.Kind, v.Guard, hold)
			}
			if n := len(w.asked()); n != 0 {
				t.Errorf("%d acts", n)
			}
			w.change(func() { w.loadErr = nil })
			pass(time.Minute)
			if n := len(w.asked()); n != 1 {
				t.Errorf("%d acts once there is a place for the state, want 1", n)
			}
			h.stop(t)
		})
	}
}

// A damaged state counts as a full cooldown, and goes on counting when the host
// is killed within it.
func TestDamagedStateIsAFullCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.aside = "/state/monitor-aleph.json.damaged-1"
		h := w.host()
		if v := w.last(); v.Rule != rule.RuleCooldown {
			t.Errorf("rule %s, want cooldown", v.Rule)
		}
		if n := w.told(slog.LevelWarn, w.aside); n != 1 {
			t.Errorf("the file was told %d times, want once", n)
		}
		next := w.died()
		h.stop(t)
		pass(time.Minute)
		next.log(sdk.RunStarted{StartedAt: next.state.StartedAt}, block(500), sdk.BacklogEnd{})
		h = next.host()
		if v := next.last(); v.Rule != rule.RuleCooldown {
			t.Errorf("rule %s for the next host, want cooldown", v.Rule)
		}
		h.stop(t)
	})
}

// The clock was set back: what is saved lies in the future. It counts as now,
// for this host and for the next one alike.
func TestSavedTimeInTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		now := time.Now()
		w.kept["aleph"] = Kept{LastDone: now.Add(24 * time.Hour)}
		h := w.host()
		pass(4 * time.Minute)
		next := w.died()
		h.stop(t)
		if got := next.kept["aleph"].LastDone; !got.Equal(now) {
			t.Errorf("saved time is %s, want %s", got, now)
		}
		next.log(sdk.RunStarted{StartedAt: next.state.StartedAt}, block(500), sdk.BacklogEnd{})
		h = next.host()
		pass(time.Minute)
		h.stop(t)
		if n := len(next.asked()); n != 1 {
			t.Errorf("%d acts five minutes after the first start, want 1", n)
		}
	})
}

func TestOutcomeThatCouldNotBeWrittenIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		begin := time.Now()
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			w.change(func() { w.saveErr = errors.New("no space left on device") })
			return w.restart(ctx, r)
		}
		h := w.host()
		pass(30 * time.Second)
		if w.stored().Intent == nil {
			t.Fatal("the outcome was written though it could not be")
		}
		w.change(func() { w.saveErr = nil })
		pass(time.Minute)
		h.stop(t)
		if got := w.stored(); got.Intent != nil || !got.LastDone.Equal(begin) {
			t.Errorf("state %+v a check later, want the outcome", got)
		}
		if n := len(w.asked()); n != 1 {
			t.Errorf("the plugin was asked %d times, want once", n)
		}
	})
}
