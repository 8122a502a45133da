package alephlog

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixture is a file of log lines. A line "# ..." is a comment; "chain = X" at
// the end of the first one configures the parser.
type fixture struct {
	file   string
	parser *Parser
	lines  [][]byte
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	files, err := filepath.Glob("testdata/lines/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no fixtures: %v", err)
	}
	var all []fixture
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
		f := fixture{file: file, parser: New(), lines: lines}
		if m := regexp.MustCompile(`chain = (\S+)$`).FindSubmatch(lines[0]); m != nil {
			f.parser.config.Chain = string(m[1])
		}
		all = append(all, f)
	}
	return all
}

// events parses the lines from..to of a fixture and describes the events, each
// with the number of its line.
func (f fixture) events(state *State, from, to int) []string {
	var events []string
	for i, line := range f.lines[from:to] {
		if bytes.HasPrefix(line, []byte("# ")) {
			continue
		}
		f.parser.ParseLine(state, sdk.Line{Text: line}, func(e sdk.Event) {
			events = append(events, fmt.Sprintf("%d %s", from+i+1, describe(e)))
		})
	}
	return events
}

func describe(e sdk.Event) string {
	return strings.TrimPrefix(fmt.Sprintf("%T%+v", e, e), "sdk.")
}

// TestFixtures holds the events of every fixture against the file beside it.
func TestFixtures(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.file), ".txt"), func(t *testing.T) {
			var state State
			got := f.events(&state, 0, len(f.lines))
			file := strings.TrimSuffix(f.file, ".txt") + ".golden"
			if *update {
				if err := os.WriteFile(file, []byte(strings.Join(append(got, ""), "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
			if len(text) == 0 {
				want = nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSplitAnywhere cuts every fixture at every line, and lets the state travel
// as JSON in between, as it does between two batches.
func TestSplitAnywhere(t *testing.T) {
	for _, f := range fixtures(t) {
		var whole State
		want := f.events(&whole, 0, len(f.lines))
		for cut := range f.lines {
			var first, second State
			got := f.events(&first, 0, cut)
			text, err := json.Marshal(first)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > 300 {
				t.Errorf("%s: a state of %d bytes", f.file, len(text))
			}
			if err := json.Unmarshal(text, &second); err != nil {
				t.Fatal(err)
			}
			got = append(got, f.events(&second, cut, len(f.lines))...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s cut before line %d (-whole +cut):\n%s", f.file, cut+1, diff)
			}
		}
	}
}
