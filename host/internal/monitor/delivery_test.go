package monitor

import (
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// TestWhatIsMissing: a letter is a line, stamped by its place in the alphabet, where
// capitals come first, as after a clock that went back.
func TestWhatIsMissing(t *testing.T) {
	lines := func(letters string) (all []sdk.Line) {
		for _, letter := range letters {
			at := time.Unix(int64(letter)*2, 0)
			all = append(all, sdk.Line{Time: at, Text: []byte(string(letter))})
		}
		return all
	}
	for name, test := range map[string]struct{ delivered, end, late, missing string }{
		"all is there":                             {"abc", "bc", "", ""},
		"the newest is missing":                    {"abc", "bcd", "", "d"},
		"and comes":                                {"abc", "bcd", "d", ""},
		"another one comes":                        {"abc", "bcd", "e", "d"},
		"the stream is far behind":                 {"abc", "klm", "", "klm"},
		"lines are left out before the newest":     {"abm", "klm", "", "kl"},
		"lines from before the first that was due": {"c", "abc", "", ""},
		"nothing was delivered":                    {"", "ab", "", "ab"},
		"an empty log":                             {"", "", "", ""},
		"the clock went back":                      {"mn", "nAB", "A", "B"},
	} {
		t.Run(name, func(t *testing.T) {
			var d delivery
			d.note(lines(test.delivered))
			d.expect(addKeys(nil, lines(test.end)))
			d.note(lines(test.late))
			got := ""
			for _, line := range lines(test.end) {
				if d.missing[keyOf(line)] {
					got += string(line.Text)
				}
			}
			if got != test.missing {
				t.Errorf("missing is %q, want %q", got, test.missing)
			}
		})
	}
	var d delivery
	for range 3 * tailLines {
		d.note(lines("a"))
	}
	if len(d.recent) != tailLines {
		t.Errorf("%d lines are remembered, want %d", len(d.recent), tailLines)
	}
}
