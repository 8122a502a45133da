package logregexp

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

const (
	madeBegins = "<!-- What follows is made by make docs from the preset and its lines. -->\n"
	// sampleLen is how much of a line a page shows.
	sampleLen = 240
)

// TestPages holds the page of every preset to what its patterns read: each has
// lines of the node in the fixtures that it alone would speak about.
func TestPages(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.preset, func(t *testing.T) {
			path := "../presets/" + f.preset + ".md"
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before, got, found := strings.Cut(string(page), madeBegins)
			if !found {
				t.Fatalf("%s has no place for what is made", path)
			}
			want := madePage(t, f)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, []byte(before+madeBegins+want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("run make docs (-want +got):\n%s", diff)
			}
		})
	}
}

// madePage lists the patterns of a preset with the oldest and the newest line
// that each reads.
func madePage(t *testing.T, f fixture) string {
	var b strings.Builder
	for _, p := range presetPatterns(f.preset) {
		lines := linesRead(t, p, f)
		if len(lines) == 0 {
			t.Errorf("no line of %s makes the pattern %s speak", f.preset, p.Name)
			continue
		}
		fmt.Fprintf(&b, "\n## `%s`: %s\n\n```text\n%s\n", p.Name, meaning(p), sample(lines[0]))
		if last := lines[len(lines)-1]; !bytes.Equal(last, lines[0]) {
			fmt.Fprintf(&b, "%s\n", sample(last))
		}
		b.WriteString("```\n")
	}
	return b.String()
}

// linesRead are the lines of a fixture that a pattern speaks about.
func linesRead(t *testing.T, p Pattern, f fixture) [][]byte {
	var lines [][]byte
	alone := started(t, Config{Patterns: []Pattern{p}})
	for _, line := range f.lines {
		if !bytes.HasPrefix(line, []byte("# ")) && len(eventsOf(alone, sdk.Line{Text: line})) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// meaning says what a pattern's line means.
func meaning(p Pattern) string {
	var says []string
	for _, event := range p.Events {
		if event != fatalEvent {
			says = append(says, "`"+event+"`")
			continue
		}
		cured := "no restart cures it"
		if p.Cures {
			cured = "a restart may cure it"
		}
		cause := p.Cause
		if cause == "" {
			cause = p.Name
		}
		says = append(says, "the cause `"+cause+"`, "+cured)
	}
	for _, name := range factsOf(p) {
		says = append(says, "`fact."+name+"`")
	}
	return strings.Join(says, ", ")
}

// factsOf are the names of the facts that a pattern gives.
func factsOf(p Pattern) []string {
	var names []string
	for _, f := range p.Facts {
		names = append(names, f.Name)
	}
	for _, group := range strings.Split(p.Match, "(?P<")[1:] {
		name, _, _ := strings.Cut(group, ">")
		if name != "number" && name != "hash" && name != "version" && !strings.Contains(strings.Join(names, " "), name) {
			names = append(names, name)
		}
	}
	return names
}

// sample is a line as a page shows it, without colours and not too long.
func sample(line []byte) string {
	text := strings.TrimRight(strings.ReplaceAll(string(line), "\x1b", "␛"), " ")
	if runes := []rune(text); len(runes) > sampleLen {
		text = string(runes[:sampleLen]) + "…"
	}
	return text
}
