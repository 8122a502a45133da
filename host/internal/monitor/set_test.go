package monitor

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// add has a set watch this world.
func (w *world) add(s *Set, name string) {
	s.Add(name, func() *Monitor { return New(w.config(name)) })
}

func TestMonitorsComeAndGoWhileOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stays, goes := newWorld(t), newWorld(t)
		s := NewSet(slog.New(slog.DiscardHandler))
		for _, w := range []*world{stays, goes} {
			w.log(w.backlog(1000)...)
		}
		stays.add(s, "stays")
		goes.add(s, "goes")
		pass(2 * time.Minute)
		s.Replace("goes")
		before, gone := stays.checks(), goes.checks()
		pass(5 * time.Minute)
		if goes.checks() != gone {
			t.Error("a monitor that was removed still checks")
		}
		if n := stays.checks() - before; n != 5 {
			t.Errorf("the other one made %d checks in five minutes, want 5", n)
		}
		if n := len(stays.opens); n != 1 {
			t.Errorf("the log of the other one was opened %d times, want once", n)
		}
		goes.log(goes.backlog(1000)...)
		goes.add(s, "goes")
		pass(time.Minute)
		if goes.checks() == gone {
			t.Error("a monitor that came back does not check")
		}
		s.Close()
	})
}

// A mistake in one monitor costs neither the host nor the others.
func TestMonitorThatBreaksEndsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		breaks, other := newWorld(t), newWorld(t)
		for _, w := range []*world{breaks, other} {
			w.log(w.backlog(1000)...)
		}
		var broken atomic.Bool
		broken.Store(true)
		breaks.onCheck = func(rule.Verdict) {
			if broken.Load() {
				panic("an observer that breaks")
			}
		}
		s := NewSet(slog.New(fakeHandler{breaks}))
		breaks.add(s, "breaks")
		other.add(s, "other")
		pass(4 * time.Second)
		if n := breaks.told(slog.LevelError, "made anew"); n != 1 {
			t.Fatalf("said %d times that the monitor broke, want once", n)
		}
		broken.Store(false)
		pass(10 * time.Minute)
		if breaks.checks() == 0 {
			t.Error("the monitor was not made anew")
		}
		if n := other.checks(); n != 11 {
			t.Errorf("the other one made %d checks, want 11", n)
		}
		s.Close()
	})
}

// A call that panics is an error of that call.
func TestCallThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.getHead = func(context.Context) (sdk.Head, error) { panic("a head source that breaks") }
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(time.Minute)
		if got := w.last(); got.Kind != rule.Unknown || !strings.Contains(got.Reason, "a head source that breaks") {
			t.Errorf("verdict %s (%s), want unknown, with the panic", got.Kind, got.Reason)
		}
		h.stop(t)
	})
}

// An act goes on to its end where its monitor is replaced, for as long as it
// takes: the host goes on, and nothing forces it.
func TestActOfAMonitorThatIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		const takes = 4 * time.Minute
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			if !sleep(ctx, takes) {
				return sdk.Result{}, ctx.Err()
			}
			return w.restart(ctx, r)
		}
		s := NewSet(slog.New(slog.DiscardHandler))
		w.add(s, "aleph")
		synctest.Wait()
		if len(w.asked()) != 1 {
			t.Fatal("no act was begun")
		}
		begin := time.Now()
		s.Replace("aleph")
		if took := time.Since(begin); took != takes {
			t.Errorf("the monitor was gone after %s, want after its act, %s", took, takes)
		}
		if w.stored().Intent != nil || w.stored().LastDone.IsZero() {
			t.Errorf("kept %+v, want an act that is done", w.stored())
		}
	})
}

func TestAllRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newWorld(t), newWorld(t)
		refused := sdk.Unavailable(context.DeadlineExceeded)
		a.inspectErr, b.inspectErr = refused, refused
		s := NewSet(slog.New(slog.DiscardHandler))
		if s.AllRefused(time.Now(), 0) {
			t.Error("a set without monitors is refused")
		}
		a.add(s, "a")
		b.add(s, "b")
		pass(11 * time.Minute)
		if !s.AllRefused(time.Now(), 10*time.Minute) {
			t.Error("both are refused for ten minutes, and the set does not say so")
		}
		b.change(func() { b.inspectErr = nil })
		pass(2 * time.Minute)
		if s.AllRefused(time.Now(), 10*time.Minute) {
			t.Error("one monitor is answered, and the set counts as refused")
		}
		s.Close()
	})
}
