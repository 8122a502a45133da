package hcltext

import (
	"testing"

	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

func TestDurationsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(0, int64(maxDuration.Seconds())).Draw(t, "seconds")
		d, err := fromSeconds(float64(whole))
		if err != nil || d.Seconds() != float64(whole) {
			t.Fatalf("%d seconds: %v, %v", whole, d, err)
		}
		back, err := ToDuration(cty.StringVal(Seconds(d)))
		if err != nil || back != d {
			t.Fatalf("%s: %v, %v", Seconds(d), back, err)
		}
	})
}

func TestToDuration(t *testing.T) {
	tests := []struct {
		name  string
		value cty.Value
		want  string
		err   error
	}{
		{"text", cty.StringVal("90s"), "90s", nil},
		{"several units", cty.StringVal("1h30m"), "5400s", nil},
		{"days", cty.StringVal("30d"), "2592000s", nil},
		{"days and hours", cty.StringVal("1.5d12h"), "172800s", nil},
		{"days in words", cty.StringVal("30 days"), "", ErrNoDuration},
		{"negative days", cty.StringVal("-1d"), "", errNegative},
		{"number", cty.NumberIntVal(60), "60s", nil},
		{"numeric text", cty.StringVal(" 2.5 "), "2.5s", nil},
		{"zero", cty.StringVal("0"), "0s", nil},
		{"negative", cty.StringVal("-1s"), "", errNegative},
		{"negative number", cty.NumberIntVal(-1), "", errNegative},
		{"garbage", cty.StringVal("soon"), "", ErrNoDuration},
		{"empty", cty.StringVal(""), "", ErrNoDuration},
		{"not a number", cty.StringVal("NaN"), "", ErrNoDuration},
		{"infinite", cty.StringVal("inf"), "", errTooLong},
		{"infinite number", cty.PositiveInfinity, "", errTooLong},
		{"too long", cty.StringVal("100000h"), "", errTooLong},
		{"truth", cty.True, "", ErrNoDuration},
		{"null", cty.NullVal(cty.String), "", ErrNoDuration},
		{"list", cty.EmptyTupleVal, "", ErrNoDuration},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := ToDuration(test.value)
			if err != test.err || err == nil && Seconds(d) != test.want {
				t.Errorf("got %v, %v; want %s, %v", d, err, test.want, test.err)
			}
		})
	}
}

func TestIsDuration(t *testing.T) {
	for text, want := range map[string]bool{"2m": true, "1d": true, "1d12h": true, "1.5s": true, "0": false, "90": false, "soon": false, "s": false, "inf": false, "": false} {
		if got := IsDuration(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
