package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/scenario"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// runTests runs headwatch test in this process; its plugins are processes.
func runTests(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	code = Run(t.Context(), append([]string{"test"}, args...), strings.NewReader(""), &out, &out)
	return code, out.String()
}

// TestExamples runs the tests that the examples ship with, the library of
// incidents among them.
func TestExamples(t *testing.T) {
	p := shipped(t)
	cmd := exec.CommandContext(t.Context(), p.headwatch, "test", "../../../examples")
	cmd.Env = append(os.Environ(), "HEADWATCH_PLUGIN_DIR="+p.plugins)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, said)
	}
}

// TestExamplesWarnOfNothing: what is handed out is what validate would have.
func TestExamplesWarnOfNothing(t *testing.T) {
	p := shipped(t)
	examples, err := filepath.Glob("../../../examples/*.hcl")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range examples {
		if strings.HasSuffix(path, ".test.hcl") {
			continue
		}
		cmd := exec.CommandContext(t.Context(), p.headwatch, "validate", "--config", path)
		cmd.Env = append(os.Environ(), "HEADWATCH_PLUGIN_DIR="+p.plugins, "CONTAINER_NAME=node", "RPC_URL=https://rpc.example.org", "SECOND_RPC_URL=https://rpc.example.net", "STOP_TIMEOUT=120")
		said, err := cmd.CombinedOutput()
		if want := path + " is fine\n"; err != nil || string(said) != want {
			t.Errorf("%s: %v:\n%s", path, err, said)
		}
	}
}

// TestEveryExampleHasTests: a configuration that is shown is also tested.
func TestEveryExampleHasTests(t *testing.T) {
	configs, err := filepath.Glob("../../../examples/*.hcl")
	if err != nil || len(configs) == 0 {
		t.Fatal("no examples", err)
	}
	for _, path := range configs {
		if strings.HasSuffix(path, scenario.Suffix) {
			continue
		}
		if _, err := os.Stat(strings.TrimSuffix(path, ".hcl") + scenario.Suffix); err != nil {
			t.Error(err)
		}
	}
}

// TestDocs runs the tests that the manual shows: each block of HCL that begins
// with the name of a file.
func TestDocs(t *testing.T) {
	dir := t.TempDir()
	if code, said := runTests(t, writeExamples(t, "../../../docs/testing-rules.md", dir)...); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

// shown is a block of a manual that begins with the name of its file.
var shown = regexp.MustCompile("(?s)```hcl\n# ([a-z0-9.-]+)\n(.*?)```")

// writeExamples writes the files that a manual shows, and returns the tests.
func writeExamples(t *testing.T, manual, dir string) (tests []string) {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range shown.FindAllStringSubmatch(string(text), -1) {
		path := filepath.Join(dir, block[1])
		if err := os.WriteFile(path, []byte(block[2]), 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, scenario.Suffix) {
			tests = append(tests, path)
		}
	}
	if len(tests) == 0 {
		t.Fatalf("%s shows no test", manual)
	}
	return tests
}

// The list of incidents stands between these lines.
const (
	listBegins = "<!-- The list is made by make incidents. -->\n"
	listEnds   = "<!-- The list ends here. -->\n"
)

// TestIncidentList compares the list of the incidents' README with the tests.
// UPDATE_GOLDEN=1 writes it.
func TestIncidentList(t *testing.T) {
	const dir = "../../../examples/incidents"
	path := filepath.Join(dir, "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), listBegins)
	got, after, ends := strings.Cut(rest, listEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the list", path)
	}
	want := incidentList(t, dir)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(before+listBegins+want+listEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run make incidents (-want +got):\n%s", diff)
	}
}

// TestIncidentTraces: the trace beside each incident is that of its history.
func TestIncidentTraces(t *testing.T) {
	paths, err := filepath.Glob("../../../examples/incidents/*" + scenario.Suffix)
	if err != nil || len(paths) == 0 {
		t.Fatal("no incidents", err)
	}
	for _, path := range paths {
		file, found := scenario.Load(path)
		if len(found) > 0 {
			t.Fatal(found)
		}
		test := file.Tests[0]
		c, _ := test.LoadConfig(nil)
		monitor, _ := test.Choose(c)
		want, found := test.Trace(monitor)
		kept, err := trace.Open(filepath.Join(filepath.Dir(path), test.TraceName()+".gz"))
		if err != nil || len(found) > 0 {
			t.Fatal(err, found)
		}
		got, err := io.ReadAll(kept)
		if kept.Close(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: run make incidents: %d bytes where its history makes %d, %v", path, len(got), len(want), err)
		}
	}
}

func incidentList(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+scenario.Suffix))
	if err != nil || len(paths) == 0 {
		t.Fatal("no incidents", err)
	}
	var list strings.Builder
	list.WriteString("| incident | what happens | the drop-in | with `PROFILE=careful` | a good operator | where the drop-in differs | where careful differs |\n|---|---|---|---|---|---|---|\n")
	for _, path := range paths {
		file, found := scenario.Load(path)
		if found.HasErrors() {
			t.Fatal(found.Err())
		}
		if len(file.Tests) != 2 || file.Tests[0].Env["PROFILE"] != "" || file.Tests[1].Env["PROFILE"] != "careful" {
			t.Errorf("%s: has not one test for the drop-in and one with PROFILE=careful", path)
			continue
		}
		before, careful := file.Tests[0], file.Tests[1]
		if before.About == "" || before.Operator == "" || before.Pinned() == "" || careful.Pinned() == "" {
			t.Errorf("%s: says not what happens, what an operator would have done and all verdicts", path)
		}
		fmt.Fprintf(&list, "| [%s](%s) | %s | %s | %s | %s | %s | %s |\n", before.Name, filepath.Base(path), before.About, before.Pinned(), careful.Pinned(), before.Operator,
			before.Differs, careful.Differs)
	}
	return list.String()
}
