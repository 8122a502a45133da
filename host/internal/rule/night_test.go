package rule

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// look is what a live host sees before one of its checks: what came of the log
// meanwhile, then the heads and the target, asked at the check.
type look struct {
	at      time.Time
	log     []step
	asked   []Observation
	target  Target
	outcome Outcome
}

// drawNight draws what a live host sees. piece draws what comes of the log
// between two times.
func drawNight(t *rapid.T, piece func(t *rapid.T, from, to time.Time) step) []look {
	now, run := start, began
	draw := rapid.Custom(func(t *rapid.T) look {
		before := now
		now = now.Add(time.Duration(rapid.IntRange(30, 90).Draw(t, "seconds")) * time.Second)
		l := look{at: now, outcome: rapid.SampledFrom([]Outcome{Done, Done, NotDone, Failed, Unclear}).Draw(t, "outcome")}
		if oneIn(t, "run", 20) {
			run = before.Add(time.Second)
		}
		for range rapid.IntRange(0, 2).Draw(t, "pieces") {
			l.log = append(l.log, piece(t, before.Add(2*time.Second), now))
		}
		slices.SortStableFunc(l.log, func(a, b step) int { return a.at.Compare(b.at) })
		l.asked = []Observation{drawHead(t, "one", now), drawHead(t, "two", now)}
		l.target = Target{Exists: true, Running: true, StartedAt: run, Paused: oneIn(t, "paused", 20)}
		return l
	})
	return rapid.SliceOfN(draw, 10, 24).Draw(t, "night")
}

// drawPiece draws lines of one moment. They are stamped in their order and never
// ahead of the clock, and nothing is missing: a host that is restarted reads the
// log again, and so may know what a gap or a failure left in doubt.
func drawPiece(t *rapid.T, from, to time.Time) step {
	at := from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from)/time.Second)).Draw(t, "stamp")) * time.Second)
	log := drawLog(t, at)
	for i := range log.Events {
		log.Events[i].Time = at
	}
	log.Lines, log.Last = max(1, log.Lines), at
	return step{at, log}
}

// drawTrouble draws lines, or that some are missing or cannot be read.
func drawTrouble(t *rapid.T, from, to time.Time) step {
	s := drawPiece(t, from, to)
	switch {
	case oneIn(t, "gap", 8):
		s.o = LogGap{Reason: "rotated"}
	case oneIn(t, "unreadable", 16):
		s.o = LogError{Error: "stream down"}
	}
	return s
}

// drawHead draws the answer of a source; now and then that is an error, or a
// head that is too old.
func drawHead(t *rapid.T, source string, now time.Time) Observation {
	age := time.Second
	switch {
	case oneIn(t, "refused", 10):
		return HeadError{Source: source, Error: "refused"}
	case oneIn(t, "old", 10):
		age = 5 * time.Minute
	}
	return Head{Source: source, Best: 1000 + uint64(rapid.IntRange(0, 500).Draw(t, "best")), BlockTime: now.Add(-age)}
}

// oneIn is true now and then: small numbers are drawn more often than large
// ones.
func oneIn(t *rapid.T, what string, n int) bool { return rapid.IntRange(1, n).Draw(t, what) == n }

// steps are those of a night, one by one.
func steps(night []look) []step {
	var all []step
	for _, l := range night {
		all = append(all, l.log...)
		for _, o := range l.asked {
			all = append(all, step{l.at, o})
		}
		all = append(all, step{l.at, l.target}, step{at: l.at})
	}
	return all
}
