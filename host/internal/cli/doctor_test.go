package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/internal/enginetest"
)

// doctor runs the command with the world's environment and nothing else.
func (w *world) doctor(args ...string) (code int, out string) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), w.headwatch, append([]string{"doctor", "--config", w.config}, args...)...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), raceSettings, "HEADWATCH_PLUGIN_DIR=" + w.plugins}
	for name, value := range w.env {
		c.Env = append(c.Env, name+"="+value)
	}
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(text)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return 0, string(text)
}

// says wants texts in what was printed.
func says(t *testing.T, out string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said in\n%s", want, out)
		}
	}
}

// Doctor looks at a node that works, says so, and changes nothing.
func TestDoctor(t *testing.T) {
	inBothEngines(t, func(t *testing.T, w *world) {
		w.rate.Store(1)
		w.startNode()
		w.waitForLines(3)
		before, err := w.api.ContainerInspect(t.Context(), w.id)
		if err != nil {
			t.Fatal(err)
		}
		code, out := w.doctor()
		if code == exitUsage {
			t.Errorf("exit code %d", code)
		}
		says(t, out, "configuration "+dropIn, "state folder "+w.env["HEADWATCH_STATE_DIR"]+" does not exist yet, and can be made",
			"ok       the engine answers, and "+w.name+" has run for", "ok       head_source.onfinality (", "block_imported", "the first verdict would be")
		after, err := w.api.ContainerInspect(t.Context(), w.id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before.ContainerJSONBase.State, after.ContainerJSONBase.State); diff != "" {
			t.Errorf("the container has changed (-before +after):\n%s", diff)
		}
		if _, err := os.Stat(w.env["HEADWATCH_STATE_DIR"]); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the state folder is there: %v", err)
		}
		_, out = w.doctor("--json")
		var report struct {
			Sections []struct {
				Name     string
				Findings []struct{ Level, What, Mend string }
			}
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Sections) != 3 || report.Sections[2].Name != "monitor aleph" {
			t.Errorf("%v in\n%s", err, out)
		}
	})
}

// waitForLines waits until the node has logged so many lines.
func (w *world) waitForLines(n int) {
	w.t.Helper()
	log, err := w.api.ContainerLogs(w.t.Context(), w.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	for lines := bufio.NewReader(log); n > 0; n-- {
		if _, err := lines.ReadString('\n'); err != nil {
			w.t.Fatal(err)
		}
	}
}

// What is wrong is said with what mends it; what hangs does not hold doctor.
func TestDoctorFindsTrouble(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	engine := enginetest.Start(t, enginetest.Options{})
	node := engine.RunContainer(enginetest.Spec{Name: "node"})
	if err := node.Emit("no line of a node"); err != nil {
		t.Fatal(err)
	}
	unwritable := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(unwritable, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, raced(t), enginetest.Client(t, engine), engine.Host(), "")
	w.rate.Store(0)
	w.config = filepath.Join(t.TempDir(), "monitor.hcl")
	text := fmt.Sprintf(troubled, w.chain.URL(), silent.Addr(), engine.Host())
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env["HEADWATCH_STATE_DIR"] = unwritable
	code, out := w.doctor()
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	says(t, out, "state folder "+unwritable+" is no folder", "mend: Make it writable for user", "warning  head_source.silent does not answer",
		"warning  heads of 1 provider count, and the quorum is 2", "warning  the parser understood none of them", "error    there is no container nobody",
		"mend: Name it as docker ps -a shows it", "first verdict would be unknown")
	if strings.Contains(out, "secret-path") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	for _, r := range engine.Requests() {
		if r.Method != "GET" && r.Method != "HEAD" {
			t.Errorf("the engine was asked for %s %s", r.Method, r.Path)
		}
	}

	// A configuration with mistakes is not acted on, and they are told.
	if err := os.WriteFile(w.config, []byte(strings.Replace(text, "[head_source.good, head_source.silent]", "[head_source.nobody]", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out = w.doctor()
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	says(t, out, "head_source.nobody, which does not exist")
}

const troubled = `
head_source "good" {
  plugin = "rpc-onfinality"
  config {
    url = %q
  }
}
head_source "silent" {
  plugin = "rpc-onfinality"
  config {
    url     = "http://%s/secret-path-of-mine"
    timeout = "1s"
  }
}
log_parser "p" {
  plugin = "alephlog-parser"
}
action "a" {
  plugin  = "docker-restart"
  timeout = "5m"
  config {
    docker_host = %q
  }
}
defaults {
  profile = "careful"
  heads   = [head_source.good, head_source.silent]
  parser  = log_parser.p
  action  = action.a
}
monitor "there" {
  target {
    container = "node"
  }
}
monitor "absent" {
  target {
    container = "nobody"
  }
}
`
