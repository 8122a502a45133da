package simulate

import (
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
)

// FaultKind is what is wrong with a head source.
type FaultKind string

// What can be wrong with a head source.
const (
	Fails    FaultKind = "fails"
	Flaps    FaultKind = "answers every other time"
	High     FaultKind = "names blocks that are not there"
	Races    FaultKind = "names blocks that rise by themselves"
	Low      FaultKind = "is some blocks behind"
	Freezes  FaultKind = "stands still"
	Foreign  FaultKind = "is on another chain"
	Syncs    FaultKind = "syncs, and says so"
	NoBlocks FaultKind = "names block 0"
)

// Fault is what is wrong with a source for a time.
type Fault struct {
	Span
	Kind FaultKind
	// By is how many blocks it is off.
	By uint64
	// Declared says that it names the chain that it is on.
	Declared bool
}

// Source is a head source.
type Source struct {
	Name string
	// Dated says that it tells when blocks were made, Finals that it tells final
	// ones, Names that it tells its chain.
	Dated, Finals, Names bool
	// Late is how long a block takes to get to it.
	Late   time.Duration
	Faults []Fault
}

func (s *Source) fault(at time.Duration) *Fault {
	for i := range s.Faults {
		if s.Faults[i].holds(at) {
			return &s.Faults[i]
		}
	}
	return nil
}

// honest says whether it has told the truth for a while.
func (s *Source) honest(at time.Duration) bool {
	const trusted = 2 * interval
	for _, f := range s.Faults {
		if at >= f.From && at < f.To+trusted {
			return false
		}
	}
	return true
}

// answer is what it answers at a check, the count of which is n.
func (s *Source) answer(c *Chain, at time.Duration, n int) rule.Observation {
	seen, f := at-s.Late, s.fault(at)
	if f == nil {
		return s.head(c, seen)
	}
	switch f.Kind {
	case Fails:
		return rule.HeadError{Source: s.Name, Error: "connection refused"}
	case Flaps:
		if n%2 == 0 {
			return rule.HeadError{Source: s.Name, Error: "429 Too Many Requests"}
		}
		return s.head(c, seen)
	case Freezes:
		return s.head(c, f.From-s.Late)
	}
	return s.wrong(c, f, seen)
}

// wrong is an answer that is not true.
func (s *Source) wrong(c *Chain, f *Fault, seen time.Duration) rule.Head {
	h := s.head(c, seen)
	if f.Declared {
		h.Chain = "0xforeign"
	}
	switch f.Kind {
	case High:
		h.Best = c.height(f.From) + f.By
	case Races:
		h.Best += f.By * uint64((seen-f.From+interval)/interval)
	case Low:
		h.Best, h.BlockTime = h.Best-f.By, s.time(c, h.Best-f.By)
	case Foreign:
		h.Best = f.By + uint64((seen-f.From+interval)/time.Second)
	case Syncs:
		h.Best, h.Syncing = h.Best-f.By, new(true)
	case NoBlocks:
		h.Best, h.Finalized = 0, nil
	}
	return h
}

// head is a true answer as of some time.
func (s *Source) head(c *Chain, at time.Duration) rule.Head {
	h := rule.Head{Source: s.Name, Endpoint: "https://rpc." + s.Name + ".example", Best: c.height(at)}
	if s.Names {
		h.Chain = "0xhome"
	}
	h.BlockTime = s.time(c, h.Best)
	if final := c.final(at); s.Finals && final > 0 {
		h.Finalized = &final
	}
	return h
}

func (s *Source) time(c *Chain, height uint64) time.Time {
	if !s.Dated {
		return time.Time{}
	}
	return start.Add(c.made(height))
}
