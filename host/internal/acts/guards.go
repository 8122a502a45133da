package acts

import (
	"fmt"
	"slices"
	"time"
)

// Hold is why nothing may be done: since when, until when, and why in an operator's
// words. Until is zero where no time ends it.
type Hold struct {
	Since, Until time.Time
	Why          string
}

// Recovery holds every act after those that did not help, and while the last one has
// no outcome yet.
type Recovery struct {
	// Unhelpful is how many acts in a row begin the quarantine, which lasts for
	// Quarantine.
	Unhelpful  int
	Quarantine time.Duration
	// Within is how long an act has to help; zero for what this target needed so far.
	Within time.Duration
}

// leastWithin is how long an act has at least, lastRecoveries how many of those that
// helped are looked at.
const (
	leastWithin    = 10 * time.Minute
	lastRecoveries = 10
)

// WithinOf is how long an act has to help: where that is not set, one and a half
// times the 90th percentile of the target's last ten recoveries, and at least ten
// minutes.
func (r *Recovery) WithinOf(l *Ledger) time.Duration {
	if r != nil && r.Within > 0 {
		return r.Within
	}
	took := l.Recoveries(lastRecoveries)
	if len(took) == 0 {
		return leastWithin
	}
	slices.Sort(took)
	return max(leastWithin, took[(len(took)*9+9)/10-1]*3/2)
}

// Holds is what holds an act now; nil for nothing. Periods that are counted over
// checks get one interval added.
func (r Recovery) Holds(now time.Time, l *Ledger, interval time.Duration) *Hold {
	last := l.Last()
	if last == nil {
		return nil
	}
	if until := last.due(r.WithinOf(l)).Add(interval); last.Outcome == Pending && now.Before(until) {
		return &Hold{last.Done, until, fmt.Sprintf("it is not known yet whether the act of %s helped", clock(last.Done))}
	}
	n := l.Unhelpful()
	if r.Unhelpful <= 0 || n < r.Unhelpful {
		return nil
	}
	since := last.Judged
	for _, a := range slices.Backward(l.Acts) {
		if a.failed() {
			since = a.Judged
			break
		}
	}
	if until := since.Add(r.Quarantine); now.Before(until) {
		return &Hold{since, until, fmt.Sprintf("the last %d acts did not help: a person has to see to it, or the node to go on by itself", n)}
	}
	return nil
}

// Budget bounds the acts within a time.
type Budget struct {
	// Actions may be spent within Per. A stop that had to kill costs two.
	Actions int
	Per     time.Duration
	// Forgive is how long a node has to be in health for an act that helped not to
	// count any more.
	Forgive time.Duration
	// Wait says that a spent budget holds until enough of it is older than Per;
	// without it until a person resumes.
	Wait bool
}

// killCosts is what an act costs whose stop had to kill.
const killCosts = 2

// Spent is what was spent within the time up to now.
func (b Budget) Spent(now time.Time, l *Ledger) int {
	spent := 0
	for _, a := range l.Acts {
		switch {
		case !a.Done.After(now.Add(-b.Per)) || a.forgiven(b.Forgive):
		case a.Killed:
			spent += killCosts
		default:
			spent++
		}
	}
	return spent
}

// forgiven says that the node has been in health for long enough since an act that
// helped.
func (a Act) forgiven(forgive time.Duration) bool {
	return a.Forgiven || a.Outcome == Helped && a.Healthy >= forgive
}

// forgive marks the acts that do not count any more. A later illness does not make them
// count again.
func (b Budget) forgive(l *Ledger) {
	for i, a := range l.Acts {
		if !a.Forgiven && a.forgiven(b.Forgive) {
			l.Acts[i].Forgiven = true
		}
	}
}

// Follow takes note of what does not count any more, and of a budget that is spent
// while an act is asked for.
func (b Budget) Follow(now time.Time, l *Ledger, asked bool) {
	b.forgive(l)
	if asked && !b.Wait && l.SpentAt.IsZero() && b.Spent(now, l) >= b.Actions {
		l.SpentAt = now
	}
}

// Holds is what holds an act now; nil for nothing.
func (b Budget) Holds(now time.Time, l *Ledger) *Hold {
	spent := b.Spent(now, l)
	words := fmt.Sprintf("%d of %d acts within %s are spent", spent, b.Actions, b.Per)
	switch {
	case !l.SpentAt.IsZero() && !b.Wait:
		return &Hold{Since: l.SpentAt, Why: fmt.Sprintf("the budget of %d acts within %s was spent at %s; it waits for a person: headwatch resume", b.Actions, b.Per, clock(l.SpentAt))}
	case spent < b.Actions:
		return nil
	case !b.Wait:
		return &Hold{Since: l.Last().Done, Why: words + "; it waits for a person: headwatch resume"}
	}
	return &Hold{Since: l.Last().Done, Until: b.until(now, l), Why: words}
}

// until is when enough of what was spent is too old to count.
func (b Budget) until(now time.Time, l *Ledger) time.Time {
	for _, a := range l.Acts {
		if at := a.Done.Add(b.Per); at.After(now) && b.Spent(at, l) < b.Actions {
			return at
		}
	}
	return now.Add(b.Per)
}

// CrashLoop is a target that was started that often within a time, and not by
// headwatch.
type CrashLoop struct {
	Starts int
	Per    time.Duration
}

// Holds is what the loop looks like; nil for none.
func (c CrashLoop) Holds(now time.Time, l *Ledger) *Hold {
	starts := l.StartsSince(now.Add(-c.Per), true)
	if c.Starts <= 0 || len(starts) < c.Starts {
		return nil
	}
	why := fmt.Sprintf("was started %d times within %s, and not by headwatch", len(starts), c.Per)
	if ran := runs(starts); ran != "" {
		why += ": " + ran
	}
	if l.Cause != nil {
		why += "; " + l.Cause.Name + ": " + l.Cause.Text
	}
	return &Hold{Since: starts[0].At, Until: starts[len(starts)-c.Starts].At.Add(c.Per), Why: why}
}

// runs says how the runs before the last starts went.
func runs(starts []Start) string {
	text := ""
	for _, s := range starts[max(0, len(starts)-3):] {
		if s.Ran <= 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += "ran " + s.Ran.Round(time.Second).String()
		if s.ExitCode != nil {
			text += fmt.Sprintf(" (exit code %d)", *s.ExitCode)
		}
	}
	return text
}

// clock is a time of day for a sentence, in UTC.
func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }
