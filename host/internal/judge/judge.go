package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings is what an operator says about the judge.
type Settings struct {
	// Quorum is how many providers must agree before the network's height counts
	// as corroborated.
	Quorum int
	// Tolerance is how far apart, in time of chain progress, heights agree; at
	// least leastTolerance blocks do.
	Tolerance time.Duration
	// Interval is the time between two checks: what is measured from answers gets
	// one added.
	Interval time.Duration
	// BlockTime is the operator's word for as long as none is learned; zero for
	// none.
	BlockTime time.Duration
	// Chain is the node's chain, by [ChainName]; empty where nobody says it.
	Chain string
	// Halted says that the network stands: single blocks then say nothing about
	// the usual time between blocks.
	Halted bool
}

// Answer is the newest answer of a head source.
type Answer struct {
	Source, Provider string
	At               time.Time
	// Error is why there is no answer; empty where there is one.
	Error string
	// Height is the newest block, Finalized the newest final one.
	Height    uint64
	Finalized *uint64
	// BlockTime is when the newest block was made; zero where nobody says it.
	BlockTime time.Time
	// Chain is what the source calls its chain, by [ChainName]; Syncing is its own word that it
	// is behind.
	Chain   string
	Syncing bool
	// MaxAge is the age above which its head is stale.
	MaxAge time.Duration
}

// Node is the newest block that the node has imported on its best chain, a second
// witness of movement.
type Node struct {
	Known    bool
	Height   uint64
	RaisedAt time.Time
}

// Reason is why an answer does not count.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	Counts        Reason = ""
	Failed        Reason = "error"
	NoBlock       Reason = "no block"
	Behind        Reason = "behind"
	OtherChain    Reason = "other chain"
	Stale         Reason = "stale"
	Frozen        Reason = "frozen"
	BehindTheNode Reason = "behind the node"
)

// Judged is an answer, and what it is worth.
type Judged struct {
	Answer
	// Excluded is why it does not count, Why the same in an operator's words.
	Excluded Reason
	Why      string
}

// Ruling is what the answers come to.
type Ruling struct {
	Answers []Judged
	// Providers is how many of them count.
	Providers int
	// Known says that the network's height is known: Best is the highest that a
	// majority of the providers has reached.
	Known bool
	Best  uint64
	// Finalized is the same for final blocks; nil where fewer than a majority say
	// one.
	Finalized *uint64
	// Corroborated says that a quorum of providers stands at Best.
	Corroborated bool
	// Spread is how many blocks the heights lie apart.
	Spread uint64
	// BlockTime is the time from block to block; zero where it is not known.
	BlockTime time.Duration
	// StandsFor is how long Best has not risen, FinalityStandsFor the same for
	// final blocks; RoseAt is when Best was last seen to rise, zero for never.
	StandsFor, FinalityStandsFor time.Duration
	RoseAt                       time.Time
}

// leastTolerance is how many blocks always count as agreement.
const leastTolerance = 2

// Judge judges the answers as of now, and returns what is to be remembered.
func (s Settings) Judge(now time.Time, answers []Answer, node Node, before Memory) (Ruling, Memory) {
	m := before.clone()
	m.follow(answers)
	j := judging{Settings: s, now: now, node: node, memory: m, blockTime: m.blockTime(s.BlockTime)}
	r := Ruling{BlockTime: j.blockTime}
	for _, a := range answers {
		r.Answers = append(r.Answers, Judged{Answer: a})
	}
	j.exclude(r.Answers)
	heights, finals := votes(r.Answers, func(a Judged) (uint64, *uint64) { return a.Height, a.Finalized })
	r.Providers = len(heights)
	if r.Known = len(heights) > 0; r.Known {
		r.Best = majority(heights)
		r.Spread = slices.Max(heights) - slices.Min(heights)
		r.Corroborated = j.agree(heights, r.Best) >= s.Quorum
	}
	if len(finals) > len(heights)/2 {
		r.Finalized = new(majority(finals))
	}
	m.move(now, r, before, s.Halted)
	r.BlockTime = m.blockTime(s.BlockTime)
	r.StandsFor, r.FinalityStandsFor, r.RoseAt = m.stands(now)
	return r, m
}

// votes are the heights of the providers that count, one each: the highest of
// their sources. A height of 0 is none.
func votes(answers []Judged, of func(Judged) (height uint64, final *uint64)) (heights, finals []uint64) {
	best, final := map[string]uint64{}, map[string]uint64{}
	for _, a := range answers {
		if a.Excluded != Counts {
			continue
		}
		height, finalized := of(a)
		if height > 0 {
			best[a.Provider] = max(best[a.Provider], height)
		}
		if finalized != nil && *finalized > 0 {
			final[a.Provider] = max(final[a.Provider], *finalized)
		}
	}
	for _, height := range best {
		heights = append(heights, height)
	}
	for _, height := range final {
		finals = append(finals, height)
	}
	return heights, finals
}

// majority is the highest height that a strict majority has reached.
func majority(heights []uint64) uint64 {
	sorted := slices.SortedFunc(slices.Values(heights), func(a, b uint64) int { return cmp.Compare(b, a) })
	return sorted[len(sorted)/2]
}

// judging is one judgement.
type judging struct {
	Settings
	now       time.Time
	node      Node
	memory    Memory
	blockTime time.Duration
}

// tolerance is how many blocks apart two heights may be and agree.
func (j judging) tolerance() uint64 {
	if j.blockTime <= 0 {
		return leastTolerance
	}
	return max(leastTolerance, uint64((j.Tolerance+j.blockTime-1)/j.blockTime))
}

// agree counts the heights at or above best, within the tolerance.
func (j judging) agree(heights []uint64, best uint64) int {
	count := 0
	for _, height := range heights {
		if best-min(best, height) <= j.tolerance() {
			count++
		}
	}
	return count
}

// exclude says of each answer whether it counts. What an answer says of itself
// comes before what the others say of it.
func (j judging) exclude(answers []Judged) {
	for i := range answers {
		a := &answers[i]
		switch {
		case a.Error != "":
			a.Excluded, a.Why = Failed, a.Error
		case a.Height == 0:
			a.Excluded, a.Why = NoBlock, "it names no block but block 0"
		case a.Syncing:
			a.Excluded, a.Why = Behind, a.syncs()
		}
	}
	j.excludeChains(answers)
	others := slices.Clone(answers)
	for i := range answers {
		if answers[i].Excluded == Counts {
			answers[i].Excluded, answers[i].Why = j.doubt(answers[i], others)
		}
	}
}

// syncs says that a source is behind by its own word.
func (a Answer) syncs() string { return "it says itself that it syncs, at block " + number(a.Height) }

// ChainName is the name of a chain in the one form in which names are compared: a
// number in decimal, whatever its base was, and hexadecimal digits in small letters.
func ChainName(said string) string {
	if n, err := strconv.ParseUint(said, 0, 64); err == nil {
		return number(n)
	}
	if hex := strings.ToLower(said); strings.HasPrefix(hex, "0x") {
		return hex
	}
	return said
}

// excludeChains excludes sources of another chain than the node's; where that is
// not known, those of a chain that fewer are on. A tie excludes them all.
func (j judging) excludeChains(answers []Judged) {
	right := j.Chain
	if right == "" {
		right = commonest(answers)
	}
	for i := range answers {
		a := &answers[i]
		if a.Excluded == Counts && a.Chain != "" && a.Chain != right {
			a.Excluded, a.Why = OtherChain, "it is on chain "+a.Chain
		}
	}
}

// commonest is the chain that most sources are on; empty for a tie.
func commonest(answers []Judged) string {
	sources, most, chain := map[string]int{}, 0, ""
	for _, a := range answers {
		if a.Excluded != Counts || a.Chain == "" {
			continue
		}
		sources[a.Chain]++
		switch n := sources[a.Chain]; {
		case n > most:
			most, chain = n, a.Chain
		case n == most && a.Chain != chain:
			chain = ""
		}
	}
	return chain
}

// doubt says why an answer does not count beside the others.
func (j judging) doubt(a Judged, all []Judged) (Reason, string) {
	rose := j.memory.Sources[a.Source].RoseAt
	switch {
	case j.old(a) && (j.majorityYounger(a, all) || j.node.Known && j.node.Height > a.Height):
		age := j.now.Sub(a.BlockTime)
		return Stale, fmt.Sprintf("its newest head is %s old (max_age %s), and others have younger ones", seconds(age), seconds(a.MaxAge))
	case a.BlockTime.IsZero() && j.frozen(a, all):
		return Frozen, fmt.Sprintf("its head has stood at %d for %s, while others went on", a.Height, seconds(j.now.Sub(rose)))
	case j.node.Known && j.node.Height > a.Height && j.node.Height-a.Height > j.tolerance() && j.node.RaisedAt.After(rose):
		return BehindTheNode, fmt.Sprintf("its head %d is below block %d that the node itself has", a.Height, j.node.Height)
	}
	return Counts, ""
}

// old says whether a head that carries a time is older than may be.
func (j judging) old(a Judged) bool {
	age := j.now.Sub(a.BlockTime)
	return !a.BlockTime.IsZero() && age > a.MaxAge && age > 3*j.blockTime
}

// majorityYounger says whether most of the others have something younger.
func (j judging) majorityYounger(a Judged, all []Judged) bool {
	younger, others := 0, 0
	for _, o := range all {
		if o.Excluded != Counts || o.Provider == a.Provider {
			continue
		}
		others++
		fresh := !o.BlockTime.IsZero() && !j.old(o)
		risen := o.BlockTime.IsZero() && j.now.Sub(j.memory.Sources[o.Source].RoseAt) <= a.MaxAge
		if o.Height > a.Height && (fresh || risen) {
			younger++
		}
	}
	return 2*younger > others
}

// frozen says whether a head that carries no time stands still while a quorum of
// others rose.
func (j judging) frozen(a Judged, all []Judged) bool {
	const leastRise = 3
	track := j.memory.Sources[a.Source]
	if j.blockTime <= 0 || j.now.Sub(track.RoseAt) <= max(time.Minute, 10*j.blockTime)+j.Interval {
		return false
	}
	risen := map[string]bool{}
	for _, o := range all {
		then, known := track.Others[o.Source]
		if o.Excluded == Counts && o.Provider != a.Provider && known && o.Height >= then+leastRise {
			risen[o.Provider] = true
		}
	}
	return len(risen) >= j.Quorum
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) + "s" }

func number(n uint64) string { return strconv.FormatUint(n, 10) }
