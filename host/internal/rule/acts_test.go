package rule_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/judge"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// node is a node of blocks of six seconds, with an engine that checks it every minute.
type node struct {
	*Engine
	run    time.Time
	height uint64
	// moves says that it follows the network, cured that a restart makes it.
	moves, cured bool
	acts         []int
}

func newNode(settings Settings) *node {
	n := &node{Engine: New(settings), run: Began, height: 1000000, moves: true}
	n.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	return n
}

// minute is what happens in a minute, and its check.
func (n *node) minute(m int) Verdict {
	now, network := Start.Add(time.Duration(m)*time.Minute), uint64(1000000+10*m)
	if n.moves {
		n.height = network
	}
	n.Observe(now, Head{Source: "one", Best: network})
	n.Observe(now, Log{Lines: 1, Last: now, Events: []Event{{Time: now, Kind: BlockBest, Number: n.height}}})
	v := n.Check(now)
	if v.Kind == Act {
		n.acts = append(n.acts, m)
		n.Observe(now, Action{Outcome: Done})
		n.start(now)
		n.moves = n.cured
	}
	return v
}

func (n *node) start(now time.Time) {
	n.run = now
	n.Observe(now, Target{Exists: true, Running: true, StartedAt: now})
}

// night is what a node goes through up to a minute.
func (n *node) night(from, to int) (last Verdict) {
	for m := from; m < to; m++ {
		last = n.minute(m)
	}
	return last
}

// A wedge that no restart cures costs two acts, and one that each restart cures is
// cured each time.
func TestRecoveryGuard(t *testing.T) {
	settings := DropIn()
	settings.Recovery = &acts.Recovery{Unhelpful: 2, Quarantine: 24 * time.Hour}
	n := newNode(settings)
	n.night(0, 5)
	n.moves = false
	v := n.night(5, 300)
	if len(n.acts) != 2 || v.Guard != GuardRecovery || v.Facts.Get("unhelpful").Number != 2 {
		t.Errorf("acts at %v, then guard %q: %s", n.acts, v.Guard, v.Reason)
	}
	if between := n.acts[1] - n.acts[0]; between < 10 {
		t.Errorf("the second act came %d minutes after the first, whose outcome was not known", between)
	}
	n.moves = true
	n.night(300, 305)
	n.moves = false
	if n.night(305, 315); len(n.acts) != 3 {
		t.Errorf("it went on by itself and is stuck anew: acts at %v", n.acts)
	}
	cured := newNode(settings)
	cured.cured = true
	for hour := range 4 {
		cured.night(60*hour, 60*hour+30)
		cured.moves = false
		cured.night(60*hour+30, 60*hour+60)
	}
	if len(cured.acts) != 4 {
		t.Errorf("wedges that a restart cures: acts at %v", cured.acts)
	}
}

// Acts that help for a moment only are bounded by the budget; without it they are not.
func TestBudgetGuard(t *testing.T) {
	for _, bounded := range []bool{false, true} {
		settings := DropIn()
		if bounded {
			settings.Budget = &acts.Budget{Actions: 3, Per: 6 * time.Hour, Forgive: 30 * time.Minute}
		}
		n := newNode(settings)
		n.cured = true
		for quarter := range 20 {
			n.night(20*quarter, 20*quarter+5)
			n.moves = false
			n.night(20*quarter+5, 20*quarter+20)
		}
		if bounded != (len(n.acts) == 3) {
			t.Errorf("bounded %t: acts at %v", bounded, n.acts)
		}
	}
}

// What starts again and again is left alone before the cooldown has its say, and so is
// one that exited by itself.
func TestCrashLoopGate(t *testing.T) {
	settings := DropIn()
	settings.CrashLoop = &acts.CrashLoop{Starts: 4, Per: 15 * time.Minute}
	n := newNode(settings)
	n.night(0, 5)
	for m := 5; m < 9; m++ {
		now := Start.Add(time.Duration(m) * time.Minute)
		n.Observe(now.Add(-time.Second), Target{Exists: true, StartedAt: n.run, FinishedAt: now.Add(-time.Second), ExitCode: new(101)})
		n.Observe(now, Target{Exists: true, Running: true, StartedAt: now, FinishedAt: now.Add(-time.Second)})
		n.run = now
	}
	v := n.minute(9)
	if v.Kind != Held || v.Rule != RuleCrashLoop || !strings.Contains(v.Reason, "ran 59s (exit code 101)") || v.Facts.Get("starts").Number != 4 {
		t.Errorf("%s by %q: %s", v.Kind, v.Rule, v.Reason)
	}
	n.Observe(Start.Add(10*time.Minute), Target{Exists: true, StartedAt: n.run, ExitCode: new(101), MayStart: true})
	if v := n.Check(Start.Add(10 * time.Minute)); v.Rule != RuleCrashLoop {
		t.Errorf("one that may be started: %s by %q", v.Kind, v.Rule)
	}
	n.start(Start.Add(25 * time.Minute))
	if v := n.minute(40); v.Rule == RuleCrashLoop {
		t.Errorf("long after it: %s", v.Reason)
	}
}

// A cause that no restart cures holds in the run after it too, with the guard
// recovery, and until the node makes progress.
func TestCauseOutlivesItsRun(t *testing.T) {
	for _, remembered := range []bool{false, true} {
		settings := DropIn()
		if remembered {
			settings.Recovery = &acts.Recovery{Unhelpful: 2, Quarantine: 24 * time.Hour}
		}
		n := newNode(settings)
		n.night(0, 5)
		n.moves = false
		n.Observe(Start.Add(5*time.Minute), Said(Start.Add(5*time.Minute), Event{Kind: FatalCause, Name: "disk_full", Text: "no space left"}))
		n.start(Start.Add(6 * time.Minute))
		v := n.night(6, 20)
		if held := v.Rule == RuleCause; held != remembered {
			t.Errorf("remembered %t: %s by %q: %s", remembered, v.Kind, v.Rule, v.Reason)
		}
		if remembered && !strings.Contains(v.Reason, "no space left") {
			t.Errorf("the cause is not told: %s", v.Reason)
		}
		n.moves = true
		if v := n.night(20, 22); v.Rule == RuleCause {
			t.Errorf("after progress: %s", v.Reason)
		}
	}
}

// Blocks from the future hold the rules that read ages, and no others.
func TestClockGuard(t *testing.T) {
	tests := []struct {
		name    string
		rule    func(*Settings)
		ahead   time.Duration
		sources int
		guard   string
	}{
		{"a rule about an age", func(s *Settings) { s.Severe.Enabled, s.Moderate.Enabled = false, false }, 10 * time.Second, 2, GuardClock},
		{"far ahead", func(s *Settings) { s.Severe.Enabled, s.Moderate.Enabled = false, false }, time.Hour, 2, GuardClock},
		{"a rule about the lag", func(*Settings) {}, 10 * time.Second, 2, ""},
		{"not by so much", func(s *Settings) { s.Severe.Enabled, s.Moderate.Enabled = false, false }, 5 * time.Second, 2, ""},
		{"by one source of the quorum", func(s *Settings) { s.Severe.Enabled, s.Moderate.Enabled = false, false }, 10 * time.Second, 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := DropIn()
			settings.Judge, settings.Clock = &judge.Settings{Quorum: 2, Tolerance: 10 * time.Second}, true
			test.rule(&settings)
			e := New(settings)
			e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
			e.Observe(Start, Imported(Start, 1000))
			var v Verdict
			for m := range 5 {
				now := Start.Add(time.Duration(m) * time.Minute)
				for i, source := range []string{"one", "two"} {
					at := now
					if i < test.sources {
						at = now.Add(test.ahead)
					}
					e.Observe(now, Head{Source: source, Best: 2000 + uint64(m), BlockTime: at})
				}
				e.Observe(now, Log{Lines: 1, Last: now})
				if v = e.Check(now); v.Kind == Act {
					break
				}
			}
			if v.Guard != test.guard {
				t.Errorf("%s by %q, guard %q, want %q: %s", v.Kind, v.Rule, v.Guard, test.guard, v.Reason)
			}
		})
	}
}

// A pause holds everything, also a start, for as long as it lasts.
func TestPausedGuard(t *testing.T) {
	n := newNode(DropIn())
	n.night(0, 5)
	n.moves = false
	n.Observe(Start.Add(5*time.Minute), Pause{For: 30 * time.Minute, Reason: "a new disk", By: "kim"})
	if v := n.night(5, 35); len(n.acts) > 0 || v.Guard != GuardPaused || !strings.Contains(v.Reason, "a new disk") {
		t.Errorf("acts at %v, guard %q: %s", n.acts, v.Guard, v.Reason)
	}
	if n.minute(35); len(n.acts) != 1 {
		t.Error("no act at its end")
	}
	n.Observe(Start.Add(50*time.Minute), Pause{For: time.Hour, Reason: "x", By: "kim"})
	n.Observe(Start.Add(50*time.Minute), Target{Exists: true, StartedAt: n.run, MayStart: true})
	if v := n.Check(Start.Add(50 * time.Minute)); v.Kind != Held || v.Guard != GuardPaused {
		t.Errorf("a start in a pause: %s", v.Reason)
	}
	n.Observe(Start.Add(51*time.Minute), Pause{By: "kim"})
	if v := n.Check(Start.Add(51 * time.Minute)); v.Kind != Act {
		t.Errorf("a start after a pause that a person ended: %s", v.Reason)
	}
}

// Where checks were missed, what must hold for a time begins anew; for the rules of
// the predecessor it counts on.
func TestMissedChecks(t *testing.T) {
	for _, judged := range []bool{false, true} {
		settings := DropIn()
		settings.SyncStall.Enabled, settings.Moderate.Enabled, settings.FallingBehind.Enabled = false, false, false
		settings.Severe.For = 5 * time.Minute
		if judged {
			settings.Judge = &judge.Settings{Quorum: 1, Tolerance: 10 * time.Second}
		}
		n := newNode(settings)
		n.night(0, 5)
		n.moves = false
		n.night(5, 18) // it is more than 100 behind from minute 15 on
		n.minute(60)
		if acted := len(n.acts) > 0; acted == judged {
			t.Errorf("judged %t: acts at %v", judged, n.acts)
		}
	}
}

// There are never more acts than the budget, whatever happens: also over a host that
// is killed at any check, and with stops that had to kill, which cost two.
func TestNeverMoreThanTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := DrawSettings(t)
		settings.Cooldown = Cooldown{AfterAction: 10 * time.Second}
		settings.Budget = &acts.Budget{Actions: rapid.IntRange(1, 3).Draw(t, "actions"), Per: time.Duration(rapid.IntRange(1, 60).Draw(t, "per")) * time.Minute,
			Forgive: 1000 * time.Hour, Wait: rapid.Bool().Draw(t, "wait")}
		e := New(settings)
		type spent struct {
			at    time.Time
			units int
		}
		var all []spent
		for _, l := range DrawNight(t, DrawTrouble) {
			for _, s := range StepsOf([]Look{l}) {
				if s.O != nil {
					e.Observe(s.At, s.O)
				}
			}
			if v := e.Check(l.At); v.Kind == Act {
				units, killed := 0, rapid.Bool().Draw(t, "killed")
				for _, before := range all {
					if before.at.After(l.At.Add(-settings.Budget.Per)) {
						units += before.units
					}
				}
				if units >= settings.Budget.Actions {
					t.Fatalf("acts at %s with %d of %d spent", l.At, units, settings.Budget.Actions)
				}
				e.Observe(l.At, Action{Outcome: l.Outcome, Killed: killed})
				if l.Outcome == Done || l.Outcome == Unclear {
					all = append(all, spent{l.At, 1 + map[bool]int{true: 1}[killed]})
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "host dies") == 0 {
				next := New(settings)
				next.Recall(l.At, e.Snapshot().Lasting())
				done, failed := e.LastAction()
				next.Restore(l.At, done, failed)
				e = next
			}
		}
	})
}
