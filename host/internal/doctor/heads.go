package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/rule"
)

const (
	// slow is how long an endpoint may take to answer, headOld how old the newest
	// block of a network that goes on is not.
	slow    = 3 * time.Second
	headOld = 10 * time.Minute
	// farApart is how many blocks two endpoints of one network may differ by.
	farApart = 10
)

// judgeHeads says what each endpoint answered, and what they are together.
func (e *examination) judgeHeads(found *findings, engine *rule.Engine) {
	judged, answered := engine.Heads(), 0
	for _, a := range e.heads {
		if a.err == nil {
			answered++
		}
	}
	for _, a := range e.heads {
		at := slices.IndexFunc(judged, func(j rule.JudgedHead) bool { return j.Source == a.source })
		unusable := ""
		if at >= 0 {
			unusable = judged[at].Unusable
		}
		a.judge(found, unusable, answered)
	}
	e.judgeChains(found)
	e.judgeSpread(found, judged)
	e.judgeHeadClock(found)
	if answered > 0 {
		e.judgeQuorum(found, judged)
	}
}

// judge says what one source answered.
func (a headAnswer) judge(found *findings, unusable string, answered int) {
	const mend = "Ask it by hand (curl); a public endpoint may ask you to ask less, or be gone: use one of your own provider."
	what := fmt.Sprintf("head_source.%s", a.source)
	if a.err == nil && a.head.Endpoint != "" {
		what += " (" + a.head.Endpoint + ")"
	}
	switch {
	case a.err != nil && strings.Contains(a.err.Error(), "todo-set-rpc-url-"):
		found.add(Error, "Set the variable that the block reads, or write an endpoint there.", "%s is still to be named", what)
	case a.err != nil && answered == 0:
		found.add(Error, mend, "%s does not answer: %v", what, a.err)
	case a.err != nil:
		found.add(Warning, mend, "%s does not answer: %v", what, a.err)
	case unusable != "":
		found.add(Warning, "A source that does not count cannot be a witness: see why, or name another.", "%s is at block %d and does not count: %s", what, a.head.Best, unusable)
	case a.head.Best == 0:
		found.add(Warning, "It has no block yet: name one that has.", "%s is at block 0", what)
	case a.took > slow:
		found.add(Warning, "Name one that is nearer.", "%s is at block %d, and took %s to answer", what, a.head.Best, a.took.Round(time.Second/10))
	default:
		found.add(OK, "", "%s is at block %d%s", what, a.head.Best, a.madeAgo())
	}
}

// madeAgo is when the block was made.
func (a headAnswer) madeAgo() string {
	if a.head.Time.IsZero() {
		return ""
	}
	return ", made " + age(a.at.Sub(a.head.Time)) + " ago"
}

// judgeNode says what the node's own endpoint answered. It may sync: that is what it
// is asked for.
func (e *examination) judgeNode(found *findings) {
	a := e.node
	switch {
	case a == nil:
	case a.err != nil:
		level := Warning
		if e.Parser == nil { // nothing else says what the node does
			level = Error
		}
		found.add(level, "Give headwatch a way to it: a network that both containers are on, or network_mode; and see that the node's RPC is on.",
			"the node's own endpoint head_source.%s does not answer: %v", a.source, a.err)
	default:
		says := ""
		if a.head.Syncing != nil && *a.head.Syncing {
			says += ", and syncs"
		}
		if a.head.Peers != nil {
			says += fmt.Sprintf(", with %s", count(int(*a.head.Peers), "peer"))
		}
		if a.head.Chain != "" {
			says += ", on chain " + judge.ChainName(a.head.Chain)
		}
		level := OK
		if a.head.Best == 0 {
			level = Note // it has just begun
		}
		found.add(level, "", "the node's own endpoint head_source.%s is at block %d%s", a.source, a.head.Best, says)
	}
}

// judgeChains says whether all belong to one chain, as far as they say.
func (e *examination) judgeChains(found *findings) {
	chains := map[string][]string{}
	all := e.heads
	if e.node != nil {
		all = append(slices.Clone(all), *e.node)
	}
	for _, a := range all {
		if a.err == nil && a.head.Chain != "" {
			name := judge.ChainName(a.head.Chain)
			chains[name] = append(chains[name], a.source)
		}
	}
	if len(chains) < 2 {
		return
	}
	var said []string
	for name, sources := range chains {
		said = append(said, strings.Join(sources, ", ")+" on "+name)
	}
	slices.Sort(said)
	found.add(Error, "Name only endpoints of the node's own network: against another one it would be restarted for nothing.",
		"the endpoints belong to different chains: %s", strings.Join(said, "; "))
}

// judgeSpread names the sources that stand apart from the height that counts.
func (e *examination) judgeSpread(found *findings, judged []rule.JudgedHead) {
	at := slices.IndexFunc(judged, func(j rule.JudgedHead) bool { return j.Best })
	if at < 0 {
		return
	}
	best := judged[at].Head.Best
	var beside []string
	for _, j := range judged {
		if j.Unusable == "" && max(j.Head.Best, best)-min(j.Head.Best, best) <= farApart {
			beside = append(beside, j.Source)
		}
	}
	others := strings.Join(beside, " and ")
	for _, j := range judged {
		const mend = "It is behind or of another network, or the others are: compare them with a block explorer."
		switch height := j.Head.Best; {
		case j.Unusable != "" || height == 0: // this is said where each is told
		case height > best+farApart:
			found.add(Warning, mend, "%s is %d blocks above %s and has no majority: it does not count", j.Source, height-best, others)
		case height+farApart < best && e.Settings.Judge == nil:
			found.add(Warning, mend+" Without a block head { } in the monitor the highest counts.", "%s is %d blocks below %s, the highest, which counts", j.Source, best-height, others)
		case height+farApart < best:
			found.add(Warning, mend, "%s is %d blocks below %s, whose height counts", j.Source, best-height, others)
		}
	}
}

// judgeHeadClock compares this machine's clock with the times of the blocks.
func (e *examination) judgeHeadClock(found *findings) {
	var newest, asked time.Time
	for _, a := range e.heads {
		if a.err == nil && a.head.Time.After(newest) {
			newest, asked = a.head.Time, a.at
		}
	}
	switch late := asked.Sub(newest); {
	case newest.IsZero():
	case late < -clockOff:
		found.add(Error, "Let this machine keep its time by NTP: ages would be told wrongly.", "the newest block is from %s in the future: this machine's clock is behind", age(-late))
	case late > headOld:
		found.add(Warning, "Where a block explorer shows newer ones, the endpoints are stale or this machine's clock is ahead.",
			"the newest block of all endpoints was made %s ago: the network stands, or what tells it does", age(late))
	}
}

// judgeQuorum says whether enough providers count.
func (e *examination) judgeQuorum(found *findings, judged []rule.JudgedHead) {
	if e.Settings.Judge == nil {
		return
	}
	providers := map[string]bool{}
	for _, j := range judged {
		if j.Unusable == "" && j.Error == "" {
			providers[cmp.Or(e.Settings.Providers[j.Source], j.Head.Provider, judge.Provider(j.Source, j.Head.Endpoint))] = true
		}
	}
	if len(providers) < e.Settings.Judge.Quorum {
		found.add(Warning, "Name endpoints of more providers: until then a rule acts only on a node that stands still itself.",
			"heads of %s count, and the quorum is %d", count(len(providers), "provider"), e.Settings.Judge.Quorum)
	}
}
