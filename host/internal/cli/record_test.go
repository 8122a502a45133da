package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/internal/chaintest"
)

// record makes the world's host record into a folder, which it returns.
func (w *world) record(mode string) string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "made", "trace")
	w.env["RECORD_DIR"] = dir
	w.rewriteRecord("record {\n  dir = env(\"RECORD_DIR\", null)\n  log = \"" + mode + "\"\n}\n")
	return dir
}

// rewriteRecord gives the world's host the drop-in with another record block,
// in a file of its own.
func (w *world) rewriteRecord(block string) {
	w.t.Helper()
	source, err := os.ReadFile(dropIn)
	if err != nil {
		w.t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(source), "record {\n")
	_, after, _ := strings.Cut(rest, "}\n")
	if !found {
		w.t.Fatal("the drop-in has no record block")
	}
	if w.config == dropIn {
		w.config = filepath.Join(w.t.TempDir(), "monitor.hcl")
	}
	if err := os.WriteFile(w.config, []byte(before+block+after), 0o600); err != nil {
		w.t.Fatal(err)
	}
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
	replay := exec.Command(w.headwatch, "replay", "--json", "--config", w.config, trace)
	replay.Env = append(os.Environ(), "HEADWATCH_PLUGIN_DIR="+w.plugins)
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

// TestRecording: a node is restarted, the host is killed and started again; a
// replay of what was recorded comes to what the hosts came to.
func TestRecording(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"events", "lines"} {
		t.Run(mode, func(t *testing.T) {
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

// TestRecordingAndReload: a changed record block takes effect at SIGHUP, and what
// was recorded before is closed; so does one that is taken away. The folder that
// cannot be used stops nothing.
func TestRecordingAndReload(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.startNode()
		one := w.record("lines")
		w.env["RPC_URL"] = w.chain.URL() + "/keys/0123456789abcdef?token=fedcba9876543210"
		blocked := filepath.Join(t.TempDir(), "file")
		host := w.startHost()
		host.see(verdictOK, 1)
		if got := host.metrics(); !strings.Contains(got, "headwatch_recording_files ") || !strings.Contains(got, `headwatch_recording_dropped_records_total{monitor="aleph"} 0`) {
			t.Errorf("/metrics has nothing of the recording:\n%s", got)
		}
		w.chain.Fail("", chaintest.Forbidden) // repeats what it was asked
		host.see("no usable head (onfinality: ", 1)
		w.chain.Heal()
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.rewriteRecord("record {\n  dir = \"" + filepath.Join(blocked, "trace") + "\"\n}\n")
		host.signal(syscall.SIGHUP)
		host.see("msg=recording dir="+blocked, 1)
		host.see("the recording cannot be written; watching goes on", 1)
		host.see(verdictOK, host.log.count(verdictOK)+1)
		checkRecordings(t, one, 1)
		checkNoSecret(t, one, "0123456789abcdef", "fedcba9876543210", "/keys")

		w.rewriteRecord("")
		host.signal(syscall.SIGHUP)
		host.see("the configuration was read anew", 2)
		host.see("the new configuration is in force", 2)
		if got := host.metrics(); strings.Contains(got, "headwatch_recording_files") {
			t.Error("/metrics shows a recording that is no more")
		}
		host.signal(syscall.SIGTERM)
		if code := host.waitExit(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	})
}

// checkNoSecret: the recordings have an error of the endpoint, and nothing of
// its address but the host.
func checkNoSecret(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files, err := trace.Files([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, file := range files {
		in, err := trace.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if in.Close(); err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	for _, want := range []string{`"head_error"`, `"endpoint":"http://127.0.0.1:`, "403"} {
		if !strings.Contains(all, want) {
			t.Errorf("the recordings do not hold %s", want)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(all, secret) {
			t.Errorf("the recordings hold %s", secret)
		}
	}
}

// metrics are what /metrics shows.
func (h *hostProcess) metrics() string {
	h.t.Helper()
	address := regexp.MustCompile(`msg="the HTTP endpoint listens" address=(\S+)`).FindStringSubmatch(h.log.String())
	if address == nil {
		h.t.Fatal("the host says no address of its HTTP endpoint")
	}
	answer, err := http.Get("http://" + address[1] + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(body)
}

// checkRecordings: so many files or one more, for a new day begins another; all
// closed, and for nobody else's eyes.
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
	if files != n && files != n+1 {
		t.Errorf("%d recordings, want %d", files, n)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, mode %s", err, info.Mode())
	}
}
