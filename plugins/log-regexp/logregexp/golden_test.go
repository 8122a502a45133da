package logregexp

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixture is a file of log lines of one preset. A line "# ..." is a comment.
type fixture struct {
	preset string
	lines  [][]byte
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	files, err := filepath.Glob("testdata/presets/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no fixtures: %v", err)
	}
	var all []fixture
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f := fixture{preset: strings.TrimSuffix(filepath.Base(file), ".txt")}
		f.lines = bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
		all = append(all, f)
	}
	return all
}

// started is a parser in use.
func started(t testing.TB, config Config) *Parser {
	t.Helper()
	p := New()
	p.config = config
	if err := p.Start(context.Background()); err != nil {
		t.Fatal(sdk.Diagnostics(err))
	}
	return p
}

// eventsOf are the events of one line.
func eventsOf(p *Parser, line sdk.Line) []sdk.Event {
	var events []sdk.Event
	p.ParseLine(&State{}, line, func(e sdk.Event) { events = append(events, e) })
	return events
}

func describe(e sdk.Event) string {
	return strings.TrimPrefix(fmt.Sprintf("%T%+v", e, e), "sdk.")
}

// TestPresets holds the events of every preset's lines against the file beside
// them.
func TestPresets(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.preset, func(t *testing.T) {
			p := started(t, Config{Preset: f.preset})
			var got []string
			for i, line := range f.lines {
				if bytes.HasPrefix(line, []byte("# ")) {
					continue
				}
				for _, e := range eventsOf(p, sdk.Line{Text: line}) {
					got = append(got, fmt.Sprintf("%d %s", i+1, describe(e)))
				}
			}
			file := filepath.Join("testdata", "presets", f.preset+".golden")
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
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}
