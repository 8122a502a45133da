package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// record makes the world's host record into a folder, which it returns.
func (w *world) record(mode string) string {
	w.t.Helper()
	source, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	dir := filepath.Join(w.t.TempDir(), "made", "trace")
	w.config = filepath.Join(w.t.TempDir(), "monitor.hcl")
	block := "\nrecord {\n  dir = \"" + dir + "\"\n  log = \"" + mode + "\"\n}\n"
	if err := os.WriteFile(w.config, append(source, block...), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

// decided are the verdicts in a host's log, in short.
func decided(log string) []string {
	var all []string
	for _, found := range regexp.MustCompile(`verdict=(\w+)(?: rule=(\S+))?`).FindAllStringSubmatch(log, -1) {
		all = append(all, strings.TrimSpace(found[1]+" "+found[2]))
	}
	return all
}

// replayed are the verdicts of a replay with the world's configuration.
func (w *world) replayed(trace string) []string {
	w.t.Helper()
	replay := exec.Command("headwatch", "replay", "--json", "--config", w.config, trace)
	replay.Env = append(os.Environ(), "HEADWATCH_PLUGIN_DIR="+pluginFolder(w.t))
	for name, value := range w.env {
		replay.Env = append(replay.Env, name+"="+value)
	}
	var said strings.Builder
	replay.Stderr = &said
	out, err := replay.Output()
	if err != nil {
		w.t.Fatalf("replay: %v\n%s", err, &said)
	}
	if strings.Contains(said.String(), ".jsonl: ") || strings.Contains(said.String(), ".gz: ") {
		w.t.Errorf("the replay complains:\n%s", &said)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		var v struct{ Verdict, Rule string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(v.Verdict+" "+v.Rule))
	}
	return all
}

func pluginFolder(t *testing.T) string {
	t.Helper()
	binary, err := exec.LookPath("headwatch")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(binary)
}

// TestRecording: a node is restarted, the host is killed and started again; a
// replay of what was recorded comes to what the hosts came to.
func TestRecording(t *testing.T) {
	for _, mode := range []string{"events", "lines"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			inBothEngines(t, func(t *testing.T, w *world) {
				w.startNode("-wedge-after=1s", "-wedge-runs=1")
				w.env["BLOCK_LAG_20"] = "1000000"
				dir := w.record(mode)
				first := w.startHost()
				first.see("msg=recording dir="+dir, 1)
				first.see(restarted, 1)
				first.see(verdictOK, 2)
				first.signal(syscall.SIGKILL)
				first.waitExit()
				next := w.startHost()
				next.see(verdictOK, 2)
				next.signal(syscall.SIGTERM)
				if code := next.waitExit(); code != 0 {
					t.Errorf("exit code %d, want 0", code)
				}

				got, before, after := w.replayed(dir), decided(first.log.String()), decided(next.log.String())
				if len(got) == len(before)+len(after)-1 {
					before = before[:len(before)-1] // the kill came between a check and its record
				}
				if diff := cmp.Diff(append(before, after...), got); diff != "" {
					t.Errorf("verdicts differ (-hosts +replay):\n%s", diff)
				}
				checkRecordings(t, dir, 2)
			})
		})
	}
}

// checkRecordings: so many files, closed, and for nobody else's eyes.
func checkRecordings(t *testing.T, dir string, n int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", entry.Name(), info.Mode())
		}
		if regexp.MustCompile(`^aleph-\d{8}T\d{6}\.\d{3}Z\.jsonl\.gz$`).MatchString(entry.Name()) {
			files++
		} else if entry.Name() != "lock" {
			t.Errorf("%s is no closed recording", entry.Name())
		}
	}
	if files != n {
		t.Errorf("%d recordings, want %d", files, n)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, mode %s", err, info.Mode())
	}
}
