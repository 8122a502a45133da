package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

// configured puts something behind a line of the image's configuration.
func (w *world) configured(line, more string) {
	w.t.Helper()
	text, err := os.ReadFile(dropIn)
	if err != nil {
		w.t.Fatal(err)
	}
	w.config = filepath.Join(w.t.TempDir(), "changed.hcl")
	if err := os.WriteFile(w.config, []byte(strings.Replace(string(text), line+"\n", line+"\n"+more+"\n", 1)), 0o600); err != nil {
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
				w.configured(`monitor "aleph" {`, test.block)
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
				// A verdict that it holds repeats why.
				alone := strings.Count(log, `msg="preflight: `+purge) + strings.Count(log, `msg="`+purge)
				if said := strings.Count(log, hazard+"purge"); said != min(len(test.block), 1) || alone != 1 {
					t.Errorf("said %d times with an id, and %d times by itself", said, alone)
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

// A container that is to be down for a while is started by the next host, where the
// first is killed meanwhile.
func TestHostIsKilledWhileTheContainerIsDown(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s", "-wedge-runs=1")
		before := w.startedAt()
		w.configured(`    stop_timeout = env("STOP_TIMEOUT", null)`, "    min_down = 8")
		host := w.startHost()
		host.see("Restarting...", 1)
		over, failed := w.api.ContainerWait(t.Context(), w.id, container.WaitConditionNotRunning)
		select {
		case <-over:
		case err := <-failed:
			t.Fatal(err)
		}
		plugins := host.plugins()
		host.signal(syscall.SIGKILL)
		host.waitExit()
		gone(t, plugins)
		if w.running() || w.startedAt() != before {
			t.Fatal("it runs already")
		}
		next := w.startHost()
		next.see(restarted, 1)
		next.see(verdictOK, 1)
		c, err := w.api.ContainerInspect(t.Context(), w.id)
		if err != nil {
			t.Fatal(err)
		}
		began, _ := time.Parse(time.RFC3339Nano, c.State.StartedAt)  // the zero time is
		ended, _ := time.Parse(time.RFC3339Nano, c.State.FinishedAt) // no time down
		if down := began.Sub(ended); down < 8*time.Second || !c.State.Running {
			t.Errorf("it was down for %s (running: %v)", down, c.State.Running)
		}
	})
}
