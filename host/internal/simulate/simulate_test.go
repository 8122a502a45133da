package simulate

import "testing"

const examples = "../../../examples/"

func load(t *testing.T, name string) Rules {
	t.Helper()
	r, err := Load(examples+name, map[string]string{"CONTAINER_NAME": "node"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestKinds: the profile careful comes out of every kind of night right.
func TestKinds(t *testing.T) {
	careful := load(t, "careful.hcl")
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(3) {
				k.Night.Seed = seed
				s := k.Night.Run(careful.Watcher(map[string]string{"first": "first", "second": "second", "third": "third"}))
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
