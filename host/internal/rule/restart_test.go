package rule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// liveHost is an engine that is given what a live host gives it, and what the
// log source could serve again: the lines of the target's run.
type liveHost struct {
	*Engine
	target Target
	served []Log
	memory State
}

// see gives the engine what comes of a look up to a time. Lines of a run that is
// over are dropped, as their source does.
func (h *liveHost) see(l *Look, until time.Time) {
	if run := l.Target.StartedAt; !run.Equal(h.target.StartedAt) && !run.After(until) {
		h.target, h.served = l.Target, nil
		h.Observe(run, Target{Exists: true, Running: true, StartedAt: run})
	}
	for len(l.Log) > 0 && !l.Log[0].At.After(until) {
		h.Observe(l.Log[0].At, l.Log[0].O)
		h.served = append(h.served, l.Log[0].O.(Log))
		l.Log = l.Log[1:]
	}
}

// check gives the engine what is left of a look, and judges.
func (h *liveHost) check(l Look) Verdict {
	h.see(&l, l.At)
	for _, o := range l.Asked {
		h.Observe(l.At, o)
	}
	h.Observe(l.At, l.Target)
	v := h.Check(l.At)
	if v.Kind == Act {
		h.Observe(l.At, Action{Outcome: l.Outcome})
	}
	h.memory = h.Snapshot().Memory()
	return v
}

// restart is a host that begins where this one was killed, at time now: with
// the memory that was kept, and the log of the run read again.
func (h *liveHost) restart(now time.Time, memory State) *liveHost {
	next := &liveHost{Engine: New(h.Settings()), target: h.target, served: slices.Clone(h.served)}
	next.Resume(now, memory)
	next.Recall(now, h.Snapshot().Lasting())
	done, failed := h.LastAction()
	next.Restore(now, done, failed)
	next.Observe(now, LogError{Error: "log not read yet"})
	next.Observe(now, h.target)
	for _, log := range h.served {
		log.Partial = true
		next.Observe(now, log)
	}
	next.Observe(now, Log{})
	return next
}

// told is all that a verdict says, but for the number of lines read.
func told(v Verdict) string {
	line, err := v.AppendJSON(nil, "aleph")
	if err != nil {
		panic(err)
	}
	lines := slices.DeleteFunc(slices.Clone(v.Sentences), func(s string) bool { return strings.HasPrefix(s, "Fetched ") })
	return string(line) + "\n" + strings.Join(lines, "\n")
}

// cuts are the places at which a host may be killed: that a new run began just
// before counts as much as all the others together.
func cuts(night []Look) []int {
	var begins, all []int
	for i := 1; i < len(night); i++ {
		all = append(all, i)
		if !night[i].Target.StartedAt.Equal(night[i-1].Target.StartedAt) {
			begins = append(begins, i)
		}
	}
	if len(begins) == 0 {
		return all
	}
	return append(slices.Repeat(begins, 1+len(all)/len(begins)), all...)
}

// cutNight drives a night, and from a check on also a host that was restarted
// before it.
func cutNight(t *rapid.T, settings Settings, remembers bool, compare func(since time.Duration, old, restarted Verdict)) {
	night := DrawNight(t, DrawLines)
	cut := rapid.SampledFrom(cuts(night)).Draw(t, "cut")
	killed := night[cut-1].At.Add(time.Duration(rapid.Int64Range(0, int64(night[cut].At.Sub(night[cut-1].At))).Draw(t, "killed")))
	old := &liveHost{Engine: New(settings)}
	var next *liveHost
	for i, l := range night {
		if i == cut {
			old.see(&l, killed)
			memory := State{}
			if remembers {
				memory = readBack(t, old.memory)
			}
			next = old.restart(killed, memory)
		}
		want := old.check(l)
		if next != nil {
			compare(l.At.Sub(night[cut].At), want, next.check(l))
		}
	}
}

// A host that is restarted between two checks comes to the same verdicts, to
// the word, as the one that goes on.
func TestRestartChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cutNight(t, DrawSettings(t), true, func(_ time.Duration, old, restarted Verdict) {
			if want, got := told(old), told(restarted); want != got {
				t.Fatalf("check at %s (-old +restarted):\n%s", old.Time, cmp.Diff(want, got))
			}
			if !slices.Equal(old.Steps, restarted.Steps) || old.UnknownFor != restarted.UnknownFor {
				t.Fatalf("check at %s: unknown for %s, restarted %s (-old +restarted):\n%s",
					old.Time, old.UnknownFor, restarted.UnknownFor, cmp.Diff(old.Steps, restarted.Steps))
			}
		})
	})
}

// Without its memory, because it was lost or is too old, a host knows the speed
// one check later and the trend one window later. All else is as it was.
func TestRestartWithoutMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := DrawSettings(t)
		settings.FallingBehind.Enabled, settings.Severe.For, settings.Moderate.EnabledIf, settings.Custom = false, 0, nil, nil
		speed := []string{"caught_up", "sync_rate", "eta"}
		cutNight(t, settings, false, func(since time.Duration, old, restarted Verdict) {
			if old.Kind != restarted.Kind || old.Rule != restarted.Rule || !slices.Equal(old.Shadowed, restarted.Shadowed) {
				t.Fatalf("check at %s: %s, restarted %s", old.Time, old.Reason, restarted.Reason)
			}
			for i, f := range old.Facts {
				fresh := since == 0 && slices.Contains(speed, f.Name) || since < settings.FallingBehind.Window && f.Name == "falling_behind"
				if !fresh && (f.String() != restarted.Facts[i].String() || f.Known != restarted.Facts[i].Known) {
					t.Fatalf("%s is %s, and %s %s after the restart", f.Name, f, restarted.Facts[i], since)
				}
			}
		})
	})
}
