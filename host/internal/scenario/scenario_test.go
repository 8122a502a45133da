package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/trace"
)

func load(t *testing.T, path string) *File {
	t.Helper()
	file, found := Load(path)
	if found.HasErrors() {
		t.Fatal(mistakes(t, found))
	}
	return file
}

// TestHistories compares the traces that the histories of testdata/history make
// with those beside them. UPDATE_GOLDEN=1 writes them.
func TestHistories(t *testing.T) {
	for _, path := range glob(t, "testdata/history/*"+Suffix) {
		t.Run(name(path), func(t *testing.T) {
			test := load(t, path).Tests[0]
			c, found := test.LoadConfig(nil)
			if found.HasErrors() {
				t.Fatal(mistakes(t, found))
			}
			text, found := test.Trace(c.Monitors[0])
			if found.HasErrors() {
				t.Fatal(mistakes(t, found))
			}
			golden(t, strings.TrimSuffix(path, Suffix)+".jsonl", string(text))
			r := trace.NewReader(bytes.NewReader(text), func(w trace.Warning) { t.Error(w) })
			for {
				if _, err := r.Next(); err != nil {
					return
				}
			}
		})
	}
}

// TestReports compares what is said about the tests of testdata/report, those
// that pass and those that fail, as text and as JSON.
func TestReports(t *testing.T) {
	for _, path := range glob(t, "testdata/report/*"+Suffix) {
		t.Run(name(path), func(t *testing.T) {
			results, found, err := runFile(t, load(t, path))
			if err != nil || found.HasErrors() {
				t.Fatal(err, mistakes(t, found))
			}
			var text, lines bytes.Buffer
			for _, result := range results {
				if passes := name(path) == "passes"; result.Passed() != passes {
					t.Errorf("%s: passed %v", result.Test.Name, result.Passed())
				}
				if err := result.WriteText(&text); err != nil {
					t.Fatal(err)
				}
				if err := result.WriteJSON(&lines); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, strings.TrimSuffix(path, Suffix)+".txt", text.String())
			golden(t, strings.TrimSuffix(path, Suffix)+".json", lines.String())
		})
	}
}

// What a run comes to depends on nothing but the file.
func TestRunTwice(t *testing.T) {
	file := load(t, "testdata/report/fails"+Suffix)
	said := func() string {
		var b bytes.Buffer
		results, _, err := runFile(t, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if err := result.WriteJSON(&b); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	if first, second := said(), said(); first != second {
		t.Errorf("first %s\nsecond %s", first, second)
	}
}

const updated = `config = "minimal.hcl"

test "table" {
  verdicts = ""
  history {
    to = "3m"
    head {
      every = "30s"
      best  = 500
    }
    log {
      text = <<-EOT
        block 5
        peers 9
      EOT
    }
  }
}

test "of a trace" {
  trace    = "out/a-table.jsonl"
  verdicts = <<-EOT
     1m .. 2m ok
  EOT
  expect {
    at      = "2025-03-01T12:02:00Z"
    verdict = "held"
  }
}
`

// An update writes what is pinned and nothing else; then every test passes, and
// another update changes nothing. The trace of a history is one as any other.
func TestUpdate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a"+Suffix)
	for name, text := range map[string]string{"a" + Suffix: updated, "minimal.hcl": read(t, "testdata/minimal.hcl")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	writeTrace(t, load(t, path).Tests[0], filepath.Join(dir, "out", "a-table.jsonl"))
	update := func() (updates int) {
		t.Helper()
		file := load(t, path)
		results, found, err := runFile(t, file)
		if err != nil || found.HasErrors() {
			t.Fatal(err, found)
		}
		var parts []Update
		for _, result := range results {
			if u := result.Mend(); u != nil {
				parts = append(parts, *u)
			}
			if !result.Passed() {
				t.Errorf("%s fails after the update: %+v", result.Test.Name, result.Failures)
			}
		}
		if err := file.Apply(parts); err != nil {
			t.Fatal(err)
		}
		return len(parts)
	}
	if n := update(); n != 2 {
		t.Errorf("%d updates, want both tables", n)
	}
	if n := update(); n != 0 {
		t.Errorf("%d updates of what is current", n)
	}
	golden(t, "testdata/updated.txt", read(t, path))
}

// writeTrace writes the trace of a test's history.
func writeTrace(t *testing.T, test *Test, path string) {
	t.Helper()
	c, _ := test.LoadConfig(nil)
	text, found := test.Trace(c.Monitors[0])
	if found.HasErrors() {
		t.Fatal(found)
	}
	if err := WriteFile(path, text); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTraceName(t *testing.T) {
	file := load(t, "testdata/report/fails"+Suffix)
	if got, want := file.Tests[0].TraceName(), "fails-nothing-is-as-it-was-expected.jsonl"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	single := load(t, "testdata/history/order"+Suffix)
	if got, want := single.Tests[0].TraceName(), "order.jsonl"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzParse: whatever the bytes, a file is read or refused with positions.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*" + Suffix} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, found := Parse("a"+Suffix, src)
		if (file == nil) != found.HasErrors() {
			t.Fatalf("file %v, errors %v", file != nil, found.HasErrors())
		}
		for _, d := range found {
			if d.Line < 1 || d.Column < 1 || d.Summary == "" {
				t.Fatalf("mistake without place or summary: %+v", d)
			}
		}
	})
}
