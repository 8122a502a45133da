// Package moment reads the times that a person writes on the command line. All are
// UTC, as all times are shown.
package moment

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Help says in the help of a command what its times may be.
const Help = `A time is 2025-03-01T12:05:00Z, "2025-03-01 12:05", 2025-03-01, 12:05 (the last
time that the clock showed it), "10m ago", "2d ago" or now. One without a zone is
in UTC, as all times are shown; "12:05+02:00" has one.`

// Parse reads a time. One without a zone is UTC; a time of day is the newest one that
// is not after now.
func Parse(text string, now time.Time) (time.Time, error) {
	text, now = strings.TrimSpace(text), now.UTC()
	if text == "now" {
		return now, nil
	}
	if span, ok := strings.CutSuffix(text, " ago"); ok {
		ago, err := parseAgo(span)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q: %w", text, err)
		}
		return now.Add(-ago), nil
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, ok := parseForm(form, text); ok {
			return t, nil
		}
	}
	if t, ok := parseTimeOfDay(text); ok {
		return newestTimeOfDay(t, now), nil
	}
	return time.Time{}, fmt.Errorf("%q: it is no time such as 2025-03-01T12:05:00Z, \"2025-03-01 12:05\", 12:05 or \"10m ago\"", text)
}

func parseTimeOfDay(text string) (t time.Time, ok bool) {
	for _, form := range []string{"15:04:05", "15:04"} {
		if t, ok = parseForm(form, text); ok {
			return t, true
		}
	}
	return t, false
}

// IsTimeOfDay says whether a text is a time without a date.
func IsTimeOfDay(text string) bool {
	_, ok := parseTimeOfDay(strings.TrimSpace(text))
	return ok
}

// parseForm reads a text in a form, with or without a zone behind it.
func parseForm(form, text string) (time.Time, bool) {
	for _, zone := range []string{"", "Z07:00"} {
		if t, err := time.Parse(form+zone, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// newestTimeOfDay is the last moment up to now with the time of day of t.
func newestTimeOfDay(t, now time.Time) time.Time {
	const day = 24 * time.Hour
	since := now.Sub(now.Truncate(day)) - t.Sub(t.Truncate(day))
	return now.Add(-(since + day) % day)
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
