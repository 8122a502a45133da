package hcltext

import (
	"math"
	"math/big"
	"testing"
)

func TestSuggest(t *testing.T) {
	known := []string{"interval", "heads", "parser", "for"}
	tests := []struct{ given, want string }{
		{"intervl", `Did you mean "interval"?`},
		{"HEADS", `Did you mean "heads"?`},
		{"haeds", `Did you mean "heads"?`},
		{"form", `Did you mean "for"?`},
		{"fro", "There are interval, heads, parser, for."},
		{"cooldown", "There are interval, heads, parser, for."},
		{"", "There are interval, heads, parser, for."},
	}
	for _, test := range tests {
		if got := Suggest(test.given, known, "There are"); got != test.want {
			t.Errorf("%s: got %s, want %s", test.given, got, test.want)
		}
	}
	if got := Suggest("x", nil, "There are"); got != "" {
		t.Errorf("nothing is known: %s", got)
	}
}

func TestNumberText(t *testing.T) {
	huge := new(big.Float).SetMantExp(big.NewFloat(1), 1<<20)
	tests := []struct {
		number *big.Float
		want   string
	}{
		{big.NewFloat(120), "120"},
		{big.NewFloat(1.0 / 3), "0.33"},
		{big.NewFloat(2.5), "2.5"},
		{big.NewFloat(-0.00033), "-0.00033"},
		{big.NewFloat(math.Inf(1)), "inf"},
		{big.NewFloat(math.Inf(-1)), "-inf"},
		{new(big.Float).SetUint64(math.MaxUint64), "18446744073709551615"},
		{huge, "6.74e+315652"},
	}
	for _, test := range tests {
		if got := NumberText(test.number); got != test.want {
			t.Errorf("got %.50s, want %s", got, test.want)
		}
	}
}
