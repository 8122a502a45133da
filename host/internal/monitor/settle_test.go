package monitor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// An act whose end was not seen is asked after, and nothing else is done.
func TestUnknownOutcomeIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		begin := time.Now()
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			switch {
			case !r.Resume:
				return sdk.Result{}, context.DeadlineExceeded
			case time.Since(begin) < 7*time.Minute:
				return sdk.Result{Outcome: sdk.Unknown, Detail: "the engine does not say"}, nil
			}
			// The engine did it in the fourth minute.
			w.change(func() { w.state.StartedAt = begin.Add(4 * time.Minute) })
			return sdk.Result{Outcome: sdk.Done, StartedAt: begin.Add(4 * time.Minute)}, nil
		}
		h := w.host()
		pass(6*time.Minute + 30*time.Second)
		if v := w.last(); v.Kind != rule.Held || v.Guard != unsettled {
			t.Errorf("verdict %s, guard %q after the cooldown, while the outcome is not known", v.Kind, v.Guard)
		}
		pass(time.Minute)
		h.stop(t)
		if got := w.stored(); got.Intent != nil || !got.LastDone.Equal(begin.Add(4*time.Minute)) {
			t.Errorf("state %+v; want no intent, and it done when the target started", got)
		}
		begun := 0
		for _, r := range w.asked() {
			if r.ID != w.asked()[0].ID {
				t.Errorf("asked with id %s after %s", r.ID, w.asked()[0].ID)
			}
			if !r.Resume {
				begun++
			}
		}
		if begun != 1 {
			t.Errorf("%d acts begun, want 1", begun)
		}
		if diff := cmp.Diff([]sdk.Outcome{sdk.Unknown, sdk.Done}, w.acted); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		if got := w.last(); got.Rule != rule.RuleCooldown {
			t.Errorf("rule %s, want cooldown", got.Rule)
		}
	})
}

// An act that turns out not to have been done has no cooldown of its own.
func TestUnknownOutcomeThatWasNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		before := time.Now().Add(-time.Hour)
		w.kept["aleph"] = Kept{LastDone: before}
		w.execute = func(_ context.Context, r sdk.Request) (sdk.Result, error) {
			if r.Resume {
				return sdk.Result{Outcome: sdk.NotDone}, nil
			}
			return sdk.Result{}, fmt.Errorf("action.restart: %w: killed", ErrPluginDown)
		}
		h := w.host()
		if diff := cmp.Diff([]sdk.Outcome{sdk.Unknown}, w.acted); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		w.change(func() {
			w.execute = func(_ context.Context, r sdk.Request) (sdk.Result, error) {
				if !w.stored().LastDone.Equal(before) && !r.Resume {
					t.Errorf("last act is %s when the next is done, want %s", w.stored().LastDone, before)
				}
				return sdk.Result{Outcome: sdk.NotDone}, nil
			}
		})
		pass(time.Minute)
		h.stop(t)
		if diff := cmp.Diff([]string{"act block_lag.severe", "act block_lag.severe"}, w.outcomes()); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
		resumed := 0
		for _, r := range w.asked() {
			if r.Resume {
				resumed++
			}
		}
		if resumed != 1 {
			t.Errorf("asked %d times what became of the act, want once", resumed)
		}
	})
}

func TestUnknownOutcomeIsGivenUp(t *testing.T) {
	tests := []struct {
		name string
		err  error
		// openAfter says whether the intent is still open an hour later.
		openAfter bool
	}{
		{"the plugin does not know", nil, false},
		{"the plugin answers with an error", errors.New("no such thing"), false},
		{"the plugin is down", ErrPluginDown, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := behind(t)
				begin := time.Now()
				// A host that died long ago left the intent.
				w.kept["aleph"] = Kept{Intent: &Intent{RequestID: "r1", TargetID: "c1", RunStartedAt: w.state.StartedAt, AskedAt: begin.Add(-time.Hour)}}
				w.execute = func(_ context.Context, r sdk.Request) (sdk.Result, error) {
					if !r.Resume {
						return w.restart(t.Context(), r)
					}
					return sdk.Result{Outcome: sdk.Unknown}, test.err
				}
				h := w.host()
				pass(9 * time.Minute)
				if w.stored().Intent == nil {
					t.Error("the intent was given up within ten minutes of the first question")
				}
				pass(time.Hour)
				h.stop(t)
				if open := w.stored().Intent != nil && w.stored().Intent.RequestID == "r1"; open != test.openAfter {
					t.Errorf("intent is open: %t, want %t", open, test.openAfter)
				}
			})
		})
	}
}

func TestHostThatIsKilledDuringAnAct(t *testing.T) {
	tests := []struct {
		name string
		// left arranges that kill is called at the moment that the name says.
		left func(w *world, kill func())
		// engineActs says that the engine goes on and does it a little later.
		engineActs bool
		// want is the number of restarts until the cooldown is over.
		want int
	}{
		{"before the intent is written", func(w *world, kill func()) {
			w.saveErr = errors.New("killed")
			kill()
		}, false, 1},
		{"after the intent is written", func(w *world, kill func()) { w.saved = kill }, false, 1},
		{"while the plugin works and nothing is done yet", func(w *world, kill func()) {
			w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
				kill()
				return sdk.Result{}, context.Canceled
			}
		}, false, 1},
		{"while the engine works and goes on", func(w *world, kill func()) {
			w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
				kill()
				return sdk.Result{}, context.Canceled
			}
		}, true, 1},
		{"after the act, before its outcome is written", func(w *world, kill func()) {
			w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
				w.change(func() { w.state.StartedAt = time.Now() })
				kill()
				return sdk.Result{}, context.Canceled
			}
		}, false, 0},
		{"after its outcome is written", func(w *world, kill func()) {
			w.saved = func() {
				if w.stored().Intent == nil {
					kill()
				}
			}
		}, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := behind(t)
				var next *world
				test.left(w, func() {
					if next == nil {
						next = w.died()
					}
				})
				h := w.host()
				h.stop(t)
				first := w.state.StartedAt
				pass(20 * time.Second)
				restarts := secondHost(next, test.engineActs)
				h = next.host()
				next.log(sdk.RunStarted{StartedAt: next.state.StartedAt}, block(500), sdk.BacklogEnd{})
				pass(4*time.Minute + 30*time.Second)
				next.change(func() {
					if len(*restarts) != test.want {
						t.Errorf("%d restarts after the host was killed, want %d", len(*restarts), test.want)
					}
				})
				for range 10 {
					pass(time.Minute)
					next.log(block(500))
				}
				h.stop(t)
				all := *restarts
				if test.want == 0 {
					all = append([]time.Time{first}, all...)
				}
				for i := 1; i < len(all); i++ {
					if gap := all[i].Sub(all[i-1]); gap < 5*time.Minute || gap > 7*time.Minute {
						t.Errorf("restarts %d and %d are %s apart; want the cooldown of five minutes", i-1, i, gap)
					}
				}
				if len(all) < 2 {
					t.Errorf("%d restarts in a quarter of an hour; want another once the cooldown is over", len(all))
				}
			})
		})
	}
}

// secondHost makes the world's plugin one that knows what an engine did before
// it was asked, and returns when the engine restarted the target.
func secondHost(w *world, engineActs bool) *[]time.Time {
	restarts := &[]time.Time{}
	restart := func() {
		w.change(func() {
			w.state.StartedAt = time.Now()
			*restarts = append(*restarts, time.Now())
		})
		w.log(sdk.RunStarted{StartedAt: time.Now()}, block(500))
	}
	done := time.Now().Add(5 * time.Second)
	if engineActs {
		time.AfterFunc(5*time.Second, restart)
	}
	w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
		if !r.Resume {
			restart()
			return sdk.Result{Outcome: sdk.Done, StartedAt: time.Now()}, nil
		}
		if engineActs && time.Now().Before(done) {
			return sdk.Result{Outcome: sdk.Unknown}, nil
		}
		state, _ := fakeTarget{w}.Inspect(ctx)
		if state.StartedAt.Equal(r.RunStartedAt) {
			return sdk.Result{Outcome: sdk.NotDone}, nil
		}
		return sdk.Result{Outcome: sdk.Done, StartedAt: state.StartedAt}, nil
	}
	return restarts
}

// A host that died in the middle of an act is asked after at once, and not when
// the log has been read.
func TestIntentIsSettledBeforeAnythingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.kept["aleph"] = Kept{Intent: &Intent{RequestID: "r1", TargetID: "c1", RunStartedAt: w.state.StartedAt, AskedAt: time.Now()}}
		w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
			return sdk.Result{Outcome: sdk.NotDone}, nil
		}
		h := w.host()
		h.stop(t)
		if asked := w.asked(); len(asked) != 1 || !asked[0].Resume || asked[0].ID != "r1" {
			t.Errorf("asked %+v at the start, want r1 to be resumed", asked)
		}
	})
}

// A restart that was done an hour before it is settled is an hour old.
func TestSettledActCountsFromWhenItWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.kept["aleph"] = Kept{Intent: &Intent{RequestID: "r1", TargetID: "c1", RunStartedAt: time.Unix(1, 0), AskedAt: time.Now().Add(-begun)}}
		started := w.state.StartedAt
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			if r.Resume {
				return sdk.Result{Outcome: sdk.Done, StartedAt: started}, nil
			}
			return w.restart(ctx, r)
		}
		h := w.host()
		h.stop(t)
		if diff := cmp.Diff([]string{"act block_lag.severe"}, w.outcomes()); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
	})
}
