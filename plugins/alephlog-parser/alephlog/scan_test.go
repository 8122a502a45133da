package alephlog

import (
	"math"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/logtext"
)

func TestCutNumber(t *testing.T) {
	cases := []struct {
		text string
		want uint64
		rest string
		ok   bool
	}{
		{"0", 0, "", true},
		{"7 (0x", 7, " (0x", true},
		{"00000000000000000000000000000007", 0, "", false},
		{"9999999999999999999", 9999999999999999999, "", true},
		{"18446744073709551615.", math.MaxUint64, ".", true},
		{"18446744073709551616", 0, "", false},
		{"99999999999999999999", 0, "", false},
		{"184467440737095516150", 0, "", false},
		{strings.Repeat("9", 5000), 0, "", false},
		{"", 0, "", false},
		{"-1", 0, "", false},
		{"٣", 0, "", false},
	}
	for _, c := range cases {
		got, rest, ok := cutNumber([]byte(c.text))
		if ok != c.ok || ok && (got != c.want || string(rest) != c.rest) {
			t.Errorf("cutNumber(%.30q) = %d, %q, %v; want %d, %q, %v", c.text, got, rest, ok, c.want, c.rest, c.ok)
		}
	}
}

func TestCutHash(t *testing.T) {
	cases := []struct {
		text, hash string
		ok         bool
	}{
		{" (0x12ab…34cd), finalized", "0x12ab…34cd", true},
		{" (0x12ab…34cd → 0x56ab…78cd)", "0x56ab…78cd", true},
		{" (0x12ab…34cd -> 0x56ab…78cd)", "0x56ab…78cd", true},
		{" (0x12ab…34cd -> none at all)", "", false},
		{" (none)", "", false},
		{" ()", "", false},
		{" (0x)", "", false},
		{"(0x12ab…34cd)", "", false},
		{" (0x12ab…34cd", "", false},
		{" (0x" + strings.Repeat("ab", 200) + ")", "", false},
	}
	for _, c := range cases {
		hash, _, ok := cutHash([]byte(c.text))
		if ok != c.ok || ok && string(hash) != c.hash {
			t.Errorf("cutHash(%.40q) = %q, %v; want %q, %v", c.text, hash, ok, c.hash, c.ok)
		}
	}
}

func TestStamps(t *testing.T) {
	cases := []struct {
		text string
		want stamp
		body string
	}{
		{"2025-03-01 12:00:01 x", nodeStamp, "x"},
		{"2025-03-01 12:00:01,123 x", nodeStamp, "x"},
		{"2025-03-01 12:00:01", noStamp, "2025-03-01 12:00:01"},
		{"2025-03-01 12:00:01x", noStamp, "2025-03-01 12:00:01x"},
		{"2025-03-01 12:00 x", noStamp, "2025-03-01 12:00 x"},
		{"20250301 12:00:01 x", noStamp, "20250301 12:00:01 x"},
		{"2025/03/01 12:00:01 x", noStamp, "2025/03/01 12:00:01 x"},
		{"2025-03-01T12:00:01.123456Z x", nodeStamp, "x"},
		{"2025-03-01T12:00:01.123456789Z x", keeperStamp, "x"},
		{"2025-03-01T12:00:01.123456789+02:00 x", keeperStamp, "x"},
		{"2025-03-01T12:00:01.123456789Z 2025-03-01 12:00:01 x", nodeStamp, "x"},
		{"Foo 23 13:35:15 x", noStamp, "Foo 23 13:35:15 x"},
		{"Mar 1 13:35:15 x", nodeStamp, "x"},
		{"Mar 111 13:35:15 x", noStamp, "Mar 111 13:35:15 x"},
		{"Mar 23 13:35:15 host unit[1]: x", keeperStamp, "x"},
		{"Mar 23 13:35:15 host unit[x]: y", nodeStamp, "host unit[x]: y"},
		{"11:02AM INF x", noStamp, "11:02AM INF x"},
		{"a | x", noStamp, "x"},
		{"| x", noStamp, "| x"},
	}
	for _, c := range cases {
		var h header
		h.read([]byte(c.text), logtext.DatedLen([]byte(c.text)))
		if h.stamp != c.want || string(h.body) != c.body {
			t.Errorf("%q: stamp %d, body %q; want %d, %q", c.text, h.stamp, h.body, c.want, c.body)
		}
	}
}
