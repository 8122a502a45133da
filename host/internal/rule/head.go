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

// bestHead judges the heads: the highest of those that are usable counts. It
// is the one place that does, for a judge of sources that disagree to replace.
// Where none is usable, missing says why, source by source.
func (e *Engine) bestHead() (best HeadReport, ok bool, missing string) {
	names := make([]string, 0, len(e.state.Heads))
	for name := range e.state.Heads {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		report := e.state.Heads[name]
		if why := e.unusable(name, report); why != "" {
			missing = appendWord(missing, name+": "+why)
			continue
		}
		if !ok || report.Head.Best > best.Head.Best {
			best, ok = report, true
		}
	}
	if missing == "" {
		missing = "no head source has answered yet"
	}
	return best, ok, missing
}

// unusable says why a report contributes nothing; empty where it does.
func (e *Engine) unusable(source string, r HeadReport) string {
	if r.Error != "" {
		return r.Error
	}
	limit := e.maxAge(source)
	if age := r.age(e.state.Now); age > limit {
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
