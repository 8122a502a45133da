package monitor

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// blockTime is the pace of the simulated chain.
const blockTime = 6 * time.Second

// chain lets the head grow and the node follow, until ctx is done. The node
// stands still while wedged says so.
func (w *world) chain(ctx context.Context, wedged func() bool) {
	n := int(w.best)
	synced := n
	for sleep(ctx, blockTime) {
		n++
		w.change(func() { w.best = uint64(n) })
		if !wedged() {
			synced = min(n, synced+10)
			w.log(block(synced))
		}
	}
}

// A day of a node that wedges twice, with a parser that goes away, a log that
// breaks and a head source that fails: it is restarted twice, each time within
// two checks of being more than 100 blocks behind.
func TestDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		wedgedAt := []time.Duration{5 * time.Hour, 15 * time.Hour}
		begin := time.Now()
		var restarts []time.Duration
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			sleep(ctx, 8*time.Second)
			w.change(func() { restarts = append(restarts, time.Since(begin)) })
			return w.restart(ctx, r)
		}
		wedged := func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return len(restarts) < len(wedgedAt) && time.Since(begin) >= wedgedAt[len(restarts)]
		}
		h := w.host()
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go w.chain(ctx, wedged)

		pass(2 * time.Hour)
		w.change(func() { w.parserErr = ErrPluginDown })
		pass(time.Hour)
		w.change(func() { w.parserErr = nil })
		pass(time.Hour)
		w.log(errors.New("connection reset"), sdk.BacklogEnd{})
		pass(3 * time.Hour)
		w.change(func() { w.headErr = errors.New("no route to host") })
		pass(time.Hour)
		w.change(func() { w.headErr = nil })
		pass(24*time.Hour - time.Since(begin))
		h.stop(t)

		if len(restarts) != len(wedgedAt) {
			t.Fatalf("restarts at %v, want %d", restarts, len(wedgedAt))
		}
		for i, at := range restarts {
			severe := wedgedAt[i] + 101*blockTime
			if at < severe || at > severe+2*time.Minute {
				t.Errorf("restart %d at %s, want within two checks of %s", i, at, severe)
			}
		}
		if n := w.checks(); n != 24*60+1 {
			t.Errorf("%d checks in a day, want one a minute", n)
		}
		if n := w.told(slog.LevelWarn, "this monitor is blind"); n != 2 {
			t.Errorf("told %d times that it is blind, want twice", n)
		}
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s) at the end of the day, want ok", got.Kind, got.Reason)
		}
	})
}
