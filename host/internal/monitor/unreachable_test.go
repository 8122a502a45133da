package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

func TestEngineThatRefusesTheConnection(t *testing.T) {
	refused := sdk.Unavailable(errors.New("dial unix /var/run/docker.sock: connection refused"))
	tests := []struct {
		name    string
		err     error
		refuses bool
	}{
		{"refused", refused, true},
		{"denied", sdk.Denied(errors.New("permission denied")), false},
		{"plugin down", fmt.Errorf("%w: %w", ErrPluginDown, refused), false},
		{"plugin does not answer", context.DeadlineExceeded, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.inspectErr = test.err
				h := w.host()
				pass(10*time.Minute - time.Second)
				if n := w.told(slog.LevelError, "refused the connection"); n != 0 {
					t.Errorf("said %d times within ten minutes that the engine refuses", n)
				}
				pass(time.Hour)
				if n := w.told(slog.LevelError, "refused the connection"); n != count(test.refuses) {
					t.Errorf("said %d times that the engine refuses, want %d", n, count(test.refuses))
				}
				if since := h.monitor.RefusedSince(); since.IsZero() == test.refuses {
					t.Errorf("refused since %v", since)
				}
				w.log(w.backlog(1000)...)
				w.change(func() { w.inspectErr = nil })
				pass(time.Minute)
				if got := w.last(); got.Kind != rule.OK {
					t.Errorf("verdict %s (%s) after the engine came back, want ok", got.Kind, got.Reason)
				}
				if !h.monitor.RefusedSince().IsZero() {
					t.Error("the engine that answers still counts as refusing")
				}
				h.stop(t)
			})
		})
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestEngineThatAnswersInBetweenIsReachable(t *testing.T) {
	refused := sdk.Unavailable(errors.New("connection refused"))
	tests := []struct {
		name   string
		answer func(w *world)
	}{
		{"by an inspection", func(w *world) {
			w.change(func() { w.inspectErr = nil })
			pass(time.Minute)
			w.change(func() { w.inspectErr = refused })
		}},
		{"by the log", func(w *world) { w.log(block(1000)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.log(w.backlog(1000)...)
				h := w.host()
				w.change(func() { w.inspectErr = refused })
				pass(9 * time.Minute)
				test.answer(w)
				pass(9 * time.Minute)
				if n := w.told(slog.LevelError, "refused the connection"); n != 0 {
					t.Errorf("said %d times that the engine refuses, but it answered in between", n)
				}
				h.stop(t)
			})
		})
	}
}

// A plugin that does not heed its deadline must cost no more than its answer.
func TestCallsThatDoNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.patience = 10 * time.Second
		release := make(chan struct{})
		calls := 0
		w.getHead = func(context.Context) (sdk.Head, error) {
			w.change(func() { calls++ })
			<-release
			return sdk.Head{Best: 5000}, nil
		}
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(5 * time.Minute)
		if n := w.checks(); n != 6 {
			t.Errorf("%d checks in five minutes, want 6", n)
		}
		if calls != 1 {
			t.Errorf("a head source that hangs was called %d times, want once", calls)
		}
		if got := w.last().Reason; !strings.Contains(got, errBusy.Error()) {
			t.Errorf("reason %q does not say %q", got, errBusy)
		}
		w.change(func() { w.getHead = nil })
		close(release)
		pass(time.Minute)
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s) after the source came back, want ok", got.Kind, got.Reason)
		}
		h.stop(t)
	})
}

func TestEndDoesNotWaitForACallThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release := make(chan struct{})
		w.inspect = func(context.Context) (sdk.State, error) {
			<-release
			return sdk.State{}, nil
		}
		h := w.host()
		begin := time.Now()
		h.stop(t)
		if took := time.Since(begin); took > heed {
			t.Errorf("Run took %s to end", took)
		}
		close(release)
	})
}

// An act that never returns is not begun a second time, also once the question
// after it was given up.
func TestActThatDoesNotEndIsNotDoneTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.patience = 10 * time.Second
		release := make(chan struct{})
		w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
			<-release
			return sdk.Result{Outcome: sdk.Done}, nil
		}
		h := w.host()
		pass(20 * time.Minute)
		if n := len(w.asked()); n != 1 {
			t.Errorf("an act that hangs was begun %d times, want once", n)
		}
		if got := w.acted[len(w.acted)-1]; got != sdk.NotDone {
			t.Errorf("the last outcome is %d, want that nothing was done", got)
		}
		h.stop(t)
		close(release)
	})
}
