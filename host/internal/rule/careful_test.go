package rule_test

import (
	"slices"
	"testing"
	"time"

	"github.com/headwatch/headwatch/host/internal/judge"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

// guarded are the drop-in's rules with one guard after the other in force.
func guarded(change func(*Settings)) Settings {
	s := DropIn()
	s.Judge = &judge.Settings{Quorum: 2, Tolerance: 10 * time.Second}
	change(&s)
	return s
}

// minute is what is seen of blocks of six seconds in a minute.
type minute struct {
	network, lying, node uint64
}

// live lets an engine see a night, and returns the guards that held in it, by minute.
func live(t *testing.T, settings Settings, night func(m uint64) minute, minutes uint64) (acts []uint64, held map[uint64]string) {
	t.Helper()
	e := New(settings)
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	held = map[uint64]string{}
	for m := range minutes {
		now, seen := Start.Add(time.Duration(m)*time.Minute), night(m)
		for _, source := range []string{"one", "two"} {
			e.Observe(now, Head{Source: source, Best: seen.network, Endpoint: "https://" + source})
		}
		if seen.lying > 0 {
			e.Observe(now, Head{Source: "one", Best: seen.lying, Endpoint: "https://one"})
			e.Observe(now, HeadError{Source: "two", Error: "refused"})
		}
		e.Observe(now, Log{Lines: 1, Last: now, Events: []Event{{Time: now, Kind: BlockBest, Number: seen.node}}})
		v := e.Check(now)
		for _, f := range v.Facts {
			if f.Known != (f.Missing == "") {
				t.Errorf("minute %d: %s is known: %v, and %q", m, f.Name, f.Known, f.Missing)
			}
		}
		if v.Kind == Act {
			acts = append(acts, m)
			e.Observe(now, Action{Outcome: Done, Assumed: true})
		}
		if v.Kind == Held && v.Rule != RuleCooldown {
			held[m] = v.Guard
		}
	}
	return acts, held
}

// Each guard holds in the night that it is for; without it the node is restarted.
func TestGuardsInTheirNights(t *testing.T) {
	network := func(m uint64) uint64 { return 1000000 + 10*m }
	nights := map[string]struct {
		force func(*Settings)
		night func(m uint64) minute
		// from and to are the minutes in which the guard must hold.
		from, to uint64
	}{
		GuardCatchingUp: {
			func(s *Settings) {
				s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute}
			},
			func(m uint64) minute { return minute{network: network(m), node: network(m) - 10000 + 100*m} }, 1, 39,
		},
		GuardOneWitness: {
			func(s *Settings) { s.OneWitness = true },
			func(m uint64) minute {
				seen := minute{network: network(m), node: network(m)}
				if m >= 10 {
					seen.lying = network(m) + 1000000
				}
				return seen
			}, 10, 39,
		},
		GuardNetworkStall: {
			func(s *Settings) { s.NetworkStall = &judge.Stall{} },
			// The network makes a burst that the node misses, and stands from then on.
			func(m uint64) minute {
				seen := minute{network: network(m), node: network(min(m, 10))}
				if m > 10 {
					seen.network = network(24) + 10*(max(m, 30)-30)
				}
				return seen
			}, 17, 34,
		},
	}
	for guard, n := range nights {
		t.Run(guard, func(t *testing.T) {
			between := func(acts []uint64) bool {
				return slices.ContainsFunc(acts, func(m uint64) bool { return m >= n.from && m <= n.to })
			}
			acts, held := live(t, guarded(n.force), n.night, 40)
			for m := n.from; m <= n.to; m++ {
				if held[m] != guard {
					t.Errorf("minute %d: held by %q", m, held[m])
				}
			}
			if between(acts) {
				t.Errorf("acts in minutes %v", acts)
			}
			if acts, _ = live(t, guarded(func(*Settings) {}), n.night, 40); !between(acts) {
				t.Error("without the guard nothing is done either")
			}
		})
	}
}

// A guard holds no longer than its night lasts.
func TestWedgeIsCuredInSpiteOfGuards(t *testing.T) {
	settings := guarded(func(s *Settings) {
		s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute}
		s.OneWitness, s.NetworkStall = true, &judge.Stall{}
	})
	for name, night := range map[string]struct {
		seen        func(m uint64) minute
		first, last uint64
	}{
		"in step":     {func(m uint64) minute { return minute{network: 1000000 + 10*m, node: 1000000 + 10*min(m, 10)} }, 13, 22},
		"in the sync": {func(m uint64) minute { return minute{network: 1000000 + 10*m, node: 990000 + 110*min(m, 10)} }, 20, 35},
	} {
		acts, _ := live(t, settings, night.seen, 40)
		if len(acts) == 0 || acts[0] < night.first || acts[0] > night.last {
			t.Errorf("%s: acts in minutes %v, want the first from %d to %d", name, acts, night.first, night.last)
		}
	}
}

// A sync that pauses when it is first seen, or after its start, is no wedge yet; a node
// that was at the head by then is.
func TestPauseAtFirstSight(t *testing.T) {
	settings := guarded(func(s *Settings) {
		s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute}
	})
	for name, night := range map[string]struct {
		behind      uint64
		ends        uint64
		first, last uint64
	}{
		"a pause of nine minutes": {behind: 10000, ends: 9, first: 41, last: 41},
		"none that ends":          {behind: 10000, ends: 40, first: 10, last: 12},
		"at the head":             {ends: 40, first: 3, last: 8},
	} {
		acts, _ := live(t, settings, func(m uint64) minute {
			return minute{network: 1000000 + 10*m, node: 1000000 - night.behind + 40*(m-min(m, night.ends))}
		}, 40)
		if acts = append(acts, 41); acts[0] < night.first || acts[0] > night.last {
			t.Errorf("%s: acts in minutes %v, want the first from %d to %d", name, acts, night.first, night.last)
		}
	}
}

// Without a block head the facts of the network say why they are unknown.
func TestNetworkFactsNeedTheJudge(t *testing.T) {
	facts := Behind(DropIn(), 5).Check(Start).Facts
	for _, name := range []string{"heads", "corroborated", "block_time", "gain", "lag_time"} {
		if f := facts.Get(name); f.Known || f.Missing != "the monitor has no block head" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A sync without blocks is no wedge; the phases are in the words of alephlog-parser.
func TestPhasesWithoutBlocks(t *testing.T) {
	for phase, want := range map[string]string{"state sync": GuardCatchingUp, "warping": GuardCatchingUp, "gap sync": GuardCatchingUp, "block history": "", "idle": ""} {
		e := New(guarded(func(s *Settings) { s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}} }))
		e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
		var v Verdict
		for m := range 10 {
			now := Start.Add(time.Duration(m) * time.Minute)
			for _, source := range []string{"one", "two"} {
				e.Observe(now, Head{Source: source, Best: 1000000 + 10*uint64(m), Endpoint: "https://" + source})
			}
			e.Observe(now, Log{Lines: 1, Last: now, Events: []Event{{Time: now, Kind: BlockBest, Number: 900000}, {Time: now, Kind: FactGiven, Name: "phase", Value: phase}}})
			v = e.Check(now)
		}
		if v.Guard != want || v.Kind == OK {
			t.Errorf("%s: %s, held by %q, want %q", phase, v.Kind, v.Guard, want)
		}
	}
}

// What must hold for a time counts anew from the release of a halt.
func TestHoldingCountsFromTheRelease(t *testing.T) {
	settings := guarded(func(s *Settings) {
		s.NetworkStall = &judge.Stall{}
		s.SyncStall.Enabled, s.FallingBehind.Enabled, s.Moderate.Enabled = false, false, false
		s.Severe.LagAbove, s.Severe.For = 20, 10*time.Minute
	})
	acts, _ := live(t, settings, func(m uint64) minute {
		network := 1000000 + 10*min(m, 20) + 10*(max(m, 45)-45) // it stands from 20 to 45
		return minute{network: network, node: 1000000 + 10*min(m, 15)}
	}, 70)
	// The network has settled at 50 at the soonest.
	if len(acts) == 0 || acts[0] < 60 {
		t.Errorf("acts at %v, want none before 60", acts)
	}
}

// One witness whose height stands says nothing about a node that stands.
func TestOneWitnessThatStands(t *testing.T) {
	for _, rises := range []bool{false, true} {
		acts, held := live(t, guarded(func(s *Settings) { s.OneWitness = true }), func(m uint64) minute {
			seen := minute{network: 1000000 + 10*m, node: 1000000 + 10*min(m, 10)}
			if m >= 10 {
				seen.lying = 1000500
				if rises {
					seen.lying = 1000500 + 10*m
				}
			}
			return seen
		}, 30)
		if rises != (len(acts) > 0) || !rises && held[29] != GuardOneWitness {
			t.Errorf("its height rises: %t; acts at %v, held by %q", rises, acts, held[29])
		}
	}
}

// A phase without blocks is a gain for as long as the log says that it moves, or does
// not say how far it has come.
func TestPhaseWithoutBlocks(t *testing.T) {
	tests := []struct {
		name string
		done func(m int) any // nil for what the log does not say
		acts bool
	}{
		{"it moves", func(m int) any { return float64(m) }, false},
		{"it moves each eighth minute", func(m int) any { return float64(m / 8) }, false},
		{"it stands", func(int) any { return 512.0 }, true},
		{"it stands from the first hour on", func(m int) any { return float64(min(m, 60)) }, true},
		{"the log does not say", func(int) any { return nil }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(guarded(func(s *Settings) {
				s.CatchingUp = &CatchingUp{Gain: judge.Gain{Window: 5 * time.Minute, Least: 10}, Patience: 10 * time.Minute}
			}))
			e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
			acts := 0
			for m := range 120 {
				now := Start.Add(time.Duration(m) * time.Minute)
				for _, source := range []string{"one", "two"} {
					e.Observe(now, Head{Source: source, Best: 1000000 + 10*uint64(m)})
				}
				said := []Event{{Time: now, Kind: BlockBest, Number: 900000}, {Time: now, Kind: FactGiven, Name: "phase", Value: "state sync"}}
				if done := test.done(m); done != nil {
					said = append(said, Event{Time: now, Kind: FactGiven, Name: "phase_done", Value: done})
				}
				e.Observe(now, Log{Lines: 1, Last: now, Events: said})
				if e.Check(now).Kind == Act {
					acts++
					break
				}
			}
			if (acts > 0) != test.acts {
				t.Errorf("%d acts, want any: %t", acts, test.acts)
			}
		})
	}
}
