package trace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// verdictsOf replays a file and lists the verdicts as replay --json prints them,
// of the monitors and of their Old.
func verdictsOf(t *testing.T, r Replay, files ...string) (verdicts, old string) {
	t.Helper()
	var out, oldOut []byte
	line := func(b []byte, monitor string, v rule.Verdict) []byte {
		b, err := v.AppendJSON(b, monitor)
		if err != nil {
			t.Fatal(err)
		}
		return append(b, '\n')
	}
	r.Warn = func(Warning) {}
	r.Verdict = func(c Checked) error {
		out = line(out, c.Monitor, c.Verdict)
		if c.Old != nil {
			oldOut = line(oldOut, c.Monitor, *c.Old)
		}
		return nil
	}
	var sources []Source
	for _, file := range files {
		source, err := FileSource(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, source)
	}
	if err := r.Run(t.Context(), sources...); err != nil {
		t.Fatal(err)
	}
	return string(out), string(oldOut)
}

// Two configurations side by side come to what each comes to alone, whatever
// the trace and whatever they share.
func TestSidesAreAsAlone(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("find traces: %v, %d files", err, len(files))
	}
	others := map[string]func(*setup){
		"other rules":     func(s *setup) { s.SevereLag, s.AfterAction = 10, 60 },
		"other sources":   func(s *setup) { s.Sources = []string{"second"} },
		"a source beside": func(s *setup) { s.Sources = append(s.Sources, "second") },
	}
	for _, file := range files {
		for name, change := range others {
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				base := readSetup(t, strings.TrimSuffix(file, ".jsonl")+".settings.json")
				changed := base
				change(&changed)
				own, old := base.monitors(), changed.monitors()
				wantOwn, _ := verdictsOf(t, Replay{Monitors: own}, file)
				wantOld, _ := verdictsOf(t, Replay{Monitors: old}, file)
				for i := range own {
					own[i].Old = &old[i]
					own[i].Old.Parser = nil // shared
				}
				gotOwn, gotOld := verdictsOf(t, Replay{Monitors: own}, file)
				if diff := cmp.Diff(wantOwn, gotOwn); diff != "" {
					t.Errorf("verdicts differ from those alone (-alone +beside):\n%s", diff)
				}
				if diff := cmp.Diff(wantOld, gotOld); diff != "" {
					t.Errorf("old verdicts differ from those alone (-alone +beside):\n%s", diff)
				}
			})
		}
	}
}

// Where a batch of lines ends changes nothing.
func TestBatchesChangeNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("find traces: %v, %d files", err, len(files))
	}
	for _, file := range files {
		monitors := readSetup(t, strings.TrimSuffix(file, ".jsonl")+".settings.json").monitors()
		want, _ := verdictsOf(t, Replay{Monitors: monitors}, file)
		for _, lines := range []int{1, 2, 3} {
			got, _ := verdictsOf(t, Replay{Monitors: monitors, batch: lines}, file)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in batches of %d differs (-whole +batches):\n%s", file, lines, diff)
			}
		}
	}
}

// A recording of two monitors, in one file or one each, and of only one of them.
func TestOnlyAndSplit(t *testing.T) {
	file := "testdata/two_monitors.jsonl"
	monitors := readSetup(t, "testdata/two_monitors.settings.json").monitors()
	all, _ := verdictsOf(t, Replay{Monitors: monitors}, file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for i, m := range monitors {
		mark := fmt.Sprintf(`"monitor":%q`, m.Name)
		of := func(text string) string {
			var b strings.Builder
			for line := range strings.Lines(text) {
				if strings.Contains(line, mark) {
					b.WriteString(line)
				}
			}
			return b.String()
		}
		want := of(all)
		got, _ := verdictsOf(t, Replay{Monitors: monitors, Only: m.Name}, file)
		if diff := cmp.Diff(want, got); diff != "" || want == "" {
			t.Errorf("verdicts of %s alone differ from those among all (-all +alone):\n%s", m.Name, diff)
		}
		files = append(files, filepath.Join(dir, fmt.Sprint(i)))
		if err := os.WriteFile(files[i], []byte(of(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	split, _ := verdictsOf(t, Replay{Monitors: monitors}, files...)
	if diff := cmp.Diff(all, split); diff != "" {
		t.Errorf("verdicts of a file each differ from those of one for both (-one +each):\n%s", diff)
	}
}
