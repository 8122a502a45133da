package dockerlog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// base is a stamp in whole seconds, as a coarse engine writes them.
var base = engineTime("2026-11-22T13:13:00Z").UnixNano()

// keysOf makes keys of words: a word is a line, all with stamps a second
// apart, the same word being the same line.
func keysOf(fine bool, words string) []key {
	var keys []key
	for _, word := range words {
		k := key{at: base + int64(word)*int64(time.Second), hash: uint64(word)}
		if fine {
			k.at++
		}
		keys = append(keys, k)
	}
	return keys
}

func TestOverlap(t *testing.T) {
	for name, test := range map[string]struct {
		fine      bool
		delivered string
		reading   string
		want      string
		passed    bool
	}{
		"first reading":                      {true, "", "abc", "abc", true},
		"nothing new":                        {true, "abc", "abc", "", true},
		"new lines":                          {true, "abc", "bcde", "de", true},
		"only the anchor is left":            {true, "abc", "cd", "d", true},
		"the anchor is gone":                 {true, "abc", "def", "", false},
		"a rotation repeats lines":           {true, "abc", "cdedef", "def", true},
		"a clock that went back":             {true, "xyz", "xyzabc", "abc", true},
		"lines from before the first":        {true, "c", "abcd", "d", true},
		"lines that a stream left out":       {true, "abe", "abcdefg", "cdfg", true},
		"left out, and nothing new":          {true, "ace", "abcde", "bd", true},
		"left out before the first":          {true, "ce", "abcde", "d", true},
		"coarse: left out":                   {false, "abe", "abcdef", "f", true},
		"coarse: equal lines":                {false, "abb", "abbb", "b", true},
		"coarse: equal lines of one reading": {false, "a", "abbb", "bbb", true},
		"coarse: part of the equal ones":     {false, "abbb", "bb", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			var w window
			for _, k := range keysOf(test.fine, test.delivered) {
				w.add(k)
			}
			o := newOverlap(&w)
			got := ""
			for i, k := range keysOf(test.fine, test.reading) {
				if o.admit(k) {
					got += test.reading[i : i+1]
					w.add(k)
				}
			}
			if got != test.want || o.passed != test.passed {
				t.Errorf("admitted %q, passed %v; want %q, %v", got, o.passed, test.want, test.passed)
			}
		})
	}
}

func TestWindowIsBounded(t *testing.T) {
	var w window
	for i := range 5 * windowLines {
		w.add(key{at: base + int64(i)*1000 + 1, hash: uint64(i)})
	}
	if kept := len(w.order) - w.start; kept != windowLines || len(w.count) != windowLines || cap(w.order) > 5*windowLines {
		t.Errorf("%d lines kept, %d counted, room for %d; want %d", kept, len(w.count), cap(w.order), windowLines)
	}
}

func TestWindowForgetsWhatIsOld(t *testing.T) {
	var w window
	for i := range 1000 {
		w.add(key{at: base + int64(i)*int64(time.Second), hash: uint64(i)})
	}
	if kept, most := len(w.order)-w.start, int(windowSpan/time.Second)+1; kept != most {
		t.Errorf("%d lines kept, want %d", kept, most)
	}
	w.add(key{at: base + int64(time.Hour)*100})
	if kept := len(w.order) - w.start; kept != windowLeast {
		t.Errorf("%d lines kept after a long silence, want %d", kept, windowLeast)
	}
}

func positionOf(words string, fine bool) position {
	p := position{id: "cafe", run: engineTime("2026-11-22T13:13:51.753339926Z")}
	for _, k := range keysOf(fine, words) {
		p.seen.add(k)
	}
	return p
}

func TestCursorRoundTrip(t *testing.T) {
	for name, p := range map[string]position{
		"fine":        positionOf("abcdef", true),
		"coarse":      positionOf("abbbbbb", false),
		"many":        positionOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", true),
		"many equal":  positionOf("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
		"clock jumps": positionOf("azbycx", true),
		"run unknown": {id: "cafe", seen: positionOf("a", true).seen},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseCursor(p.cursor())
			if err != nil {
				t.Fatal(err)
			}
			anchor, _ := p.seen.anchor()
			again, _ := got.seen.anchor()
			if got.id != p.id || !got.run.Equal(p.run) || again != anchor || got.seen.has(again) != p.seen.has(anchor) || got.seen.fine != p.seen.fine {
				t.Errorf("got %+v, want %+v", got, p)
			}
			if diff := cmp.Diff(p.cursor(), got.cursor()); diff != "" {
				t.Errorf("cursor of the cursor's position (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCursorBeforeTheFirstLine(t *testing.T) {
	if c := (&position{id: "cafe"}).cursor(); c != nil {
		t.Errorf("cursor is %x, want none", c)
	}
}

func TestParseCursorRefusesOthers(t *testing.T) {
	p := positionOf("abc", true)
	good := p.cursor()
	for name, b := range map[string][]byte{
		"nothing":       {},
		"another form":  append([]byte{2}, good[1:]...),
		"cut off":       good[:len(good)-1],
		"longer":        append(good[:len(good):len(good)], 0),
		"text":          []byte("cursor"),
		"absurd length": {1, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseCursor(b); err == nil {
				t.Errorf("read as %+v", got)
			}
		})
	}
}

func FuzzParseCursor(f *testing.F) {
	p := positionOf("abc", true)
	f.Add(p.cursor())
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parseCursor(b)
		if err != nil {
			return
		}
		again, err := parseCursor(p.cursor())
		if err != nil {
			t.Fatalf("cursor of %x cannot be read: %v", b, err)
		}
		want, _ := p.seen.anchor()
		if got, _ := again.seen.anchor(); got != want || again.id != p.id {
			t.Errorf("anchor is %v, want %v", got, want)
		}
	})
}
