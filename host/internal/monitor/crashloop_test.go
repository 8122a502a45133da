package monitor

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// A target that starts again and again is told of once, without waiting until the
// monitor is blind; starts by headwatch itself do not count.
func TestCrashLoop(t *testing.T) {
	tests := []struct {
		name  string
		every time.Duration
		want  int
	}{
		{"every two minutes", 2 * time.Minute, 1},
		{"every ten minutes", 10 * time.Minute, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.log(w.backlog(1000)...)
				h := w.host()
				for range 8 {
					pass(test.every)
					w.change(func() { w.state.StartedAt = time.Now() })
				}
				pass(time.Minute)
				if n := w.told(slog.LevelWarn, "starts again and again"); n != test.want {
					t.Errorf("told %d times, want %d", n, test.want)
				}
				h.stop(t)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.settings.Cooldown.AfterAction = time.Second
		h := w.host()
		for range 8 {
			pass(time.Minute)
			w.log(block(500))
		}
		if len(w.asked()) < 4 {
			t.Fatalf("%d acts, want some", len(w.asked()))
		}
		if n := w.told(slog.LevelWarn, "starts again and again"); n != 0 {
			t.Errorf("told %d times of a loop of its own acts", n)
		}
		h.stop(t)
	})
}
