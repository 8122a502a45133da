package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

const (
	restarted = `msg="the target was restarted"`
	cooldown  = "cooldown\" monitor=aleph verdict=held"
	verdictOK = "verdict=ok"
)

func TestSevereLagRestartsOnce(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s", "-wedge-runs=1")
		before := w.startedAt()
		w.env["BLOCK_LAG_20"] = "1000000"
		host := w.startHost()
		host.see("blocks (>100). Restarting...", 1)
		host.see(restarted, 1)
		if w.startedAt() == before {
			t.Error("the engine says that the container still runs as before")
		}
		after := w.startedAt()
		host.see(verdictOK, 3)
		if got := host.log.count(restarted); got != 1 {
			t.Errorf("restarted %d times, want once", got)
		}
		if w.startedAt() != after {
			t.Error("the container was restarted again")
		}
		plugins := host.plugins()
		if len(plugins) != 3 {
			t.Errorf("the host has %d plugin processes, want 3", len(plugins))
		}
		host.signal(syscall.SIGTERM)
		if code := host.waitExit(); code != 0 {
			t.Errorf("exit code %d after SIGTERM, want 0", code)
		}
		gone(t, plugins)
	})
}

func TestCooldownOutlivesTheHost(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s", "-wedge-runs=100")
		w.env["COOLDOWN"] = "5"
		host := w.startHost()
		host.see(restarted, 1)
		after := w.startedAt()
		plugins := host.plugins()
		host.signal(syscall.SIGKILL)
		host.waitExit()
		gone(t, plugins)

		w.env["COOLDOWN"] = "3600"
		next := w.startHost()
		next.see(cooldown, 4)
		if got := next.log.count(restarted); got != 0 || w.startedAt() != after {
			t.Errorf("the next host restarted the node in the cooldown of the first")
		}
		next.signal(syscall.SIGINT)
		if code := next.waitExit(); code != 0 {
			t.Errorf("exit code %d after SIGINT, want 0", code)
		}
	})
}

func TestNodeWithinBoundsIsLeftAlone(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		w.env["BLOCK_LAG_20"] = "90"
		before := w.startedAt()
		host := w.startHost()
		host.see(verdictOK, 5)
		if w.startedAt() != before || host.log.count("Restarting") != 0 {
			t.Error("a node within bounds was restarted")
		}
	})
}

func TestDryRunRestartsNothing(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s")
		w.env["DRY_RUN"] = "true"
		before := w.startedAt()
		host := w.startHost()
		host.see("Restarting... (dry run: not restarted)", 3)
		if w.startedAt() != before {
			t.Error("the container was restarted")
		}
	})
}

func TestNoStateNoRestart(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s")
		blocked := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.env["HEADWATCH_STATE_DIR"] = filepath.Join(blocked, "state")
		before := w.startedAt()
		host := w.startHost()
		host.see("state cannot be written: this host watches and restarts nothing", 1)
		host.see("Restarting... (state cannot be written: not restarted)", 2)
		if w.startedAt() != before {
			t.Error("the container was restarted")
		}
	})
}

// TestNobodyReadsTheLog: a host whose standard output nobody reads, as with a log
// driver that is blocked, checks and restarts as any other.
func TestNobodyReadsTheLog(t *testing.T) {
	t.Parallel()
	w := inStandIn(t)
	unread, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Close()
	defer stdout.Close()
	// The pipe is full from the start.
	if err := stdout.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Write(make([]byte, 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a pipe takes 1 MiB: %v", err)
	}
	w.stdout = stdout
	w.startNode("-wedge-after=1s")
	before := w.startedAt()
	host := w.startHost()
	tick, late := time.NewTicker(50*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for w.startedAt() == before {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("a wedged node is not restarted while nobody reads the log")
		}
	}
	host.signal(syscall.SIGTERM)
	if code := host.waitExit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestStoppedContainerStaysStopped(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		host := w.startHost()
		host.see(verdictOK, 1)
		if err := w.api.ContainerStop(t.Context(), w.id, container.StopOptions{}); err != nil {
			t.Fatal(err)
		}
		host.see("is stopped (exit code", 3)
		if w.running() {
			t.Error("the host started a container that somebody had stopped")
		}
		if err := w.api.ContainerStart(t.Context(), w.id, container.StartOptions{}); err != nil {
			t.Fatal(err)
		}
		host.see(cooldown, 1)
		host.see(verdictOK, host.log.count(verdictOK)+1)
	})
}

func TestPluginsThatDieComeBack(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		host := w.startHost()
		host.see(verdictOK, 1)
		for _, pid := range host.plugins() {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		host.see("the plugin is down", 3)
		host.see(verdictOK, host.log.count(verdictOK)+2)
		host.signal(syscall.SIGTERM)
		if code := host.waitExit(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	})
}

func TestReload(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		source, err := os.ReadFile(w.config)
		if err != nil {
			t.Fatal(err)
		}
		w.config = filepath.Join(t.TempDir(), "monitor.hcl")
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(string(source))
		host := w.startHost()
		host.see(verdictOK, 1)
		write(string(source) + "\nnonsense = 1\n")
		host.signal(syscall.SIGHUP)
		host.see("the new configuration is refused; the old one stays in force", 1)
		host.see(verdictOK, host.log.count(verdictOK)+1)
		write(string(source) + "\nhost {\n  dry_run = true\n}\n")
		host.signal(syscall.SIGHUP)
		host.see("the configuration was read anew", 1)
		host.see(`mode="dry run: restarts nothing"`, 1)
		host.see(verdictOK, host.log.count(verdictOK)+1)
	})
}

// TestReloadLeavesAloneWhatHasNotChanged: a monitor is added, a plugin's config
// changes, and a monitor goes; what is the same keeps its process and goes on.
func TestReloadLeavesAloneWhatHasNotChanged(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		source, err := os.ReadFile(w.config)
		if err != nil {
			t.Fatal(err)
		}
		w.config = filepath.Join(t.TempDir(), "monitor.hcl")
		reload := func(host *hostProcess, text string) {
			t.Helper()
			if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if host != nil {
				read := host.log.count("the configuration was read anew")
				host.signal(syscall.SIGHUP)
				host.see("the configuration was read anew", read+1)
			}
		}
		const added = `
monitor "other" {
  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart
  target {
    container = "no-such-container"
  }
}
`
		reload(nil, string(source))
		host := w.startHost()
		host.see(verdictOK, 1)
		first := host.plugins()
		reload(host, string(source))
		host.see("nothing has changed", 1)
		reload(host, string(source)+added)
		host.see("msg=watching monitor=other", 1)
		if now := host.plugins(); !slices.Equal(first, now) {
			t.Errorf("plugin processes %v became %v, but no plugin has changed", first, now)
		}
		if n := host.log.count("msg=watching monitor=aleph"); n != 1 {
			t.Errorf("the monitor that stays began %d times", n)
		}
		host.see(verdictOK, host.log.count(verdictOK)+2)
		// The parser's config names its chain now: only it and its monitors change.
		changed := strings.Replace(string(source), `plugin = "alephlog-parser"`, "plugin = \"alephlog-parser\"\n  timeout = \"11s\"", 1)
		if changed == string(source) {
			t.Fatal("the drop-in has no such line any more")
		}
		reload(host, changed)
		host.see("msg=watching monitor=aleph", 2)
		same := 0
		for _, pid := range host.plugins() {
			if slices.Contains(first, pid) {
				same++
			}
		}
		if same != len(first)-1 {
			t.Errorf("%d of %d plugin processes stay, want all but the parser's", same, len(first))
		}
		host.see(verdictOK, host.log.count(verdictOK)+2)
		host.signal(syscall.SIGTERM)
		left := host.plugins()
		if code := host.waitExit(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		gone(t, append(left, first...))
	})
}

func TestSecondHostIsRefused(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		first := w.startHost()
		first.see("headwatch starts", 1)
		second := w.startHost()
		if code := second.waitExit(); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
		second.see("another host uses this state folder", 1)
	})
}

// TestTwoMonitorsOfOneContainer: by name and by id, which the file alone cannot
// tell. Neither may restart it, for neither knows the other's cooldown.
func TestTwoMonitorsOfOneContainer(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode("-wedge-after=1s", "-wedge-runs=100")
		source, err := os.ReadFile(w.config)
		if err != nil {
			t.Fatal(err)
		}
		second := `
monitor "second" {
  interval = 1
  heads    = [head_source.onfinality]
  parser   = log_parser.aleph
  action   = action.restart
  target {
    container = "` + w.id + `"
  }
  cooldown {
    after_action = 1
  }
}
`
		w.config = filepath.Join(t.TempDir(), "monitor.hcl")
		if err := os.WriteFile(w.config, append(source, second...), 0o600); err != nil {
			t.Fatal(err)
		}
		before := w.startedAt()
		host := w.startHost()
		host.see("this target is watched, but never restarted", 2)
		host.see("(monitor aleph watches the same target: not restarted)", 2)
		host.see("(monitor second watches the same target: not restarted)", 2)
		if w.startedAt() != before {
			t.Error("the container was restarted")
		}
	})
}

func TestAbsentContainerIsWaitedFor(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.nameNode()
		host := w.startHost()
		host.see("Container "+w.name+" is absent", 2)
		w.startNode()
		host.see(verdictOK, 1)
	})
}

// TestFirstVerdictNeedsNoInterval: with an interval of an hour the first
// verdict still comes.
func TestFirstVerdictNeedsNoInterval(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		w.env["CHECK_INTERVAL"] = time.Hour.String()
		host := w.startHost()
		host.see("verdict=", 1)
	})
}
