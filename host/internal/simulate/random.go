package simulate

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Random is a night of random troubles, of a node, its network and its sources, each
// in a part of it of its own so that what is true stays plain.
func Random(seed uint64) Night {
	d := dice{rand.New(rand.NewPCG(seed, 2))}
	n := Night{Name: "a random night", Seed: seed, Length: Length, Chain: d.chain(), Sources: sources(), Node: plan()}
	for i := range n.Sources {
		s := &n.Sources[i]
		s.Dated, s.Names, s.Finals = d.one(2), d.one(3), d.one(2)
		s.Late = d.between(time.Second, 12*time.Second)
	}
	n.Node.Stop, n.Node.Boot, n.Node.Connect = d.between(2*time.Second, time.Minute), d.between(5*time.Second, time.Minute), d.between(5*time.Second, time.Minute)
	n.Node.Imports = d.one(4)
	n.Node.Gain = []float64{0.3, 1, 5, 30}[d.IntN(4)] * max(0.2, 2/n.Chain.Block.Seconds())
	if d.one(4) {
		n.Node.On, n.Node.Off = d.between(30*time.Second, 3*time.Minute), d.between(30*time.Second, 2*time.Minute)
	}
	// Each part of two hours has a trouble of a node, of the network or of neither.
	for from := 20 * time.Minute; from+2*time.Hour <= n.Length; from += 2 * time.Hour {
		switch d.IntN(4) {
		case 0, 1:
			n.Node.Troubles = append(n.Node.Troubles, d.troubles(n.Chain, from)...)
		case 2:
			n.Chain.Halts = append(n.Chain.Halts, d.halt(n.Chain, from))
			if d.one(4) {
				n.Node.Troubles = append(n.Node.Troubles, Trouble{At: from + d.between(0, 15*time.Minute), Kind: Wedges, Cured: true})
			}
		}
		if d.one(2) {
			d.fault(&n, from)
		}
	}
	slices.SortStableFunc(n.Node.Troubles, func(a, b Trouble) int { return int(a.At - b.At) })
	return n
}

// dice draw what is random.
type dice struct{ *rand.Rand }

// one is true once in so many times.
func (d dice) one(in int) bool { return d.IntN(in) == 0 }

func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.Int64N(int64(most-least)+1)).Truncate(time.Second)
}

func (d dice) chain() Chain {
	second := Chain{Block: time.Second, FinalEvery: 1, FinalBehind: 2}
	return []Chain{dot(), dot(), dot(), dot(), dot(), second, second, two(), eth(), eth(), btc(), fast()}[d.IntN(12)]
}

// troubles are what happens to a node in the two hours after a time.
func (d dice) troubles(c Chain, from time.Duration) []Trouble {
	at := from + d.between(0, 20*time.Minute)
	blocks := func(t time.Duration) uint64 { return uint64(t/c.Block) + 1 }
	wedge := Trouble{At: at, Kind: Wedges, Cured: true, Silent: d.one(4)}
	if d.one(4) {
		wedge.Says = syncing
	}
	returns := Trouble{At: at, Kind: Returns, Behind: blocks(d.between(10*time.Minute, 10*time.Hour))}
	switch d.IntN(9) {
	case 0, 1:
		return []Trouble{wedge}
	case 2:
		return []Trouble{returns}
	case 3:
		wedge.At += d.between(10*time.Minute, 30*time.Minute)
		return []Trouble{returns, wedge}
	case 4:
		return loop(at, d.between(40*time.Second, 8*time.Minute), 1+d.IntN(10))
	case 5:
		return []Trouble{{At: at, Kind: StateSyncs, For: d.between(5*time.Minute, 70*time.Minute), FromZero: d.one(2)}}
	case 6:
		return []Trouble{{At: at, Kind: Wedges, For: d.between(20*time.Second, hiccup)}}
	case 7:
		return []Trouble{{At: at, Kind: Wedges, For: d.between(20*time.Minute, 80*time.Minute)}} // restarts do not help
	}
	return []Trouble{wedge, {At: at + time.Hour, Kind: Wedges, Cured: true}}
}

// halt is a halt of the network in the hour after a time.
func (d dice) halt(c Chain, from time.Duration) Halt {
	from += d.between(0, 10*time.Minute)
	h := Halt{Span: Span{from, from + d.between(max(2*time.Minute, 3*c.Block), max(45*time.Minute, 4*c.Block))}}
	switch d.IntN(4) {
	case 0:
		h = singles(h.Span, d.between(time.Minute, 15*time.Minute))
	case 1:
		h.Singles = []time.Duration{d.between(h.From, h.To)}
	case 2:
		h.Finality = c.FinalEvery > 0 && d.one(2)
	}
	return h
}

// fault gives one of the sources, or two, a fault in the two hours after a time.
func (d dice) fault(n *Night, from time.Duration) {
	kinds := []FaultKind{Fails, Flaps, High, Races, Low, Freezes, Foreign, Syncs, NoBlocks}
	f := Fault{Span: Span{from, from + d.between(10*time.Minute, 110*time.Minute)}, Kind: kinds[d.IntN(len(kinds))],
		By: uint64(d.IntN(1_000_000)) + 50, Declared: d.one(2)}
	if f.Kind == Foreign && d.one(2) {
		f.By += 3 * firstBlock
	}
	first := d.IntN(len(n.Sources))
	n.Sources[first].Faults = append(n.Sources[first].Faults, f)
	if f.Kind == Fails || f.Kind == Flaps || f.Kind == Freezes {
		if d.one(2) {
			second := (first + 1) % len(n.Sources)
			n.Sources[second].Faults = append(n.Sources[second].Faults, f)
		}
	}
}
