package scenario

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// night is a recording of two minutes; its wedged node is restarted at the
// second check.
const night = `{"t":"2025-06-01T03:00:00Z","monitor":"m","head":{"source":"net","best":1060}}
{"t":"2025-06-01T03:00:00Z","monitor":"m","log":{"text":"block 1050"}}
{"t":"2025-06-01T03:00:00Z","monitor":"m","log":{"text":"peers 9"}}
{"t":"2025-06-01T03:01:00Z","monitor":"m","check":{}}
{"t":"2025-06-01T03:01:30Z","monitor":"m","head":{"source":"net","best":1160}}
{"t":"2025-06-01T03:02:00Z","monitor":"m","check":{}}
`

// runOfTrace runs a test of a trace that is written into files beside it.
func runOfTrace(t *testing.T, body string, files map[string]string) (*Result, string) {
	t.Helper()
	dir := t.TempDir()
	text := "config = \"minimal.hcl\"\n\ntest \"a\" {\n" + body + "\n}\n"
	all := map[string]string{"a" + Suffix: text, "minimal.hcl": read(t, "testdata/minimal.hcl")}
	for name, content := range files {
		all[name] = content
	}
	for name, content := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	results, found, err := runFile(t, load(t, filepath.Join(dir, "a"+Suffix)))
	if err != nil {
		t.Fatal(err)
	}
	if found.HasErrors() {
		return nil, strings.ReplaceAll(mistakes(t, found), dir+"/", "")
	}
	var b bytes.Buffer
	if err := results[0].WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return results[0], strings.ReplaceAll(b.String(), dir+"/", "")
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTraces(t *testing.T) {
	lines := strings.SplitAfter(night, "\n")
	const acts = "  trace = \"night.jsonl\"\n  acts = [\"2025-06-01T03:02:00Z\"]"
	tests := []struct {
		name, body string
		files      map[string]string
	}{
		{"times of the clock", acts, map[string]string{"night.jsonl": night}},
		{"times from the first record", "  trace = \"night.jsonl\"\n  acts = [\"2m\"]\n  expect {\n    at = [60, \"2025-06-01T03:02:00Z\"]\n    holds = lag == t + 0 || lag == 110 || lag == 10\n  }", map[string]string{"night.jsonl": night}},
		{"times from a given start", "  trace = \"night.jsonl\"\n  start = \"2025-06-01T02:00:00Z\"\n  acts = [\"1h2m\"]", map[string]string{"night.jsonl": night}},
		{"compressed, whatever its name", acts, map[string]string{"night.jsonl": packed(t, night)}},
		{"a folder", "  trace = \"nights\"\n  acts = [\"2m\"]", map[string]string{"nights/1.jsonl": strings.Join(lines[:4], ""), "nights/2.jsonl.gz": packed(t, strings.Join(lines[4:], ""))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result, said := runOfTrace(t, test.body, test.files)
			if result == nil || !result.Passed() || len(result.Acts) != 1 || result.Checks != 2 {
				t.Error(said)
			}
		})
	}
}

func TestTracesThatAreWrong(t *testing.T) {
	whole := packed(t, strings.Repeat(night, 50))
	tests := []struct {
		name, body string
		files      map[string]string
		want       string
	}{
		{"not there", "  trace = \"night.jsonl\"\n  acts    = 1", nil, "a.test.hcl:4,11: read the trace night.jsonl: no such file or directory"},
		{"empty", "  trace = \"night.jsonl\"\n  acts    = 1", map[string]string{"night.jsonl": "\n"}, "a.test.hcl:4,11: read the trace night.jsonl: it holds no record"},
		{"an empty folder", "  trace = \"nights\"\n  acts    = 1", map[string]string{"nights/notes.txt": "none"}, "it holds no .jsonl or .jsonl.gz file"},
		{"a broken line", "  trace = \"night.jsonl\"\n  acts    = 1", map[string]string{"night.jsonl": night + "{"}, "warning: trace: line 7: skipped: "},
		{"cut off", "  trace = \"night.jsonl\"\n  acts    = 1", map[string]string{"night.jsonl": whole[:len(whole)-20]}, "warning: trace: "},
		{"of another monitor", "  trace = \"night.jsonl\"\n  acts    = 0", map[string]string{"night.jsonl": strings.ReplaceAll(night, `"m"`, `"other"`)}, `monitor "other"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, said := runOfTrace(t, test.body, test.files); !strings.Contains(said, test.want) {
				t.Errorf("got\n%swant %s", said, test.want)
			}
		})
	}
}

// What an earlier version wrote into tests is read as far as it says something:
// the number of acts under its old name, and a trace beside a history not at all.
func TestEarlierForms(t *testing.T) {
	const history = "\n  history {\n    to = \"1m\"\n    log {\n      text = \"block 1\"\n    }\n  }"
	result, said := runOfTrace(t, "  trace   = \"kept.jsonl\"\n  actions = 0"+history, nil)
	if result == nil || !result.Passed() {
		t.Error(said)
	}
	_, found := Parse("a"+Suffix, []byte("test \"a\" {\n  verdicts = \"night.jsonl\""+history+"\n}\n"))
	if want := "hint: Write verdicts = \"\", and headwatch test --update writes them."; !strings.Contains(mistakes(t, found), want) {
		t.Errorf("got\n%swant %s", mistakes(t, found), want)
	}
}
