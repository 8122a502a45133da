package endpoint

import (
	"testing"
	"time"
)

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"7", "", "-1", "0", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999", " 5 ", "1e9"} {
		f.Add(seed)
	}
	now := time.Date(2026, 10, 21, 7, 27, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if got := retryAfter(text, now); got < time.Second || got > longestPause {
			t.Errorf("got %v for %q", got, text)
		}
	})
}
