// Package corpustest holds a log parser against a corpus: files of lines that
// nodes printed, each with what is read from it. It must never know a parser.
//
// A file has cases, one below the other:
//
//	== a node that syncs, behind a keeper's stamp
//	# where the lines were published
//	with {"chain": "Parachain"}
//	| 2025-05-27 16:46:58 2025-05-27 15:46:58 Preparing 22.2 bps, ...
//	> BlockBest{Number:4512070 Hash:}
//
// What stands behind "with" is the parser's config block as JSON; a case
// without it has the config of the case before, and each case is a run of its
// own. The lines behind "| " are parsed in their order, and behind "> " stands
// what each says. UPDATE_GOLDEN=1 writes that anew.
package corpustest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

// Parse says what the next line of a run means.
type Parse func(line []byte) []sdk.Event

// Run holds a parser against all files that a pattern names. begin begins a run
// with the settings, a JSON object.
func Run(t *testing.T, pattern string, begin func(t *testing.T, settings string) Parse) {
	for _, path := range files(t, pattern) {
		t.Run(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), func(t *testing.T) {
			want := read(t, path)
			got := reread(t, want, begin)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// Runs are the lines of each case in the files that a pattern names, as seeds
// for fuzzing.
func Runs(t testing.TB, pattern string) [][]byte {
	var runs [][]byte
	for _, path := range files(t, pattern) {
		for _, text := range strings.Split("\n"+string(read(t, path)), "\n== ")[1:] {
			var lines []string
			for _, line := range strings.Split(text, "\n") {
				if line, is := cutMark(line, "|"); is {
					lines = append(lines, line)
				}
			}
			runs = append(runs, []byte(strings.Join(lines, "\n")))
		}
	}
	return runs
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no corpus at %s: %v", pattern, err)
	}
	return found
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// reread gives a file with what its lines say now.
func reread(t *testing.T, text []byte, begin func(t *testing.T, settings string) Parse) []byte {
	var (
		out      bytes.Buffer
		parse    Parse
		settings = "{}"
	)
	for _, line := range strings.SplitAfter(string(text), "\n") {
		bare := strings.TrimSuffix(line, "\n")
		if _, is := cutMark(bare, ">"); is {
			continue
		}
		out.WriteString(line)
		if said, is := cutMark(bare, "|"); is {
			if parse == nil {
				parse = begin(t, settings)
			}
			for _, e := range parse([]byte(said)) {
				fmt.Fprintf(&out, "> %s\n", Describe(e))
			}
		} else if rest, is := cutMark(bare, "with"); is {
			settings = rest
		} else if strings.HasPrefix(bare, "== ") {
			parse = nil
		} else if bare != "" && bare[0] != '#' {
			t.Fatalf("%q is no line of a corpus", bare)
		}
	}
	return out.Bytes()
}

// cutMark takes a mark and the blank behind it off a line.
func cutMark(line, mark string) (rest string, is bool) {
	rest, is = strings.CutPrefix(line, mark)
	return strings.TrimPrefix(rest, " "), is && (rest == "" || rest[0] == ' ')
}

// Describe writes an event in one line.
func Describe(e sdk.Event) string {
	return strings.TrimPrefix(fmt.Sprintf("%T%+v", e, e), "sdk.")
}
