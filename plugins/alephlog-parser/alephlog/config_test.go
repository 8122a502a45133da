package alephlog

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

func TestValidate(t *testing.T) {
	cases := []struct {
		name, chain, hint string
	}{
		{"empty", "", ""},
		{"word", "Parachain", ""},
		{"emoji", "🌗", ""},
		{"none", "none", ""},
		{"brackets", "[Parachain]", `write chain = "Parachain"`},
		{"too long", strings.Repeat("x", 65), `take what stands between the brackets, such as chain = "Parachain"`},
		{"blanks", " Parachain", `write chain = "Parachain"`},
		{"a whole line", "[Parachain] x\n", `take what stands between the brackets, such as chain = "Parachain"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found := sdk.Diagnostics((&Config{Chain: c.chain}).Validate())
			if c.hint == "" {
				if len(found) != 0 {
					t.Errorf("got %v, want no error", found)
				}
				return
			}
			if len(found) != 1 || found[0].Hint != c.hint || found[0].Path[0] != "chain" {
				t.Errorf("got %+v, want the hint %q at chain", found, c.hint)
			}
		})
	}
}

// TestProfiles holds that a profile reads the lines of its own chain and of every
// chain, and none of another's.
func TestProfiles(t *testing.T) {
	const (
		session   = "2025-03-01 12:00:01 Running session 7."
		memory    = "2025-03-01 12:00:01 Available memory 80MiB dropped below threshold: 100MiB, terminating..."
		consensus = "2025-03-01 12:00:01 [Consensus] ✨ Imported #7 (0x12ab…34cd)"
	)
	cases := []struct {
		profile, line string
		want          int
	}{
		{"", session, 1}, {"", memory, 1},
		{"aleph", session, 1}, {"aleph", memory, 0},
		{"midnight", session, 0}, {"midnight", memory, 1},
		{"subtensor", session, 0}, {"subtensor", memory, 0},
		{"autonomys", consensus, 1},
	}
	for _, c := range cases {
		t.Run(c.profile, func(t *testing.T) {
			p := New()
			p.config.Profile = c.profile
			if err := p.Start(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := parse(p, c.line); len(got) != c.want {
				t.Errorf("%q said %v, want %d events", c.line, got, c.want)
			}
			if diff := cmp.Diff([]sdk.Event{sdk.BlockImported{Number: 9}}, parse(New(), "2025-03-01 12:00:01 ✨ Imported #9 (0x12ab…34cd)")); diff != "" {
				t.Errorf("an import (-want +got):\n%s", diff)
			}
		})
	}
}
