package monitor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// A stream that stands still while the log goes on restarts nobody: the log is
// opened again where it was left, and judged once that has caught up.
func TestStreamThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(time.Minute)
		w.change(func() { w.best = 1500 })
		w.write(sdk.Line{Time: time.Now(), Text: []byte("block 1500")})
		pass(time.Minute + deliverWithin)
		if n := len(w.asked()); n != 0 {
			t.Fatalf("%d acts on a node whose log goes on", n)
		}
		if v := w.last(); v.Kind != rule.Unknown || !strings.Contains(v.Reason, "stands still while the log goes on") {
			t.Errorf("verdict %s (%s), want unknown for the stream", v.Kind, v.Reason)
		}
		if got := w.opens[len(w.opens)-1].cursor; len(w.opens) != 2 || got != "block 1000" {
			t.Errorf("the log was opened %d times, last at %q; want a second time at the last line", len(w.opens), got)
		}
		before := w.checks()
		w.log(block(1500), sdk.BacklogEnd{})
		synctest.Wait()
		if v := w.last(); v.Kind != rule.OK || w.checks() != before+1 {
			t.Errorf("verdict %s (%s) after %d checks more; want ok at once", v.Kind, v.Reason, w.checks()-before)
		}
		h.stop(t)
	})
}

// A stream that leaves lines out, and delivers newer ones now and then, restarts
// nobody either.
func TestStreamThatLeavesLinesOut(t *testing.T) {
	for name, newest := range map[string]int{"and not the newest": 0, "but delivers the newest": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.log(w.backlog(1000)...)
				h := w.host()
				pass(30 * time.Second)
				w.change(func() { w.best = 1500 })
				w.write(block(1499).Lines...)
				w.log(lines("chatter"))
				for range 1 - newest {
					w.write(lines("more chatter").Lines...)
				}
				go func() {
					time.Sleep(31 * time.Second)
					w.log(lines("chatter after that"))
				}()
				pass(time.Minute)
				if n := len(w.asked()); n != 0 {
					t.Fatalf("%d acts on a node whose log goes on", n)
				}
				if v := w.last(); v.Kind != rule.Unknown {
					t.Errorf("verdict %s (%s), want unknown for the stream", v.Kind, v.Reason)
				}
				h.stop(t)
			})
		})
	}
}

// A node that is wedged behind a stream that stands still is restarted once the
// log has caught up.
func TestWedgedNodeBehindAStreamThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		w.change(func() { w.best = 1500 })
		wedged := sdk.Line{Time: time.Now().Add(time.Second), Text: []byte("block 1010")}
		w.write(wedged)
		pass(time.Minute)
		w.feed <- sdk.Lines{Cursor: []byte("block 1010"), Lines: []sdk.Line{wedged}}
		w.log(sdk.BacklogEnd{})
		pass(time.Minute)
		if n := len(w.asked()); n != 1 {
			t.Errorf("%d acts, want 1", n)
		}
		h.stop(t)
	})
}

// No act rests on a log whose end cannot be read once more.
func TestEndOfTheLogThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		w.change(func() { w.best, w.tailErr = 1500, errors.New("i/o timeout") })
		pass(3 * time.Minute)
		if n := len(w.asked()); n != 0 {
			t.Fatalf("%d acts", n)
		}
		if v := w.last(); v.Kind != rule.Unknown || !strings.Contains(v.Reason, "cannot be read once more: i/o timeout") {
			t.Errorf("verdict %s (%s), want unknown", v.Kind, v.Reason)
		}
		w.change(func() { w.tailErr = nil })
		pass(time.Minute)
		if n := len(w.asked()); n != 1 {
			t.Errorf("%d acts once the log's end can be read, want 1", n)
		}
		h.stop(t)
	})
}

// A line that is under way when the log's end is read is no stall.
func TestLineThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(30 * time.Second)
		w.change(func() { w.best = 1500 })
		late := sdk.Line{Time: time.Now().Add(time.Second), Text: []byte("chatter")}
		w.write(late)
		go func() {
			time.Sleep(31 * time.Second)
			w.feed <- sdk.Lines{Cursor: []byte("c"), Lines: []sdk.Line{late}}
		}()
		pass(time.Minute)
		if n := len(w.asked()); n != 1 {
			t.Errorf("%d acts on a node that is wedged, want 1 (%s)", n, w.last().Reason)
		}
		h.stop(t)
	})
}

// The log's end is read while synced stands still, at most once a minute, and not
// while it rises.
func TestHowOftenTheEndIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.settings.Interval = 10 * time.Second
		w.log(w.backlog(1000)...)
		h := w.host()
		for n := range 30 {
			w.log(block(1000 + n))
			pass(10 * time.Second)
		}
		tails := func() (n int) {
			w.change(func() { n = w.tails })
			return n
		}
		if n := tails(); n != 0 {
			t.Errorf("the end was read %d times while synced rose", n)
		}
		pass(10 * time.Minute)
		if n := tails(); n < 8 || n > 10 {
			t.Errorf("the end was read %d times in ten minutes of silence, want about 9", n)
		}
		h.stop(t)
	})
}

// Lines that arrive late are no picture of the node; the clock that stamps them
// decides.
func TestLinesThatArriveLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ahead := 10 * time.Minute
		w.state.ClockAhead = &ahead
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(time.Minute)
		stamped := func(n int, age time.Duration) sdk.Lines {
			batch := block(n)
			batch.Lines[0].Time = time.Now().Add(ahead - age)
			return batch
		}
		w.change(func() { w.best = 1500 })
		w.log(stamped(1010, 45*time.Second))
		w.write(sdk.Line{Time: time.Now().Add(ahead), Text: []byte("block 1500")})
		pass(time.Minute + deliverWithin)
		if v := w.last(); v.Kind != rule.Unknown {
			t.Errorf("verdict %s (%s) on lines that arrive late, want unknown", v.Kind, v.Reason)
		}
		if got := w.delay(); got != 45*time.Second {
			t.Errorf("the check tells a delay of %s, want 45s", got)
		}
		if n := w.told(slog.LevelWarn, "arrive 45s after they were written"); n != 1 {
			t.Errorf("said %d times that lines arrive late, want once", n)
		}
		w.log(stamped(1500, 0), sdk.BacklogEnd{})
		pass(time.Minute)
		if v := w.last(); v.Kind != rule.OK || len(w.asked()) != 0 {
			t.Errorf("verdict %s (%s), %d acts; want ok and none", v.Kind, v.Reason, len(w.asked()))
		}
		h.stop(t)
	})
}

// An alarm of the plugin is said at each check.
func TestAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.state.Alarm = "the container was stopped by headwatch and does not start"
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(3 * time.Minute)
		if n := w.told(slog.LevelError, "does not start"); n < 4 {
			t.Errorf("the alarm was said %d times in four checks", n)
		}
		h.stop(t)
	})
}

// The end of the host waits for an act for as long as the target may take, and an
// act that was not begun is dropped.
func TestEndWaitsForTheAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.state.ActTakes = 2 * time.Minute
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			if !sleep(ctx, 90*time.Second) {
				return sdk.Result{}, ctx.Err()
			}
			return w.restart(ctx, r)
		}
		h := w.host()
		begin := time.Now()
		h.stop(t)
		if took := time.Since(begin); took != 90*time.Second {
			t.Errorf("the end took %s, want that of the act", took)
		}
		if w.stored().Intent != nil {
			t.Error("an act that was done is still open")
		}
	})
}
