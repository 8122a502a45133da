package alephlog

import (
	"strings"
	"testing"

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
