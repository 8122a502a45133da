package witness

import (
	"cmp"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// Answer is what the endpoint says.
type Answer struct {
	// Height is the newest block that the node has, Finalized the newest final one.
	Height    uint64  `json:"height"`
	Finalized *uint64 `json:"finalized,omitempty"`
	// Syncing is whether it says that it syncs, Peers how many it has; nil where it
	// does not say. Progress is another figure than before where a sync goes on
	// without blocks.
	Syncing  *bool   `json:"syncing,omitempty"`
	Peers    *uint64 `json:"peers,omitempty"`
	Progress *uint64 `json:"progress,omitempty"`
	// Chain is what it calls its chain; empty where it does not say.
	Chain string `json:"chain,omitempty"`
}

// Report is what the endpoint has said in this run.
type Report struct {
	// At is when it was asked last, Error why it did not answer then.
	At    time.Time `json:"at,omitzero"`
	Error string    `json:"error,omitempty"`
	// Said is its newest answer, at SaidAt; FirstAt is the first of the run.
	Said    Answer    `json:"said,omitzero"`
	SaidAt  time.Time `json:"said_at,omitzero"`
	FirstAt time.Time `json:"first_at,omitzero"`
	// Height is the newest block that counts, RaisedAt when it was last seen to rise;
	// Rises counts the rises from a block far below it.
	Height   uint64    `json:"height,omitempty"`
	RaisedAt time.Time `json:"raised_at,omitzero"`
	Rises    int       `json:"rises,omitempty"`
	// MovedAt is when a sync without blocks was last seen to go on.
	MovedAt time.Time `json:"moved_at,omitzero"`
	// Disagrees is since when the log and the endpoint have differed in whether the
	// node syncs.
	Disagrees time.Time `json:"disagrees,omitzero"`
}

// Bounds on what is believed.
const (
	// mostFall is how many blocks a node may lose in one run, as forks do, and
	// risesBelieved how often in a row it must rise from further below to be believed.
	mostFall, risesBelieved = 100, 3
	// freshFor is for how many intervals an answer counts.
	freshFor = 3
)

// Take takes an answer.
func (r *Report) Take(now time.Time, a Answer) {
	before := r.Said
	switch {
	case r.SaidAt.IsZero():
		r.Height, r.FirstAt = a.Height, now
	case a.Height+mostFall >= r.Height:
		r.raise(a.Height, now)
	case a.Height <= before.Height:
		r.Rises = 0
	default:
		if r.Rises++; r.Rises >= risesBelieved {
			r.Height = 0
			r.raise(a.Height, now)
		}
	}
	if before.Progress != nil && a.Progress != nil && *before.Progress != *a.Progress {
		r.MovedAt = now
	}
	r.At, r.Error, r.Said, r.SaidAt = now, "", a, now
}

func (r *Report) raise(height uint64, now time.Time) {
	if height > r.Height {
		r.RaisedAt = now
	}
	r.Height, r.Rises = height, 0
}

// Fail takes an error in place of an answer.
func (r *Report) Fail(now time.Time, why string) {
	r.At, r.Error = now, cmp.Or(why, "it answered with an error")
}

// Stale says why the newest answer does not count any more; empty where it does.
func (r *Report) Stale(now time.Time, interval time.Duration) string {
	age := now.Sub(r.SaidAt)
	switch {
	case r.At.IsZero():
		return "the node's endpoint was not asked in this run yet"
	case r.SaidAt.IsZero():
		return "the node's endpoint has not answered in this run: " + r.Error
	case age > freshFor*interval:
		return fmt.Sprintf("the newest answer of the node's endpoint is %s old: %s", fact.Period(age), cmp.Or(r.Error, "it was not asked since"))
	}
	return ""
}

// lowered says that the endpoint told a block that is far below an earlier one: no node
// loses so many in one run, so that it is not believed.
func (r *Report) lowered() string {
	if r.Said.Height == r.Height {
		return ""
	}
	return fmt.Sprintf("the node's endpoint said block %d, and now %d: it is not believed", r.Height, r.Said.Height)
}

// Synced is the newest block that the endpoint tells, or why it tells none. A failure
// is no evidence: after one, an earlier answer counts only beside a log that tells a
// block too.
func (r *Report) Synced(now time.Time, interval time.Duration, logTells bool) (height uint64, why string) {
	why = cmp.Or(r.Stale(now, interval), r.lowered())
	switch {
	case why != "":
	case r.Height == 0:
		why = "the node has no block yet"
	case r.Error != "" && !logTells:
		why = "the node's endpoint does not answer: " + r.Error
	}
	return r.Height, why
}

// StoodSince is since when the endpoint has told no higher block, and no sync without
// blocks went on: at the longest since its first answer.
func (r *Report) StoodSince() time.Time {
	since := r.FirstAt
	for _, at := range []time.Time{r.RaisedAt, r.MovedAt} {
		if at.After(since) {
			since = at
		}
	}
	return since
}

// SyncsWithoutBlocks says that a sync without blocks went on within a time.
func (r *Report) SyncsWithoutBlocks(now time.Time, within time.Duration) bool {
	return r.Said.Syncing != nil && *r.Said.Syncing && !r.MovedAt.IsZero() && now.Sub(r.MovedAt) < within
}

// Raised is when log or endpoint last told a higher block, or a sync without blocks
// went on.
func (r *Report) Raised(now time.Time, interval time.Duration, log Log) time.Time {
	_, why := r.Synced(now, interval, log.Tells)
	if since := r.StoodSince(); why == "" && since.After(log.RaisedAt) {
		return since
	}
	return log.RaisedAt
}
