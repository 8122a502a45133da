package cli

import (
	"strings"
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	zone := time.FixedZone("east", 2*60*60)
	now := time.Date(2025, 3, 1, 12, 5, 30, 0, zone)
	tests := []struct{ text, want string }{
		{"", "2025-03-01T12:05:30+02:00"},
		{"now", "2025-03-01T12:05:30+02:00"},
		{"2025-02-01T12:05:00Z", "2025-02-01T14:05:00+02:00"},
		{"2025-02-01T12:05:00.25+01:00", "2025-02-01T13:05:00.25+02:00"},
		{"2025-02-01 12:05", "2025-02-01T12:05:00+02:00"},
		{"2025-02-01 12:05:06", "2025-02-01T12:05:06+02:00"},
		{"2025-02-01T12:05", "2025-02-01T12:05:00+02:00"},
		{"12:05", "2025-03-01T12:05:00+02:00"},
		{"12:05:30", "2025-03-01T12:05:30+02:00"},
		{"12:06", "2025-02-28T12:06:00+02:00"},
		{"10m ago", "2025-03-01T11:55:30+02:00"},
		{"1h30m ago", "2025-03-01T10:35:30+02:00"},
		{"2d ago", "2025-02-27T12:05:30+02:00"},
		{" 1d 12h ago ", "2025-02-28T00:05:30+02:00"},
	}
	for _, test := range tests {
		got, err := parseMoment(test.text, now)
		if err != nil || got.In(zone).Format(time.RFC3339Nano) != test.want {
			t.Errorf("%q is %s, %v; want %s", test.text, got.In(zone).Format(time.RFC3339Nano), err, test.want)
		}
	}
	for _, text := range []string{"tomorrow", "25:00", "10 ago", "-5m ago", "xd ago", "2025-13-01 12:00", "10m"} {
		if got, err := parseMoment(text, now); err == nil || !strings.Contains(err.Error(), "--at") {
			t.Errorf("%q is %s, %v; want an error that names the flag", text, got, err)
		}
	}
}
