package fact

import (
	"math"
	"testing"
)

// The short cuts of printing write what the general encoder writes.
func FuzzPlainJSON(f *testing.F) {
	f.Add("head_age", 10802.0)
	f.Add(`a "quoted" \ <b> é`+"\x00\xff\u2028", -0.5)
	f.Add("~ ", math.Copysign(0, -1))
	f.Add("", 1e15)
	f.Add("\x7f", 1e21)
	f.Fuzz(func(t *testing.T, text string, number float64) {
		compare(t, appendText, text)
		compare(t, appendNumber, number)
	})
}

func compare[T any](t *testing.T, short func([]byte, T) ([]byte, error), value T) {
	t.Helper()
	want, wantErr := AppendJSON([]byte("x"), value)
	got, err := short([]byte("x"), value)
	if string(got) != string(want) || (err == nil) != (wantErr == nil) {
		t.Errorf("%v: got %s, %v; want %s, %v", value, got, err, want, wantErr)
	}
}
