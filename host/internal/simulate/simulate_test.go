package simulate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
)

const examples = "../../../examples/"

func load(t *testing.T, name string) Rules {
	t.Helper()
	r, err := Load(examples+name, map[string]string{"CONTAINER_NAME": "node"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// all are the sources of careful.hcl.
var all = map[string]string{"first": "first", "second": "second", "third": "third"}

// TestKinds: the profile careful comes out of every kind of night right.
func TestKinds(t *testing.T) {
	careful := load(t, "careful.hcl")
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			seeds := uint64(1)
			if !testing.Short() {
				seeds = 3
			}
			for seed := range seeds {
				k.Night.Seed = seed
				s := k.Night.Run(careful.Watcher(all))
				for _, fault := range s.Faults {
					t.Error(fault)
				}
				if n := len(s.Acts); n < k.Least || n > k.Most {
					t.Errorf("seed %d: restarts at %v, want %d to %d", seed, s.Acts, k.Least, k.Most)
				}
			}
		})
	}
}

// TestRandomNights: nor is there a wrong restart, or a wedge missed, in nights of
// random troubles.
func TestRandomNights(t *testing.T) {
	contenders, err := Contenders(examples)
	if err != nil {
		t.Fatal(err)
	}
	nights := 30
	if !testing.Short() {
		nights = 2000
	}
	careful := Compare(contenders[1:2], 0, nights)[0]
	for _, fault := range careful.Faults {
		t.Error(fault)
	}
	if careful.Spree > 3 {
		t.Errorf("%d restarts within six hours did not help", careful.Spree)
	}
}

// TestGuardsAreNeeded: what the referee finds without a guard shows that it looks.
func TestGuardsAreNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs in make test-long")
	}
	for name, weaken := range map[string]func(*rule.Settings){
		"network_stall":       func(s *rule.Settings) { s.NetworkStall = nil },
		"catching_up":         func(s *rule.Settings) { s.CatchingUp = nil },
		"one_witness":         func(s *rule.Settings) { s.OneWitness = false },
		"recovery and budget": func(s *rule.Settings) { s.Recovery, s.Budget = nil, nil },
		"head":                func(s *rule.Settings) { s.Judge = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := load(t, "careful.hcl")
			weaken(&rules.Settings)
			for _, k := range Kinds() {
				s := k.Night.Run(rules.Watcher(all))
				if n := len(s.Acts); len(s.Faults) > 0 || n < k.Least || n > k.Most {
					return
				}
			}
			t.Error("nothing goes wrong without it")
		})
	}
}

// TestSameSeed: a night comes out the same each time.
func TestSameSeed(t *testing.T) {
	careful := load(t, "careful.hcl")
	first, second := Random(7).Run(careful.Watcher(all)), Random(7).Run(careful.Watcher(all))
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}
