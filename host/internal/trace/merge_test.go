package trace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// gaps is a trace of one record at each of some seconds; the reason in it names
// the trace and the line.
func gaps(name string, seconds ...int) Source {
	var b strings.Builder
	for i, s := range seconds {
		fmt.Fprintf(&b, `{"t":%q,"log_gap":{"reason":"%s%d"}}`+"\n", time.Unix(int64(s), 0).UTC().Format(time.RFC3339), name, i+1)
	}
	return TextSource(name, []byte(b.String()))
}

// counted counts how many of the traces are open, and the most that were.
func counted(sources []Source, open, most *int) []Source {
	for i, source := range sources {
		sources[i].Open = func() (io.ReadCloser, error) {
			file, err := source.Open()
			*open++
			*most = max(*most, *open)
			return closing{file, func() { *open-- }}, err
		}
	}
	return sources
}

type closing struct {
	io.Reader
	closed func()
}

func (c closing) Close() error {
	c.closed()
	return nil
}

// mergeAll lists the records by the reasons in them, and the warnings.
func mergeAll(tb rapid.TB, sources []Source) (records, warnings []string) {
	m, err := NewMerge(sources, func(w Warning) { warnings = append(warnings, w.String()) })
	if err != nil {
		tb.Fatal(err)
	}
	defer m.Close()
	for {
		record, err := m.Next()
		if errors.Is(err, io.EOF) {
			return records, warnings
		}
		if err != nil {
			tb.Fatal(err)
		}
		records = append(records, record.LogGap.Reason)
		if at := m.Position().String(); !strings.HasPrefix(at, record.LogGap.Reason[:1]+": line ") {
			tb.Fatalf("%s stands at %s", record.LogGap.Reason, at)
		}
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name     string
		sources  []Source
		want     string
		warnings string
	}{
		{"none", nil, "", ""},
		{"one after the other", []Source{gaps("a", 1, 2), gaps("b", 3, 4)}, "a1 a2 b1 b2", ""},
		{"given the other way round", []Source{gaps("b", 3, 4), gaps("a", 1, 2)}, "a1 a2 b1 b2", ""},
		{"side by side", []Source{gaps("a", 1, 3, 5), gaps("b", 2, 4, 6)}, "a1 b1 a2 b2 a3 b3",
			"a: line 2: b has records of the same monitor and time: two traces of one monitor are mixed"},
		{"the same time: in the order given", []Source{gaps("b", 1, 1, 2), gaps("a", 1, 2, 2)}, "b1 b2 a1 b3 a2 a3",
			"b: line 3: a has records of the same monitor and time: two traces of one monitor are mixed"},
		{"where one ends the next begins", []Source{gaps("a", 1, 2, 2), gaps("b", 2, 2, 3)}, "a1 a2 a3 b1 b2 b3", ""},
		{"an empty one", []Source{gaps("a", 1), gaps("b"), gaps("c", 2)}, "a1 c1", ""},
		{"each in its own order", []Source{gaps("a", 5, 1, 6), gaps("b", 4, 5)}, "b1 a1 a2 b2 a3",
			"a: line 2: t goes back from 1970-01-01T00:00:05Z to 1970-01-01T00:00:01Z; read as the one before; " +
				"b: line 2: a has records of the same monitor and time: two traces of one monitor are mixed"},
		{"broken lines", []Source{gaps("a", 2), TextSource("b", []byte("nonsense\n")), TextSource("c", []byte("{}\n"+`{"t":"1970-01-01T00:00:01Z","log_gap":{"reason":"c2"}}`))}, "c2 a1",
			"b: line 1: skipped: invalid character 'o' in literal null (expecting 'u'); c: line 1: skipped: record has no t"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			open, most := 0, 0
			records, warnings := mergeAll(t, counted(test.sources, &open, &most))
			if diff := cmp.Diff(test.want, strings.Join(records, " ")); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, strings.Join(warnings, "; ")); diff != "" {
				t.Errorf("warnings differ (-want +got):\n%s", diff)
			}
			if open != 0 {
				t.Errorf("%d traces are still open", open)
			}
		})
	}
}

// A thousand segments need no thousand descriptors.
func TestMergeOpensLate(t *testing.T) {
	var sources []Source
	for i := range 1000 {
		sources = append(sources, gaps("a", 10*i, 10*i+5, 10*i+10))
	}
	slices.Reverse(sources)
	open, most := 0, 0
	records, _ := mergeAll(t, counted(sources, &open, &most))
	if len(records) != 3000 || most > 2 {
		t.Errorf("got %d records with %d traces open at once, want 3000 with 2", len(records), most)
	}
}

// Whatever the traces hold, nothing is lost, each keeps its order, and with
// times that do not go back the whole is in the order of time.
func TestMergeKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sources []Source
		var want []string
		for i := range rapid.IntRange(1, 5).Draw(t, "traces") {
			seconds := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 12).Draw(t, "seconds")
			name := string(rune('a' + i))
			sources = append(sources, gaps(name, seconds...))
			for line := range seconds {
				want = append(want, fmt.Sprintf("%s%d", name, line+1))
			}
		}
		got, _ := mergeAll(t, sources)
		slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("records by trace differ (-want +got):\n%s", diff)
		}
	})
}

func TestMergeErrors(t *testing.T) {
	gone := errors.New("disk on fire")
	opens := 0
	tests := []struct {
		name    string
		sources []Source
		want    string
	}{
		{"open", []Source{gaps("a", 1), {Name: "b", Open: func() (io.ReadCloser, error) { return nil, gone }}}, "disk on fire"},
		{"open when it is due", []Source{gaps("a", 1), {Name: "b", Open: func() (io.ReadCloser, error) {
			if opens++; opens > 1 {
				return nil, gone
			}
			return gaps("b", 2).Open()
		}}}, "disk on fire"},
		{"read", []Source{{Name: "a", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(checkLine+"\n"), brokenFile{gone})), nil
		}}}, "read trace after a: line 1: disk on fire"},
		{"read nothing", []Source{{Name: "a", Open: func() (io.ReadCloser, error) { return io.NopCloser(brokenFile{gone}), nil }}}, "read trace a: disk on fire"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := NewMerge(test.sources, func(Warning) {})
			for err == nil {
				_, err = m.Next()
			}
			if err.Error() != test.want || !errors.Is(err, gone) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if m != nil && m.Close() != nil {
				t.Error("close failed")
			}
		})
	}
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"b.jsonl", "a.jsonl.gz", "a.jsonl", "c.jsonl.gz", "notes.txt", "d.jsonl.gz.tmp", "odd.trace"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"empty", "sub.jsonl"} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		paths []string
		want  []string
		err   string
	}{
		{"a folder", []string{"."}, []string{"a.jsonl", "b.jsonl", "c.jsonl.gz"}, ""},
		{"files in the order given", []string{"odd.trace", "b.jsonl", "a.jsonl.gz"}, []string{"odd.trace", "b.jsonl", "a.jsonl.gz"}, ""},
		{"named twice", []string{"b.jsonl", ".", "./b.jsonl"}, []string{"b.jsonl", "a.jsonl", "c.jsonl.gz"}, ""},
		{"an empty folder", []string{"empty"}, nil, "find traces in empty: it holds no .jsonl or .jsonl.gz file"},
		{"not there", []string{"b.jsonl", "missing"}, nil, "stat missing: no such file or directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Files(test.paths)
			if fmt.Sprint(err) != test.err && (err != nil || test.err != "") {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files differ (-want +got):\n%s", diff)
			}
		})
	}
}

// The files of one recording are read one after the other, also where the clock
// of the host was set back between them; others are merged by time as ever.
func TestMergeOfOneRecording(t *testing.T) {
	file := func(name, monitor string, seconds ...int) Source {
		var b strings.Builder
		for i, s := range seconds {
			kind := fmt.Sprintf(`"log_gap":{"reason":"%s%d"}`, name, i)
			if i == 0 {
				kind = `"snapshot":{}`
			}
			fmt.Fprintf(&b, `{"t":%q,"monitor":%q,%s}`+"\n", time.Unix(int64(s), 0).UTC().Format(time.RFC3339), monitor, kind)
		}
		return TextSource(name, []byte(b.String()))
	}
	m, err := NewMerge([]Source{file("c", "other", 3, 4, 90), file("b", "aleph", 40, 41, 80), file("a", "aleph", 1, 2, 70)}, func(w Warning) { t.Error(w) })
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var got []string
	for {
		record, err := m.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if record.Snapshot != nil {
			got = append(got, "begin")
		} else {
			got = append(got, record.LogGap.Reason)
		}
	}
	if got, want := strings.Join(got, " "), "begin a1 begin c1 a2 begin b1 b2 c2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
