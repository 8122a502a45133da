package moment

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestParse: whatever the zone of the machine, a time without one is UTC.
func TestParse(t *testing.T) {
	now := time.Date(2025, 3, 1, 14, 5, 30, 0, time.FixedZone("east", 2*60*60))
	tests := []struct{ text, want string }{
		{"now", "2025-03-01T12:05:30Z"},
		{"2025-02-01T12:05:00Z", "2025-02-01T12:05:00Z"},
		{"2025-02-01T12:05:00.25+01:00", "2025-02-01T11:05:00.25Z"},
		{"2025-02-01 12:05", "2025-02-01T12:05:00Z"},
		{"2025-02-01 12:05+01:00", "2025-02-01T11:05:00Z"},
		{"2025-02-01 12:05:06", "2025-02-01T12:05:06Z"},
		{"2025-02-01T12:05", "2025-02-01T12:05:00Z"},
		{"2025-02-01", "2025-02-01T00:00:00Z"},
		{"12:05", "2025-03-01T12:05:00Z"},
		{"12:05:30", "2025-03-01T12:05:30Z"},
		{"12:05:31", "2025-02-28T12:05:31Z"},
		{"12:06", "2025-02-28T12:06:00Z"},
		{"14:05:30+02:00", "2025-03-01T12:05:30Z"},
		{"00:30+02:00", "2025-02-28T22:30:00Z"},
		{"10m ago", "2025-03-01T11:55:30Z"},
		{"1h30m ago", "2025-03-01T10:35:30Z"},
		{"2d ago", "2025-02-27T12:05:30Z"},
		{" 1d 12h ago ", "2025-02-28T00:05:30Z"},
	}
	for _, test := range tests {
		got, err := Parse(test.text, now)
		if err != nil || got.Format(time.RFC3339Nano) != test.want {
			t.Errorf("%q is %s, %v; want %s", test.text, got.Format(time.RFC3339Nano), err, test.want)
		}
	}
	for _, text := range []string{"", "tomorrow", "25:00", "10 ago", "-5m ago", "xd ago", "2025-13-01 12:00", "10m"} {
		if got, err := Parse(text, now); err == nil || !strings.Contains(err.Error(), strconv.Quote(text)) {
			t.Errorf("%q is %s, %v; want an error that quotes it", text, got, err)
		}
	}
}
