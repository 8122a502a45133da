package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// python is a copy of the example in Python that is ready to run. Where Python's
// gRPC or protoc is missing the test is skipped, unless they are demanded.
func python(t *testing.T) string {
	t.Helper()
	const python, protocol = "/usr/bin/python3", "../../../sdk/proto"
	dir := t.TempDir()
	err := os.CopyFS(dir, onlyFiles{os.DirFS("../../../examples/python")})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{python, "-c", "import grpc, google.protobuf"},
		{"protoc", "-I", protocol, "--python_out=" + dir, "headwatch/plugin/v1/plugin.proto"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			missing := fmt.Sprintf("%s: %v\n%s(Debian: apt-get install python3-grpcio python3-protobuf protobuf-compiler)", args[0], err, out)
			if os.Getenv("HEADWATCH_REQUIRE_PYTHON") != "" {
				t.Fatal(missing)
			}
			t.Skip(missing)
		}
	}
	return dir
}

// onlyFiles leaves the folders of a tree out: they are generated.
type onlyFiles struct{ fs.FS }

func (f onlyFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.FS, name)
	var files []fs.DirEntry
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, entry)
		}
	}
	return files, err
}

// rewrite changes a file in place, as an installer does: by another file of its
// name.
func rewrite(t *testing.T, path, from, to string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("%s holds no %q: %v", path, from, err)
	}
	if err := os.WriteFile(path+".new", []byte(strings.ReplaceAll(string(text), from, to)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestPluginsInPython: a node that wedges is restarted once on what a head
// source and a parser in Python say; killed, they come back; and one is replaced
// by a new version while the host runs.
func TestPluginsInPython(t *testing.T) {
	t.Parallel()
	dir := python(t)
	w := inStandIn(t)
	w.config = filepath.Join(dir, "monitor.hcl")
	rewrite(t, w.config, `"./`, `"`+dir+`/`)

	w.startNode("-wedge-after=1s", "-wedge-runs=1")
	before := w.startedAt()
	w.env["BLOCK_LAG_20"] = "1000000"
	host := w.startHost()
	host.see("blocks (>100). Restarting...", 1)
	host.see(restarted, 1)
	if w.startedAt() == before {
		t.Error("the engine says that the container still runs as before")
	}
	host.see(verdictOK, 2)

	rewrite(t, filepath.Join(dir, "substrate-head"), "    def configure(self, config):", "    def configure(self, config):\n        log('info', 'the new version serves')")
	rewrite(t, filepath.Join(dir, "substrate-head"), "import Attribute, ", "import Attribute, log, ")
	for _, pid := range host.plugins() {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	host.see("the plugin is down", 3)
	host.see("the new version serves", 1)
	host.see(verdictOK, host.log.count(verdictOK)+2)
	if got := host.log.count(restarted); got != 1 {
		t.Errorf("restarted %d times, want once", got)
	}
	plugins := host.plugins()
	host.signal(syscall.SIGTERM)
	if code := host.waitExit(); code != 0 {
		t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
	gone(t, plugins)
}

// TestPluginsInPythonPassTheKit: the conformance kit finds nothing wrong with
// plugins that were not written in Go.
func TestPluginsInPythonPassTheKit(t *testing.T) {
	dir := python(t)
	for _, name := range []string{"substrate-head", "substrate-log"} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if code := Run(t.Context(), []string{"test-plugin", filepath.Join(dir, name)}, nil, &out, &out); code != exitOK || !strings.Contains(out.String(), "connection: plain") {
				t.Errorf("code %d:\n%s", code, out.String())
			}
		})
	}
}
