package judge

import (
	"fmt"
	"time"
)

// Bounds on the time that a block claims to have been made: outside of them it
// counts as none, and the head's age is counted from the answer.
const (
	firstBlockYear = 2020
	blockTimeAhead = time.Minute
)

// Believable says whether a block can have been made at a time.
func Believable(made, now time.Time) bool {
	return made.UTC().Year() >= firstBlockYear && !made.After(now.Add(blockTimeAhead))
}

// Age is the age of a head: since the block was made where the chain says it, else
// since the answer.
func (a Answer) Age(now time.Time) time.Duration {
	since := a.At
	if !a.BlockTime.IsZero() {
		since = a.BlockTime
	}
	return max(0, now.Sub(since))
}

// Highest is the judgement of a monitor without a block head: the highest head that
// is not too old counts. It returns the place of that one, -1 for none.
func Highest(now time.Time, answers []Answer) (judged []Judged, best int) {
	best = -1
	for i, a := range answers {
		j := Judged{Answer: a}
		switch {
		case a.Error != "":
			j.Excluded, j.Why = Failed, a.Error
		case a.Syncing:
			j.Excluded, j.Why = Behind, a.syncs()
		case a.Age(now) > a.MaxAge:
			j.Excluded, j.Why = Stale, a.tooOld(now)
		case best < 0 || a.Height > answers[best].Height:
			best = i
		}
		judged = append(judged, j)
	}
	return judged, best
}

// tooOld says that a head is older than may be. The age of a block that carries a
// time is as good as this machine's clock.
func (a Answer) tooOld(now time.Time) string {
	text := fmt.Sprintf("its newest head is %s old (max_age %s)", seconds(a.Age(now)), seconds(a.MaxAge))
	if !a.BlockTime.IsZero() {
		text += ", or this machine's clock is ahead"
	}
	return text
}
