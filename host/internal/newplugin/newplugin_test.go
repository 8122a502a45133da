package newplugin

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write module/ anew, of what go mod tidy finds")

// checkout is the root of this repository.
func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs the go tool in a module that was written.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false "+os.Getenv("GOFLAGS"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestWrittenModules builds each kind as its author would, and runs its tests:
// they hold the conformance kit. Where it fails because module/ is not current,
// -update mends it.
func TestWrittenModules(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			p := Plugin{Kind: kind, Name: "my-plugin", Module: "example.org/my-plugin", SDKVersion: "v0.1.0", SDKDir: checkout(t)}
			if _, err := p.Write(parent); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(parent, "my-plugin")
			if *update {
				renew(t, dir)
			}
			run(t, dir, "vet", "./...")
			run(t, dir, "test", "./...")
			if out := formatted(t, dir); out != "" {
				t.Errorf("gofmt would change %s", out)
			}
		})
	}
}

func formatted(t *testing.T, dir string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("gofmt", "-l", dir)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// renew has the go tool find out what the SDK needs, and keeps it.
func renew(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "mod", "tidy")
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "go ") {
			kept = append(kept, line)
		}
		if line, found := strings.CutSuffix(line, " // indirect"); found {
			kept = append(kept, strings.TrimPrefix(line, "require "))
		}
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("module/sums", sums, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("module/requires", []byte(strings.Join(kept, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWriteRefuses(t *testing.T) {
	parent := t.TempDir()
	if err := os.Mkdir(filepath.Join(parent, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		plugin Plugin
		want   string
	}{
		"no kind":        {Plugin{Kind: "parser", Name: "mine"}, `there is no kind "parser": it is one of head_source, log_parser, action, log_source`},
		"no name":        {Plugin{Kind: "action", Name: ""}, "is no name of a plugin"},
		"a path":         {Plugin{Kind: "action", Name: "../mine"}, "is no name of a plugin"},
		"capitals":       {Plugin{Kind: "action", Name: "Mine"}, "write small letters"},
		"a folder there": {Plugin{Kind: "action", Name: "taken"}, "file exists"},
		"no checkout":    {Plugin{Kind: "action", Name: "mine", SDKDir: parent}, "is no checkout of headwatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			written, err := c.plugin.Write(parent)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(written) > 0 {
				t.Errorf("got %v, %v, want %q", written, err, c.want)
			}
		})
	}
}
