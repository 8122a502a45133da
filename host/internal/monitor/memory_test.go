package monitor

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// always is a condition that holds, and its own message.
type always struct{}

func (always) Needs() []string               { return nil }
func (always) Holds(fact.List) (bool, error) { return true, nil }
func (always) Text(fact.List) string         { return "it is so" }

// patient is a world with a rule that fires when it has held for three minutes.
func patient(t *testing.T) *world {
	w := newWorld(t)
	w.settings.Custom = []ruleset.Custom{{Name: "always", When: always{}, For: 3 * time.Minute, Message: always{}}}
	w.rules = []string{"rule.always: true for 180s"}
	return w
}

// What the checks of a run saw counts for the next host as if the first had gone
// on, unless something has come in between.
func TestMemoryOverARestart(t *testing.T) {
	const acts = "act rule.always"
	tests := []struct {
		name    string
		between func(w *world)
		want    []string
	}{
		{"nothing in between", func(*world) {}, []string{"ok", acts}},
		{"a check missed", func(*world) { pass(61 * time.Second) }, []string{acts}},
		{"two checks missed", func(*world) { pass(121 * time.Second) }, []string{"ok", "ok", "ok", acts}},
		{"a new run", func(w *world) { w.state.StartedAt = time.Now(); w.settings.Cooldown.AfterAction = time.Second },
			[]string{"held cooldown", "ok", "ok", acts}},
		{"other rules", func(w *world) { w.rules = []string{"rule.always: true for 3m"} }, []string{"ok", "ok", "ok", acts}},
		{"the clock set back", func(w *world) { w.kept["aleph"].Memory.At = time.Now().Add(time.Second) }, []string{"ok", "ok", "ok", acts}},
		{"the state lost", func(w *world) { clear(w.kept) }, []string{"ok", "ok", "ok", acts}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := patient(t)
				w.log(w.backlog(1000)...)
				h := w.host()
				pass(2 * time.Minute)
				h.stop(t)
				if got := w.outcomes(); !slices.Equal(got, []string{"ok", "ok", "ok"}) {
					t.Fatalf("the first host came to %q", got)
				}
				next := w.died()
				test.between(next)
				next.log(next.backlog(1000)...)
				h = next.host()
				pass(3*time.Minute + 30*time.Second)
				h.stop(t)
				if got := next.outcomes(); len(got) < len(test.want) || !slices.Equal(got[:len(test.want)], test.want) {
					t.Errorf("the next host came to %q, want %q", got, test.want)
				}
			})
		})
	}
}

// The facts that come from the check before are known at once.
func TestSpeedOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(900)...)
		h := w.host()
		pass(30 * time.Second)
		h.stop(t)
		next := w.died()
		next.log(next.backlog(915)...)
		h = next.host()
		h.stop(t)
		facts := next.last().Facts
		if caught, eta := facts.Get("caught_up"), facts.Get("eta"); !caught.Known || caught.Count != 15 || eta.Number != 170 {
			t.Errorf("caught up %s blocks, %ss to go; want 15 and 170", caught, eta)
		}
	})
}

// A state that could not be read is not written over.
func TestMemoryIsNotWrittenOverAnUnreadState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := patient(t)
		w.loadErr = errors.New("input/output error")
		w.log(w.backlog(1000)...)
		h := w.host()
		pass(2 * time.Minute)
		if len(w.saves) > 0 {
			t.Errorf("%d saves before the state was read", len(w.saves))
		}
		w.change(func() { w.loadErr = nil })
		pass(30 * time.Second)
		h.stop(t)
		if got := w.stored(); got.Memory != nil {
			t.Errorf("memory %+v though no check was made since", got.Memory)
		}
	})
}

// The act that a killed host left open ends the trend for the next one.
func TestMemoryIsOlderThanAnActUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := behind(t)
		h := w.host()
		pass(time.Minute)
		h.stop(t)
		if got := w.stored(); got.Intent != nil || got.Memory == nil || len(got.Memory.Seen.Run.Trend) > 1 {
			t.Errorf("state %+v after an act, want no trend from before it", got)
		}
		for _, saved := range w.saves {
			if saved.Intent != nil && saved.Memory == nil {
				t.Error("an intent was written without what the check saw")
			}
		}
	})
}
