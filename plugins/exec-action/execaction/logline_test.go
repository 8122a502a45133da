package execaction

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

func linesOf(t *testing.T, format, text string) []sdk.Line {
	t.Helper()
	r := newLineReader(format, strings.NewReader(text))
	var all []sdk.Line
	for {
		line, err := r.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
}

func TestLines(t *testing.T) {
	line := func(stamp, text string) sdk.Line { return sdk.Line{Time: at(stamp), Text: []byte(text)} }
	const second = "2025-01-01T00:00:01Z"
	tests := []struct {
		name, format, text string
		want               []sdk.Line
	}{
		{"kubectl", formatRFC3339, "2025-01-01T00:00:01.5Z imported #1\n2025-01-01T01:00:02+01:00 \n", []sdk.Line{line("2025-01-01T00:00:01.5Z", "imported #1"), line("2025-01-01T00:00:02Z", "")}},
		{"journalctl's own", formatRFC3339, "2025-01-01T00:00:01.123456+0000 host geth[7]: imported\n", []sdk.Line{line("2025-01-01T00:00:01.123456Z", "host geth[7]: imported")}},
		{"stamp alone", formatRFC3339, second + "\n", []sdk.Line{line(second, "")}},
		{"seconds", formatUnix, "1735689601.000001 a b\n", []sdk.Line{line("2025-01-01T00:00:01.000001Z", "a b")}},
		{"without a stamp", formatRFC3339, "no stamp yet\n" + second + " a\n  at b\n\n", []sdk.Line{line(second, "a"), line(second, "  at b"), line(second, "")}},
		{"carriage returns", formatRFC3339, second + " a\r\n", []sdk.Line{line(second, "a")}},
		{"half a line", formatRFC3339, second + " a\n" + second + " b", []sdk.Line{line(second, "a")}},
		{"not UTF-8", formatRFC3339, second + " a\xff\n", []sdk.Line{line(second, "a\xff")}},
		{"journal", formatJournal, `{"__REALTIME_TIMESTAMP":"1735689601000001","MESSAGE":"a \"b\"","_PID":"7"}` + "\n-- No entries --\n{}\n" +
			`{"__REALTIME_TIMESTAMP":"1735689601000002","MESSAGE":[97,255]}` + "\n", []sdk.Line{line("2025-01-01T00:00:01.000001Z", `a "b"`), line("2025-01-01T00:00:01.000002Z", "a\xff")}},
		{"journal, too long", formatJournal, `{"__REALTIME_TIMESTAMP":"1735689601000001","MESSAGE":null}` + "\n", []sdk.Line{{Time: at("2025-01-01T00:00:01.000001Z"), Truncated: true}}},
		{"nothing", formatUnix, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, linesOf(t, test.format, test.text), cmp.Comparer(func(a, b []byte) bool { return string(a) == string(b) })); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVeryLongLine(t *testing.T) {
	got := linesOf(t, formatRFC3339, "2025-01-01T00:00:01Z "+strings.Repeat("x", 3<<20)+"\n2025-01-01T00:00:02Z next\n")
	if len(got) != 2 || len(got[0].Text) != longestLine || !got[0].Truncated || string(got[1].Text) != "next" || got[1].Truncated {
		t.Errorf("got %d lines, the first of %d bytes", len(got), len(got[0].Text))
	}
}

func TestPlainLinesAreStampedAsTheyCome(t *testing.T) {
	before := time.Now()
	got := linesOf(t, formatPlain, "2025-01-01T00:00:01Z a\n")
	if len(got) != 1 || got[0].Time.Before(before) || string(got[0].Text) != "2025-01-01T00:00:01Z a" {
		t.Errorf("got %+v", got)
	}
}

func TestOverlap(t *testing.T) {
	run := at("2025-01-01T00:00:01Z")
	upTo := func(lines string) position {
		p := position{Run: run}
		for _, line := range tenths(lines) {
			p.passed(line)
		}
		return p
	}
	tests := []struct {
		name  string
		from  position
		lines string // tenths of a second, and a letter
		want  string // n for new, k for known, g for new after a gap
	}{
		{"first reading", position{Run: run}, "9 10 20", "knn"},
		{"goes on", upTo("50a"), "40 50a 60", "kkn"},
		{"several with one stamp", upTo("50a 50b"), "50a 50b 50c 60", "kknn"},
		{"the same line twice", upTo("50a 50a"), "50a 50a 50a", "kkn"},
		{"a reading that saw the last ones only", upTo("50b 50c"), "50a 50b 50c 50d", "kkkn"},
		{"many with one stamp", upTo("50a 50b 50c 50d 50e 50f 50g 50h 50i 50j"), "50z 50a 50b 50c 50d 50e 50f 50g 50h 50i 50j 50k", "kkkkkkkkkkkn"},
		{"nothing new", upTo("50a"), "50a", "k"},
		{"lost the last one", upTo("50a"), "60 70", "gn"},
		{"lost one of the last", upTo("50a 50b"), "50b 60", "kg"},
		{"lost all", upTo("50a"), "40 60", "kg"},
		{"the clock went back", upTo("50a"), "50a 60 20", "knn"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			known := overlap{from: test.from}
			got := ""
			for _, line := range tenths(test.lines) {
				switch isNew, gap := known.admit(line); {
				case gap:
					got += "g"
				case isNew:
					got += "n"
				default:
					got += "k"
				}
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// tenths are lines such as "50a", stamped with tenths of a second.
func tenths(text string) []sdk.Line {
	var lines []sdk.Line
	for word := range strings.FieldsSeq(text) {
		offset, err := time.ParseDuration(strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz") + "00ms")
		if err != nil {
			panic(err)
		}
		lines = append(lines, sdk.Line{Time: at("2025-01-01T00:00:00Z").Add(offset), Text: []byte(word)})
	}
	return lines
}

func TestCursor(t *testing.T) {
	want := position{Run: at("2025-01-01T00:00:01.5Z")}
	want.passed(sdk.Line{Time: at("2025-01-01T00:00:05Z"), Text: []byte("a")})
	want.passed(sdk.Line{Time: at("2025-01-01T00:00:05Z"), Text: []byte("b")})
	got, err := parseCursor(want.cursor())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("position (-want +got):\n%s", diff)
	}
	for _, text := range []string{"", "x", "{}", `{"run":"2025-01-01T00:00:01Z","last":[1]}`, `{"run":"2025-01-01T00:00:01Z","at":"2025-01-01T00:00:01Z"}`, "null"} {
		if _, err := parseCursor([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestRecent(t *testing.T) {
	var r recent
	line := func(second int, size int) sdk.Line {
		return sdk.Line{Time: time.Unix(int64(second), 0), Text: make([]byte, size)}
	}
	for i := range 10 {
		r.add(line(i, 10))
	}
	r.forget(time.Unix(7, 0))
	if lines, whole := r.take(); len(lines) != 3 || !whole || r.bytes != 0 {
		t.Errorf("got %d lines, whole %v", len(lines), whole)
	}
	for i := range 10 {
		r.add(line(i, recentBytes/4))
	}
	if r.bytes > recentBytes {
		t.Errorf("holds %d bytes", r.bytes)
	}
	if lines, whole := r.take(); whole || len(lines) == 0 || lines[len(lines)-1].Time != time.Unix(9, 0) {
		t.Errorf("got %d lines, whole %v", len(lines), whole)
	}
}

// FuzzLines: whatever a log command prints comes out as lines with stamps that
// fit into a batch, in any format.
func FuzzLines(f *testing.F) {
	f.Add("2025-01-01T00:00:01Z a\n1735689601.5 b\n")
	f.Add(`{"__REALTIME_TIMESTAMP":"1735689601000001","MESSAGE":[97,-1,300]}` + "\n" + `{"__REALTIME_TIMESTAMP":"9223372036854775807","MESSAGE":{}}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []string{formatPlain, formatRFC3339, formatUnix, formatJournal} {
			p := position{Run: time.Unix(1, 0)}
			for _, line := range linesOf(t, format, text) {
				if line.Time.IsZero() || len(line.Text) > longestLine || strings.Contains(string(line.Text), "\n") && format != formatJournal {
					t.Errorf("%s: got %+v", format, line)
				}
				p.passed(line)
				if cursor := p.cursor(); cursor != nil {
					if again, err := parseCursor(cursor); err != nil || !again.At.Equal(p.At) || !slices.Equal(again.Last, p.Last) {
						t.Errorf("%s: cursor %s reads as %+v, error %v", format, cursor, again, err)
					}
				}
			}
		}
	})
}
