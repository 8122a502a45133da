package rule

import (
	"fmt"
	"slices"
	"time"
)

// Bounds on the time that a block claims to have been made: outside of them it
// counts as none, and the head's age is counted from the answer.
const (
	firstBlockYear = 2020
	blockTimeAhead = time.Minute
)

// headReport is the newest answer of one head source.
type headReport struct {
	at   time.Time
	head Head
	err  string
}

func newHeadReport(now time.Time, h Head) headReport {
	if h.BlockTime.UTC().Year() < firstBlockYear || h.BlockTime.After(now.Add(blockTimeAhead)) {
		h.BlockTime = time.Time{}
	}
	return headReport{at: now, head: h}
}

// age is the age of the head: since the block was made where the chain says
// it, else since the answer.
func (r headReport) age(now time.Time) time.Duration {
	since := r.at
	if !r.head.BlockTime.IsZero() {
		since = r.head.BlockTime
	}
	return max(0, now.Sub(since))
}

// bestHead judges the heads: the highest of those that are usable counts. It
// is the one place that does, for a judge of sources that disagree to replace.
// Where none is usable, missing says why, source by source.
func (e *Engine) bestHead() (best headReport, ok bool, missing string) {
	names := make([]string, 0, len(e.heads))
	for name := range e.heads {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		report := e.heads[name]
		if why := e.unusable(name, report); why != "" {
			missing = appendWord(missing, name+": "+why)
			continue
		}
		if !ok || report.head.Best > best.head.Best {
			best, ok = report, true
		}
	}
	if missing == "" {
		missing = "no head source has answered yet"
	}
	return best, ok, missing
}

// unusable says why a report contributes nothing; empty where it does.
func (e *Engine) unusable(source string, r headReport) string {
	if r.err != "" {
		return r.err
	}
	limit := e.maxAge(source)
	if age := r.age(e.now); age > limit {
		return fmt.Sprintf("its newest head is %s old (max_age %s)", seconds(age), seconds(limit))
	}
	return ""
}

// maxAge is the age above which a head of the source contributes nothing.
func (e *Engine) maxAge(source string) time.Duration {
	if own, ok := e.settings.SourceMaxAge[source]; ok {
		return own
	}
	return e.settings.MaxAge
}

func appendWord(list, word string) string {
	if list == "" {
		return word
	}
	return list + "; " + word
}
