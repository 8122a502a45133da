package docker

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// dated is the header of an answer that an engine gives at this moment of its
// clock.
func dated(at time.Time) http.Header {
	return http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}
}

func TestClockLearnsFromAnswers(t *testing.T) {
	for _, ahead := range []time.Duration{0, 20*time.Minute + 300*time.Millisecond, -90*time.Second - 700*time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			var c clock
			if _, _, known := c.ahead(); known {
				t.Error("known before an answer")
			}
			answer := func() {
				asked := time.Now()
				time.Sleep(3 * time.Millisecond)
				header := dated(time.Now().Add(ahead))
				time.Sleep(2 * time.Millisecond)
				c.answered(header, asked, time.Now())
			}
			answer()
			check(t, &c, ahead, 510*time.Millisecond)
			for range 100 {
				time.Sleep(373 * time.Millisecond)
				answer()
			}
			check(t, &c, ahead, 30*time.Millisecond)
			time.Sleep(time.Minute)
			asked := time.Now()
			time.Sleep(4 * time.Millisecond)
			c.read(time.Now().Add(ahead), asked, time.Now())
			check(t, &c, ahead, 2*time.Millisecond)
		})
	}
}

// check wants the truth within what is said, and that no wider than most.
func check(t *testing.T, c *clock, truth, most time.Duration) {
	t.Helper()
	by, spread, known := c.ahead()
	if !known || (by-truth).Abs() > spread || spread > most {
		t.Errorf("%s ahead, give or take %s (known: %v), want %s within %s", by, spread, known, truth, most)
	}
}

func TestClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		now := time.Now()
		c.read(now, now, now)
		for _, ahead := range []time.Duration{time.Hour, -time.Hour, 0} {
			c.answered(dated(now.Add(ahead)), now, now)
			check(t, &c, ahead, 500*time.Millisecond)
		}
	})
}

func TestClockLearnsFromLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		now := time.Now()
		c.sawStamp(now, now)
		if _, _, known := c.ahead(); known {
			t.Error("a line alone makes the clock known")
		}
		now = now.Add(900 * time.Millisecond)
		const ahead = 10 * time.Second
		c.answered(dated(now.Add(ahead)), now, now)
		c.sawStamp(now.Add(ahead), now.Add(time.Millisecond))
		check(t, &c, ahead, 60*time.Millisecond)
		c.sawStamp(now.Add(ahead-time.Minute), now) // a late line
		c.sawStamp(now.Add(time.Hour), now)         // one of before the clock was set back
		check(t, &c, ahead, 60*time.Millisecond)
	})
}

func TestAnswersWithoutADate(t *testing.T) {
	var c clock
	for _, header := range []http.Header{{}, {"Date": {"yesterday"}}} {
		c.answered(header, time.Now(), time.Now())
	}
	if _, _, known := c.ahead(); known {
		t.Error("known without a date")
	}
}
