package handshake_test

import (
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

func TestHandshakeStaysAsItIs(t *testing.T) {
	c := handshake.Config()
	if c.ProtocolVersion != 1 || c.MagicCookieKey != "HEADWATCH_PLUGIN" || c.MagicCookieValue != "headwatch.plugin.v1" ||
		handshake.Name != "headwatch" || handshake.Lifeline != "HEADWATCH_LIFELINE" {
		t.Errorf("plugins in the field cannot shake hands with %+v", c)
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "A_b-9": true, "_": true, strings.Repeat("a", 128): true,
		"": false, "9a": false, "-a": false, "a b": false, "a.b": false, "ä": false, "a\xff": false, strings.Repeat("a", 129): false,
	} {
		if got := handshake.IsName(name); got != want {
			t.Errorf("IsName(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestFitting(t *testing.T) {
	tests := []struct {
		name  string
		sizes []int
		want  int
	}{
		{"none", nil, 0},
		{"one that fits nowhere", []int{1 << 30}, 1},
		{"exactly", []int{128 << 10, 128 << 10}, 2},
		{"a byte more", []int{128 << 10, 128<<10 + 1}, 1},
		{"as many", make([]int, 1000), 1000},
		{"one more", make([]int, 1001), 1000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := handshake.Fitting(len(test.sizes), func(i int) int { return test.sizes[i] }); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
