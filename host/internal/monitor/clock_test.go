package monitor

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// Ages are told by one clock: a log that another machine stamps is as old as that
// machine says, whatever this one's clock shows.
func TestAgesWithAnotherClock(t *testing.T) {
	for name, test := range map[string]struct {
		ahead time.Duration
		level slog.Level
		said  int
	}{
		"this machine's clock is ahead": {-20 * time.Minute, slog.LevelError, 1},
		"it is behind":                  {20 * time.Minute, slog.LevelError, 1},
		"a little":                      {-10 * time.Second, slog.LevelWarn, 1},
		"not worth a word":              {-3 * time.Second, slog.LevelWarn, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				began := time.Now().Add(-begun)
				w.state.ClockAhead, w.state.StartedAt = &test.ahead, began.Add(test.ahead)
				stamped := func(n int) sdk.Lines {
					batch := block(n)
					batch.Lines[0].Time = time.Now().Add(test.ahead)
					return batch
				}
				w.log(sdk.RunStarted{StartedAt: w.state.StartedAt}, stamped(1000), sdk.BacklogEnd{})
				h := w.host()
				pass(time.Minute)
				w.log(stamped(1010))
				pass(time.Minute)
				v := w.last()
				for fact, want := range map[string]float64{"log_age": 60, "stalled_for": 60, "uptime": (begun + 2*time.Minute).Seconds()} {
					if got := v.Facts.Get(fact); !got.Known || got.Number < want-1 || got.Number > want+1 {
						t.Errorf("%s is %s, want about %v", fact, got, want)
					}
				}
				if n := w.told(test.level, "the clock that stamps the log is"); n != test.said {
					t.Errorf("said %d times at %s that the clocks differ, want %d", n, test.level, test.said)
				}
				if v.Kind != rule.OK || len(w.asked()) != 0 {
					t.Errorf("verdict %s (%s), %d acts; want ok and none", v.Kind, v.Reason, len(w.asked()))
				}
				h.stop(t)
			})
		})
	}
}

// A difference that becomes known later puts the start of the run right.
func TestClockThatBecomesKnownLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ahead := -20 * time.Minute
		w.state.StartedAt = time.Now().Add(ahead)
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(time.Minute)
		w.change(func() { w.state.ClockAhead = &ahead })
		pass(time.Minute)
		if got := w.last().Facts.Get("uptime"); got.Number < 119 || got.Number > 121 {
			t.Errorf("uptime is %s, want about 120", got)
		}
		h.stop(t)
	})
}
