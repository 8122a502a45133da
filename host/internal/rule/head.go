package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Bounds on the time that a block claims to have been made: outside of them it
// counts as none, and the head's age is counted from the answer.
const (
	firstBlockYear = 2020
	blockTimeAhead = time.Minute
)

func newHeadReport(now time.Time, h Head) HeadReport {
	if h.BlockTime.UTC().Year() < firstBlockYear || h.BlockTime.After(now.Add(blockTimeAhead)) {
		h.BlockTime = time.Time{}
	}
	return HeadReport{At: now, Head: h}
}

// age is the age of the head: since the block was made where the chain says
// it, else since the answer.
func (r HeadReport) age(now time.Time) time.Duration {
	since := r.At
	if !r.Head.BlockTime.IsZero() {
		since = r.Head.BlockTime
	}
	return max(0, now.Sub(since))
}

// JudgedHead is the newest answer of a head source, and what it is worth.
type JudgedHead struct {
	Source string
	HeadReport
	// Unusable says why it contributes nothing; empty where it does.
	Unusable string
	// Best says that it is the one that counts.
	Best bool
	// Age is that of the head, MaxAge that above which it contributes nothing.
	Age, MaxAge time.Duration
}

// Heads judges the heads, by the name of their source: the highest of those that
// are usable counts. It is the one place that does, for a judge of sources that
// disagree to replace.
func (e *Engine) Heads() []JudgedHead {
	var heads []JudgedHead
	best := -1
	for i, source := range slices.Sorted(maps.Keys(e.state.Heads)) {
		h := JudgedHead{Source: source, HeadReport: e.state.Heads[source], MaxAge: e.settings.MaxAge}
		if own, ok := e.settings.SourceMaxAge[source]; ok {
			h.MaxAge = own
		}
		switch h.Age = h.age(e.state.Now); {
		case h.Error != "":
			h.Unusable = h.Error
		case h.Age > h.MaxAge:
			h.Unusable = h.tooOld()
		case best < 0 || h.Head.Best > heads[best].Head.Best:
			best = i
		}
		heads = append(heads, h)
	}
	if best >= 0 {
		heads[best].Best = true
	}
	return heads
}

// tooOld says that the head is older than may be. The age of a block that carries
// a time is as good as this machine's clock.
func (h JudgedHead) tooOld() string {
	text := fmt.Sprintf("its newest head is %s old (max_age %s)", seconds(h.Age), seconds(h.MaxAge))
	if !h.Head.BlockTime.IsZero() {
		text += ", or this machine's clock is ahead"
	}
	return text
}

// headFacts are those of the head that counts. Where there is none, they say
// why, source by source.
func (b *factBook) headFacts(heads []JudgedHead) {
	missing := ""
	for _, h := range heads {
		if h.Best {
			b.count("best", h.Head.Best, h.At)
			b.number("head_age", h.Age.Seconds(), h.At)
			return
		}
		missing = appendWord(missing, h.Source+": "+h.Unusable)
	}
	b.lack(cmp.Or(missing, "no head source has answered yet"), "best", "head_age")
}

func appendWord(list, word string) string {
	if list == "" {
		return word
	}
	return list + "; " + word
}
