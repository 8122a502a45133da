package witness

import (
	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
)

// None is why what the endpoint tells is unknown where none is asked.
const None = "the monitor has no node"

// names are the facts that the endpoint alone tells.
func names() []string { return []string{"node_best", "node_syncing", "node_peers", "node_age"} }

// Lack makes the facts of an endpoint unknown where none is asked.
func Lack(b *fact.Book) { b.Lack(None, names()...) }

// Log is what the log of the same run says, beside which the endpoint is heard.
type Log struct {
	// Read is false for a log that is not read at all.
	Read bool
	// Tells says that it tells the node's block; RaisedAt is when that last rose.
	Tells    bool
	Height   uint64
	RaisedAt time.Time
	// SaysSyncs says that a line of it tells whether the node syncs.
	SaysSyncs, Syncs bool
}

// Facts fills in what the endpoint says, and what it adds to what the log says.
func (r *Report) Facts(now time.Time, interval time.Duration, log Log, b *fact.Book) {
	r.ownFacts(now, interval, b)
	height, why := r.Synced(now, interval, log.Tells)
	switch {
	case why == "" && (!log.Tells || height > log.Height):
		b.Count("synced", height, r.SaidAt)
	case log.Tells:
	case !log.Read:
		b.Lack(why, "synced")
	default:
		b.Lack(fmt.Sprintf("neither the log nor the node's endpoint tells its block (%s; %s)", b.Facts.Get("synced").Missing, why), "synced")
	}
	if r.Stale(now, interval) != "" || r.Error != "" {
		return
	}
	if final := r.Said.Finalized; final != nil && !b.Facts.Get("finalized").Known {
		b.Count("finalized", *final, r.SaidAt)
	}
	if r.Said.Syncing != nil && !log.SaysSyncs {
		b.Truth("major_sync", *r.Said.Syncing, r.SaidAt)
	}
}

func (r *Report) ownFacts(now time.Time, interval time.Duration, b *fact.Book) {
	stale := r.Stale(now, interval)
	b.Lack(stale, names()...)
	if !r.SaidAt.IsZero() {
		b.Number("node_age", max(0, now.Sub(r.SaidAt)).Seconds(), r.SaidAt)
	}
	if stale != "" {
		return
	}
	if why := r.lowered(); why != "" {
		b.Lack(why, "node_best")
	} else {
		b.Count("node_best", r.Height, r.SaidAt)
	}
	b.Lack("the node's endpoint does not say it", "node_syncing", "node_peers")
	if r.Said.Syncing != nil {
		b.Truth("node_syncing", *r.Said.Syncing, r.SaidAt)
	}
	if r.Said.Peers != nil {
		b.Number("node_peers", float64(*r.Said.Peers), r.SaidAt)
	}
}

// differsFor is how long log and endpoint must differ before it is said, and
// differsBy by how many blocks at least.
const (
	differsFor = 3 * time.Minute
	differsBy  = 20
)

// Contradiction says how the endpoint contradicts the log; empty where it does not, or
// not for long enough. Of two heights that are far apart, the lower must have stood
// still: the log of a node that syncs quickly is behind for a moment. blockTime is the
// seconds from block to block, 0 where they are not known.
func (r *Report) Contradiction(now time.Time, interval time.Duration, log Log, blockTime float64) string {
	if r.Stale(now, interval) != "" || r.Error != "" {
		return ""
	}
	long := func(since time.Time) bool {
		return !since.IsZero() && now.Sub(since) >= max(differsFor, freshFor*interval)
	}
	far := uint64(differsBy)
	if blockTime > 0 {
		far = max(far, uint64(differsFor.Seconds()/blockTime))
	}
	r.compareSyncs(now, log)
	tell := log.Tells && r.lowered() == ""
	switch {
	case tell && r.Height > log.Height+far && long(log.RaisedAt), tell && log.Height > r.Height+far && long(r.StoodSince()):
		return fmt.Sprintf("the log and the node's endpoint contradict each other: block %d and block %d", log.Height, r.Height)
	case long(r.Disagrees):
		not := map[bool]string{false: "not "}
		return fmt.Sprintf("the log and the node's endpoint contradict each other: the log says that the node is %ssyncing, the endpoint that it is %ssyncing",
			not[log.Syncs], not[*r.Said.Syncing])
	}
	return ""
}

// compareSyncs follows since when the two have differed in whether the node syncs.
func (r *Report) compareSyncs(now time.Time, log Log) {
	if r.Said.Syncing == nil || !log.SaysSyncs || log.Syncs == *r.Said.Syncing {
		r.Disagrees = time.Time{}
	} else if r.Disagrees.IsZero() {
		r.Disagrees = now
	}
}
