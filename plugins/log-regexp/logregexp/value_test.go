package logregexp

import (
	"math"
	"strings"
	"testing"
)

func TestReadCount(t *testing.T) {
	cases := []struct {
		text string
		want uint64
		ok   bool
	}{
		{"0", 0, true},
		{"15500464", 15_500_464, true},
		{"15,500,464", 15_500_464, true},
		{"15_500_464", 15_500_464, true},
		{"15'500'464", 15_500_464, true},
		{" 7 ", 7, true},
		{"0xec9a10", 0xec9a10, true},
		{"0XEC9A10", 0xec9a10, true},
		{"18446744073709551615", math.MaxUint64, true},
		{"18446744073709551616", 0, false},
		{"15,5", 0, false},
		{"15,5000", 0, false},
		{",500", 0, false},
		{"1,,500", 0, false},
		{"15,500,", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{"1.0", 0, false},
		{"0x", 0, false},
		{"", 0, false},
		{"٣", 0, false},
		{strings.Repeat("9", 5000), 0, false},
	}
	for _, c := range cases {
		if got, ok := readCount([]byte(c.text)); ok != c.ok || ok && got != c.want {
			t.Errorf("readCount(%.30q) = %d, %v; want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestReadNumbers(t *testing.T) {
	type reader = func([]byte) (float64, bool)
	cases := []struct {
		name string
		read reader
		text string
		want float64
		ok   bool
	}{
		{"number", readNumber, "21", 21, true},
		{"number", readNumber, "-1.5", -1.5, true},
		{"number", readNumber, "1,234.5", 1234.5, true},
		{"number", readNumber, "1e-3", 0.001, true},
		{"number", readNumber, "0x1f", 31, true},
		{"number", readNumber, "1,5", 0, false},
		{"number", readNumber, "1e999", 0, false},
		{"number", readNumber, "Inf", 0, false},
		{"number", readNumber, "NaN", 0, false},
		{"number", readNumber, "--", 0, false},
		{"number", readNumber, "", 0, false},
		{"duration", readDuration, "90", 90, true},
		{"duration", readDuration, "25.5ms", 0.0255, true},
		{"duration", readDuration, "188µs", 0.000188, true},
		{"duration", readDuration, "1h3m20s", 3800, true},
		{"duration", readDuration, "13m37s", 817, true},
		{"duration", readDuration, "3 hrs 12 mins", 11520, true},
		{"duration", readDuration, "24 mins", 1440, true},
		{"duration", readDuration, "2 weeks, 3 days", 17 * 86400, true},
		{"duration", readDuration, "5mo2w20h", 150*86400 + 14*86400 + 20*3600, true},
		{"duration", readDuration, "1 year", 365 * 86400, true},
		{"duration", readDuration, "3 parsecs", 0, false},
		{"duration", readDuration, "hrs", 0, false},
		{"duration", readDuration, "3", 3, true},
		{"duration", readDuration, "soon", 0, false},
		{"duration", readDuration, "--", 0, false},
		{"duration", readDuration, "", 0, false},
		{"duration", readDuration, " ", 0, false},
		{"quantity", readQuantity, "12.5kiB/s", 12800, true},
		{"quantity", readQuantity, "1.5MiB", 1.5 * 1024 * 1024, true},
		{"quantity", readQuantity, "12 kB", 12000, true},
		{"quantity", readQuantity, "402.5Mgas", 402.5e6, true},
		{"quantity", readQuantity, "0.5Gwei", 5e8, true},
		{"quantity", readQuantity, "9 B/s", 9, true},
		{"quantity", readQuantity, "1,024K", 1024000, true},
		{"quantity", readQuantity, "0", 0, true},
		{"quantity", readQuantity, "1e3", 1000, true},
		{"quantity", readQuantity, "7 slots", 7, true},
		{"quantity", readQuantity, "MiB", 0, false},
		{"quantity", readQuantity, "-", 0, false},
		{"quantity", readQuantity, "", 0, false},
	}
	for _, c := range cases {
		got, ok := c.read([]byte(c.text))
		if ok != c.ok || ok && math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q as a %s is %v, %v; want %v, %v", c.text, c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestReadTruth(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "Yes": true, "ON": true, "1": true, "false": false, "no": false, "off": false, " 0 ": false} {
		if got, ok := readTruth([]byte(text)); !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "maybe", "2"} {
		if got, ok := readTruth([]byte(text)); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
