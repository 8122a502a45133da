package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withPreflight puts a block preflight into the configuration of the image.
func (w *world) withPreflight(block string) {
	w.t.Helper()
	text, err := os.ReadFile(dropIn)
	if err != nil {
		w.t.Fatal(err)
	}
	const monitor = "monitor \"aleph\" {\n"
	w.config = filepath.Join(w.t.TempDir(), "preflight.hcl")
	if err := os.WriteFile(w.config, []byte(strings.Replace(string(text), monitor, monitor+"  "+block+"\n", 1)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// A node that deletes its chain at every start is behind. With preflight it is left
// alone, and a person is told how to mend it; without, it is restarted as ever.
func TestPreflight(t *testing.T) {
	const (
		purge  = "PURGE_BEFORE_START is set: the node deletes its chain at every start"
		held   = "(preflight: not restarted)"
		hazard = "hazard="
	)
	for name, test := range map[string]struct {
		block string
		acts  bool
	}{
		"off":     {"", true},
		"on":      {"preflight {\n  }", false},
		"allowed": {"preflight {\n    allow = [\"purge\"]\n  }", true},
	} {
		t.Run(name, func(t *testing.T) {
			inBothEngines(t, func(t *testing.T, w *world) {
				w.spec.Env = []string{"PURGE_BEFORE_START=true"}
				w.startNode("-wedge-after=1s", "-wedge-runs=1")
				before := w.startedAt()
				w.withPreflight(test.block)
				host := w.startHost()
				if test.acts {
					host.see(restarted, 1)
				} else {
					host.see(held, 3)
				}
				log := host.log.String()
				if (w.startedAt() != before) != test.acts {
					t.Errorf("started at %s, and before that at %s", w.startedAt(), before)
				}
				if said := strings.Count(log, hazard+"purge"); said != min(len(test.block), 1) || strings.Count(log, purge) != 1 {
					t.Errorf("said %d times with an id, and %d times at all", said, strings.Count(log, purge))
				}
				if test.block != "" && !strings.Contains(log, `mend="take PURGE_BEFORE_START out of`) {
					t.Error("it does not say how to mend it")
				}
				if test.block == "" && strings.Contains(log, hazard) {
					t.Error("hazards are said without a preflight")
				}
			})
		})
	}
}
