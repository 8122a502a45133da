package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// momentForm is how a time is shown where nothing says its date.
const momentForm = "2006-01-02 15:04:05 MST"

// parseMoment reads a time as a person says it; empty is now. A time without a
// zone is local; a time of day is the last one that the clock showed.
func parseMoment(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "now" {
		return now, nil
	}
	if span, ok := strings.CutSuffix(text, " ago"); ok {
		ago, err := parseAgo(span)
		if err != nil {
			return time.Time{}, usageError{fmt.Errorf("read --at %q: %w", text, err)}
		}
		return now.Add(-ago), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, form := range []string{"15:04:05", "15:04"} {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		day := func(back int) time.Time {
			return time.Date(now.Year(), now.Month(), now.Day()-back, t.Hour(), t.Minute(), t.Second(), 0, now.Location())
		}
		if today := day(0); !today.After(now) {
			return today, nil
		}
		return day(1), nil
	}
	return time.Time{}, usageError{fmt.Errorf("read --at %q: it is no time such as 2025-03-01T12:05:00Z, \"2025-03-01 12:05\", 12:05 or \"10m ago\"", text)}
}

// parseAgo reads a period, which may begin with days.
func parseAgo(text string) (time.Duration, error) {
	text = strings.ReplaceAll(text, " ", "")
	days := time.Duration(0)
	if before, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseFloat(before, 64)
		if err != nil || n < 0 || n > 36500 {
			return 0, fmt.Errorf("%q is no number of days", before)
		}
		if days, text = time.Duration(n*24*float64(time.Hour)), rest; rest == "" {
			return days, nil
		}
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return 0, fmt.Errorf("%q is no period such as 90s, 10m or 2d12h", text)
	}
	return days + ago, nil
}
