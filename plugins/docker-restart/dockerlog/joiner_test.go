package dockerlog

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// at is a stamp so many seconds into a minute.
func at(second int) string { return fmt.Sprintf("2026-11-22T13:13:%02d.000000001Z ", second) }

// joined is what a joiner makes of records.
func joined(t testing.TB, boundary int64, ended bool, records ...record) (lines []string) {
	t.Helper()
	j := joiner{boundary: boundary}
	emit := func(l line) error {
		lines = append(lines, fmt.Sprintf("%d %d %s", time.Unix(0, l.at).Second(), l.stream, docker.Brief(string(l.text))))
		return nil
	}
	for _, r := range records {
		if err := j.add(r, emit); err != nil {
			t.Fatal(err)
		}
	}
	end := j.endEarlier
	if ended {
		end = j.endAll
	}
	if err := end(emit); err != nil {
		t.Fatal(err)
	}
	return lines
}

func out(data string) record    { return record{sdk.Stdout, []byte(data)} }
func errout(data string) record { return record{sdk.Stderr, []byte(data)} }

func TestJoiner(t *testing.T) {
	piece := strings.Repeat("x", pieceSize)
	second := engineTime("2026-11-22T13:13:00Z").UnixNano()
	for name, test := range map[string]struct {
		records []record
		run     int // second at which the current run begins
		ended   bool
		want    []string
	}{
		"lines":                            {[]record{out(at(1) + "a\n"), errout(at(2) + "b\n")}, 0, false, []string{"1 1 a", "2 2 b"}},
		"line ends of a terminal":          {[]record{out(at(1) + "a\r\n")}, 0, false, []string{"1 1 a"}},
		"empty line":                       {[]record{out(at(1) + "\n")}, 0, false, []string{"1 1 "}},
		"pieces":                           {[]record{out(at(1) + piece), out(at(1) + "y\n")}, 0, false, []string{"1 1 " + docker.Brief(piece+"y")}},
		"pieces of both streams":           {[]record{out(at(1) + "a"), errout(at(1) + "b"), out(at(1) + "c\n"), errout(at(1) + "d\n")}, 0, false, []string{"1 1 ac", "1 2 bd"}},
		"full piece with another stamp":    {[]record{out(at(1) + piece), out(at(2) + "y\n")}, 0, false, []string{"1 1 " + docker.Brief(piece+"y")}},
		"unfinished line of an ended run":  {[]record{out(at(1) + "a")}, 0, true, []string{"1 1 a"}},
		"unfinished line of a run":         {[]record{out(at(1) + "a")}, 0, false, nil},
		"unfinished line before a new run": {[]record{out(at(1) + "a"), out(at(9) + "b\n")}, 5, false, []string{"1 1 a", "9 1 b"}},
		"the other stream of a new run":    {[]record{out(at(1) + "a"), errout(at(9) + "b\n")}, 5, false, []string{"1 1 a", "9 2 b"}},
		"unfinished line of an earlier run, and nothing since": {[]record{out(at(1) + "a")}, 5, false, []string{"1 1 a"}},
		"bytes that are not text":                              {[]record{out(at(1) + "a\x00\xff\n")}, 0, false, []string{"1 1 a\x00?"}},
	} {
		t.Run(name, func(t *testing.T) {
			boundary := second + int64(test.run)*int64(time.Second)
			if diff := cmp.Diff(test.want, joined(t, boundary, test.ended, test.records...)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJoinerBoundsLines(t *testing.T) {
	piece := strings.Repeat("x", pieceSize)
	var j joiner
	var got []line
	emit := func(l line) error { got = append(got, l); return nil }
	for range 10 * MaxLine / pieceSize {
		if err := j.add(out(at(1)+piece), emit); err != nil {
			t.Fatal(err)
		}
	}
	if held := len(j.open[sdk.Stdout].text); held > MaxLine+3 {
		t.Errorf("%d bytes of a line are held", held)
	}
	if err := j.add(out(at(1)+"\n"), emit); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0].text) != MaxLine || !got[0].truncated {
		t.Errorf("got %d lines, the first of %d bytes, truncated %v", len(got), len(got[0].text), got[0].truncated)
	}
}

func TestJoinerLongestLineIsWhole(t *testing.T) {
	piece := strings.Repeat("x", pieceSize)
	var j joiner
	var got line
	emit := func(l line) error { got = l; return nil }
	for range MaxLine / pieceSize {
		if err := j.add(out(at(1)+piece), emit); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.add(out(at(1)+"\r\n"), emit); err != nil {
		t.Fatal(err)
	}
	if len(got.text) != MaxLine || got.truncated {
		t.Errorf("line has %d bytes, truncated %v; want %d and whole", len(got.text), got.truncated, MaxLine)
	}
}

func TestStamper(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		want string // empty for an error
		text string
	}{
		"docker":         {"2026-11-22T13:13:51.753339926Z a b", "2026-11-22T13:13:51.753339926Z", "a b"},
		"no text":        {"2026-11-22T13:13:51.753339926Z ", "2026-11-22T13:13:51.753339926Z", ""},
		"seconds":        {"2026-11-22T15:13:51+02:00 a", "2026-11-22T13:13:51Z", "a"},
		"leap year":      {"2024-02-29T23:59:59.000000000Z a", "2024-02-29T23:59:59Z", "a"},
		"no such day":    {"2023-02-29T23:59:59.000000000Z a", "", ""},
		"no such second": {"2023-02-28T23:59:60.000000000Z a", "", ""},
		"no digits":      {"2026-11-22T13:13:51.75333992xZ a", "", ""},
		"year 1":         {"0001-01-01T00:00:00Z a", "", ""},
		"year 9999":      {"9999-01-01T00:00:00.000000000Z a", "", ""},
		"no blank":       {"2026-11-22T13:13:51.753339926Z", "", ""},
		"no stamp":       {"hello world", "", ""},
		"nothing":        {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var s stamper
			got, text, err := s.read([]byte(test.data))
			if test.want == "" {
				if !errors.Is(err, errGarbage) {
					t.Fatalf("got %d and error %v, want garbage", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := engineTime(test.want).UnixNano(); got != want || string(text) != test.text {
				t.Errorf("got %d %q, want %d %q", got, text, want, test.text)
			}
		})
	}
}

// FuzzStamper compares the quick way with the standard library's, before and
// after another stamp.
func FuzzStamper(f *testing.F) {
	for _, seed := range []string{"2026-11-22T13:13:51.753339926Z a", "2026-11-22T13:13:51+02:00 a", "x", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s stamper
		for range 2 {
			got, _, err := s.read(data)
			first, _, _ := strings.Cut(string(data), " ")
			want, parseErr := time.Parse(time.RFC3339Nano, first)
			if err == nil && (parseErr != nil || want.UnixNano() != got) {
				t.Fatalf("%q is read as %d, want %v (%v)", data, got, want, parseErr)
			}
			_, _, _ = s.read([]byte(stamp)) // what it keeps must not matter
		}
	})
}

// FuzzJoiner checks that no text is lost or made up, however it was cut.
func FuzzJoiner(f *testing.F) {
	f.Add([]byte("one\ntwo\nthree"), uint8(4))
	f.Add([]byte("\n\n\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		var j joiner
		var got []byte
		emit := func(l line) error {
			got = append(append(got, l.text...), '\n')
			return nil
		}
		for l := range strings.Lines(string(text)) {
			for _, piece := range chunks(l, int(size)+1) {
				if err := j.add(out(stamp+piece), emit); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := j.endAll(emit); err != nil {
			t.Fatal(err)
		}
		var want []byte
		for l := range strings.Lines(string(text)) {
			want = append(append(want, withoutEnd([]byte(l))...), '\n')
		}
		if string(got) != string(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
