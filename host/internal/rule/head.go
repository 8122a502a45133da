package rule

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/judge"
)

// JudgedHead is the newest answer of a head source, and what it is worth.
type JudgedHead struct {
	Source string
	HeadReport
	// Unusable says why it contributes nothing, Excluded the same in a word; empty
	// where it does.
	Unusable, Excluded string
	// Best says that it is the one that counts.
	Best bool
	// Age is that of the head, MaxAge that above which it contributes nothing.
	Age, MaxAge time.Duration
}

// Heads judges the heads, by the name of their source.
func (e *Engine) Heads() []JudgedHead {
	var heads []JudgedHead
	judged, best := e.judgeHeads()
	for i, j := range judged {
		heads = append(heads, JudgedHead{Source: j.Source, HeadReport: e.state.Heads[j.Source], Unusable: j.Why, Excluded: string(j.Excluded), Best: i == best,
			Age: j.Age(e.state.Now), MaxAge: j.MaxAge})
	}
	return heads
}

// judgeHeads judges the answers; best is the place of the one that counts, -1 for none.
func (e *Engine) judgeHeads() (judged []judge.Judged, best int) {
	if e.settings.Judge == nil {
		return judge.Highest(e.state.Now, e.answers())
	}
	r, _ := e.ruling()
	return r.Answers, slices.IndexFunc(r.Answers, func(a judge.Judged) bool { return r.Known && a.Excluded == judge.Counts && a.Height == r.Best })
}

// answers are the newest answers, by the name of their source.
func (e *Engine) answers() []judge.Answer {
	var all []judge.Answer
	for _, source := range slices.Sorted(maps.Keys(e.state.Heads)) {
		report := e.state.Heads[source]
		h := report.Head
		a := judge.Answer{Source: source, At: report.At, Error: report.Error, Height: h.Best, Finalized: h.Finalized, BlockTime: h.BlockTime, Chain: judge.ChainName(h.Chain), Syncing: h.Syncing != nil && *h.Syncing, MaxAge: e.settings.MaxAge}
		if own, ok := e.settings.SourceMaxAge[source]; ok {
			a.MaxAge = own
		}
		a.Provider = cmp.Or(e.settings.Providers[source], h.Provider, judge.Provider(source, h.Endpoint))
		all = append(all, a)
	}
	return all
}

// ruling is what the judge comes to now, with what it is to remember.
func (e *Engine) ruling() (judge.Ruling, judge.Memory) {
	log, own := e.logSays(), &e.state.Run.Node
	node := judge.Node{Known: log.Tells, Height: log.Height, RaisedAt: log.RaisedAt}
	if e.settings.Node && !log.Tells {
		height, why := own.Synced(e.state.Now, e.settings.Interval, false)
		node = judge.Node{Known: why == "", Height: height, RaisedAt: own.StoodSince()}
	}
	settings := *e.settings.Judge
	if e.settings.Node {
		settings.Chain = e.chain(own.Said.Chain)
	}
	settings.Interval, settings.Halted = e.settings.Interval, e.state.Halt.Stands(e.state.Now)
	return settings.Judge(e.state.Now, e.answers(), node, e.state.Network)
}

// headFacts are those of the head that counts. Where there is none, they say
// why, source by source.
func (e *Engine) headFacts(b *fact.Book) {
	var missing []string
	for _, h := range e.Heads() {
		if h.Best {
			b.Count("best", h.Head.Best, h.At)
			b.Number("head_age", h.Age.Seconds(), h.At)
			missing = nil
			break
		}
		missing = append(missing, h.Source+": "+h.Unusable)
	}
	if best := b.Facts.Get("best"); !best.Known {
		b.Lack(cmp.Or(joinReasons(missing), "no head source has answered yet"), "best", "head_age")
	}
	e.networkFacts(b)
}

// NoJudge is why what the judge of heads tells is unknown where there is none.
const NoJudge = "the monitor has no block head"

// networkFacts are what the judge knows beside the height. It remembers this check.
func (e *Engine) networkFacts(b *fact.Book) {
	names := []string{"heads", "corroborated", "head_spread", "block_time", "lag_time", "network_stalled_for", "network_finalized", "gain", "converging"}
	if e.settings.Judge == nil {
		b.Lack(NoJudge, names...)
		e.state.Halt = judge.Halt{}
		return
	}
	r, memory := e.ruling()
	e.state.Network = memory
	e.followHalt(r)
	b.Lack("no head source counts", names...)
	b.Number("heads", float64(r.Providers), time.Time{})
	if !r.Known {
		return
	}
	b.Truth("corroborated", r.Corroborated, time.Time{})
	b.Count("head_spread", r.Spread, time.Time{})
	b.Lack("the network was not seen to rise yet", "network_stalled_for")
	if !r.RoseAt.IsZero() {
		b.Number("network_stalled_for", r.StandsFor.Seconds(), r.RoseAt)
	}
	b.Lack("no majority of the head sources says it", "network_finalized")
	if r.Finalized != nil {
		b.Count("network_finalized", *r.Finalized, time.Time{})
	}
	b.Lack("the network has not risen three times yet", "block_time")
	if r.BlockTime > 0 {
		b.Number("block_time", r.BlockTime.Seconds(), time.Time{})
	}
}
