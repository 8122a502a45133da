package corpustest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/headwatch/headwatch/sdk"
)

const sample = `# A comment.
== the first
with {"a": 1}
| one
> SessionStarted{Number:3}
|
> SessionStarted{Number:0}
== the second
| blanks  
> SessionStarted{Number:8}
> SessionStarted{Number:1}
`

// lengths is a parser that says how long a line is, and at which line of a run
// behind the first.
func lengths(*testing.T, string) Parse {
	n := 0
	return func(line []byte) []sdk.Event {
		n++
		if len(line) < 8 {
			return []sdk.Event{sdk.SessionStarted{Number: uint64(len(line))}}
		}
		return []sdk.Event{sdk.SessionStarted{Number: uint64(len(line))}, sdk.SessionStarted{Number: uint64(n)}}
	}
}

func TestReread(t *testing.T) {
	stale := `# A comment.
== the first
with {"a": 1}
| one
|
> SessionStarted{Number:77}
== the second
| blanks  
`
	for _, text := range []string{sample, stale} {
		if got := string(reread(t, []byte(text), lengths)); got != sample {
			t.Errorf("got\n%s\nwant\n%s", got, sample)
		}
	}
}

func TestSettings(t *testing.T) {
	var got []string
	reread(t, []byte("== a\n| x\n== b\nwith {\"b\":2}\n| x\n| y\n== c\n| x\n"), func(_ *testing.T, settings string) Parse {
		got = append(got, settings)
		return func([]byte) []sdk.Event { return nil }
	})
	if len(got) != 3 || got[0] != "{}" || got[1] != `{"b":2}` || got[2] != `{"b":2}` {
		t.Errorf("settings %q", got)
	}
}

func TestRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	runs := Runs(t, path)
	if len(runs) != 2 || string(runs[0]) != "one\n" || string(runs[1]) != "blanks  " {
		t.Errorf("runs %q", runs)
	}
	Run(t, path, lengths)
}
