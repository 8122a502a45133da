package judge

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Memory is what the judge remembers from check to check.
type Memory struct {
	// Sources are the sources by name.
	Sources map[string]Track `json:"sources,omitempty"`
	// Rises are the newest rises of the network's height, Finals those of the
	// final one. The first of each is where the measurement began.
	Rises  []Rise `json:"rises,omitempty"`
	Finals []Rise `json:"finals,omitempty"`
	// Voters are the providers that counted at the check before. Where others do, the
	// last heights are what these others said then, so that what differs between the
	// two is no rise.
	Voters []string `json:"voters,omitempty"`
	// BlockTime is the median over the rises that was known last, Dated what two
	// heads that carry times told.
	BlockTime time.Duration `json:"block_time,omitempty"`
	Dated     time.Duration `json:"dated,omitempty"`
}

// Track is how a source moved.
type Track struct {
	Height uint64    `json:"height"`
	RoseAt time.Time `json:"rose_at"`
	// Final is its final height.
	Final uint64 `json:"final,omitempty"`
	// Failed says that its newest answer was an error: its height is an older one.
	Failed bool `json:"failed,omitempty"`
	// Others are the heights of the other sources when it rose.
	Others map[string]uint64 `json:"others,omitempty"`
	// Dated is an earlier head of it that carried a time, at most mostApart old.
	Dated *Dated `json:"dated,omitempty"`
}

// Dated is a block with the time at which it was made.
type Dated struct {
	Height uint64    `json:"height"`
	At     time.Time `json:"at" clock:"other"`
}

// Rise is a height and when it was reached.
type Rise struct {
	At     time.Time `json:"at"`
	Height uint64    `json:"height"`
}

func (m Memory) clone() Memory {
	m.Sources = maps.Clone(m.Sources)
	if m.Sources == nil {
		m.Sources = map[string]Track{}
	}
	m.Rises, m.Finals = slices.Clone(m.Rises), slices.Clone(m.Finals)
	return m
}

// follow notes which sources rose. One that fell begins anew: it is another chain,
// or a node that lost blocks.
func (m *Memory) follow(answers []Answer) {
	heights := map[string]uint64{}
	for _, a := range answers {
		if a.Error == "" {
			heights[a.Source] = a.Height
		}
	}
	for _, a := range answers {
		before, known := m.Sources[a.Source]
		before.Failed = a.Error != ""
		if before.Failed {
			if known {
				m.Sources[a.Source] = before
			}
			continue
		}
		if a.Finalized != nil {
			before.Final = *a.Finalized
		}
		if known && a.Height == before.Height {
			m.Sources[a.Source] = before
			continue
		}
		track := Track{Height: a.Height, Final: before.Final, RoseAt: a.At, Others: maps.Clone(heights), Dated: before.Dated}
		delete(track.Others, a.Source)
		if d := track.Dated; d != nil && (a.Height < before.Height || a.BlockTime.Sub(d.At) > mostApart) {
			track.Dated = nil
		}
		if track.Dated == nil && !a.BlockTime.IsZero() {
			track.Dated = &Dated{a.Height, a.BlockTime}
		}
		m.Sources[a.Source] = track
	}
}

// leastApart is how many blocks two dated heads must lie apart to tell the time
// between blocks, and mostApart how long at most: what lies between may be a halt.
const (
	leastApart = 2
	mostApart  = 15 * time.Minute
)

// learn learns the time between blocks from two dated heads of one source that
// counts, while the network's rises do not tell it.
func (m *Memory) learn(answers []Judged) {
	if len(m.Rises) > leastRises {
		return
	}
	for _, a := range answers {
		dated := m.Sources[a.Source].Dated
		if a.Excluded != Counts || dated == nil || a.BlockTime.IsZero() || a.Height < dated.Height+leastApart {
			continue
		}
		if took := a.BlockTime.Sub(dated.At); took > 0 {
			m.Dated = took / time.Duration(a.Height-dated.Height)
		}
	}
}

// Bounds on the rises that are kept: those of the last keepFor, and at least
// leastKept.
const (
	keepFor    = 10 * time.Minute
	leastKept  = 7
	leastRises = 3
	mostKept   = 200
)

// move notes what the network's height did since the check before. In a halt the
// known time between blocks stays.
func (m *Memory) move(now time.Time, r Ruling, before Memory, halted bool) {
	if !r.Known {
		return
	}
	if voters := votersOf(r.Answers); !slices.Equal(voters, m.Voters) {
		m.Voters = voters
		heights, finals := votes(r.Answers, func(a Judged) (uint64, *uint64) {
			track, known := before.Sources[a.Source]
			switch {
			case !known:
				return a.Height, a.Finalized
			case track.Failed && track.Height != a.Height: // nobody knows what it would have said
				return 0, nil
			}
			return track.Height, &track.Final
		})
		rebase(m.Rises, heights)
		rebase(m.Finals, finals)
	}
	m.learn(r.Answers)
	m.Rises = rise(m.Rises, Rise{now, r.Best})
	if r.Finalized != nil {
		m.Finals = rise(m.Finals, Rise{now, *r.Finalized})
	}
	if step := perBlock(m.Rises); step > 0 && (m.BlockTime == 0 || !halted) {
		m.BlockTime = step
	}
}

func votersOf(answers []Judged) []string {
	var voters []string
	for _, a := range answers {
		if a.Excluded == Counts {
			voters = append(voters, a.Provider)
		}
	}
	slices.Sort(voters)
	return slices.Compact(voters)
}

// rebase makes the last height what other voters said then, where that is not far
// from it: what differs between the two is neither a rise nor a fall.
func rebase(rises []Rise, said []uint64) {
	const far = 100
	n := len(rises)
	if n == 0 || len(said) == 0 {
		return
	}
	height, last := majority(said), rises[n-1].Height
	if max(height, last)-min(height, last) > far {
		return
	}
	rises[n-1].Height = height
	for i := n - 2; i >= 0 && rises[i].Height >= rises[i+1].Height; i-- {
		rises[i].Height = rises[i+1].Height - min(1, rises[i+1].Height)
	}
}

// rise adds a height where it is a higher one; a lower one begins anew.
func rise(rises []Rise, next Rise) []Rise {
	if len(rises) == 0 || next.Height < rises[len(rises)-1].Height {
		return []Rise{next}
	}
	if next.Height == rises[len(rises)-1].Height {
		return rises
	}
	rises = append(rises, next)
	for len(rises) > leastKept && (len(rises) > mostKept || next.At.Sub(rises[0].At) > keepFor) {
		rises = rises[1:]
	}
	return rises
}

// usual is the median time from rise to rise; zero where there are too few.
func usual(rises []Rise) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(rises); i++ {
		steps = append(steps, rises[i].At.Sub(rises[i-1].At))
	}
	return median(steps, len(rises))
}

// leastSpan is how far apart two rises are at least that tell the time between blocks.
// Over less it would follow how the checks happen to fall between blocks.
const leastSpan = time.Minute

// perBlock is the median time from block to block over such spans, or from rise to
// rise where there is none yet; zero where there are too few.
func perBlock(rises []Rise) time.Duration {
	var steps []time.Duration
	for i := range max(1, len(rises)) - 1 {
		next := i + 1
		for next < len(rises)-1 && rises[next].At.Sub(rises[i].At) < leastSpan {
			next++
		}
		if rises[next].At.Sub(rises[i].At) >= leastSpan || len(steps) == 0 {
			steps = append(steps, rises[next].At.Sub(rises[i].At)/time.Duration(max(1, rises[next].Height-rises[i].Height)))
		}
	}
	return median(steps, len(rises))
}

// median is that of steps between so many rises; zero where those are too few.
func median(steps []time.Duration, rises int) time.Duration {
	if rises <= leastRises {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// blockTime is the time between blocks: the median over the rises, else the
// operator's word, else what two dated heads tell.
func (m Memory) blockTime(said time.Duration) time.Duration {
	return cmp.Or(m.BlockTime, said, m.Dated)
}

// stands is how long the network's heights have not risen, and when the newest
// block came; zero where none was seen to come.
func (m Memory) stands(now time.Time) (best, finalized time.Duration, roseAt time.Time) {
	if n := len(m.Rises); n > 0 {
		best = now.Sub(m.Rises[n-1].At)
		if n > 1 {
			roseAt = m.Rises[n-1].At
		}
	}
	if n := len(m.Finals); n > 0 {
		finalized = now.Sub(m.Finals[n-1].At)
	}
	return best, finalized, roseAt
}

// UsualFinality is the median time between two rises of the final height; zero
// where it is not known.
func (m Memory) UsualFinality() time.Duration { return usual(m.Finals) }
