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

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

// behind makes a world whose node is far behind when its log is first read.
func behind(t *testing.T) *world {
	w := newWorld(t)
	w.log(w.backlog(500)...)
	return w
}

func TestActIsWrittenBeforeItIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		run := w.state.StartedAt
		var intent *Intent
		var told int
		w.execute = func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
			intent, told = w.stored().Intent, w.told(slog.LevelWarn, "Restarting...")
			return w.restart(ctx, r)
		}
		begin := time.Now()
		h := w.host()
		pass(10 * time.Minute)
		h.stop(t)
		want := &Intent{TargetID: "c1", RunStartedAt: run, AskedAt: begin, Rule: ruleset.RuleSevere,
			Reason: "Container azero is behind by 500 blocks (>100). Restarting..."}
		asked := w.asked()
		if len(asked) != 1 || intent == nil {
			t.Fatalf("%d acts, intent %v when it was done; want one and its intent", len(asked), intent)
		}
		want.RequestID = asked[0].ID
		if diff := cmp.Diff(want, intent, cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Errorf("intent when the act is done (-want +got):\n%s", diff)
		}
		if told != 1 {
			t.Errorf("the decision was told %d times before the act, want once", told)
		}
		request := sdk.Request{ID: want.RequestID, Reason: want.Reason, TargetID: "c1", RunStartedAt: run, AskedAt: begin}
		if diff := cmp.Diff(request, asked[0], cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		if got := w.stored(); got.Intent != nil || !got.LastDone.Equal(begin) {
			t.Errorf("state after the act is %+v, want no intent and it done at %s", got, begin)
		}
		if diff := cmp.Diff([]sdk.Outcome{sdk.Done}, w.acted); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		if got := w.last(); got.Kind == rule.Act {
			t.Error("the new run, of which nothing was read, is judged")
		}
		if n := w.told(slog.LevelWarn, "the target was restarted"); n != 1 {
			t.Errorf("the restart was told %d times, want once", n)
		}
	})
}

func TestOutcomes(t *testing.T) {
	plain := errors.New("no")
	tests := []struct {
		name   string
		result sdk.Result
		err    error
		want   sdk.Outcome
		// next is the verdict a minute later.
		next string
	}{
		{"done", sdk.Result{Outcome: sdk.Done}, nil, sdk.Done, "held cooldown"},
		{"not done", sdk.Result{Outcome: sdk.NotDone}, nil, sdk.NotDone, "act block_lag.severe"},
		{"failed", sdk.Result{Outcome: sdk.Failed}, nil, sdk.Failed, "act block_lag.severe"},
		{"unknown", sdk.Result{Outcome: sdk.Unknown}, nil, sdk.Unknown, "held cooldown"},
		{"no outcome at all", sdk.Result{}, nil, 0, "held cooldown"},
		{"invalid", sdk.Result{}, sdk.Invalid(plain), sdk.NotDone, "act block_lag.severe"},
		{"not found", sdk.Result{}, sdk.NotFound(plain), sdk.NotDone, "act block_lag.severe"},
		{"plugin not configured", sdk.Result{}, sdk.NewError(codes.FailedPrecondition, plain, 0), sdk.NotDone, "act block_lag.severe"},
		{"plugin down", sdk.Result{}, fmt.Errorf("action: %w", ErrPluginDown), sdk.Unknown, "held cooldown"},
		{"denied", sdk.Result{}, sdk.Denied(plain), sdk.Failed, "act block_lag.severe"},
		{"unsupported", sdk.Result{}, sdk.Unsupported(plain), sdk.Failed, "act block_lag.severe"},
		{"unavailable", sdk.Result{}, sdk.Unavailable(plain), sdk.Unknown, "held cooldown"},
		{"deadline", sdk.Result{}, context.DeadlineExceeded, sdk.Unknown, "held cooldown"},
		{"any error", sdk.Result{}, plain, sdk.Unknown, "held cooldown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := behind(t)
				w.execute = func(context.Context, sdk.Request) (sdk.Result, error) { return test.result, test.err }
				h := w.host()
				if diff := cmp.Diff([]sdk.Outcome{test.want}, w.acted); diff != "" {
					t.Errorf("outcome (-want +got):\n%s", diff)
				}
				if open := w.stored().Intent != nil; open == known(test.want) {
					t.Errorf("intent is open: %t", open)
				}
				if got, want := !w.stored().LastDone.IsZero(), !known(test.want) || test.want == sdk.Done; got != want {
					t.Errorf("counts as done: %t, want %t", got, want)
				}
				if got, want := !w.stored().LastFailed.IsZero(), test.want == sdk.Failed; got != want {
					t.Errorf("counts as failed: %t, want %t", got, want)
				}
				pass(time.Minute)
				want := []string{"act block_lag.severe", test.next}
				if diff := cmp.Diff(want, w.outcomes()); diff != "" {
					t.Errorf("verdicts (-want +got):\n%s", diff)
				}
				h.stop(t)
			})
		})
	}
}

func TestFailureIsTriedAgainAfterItsOwnCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.settings.Interval = 20 * time.Second
		w.execute = func(context.Context, sdk.Request) (sdk.Result, error) { return sdk.Result{Outcome: sdk.Failed}, nil }
		h := w.host()
		pass(70 * time.Second)
		h.stop(t)
		want := []string{"act block_lag.severe", "held cooldown", "held cooldown", "act block_lag.severe"}
		if diff := cmp.Diff(want, w.outcomes()); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
		if asked := w.asked(); len(asked) != 2 || asked[0].ID == asked[1].ID {
			t.Errorf("asked %+v, want two acts of two ids", asked)
		}
	})
}

func TestDryRunDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		w.settings.DryRun = true
		open := Kept{Intent: &Intent{RequestID: "r1", TargetID: "c1", AskedAt: time.Now()}}
		w.kept["aleph"] = open
		h := w.host()
		pass(10 * time.Minute)
		h.stop(t)
		v := w.last()
		if want := "(dry run: not restarted)"; v.Kind != rule.Held || !strings.HasSuffix(v.Reasons[0], want) {
			t.Errorf("verdict %s, reason %q; want held with %q", v.Kind, v.Reasons[0], want)
		}
		if n := len(w.asked()); n != 0 {
			t.Errorf("the plugin was asked %d times in a dry run", n)
		}
		after := w.stored()
		after.Memory, after.Lasting = nil, nil // what its checks saw is a dry run's too
		if diff := cmp.Diff(open, after); diff != "" {
			t.Errorf("state (-before +after):\n%s", diff)
		}
	})
}

func TestEndDuringAnAct(t *testing.T) {
	tests := []struct {
		name    string
		execute func(w *world, release chan struct{}) func(context.Context, sdk.Request) (sdk.Result, error)
		took    time.Duration
		open    bool
		stop    time.Duration
	}{
		{"it ends in time", func(w *world, _ chan struct{}) func(context.Context, sdk.Request) (sdk.Result, error) {
			return func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
				sleep(ctx, 5*time.Second)
				return w.restart(ctx, r)
			}
		}, 5 * time.Second, false, 0},
		{"it takes too long", func(w *world, _ chan struct{}) func(context.Context, sdk.Request) (sdk.Result, error) {
			return func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
				<-ctx.Done()
				return sdk.Result{}, ctx.Err()
			}
		}, actGrace, true, 0},
		{"it takes longer than the target to stop", func(w *world, _ chan struct{}) func(context.Context, sdk.Request) (sdk.Result, error) {
			return func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
				<-ctx.Done()
				return sdk.Result{}, ctx.Err()
			}
		}, 30*time.Second + stopGrace, true, 30 * time.Second},
		{"it does not heed the end", func(w *world, release chan struct{}) func(context.Context, sdk.Request) (sdk.Result, error) {
			return func(ctx context.Context, r sdk.Request) (sdk.Result, error) {
				<-release
				return w.restart(ctx, r)
			}
		}, actGrace + heed, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := behind(t)
				release := make(chan struct{})
				w.execute = test.execute(w, release)
				w.state.StopTakes = test.stop
				h := w.host()
				begin := time.Now()
				h.stop(t)
				if took := time.Since(begin); took != test.took {
					t.Errorf("the host took %s to end, want %s", took, test.took)
				}
				if open := w.stored().Intent != nil; open != test.open {
					t.Errorf("intent is open: %t, want %t", open, test.open)
				}
				next := w.died()
				close(release)
				if !test.open {
					return
				}
				if n := w.told(slog.LevelWarn, "the next start settles it"); n != 1 {
					t.Errorf("told %d times that the next start settles it, want once", n)
				}
				h = next.host()
				h.stop(t)
				asked := next.asked()
				if len(asked) == 0 || !asked[0].Resume || asked[0].ID != w.asked()[0].ID {
					t.Errorf("the next host asked %+v, want the act to be resumed", asked)
				}
			})
		})
	}
}

func TestNoActIsBegunWhileTheHostEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		var h *host
		w.getHead = func(ctx context.Context) (sdk.Head, error) {
			<-ctx.Done()
			return sdk.Head{Best: 1000}, nil
		}
		h = w.host()
		h.stop(t)
		if n := len(w.asked()); n != 0 {
			t.Errorf("%d acts after the host was asked to end", n)
		}
	})
}

// A target that exited by itself, and that the plugin lets the host start, is
// started once the cooldown is over.
func TestExitedTargetIsStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		code := 137
		w.state.Running, w.state.MayStart, w.state.ExitCode = false, true, &code
		w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
			w.change(func() { w.state.Running, w.state.MayStart, w.state.StartedAt = true, false, time.Now() })
			return sdk.Result{Outcome: sdk.Done, StartedAt: time.Now()}, nil
		}
		h := w.host()
		pass(2 * time.Minute)
		h.stop(t)
		if diff := cmp.Diff([]string{"act target", "held cooldown"}, w.outcomes()); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
	})
}

func TestResultIsToldInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		code := 137
		w.execute = func(context.Context, sdk.Request) (sdk.Result, error) {
			return sdk.Result{Outcome: sdk.Done, Detail: "it had to be killed", StopTook: 10 * time.Second, Killed: true, ExitCode: &code}, nil
		}
		h := w.host()
		h.stop(t)
		want := record{slog.LevelWarn, "the target was restarted", "detail=it had to be killed stop_took=10s exit_code=137 killed=true"}
		if got := w.records[len(w.records)-1]; got != want {
			t.Errorf("last line is %+v, want %+v", got, want)
		}
	})
}
