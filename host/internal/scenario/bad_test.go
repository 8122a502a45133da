package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/config"
)

// TestBad compares what is said about each file of testdata/bad, named after
// the mistake in it, with the text beside it. UPDATE_GOLDEN=1 writes the texts.
func TestBad(t *testing.T) {
	for _, path := range glob(t, "testdata/bad/*"+Suffix) {
		t.Run(name(path), func(t *testing.T) {
			file, found := Load(path)
			if !found.HasErrors() {
				_, found, _ = runFile(t, file)
			}
			if !found.HasErrors() {
				t.Error("nothing is wrong")
			}
			golden(t, strings.TrimSuffix(path, Suffix)+".txt", mistakes(t, found))
		})
	}
}

// mistakes renders diagnostics, and checks what holds for all of them.
func mistakes(t *testing.T, found config.Diagnostics) string {
	t.Helper()
	for _, d := range found {
		if d.File == "" || d.Summary == "" {
			t.Errorf("mistake without file or summary: %+v", d)
		}
	}
	var b strings.Builder
	if err := found.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return paths
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), Suffix) }

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large"+Suffix)
	if err := os.WriteFile(large, make([]byte, maxFileSize+1), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"testdata/missing" + Suffix: "testdata/missing.test.hcl: read the tests: no such file or directory",
		large:                       large + ":1,1: file is larger than 1048576 bytes",
	} {
		file, found := Load(path)
		if file != nil || len(found) != 1 || found[0].String() != want {
			t.Errorf("got %v, want %s", found, want)
		}
	}
}
