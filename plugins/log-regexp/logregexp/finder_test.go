package logregexp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

// unhurried is the same parser with nothing looked at before an expression.
func unhurried(p *Parser) *Parser {
	plain := New()
	plain.program.ignore = p.program.ignore
	for _, pattern := range p.program.patterns {
		pattern.match = expression{compiled: pattern.match.compiled}
		pattern.unless = expression{compiled: pattern.unless.compiled}
		plain.program.patterns = append(plain.program.patterns, pattern)
	}
	plain.program.finder = newFinder(plain.program.patterns)
	return plain
}

// TestQuickIsPlain parses all lines of all fixtures with every preset, its own
// also mangled, and holds that what tells mute lines from others loses none.
func TestQuickIsPlain(t *testing.T) {
	random, said := rand.New(rand.NewPCG(1, 2)), 0
	for _, preset := range presetNames() {
		quick := started(t, Config{Preset: preset})
		plain := unhurried(quick)
		for _, f := range fixtures(t) {
			rounds := 1
			if f.preset == preset {
				rounds = 5
			}
			for i, line := range f.lines {
				for range rounds {
					want := eventsOf(plain, sdk.Line{Text: line})
					if diff := cmp.Diff(want, eventsOf(quick, sdk.Line{Text: line})); diff != "" {
						t.Fatalf("%s reads %q (-all +quick):\n%s", preset, line, diff)
					}
					said += len(want)
					line = mangled(random, line, f.lines[(i+1)%len(f.lines)])
				}
			}
		}
	}
	if said < 500 {
		t.Errorf("%d events in all lines", said)
	}
}

// mangled is a line with a piece cut out, doubled, or taken from another line.
func mangled(random *rand.Rand, line, other []byte) []byte {
	if len(line) == 0 {
		return other
	}
	from := random.IntN(len(line))
	to := from + random.IntN(len(line)-from+1)
	switch random.IntN(4) {
	case 0:
		return append(bytes.Clone(line[:from]), line[to:]...)
	case 1:
		return append(bytes.Clone(line[:to]), line[from:]...)
	case 2:
		return append(bytes.Clone(line[:from]), other[min(from, len(other)):]...)
	}
	return append(bytes.Clone(other[:random.IntN(len(other)+1)]), line...)
}

// TestFinder finds words wherever they stand, of many patterns and of few.
func TestFinder(t *testing.T) {
	for _, count := range []int{1, 3, 200} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			patterns := []pattern{{match: expression{words: [][]byte{[]byte("ab")}}}, {}}
			for i := range count {
				patterns = append(patterns, pattern{match: expression{words: [][]byte{fmt.Appendf(nil, "word%dx", i), []byte("second")}}})
			}
			f := newFinder(patterns)
			for i := range count {
				for before := range 12 {
					line := fmt.Appendf(nil, "%sword%dx", strings.Repeat("w", before), i)
					if found := f.find(line); !found.has(i+2) || !found.has(1) || found.has(0) {
						t.Fatalf("%q: %b", line, found)
					}
				}
			}
			if found := f.find([]byte("word wordx secon ab")); !found.has(0) || count < 60 && found != setOf(0)|setOf(1) {
				t.Errorf("%b", found)
			}
		})
	}
}
