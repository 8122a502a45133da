package simulate

import (
	"fmt"
	"time"
)

// firstSource is the source that watchers of one source ask.
const firstSource = "first"

// Kind is a kind of night, with what a good operator would have done.
type Kind struct {
	Name string
	// Least and Most are how many restarts are right.
	Least, Most int
	Night       Night
}

// Length is how long a night is unless it says otherwise.
const Length = 8 * time.Hour

// dot is a chain of six seconds.
func dot() Chain { return Chain{Block: 6 * time.Second, FinalEvery: 1, FinalBehind: 3} }

// sources are three that tell the truth, two of them with the time of a block.
func sources() []Source {
	return []Source{
		{Name: firstSource, Dated: true, Finals: true, Names: true, Late: 2 * time.Second},
		{Name: "second", Finals: true, Late: 3 * time.Second},
		{Name: "third", Dated: true, Finals: true, Late: 5 * time.Second},
	}
}

// undated are sources that do not say when a block was made.
func undated() []Source {
	all := sources()
	for i := range all {
		all[i].Dated = false
	}
	return all
}

func plan(troubles ...Trouble) Plan {
	return Plan{Gain: 5, Stop: 15 * time.Second, Boot: 20 * time.Second, Connect: 20 * time.Second, Troubles: troubles}
}

func night(name string, change ...func(*Night)) Night {
	n := Night{Name: name, Length: Length, Chain: dot(), Sources: sources(), Node: plan()}
	for _, c := range change {
		c(&n)
	}
	return n
}

// The changes that make a night another one.

func troubles(all ...Trouble) func(*Night) {
	return func(n *Night) { n.Node.Troubles = all }
}

func gain(blocks float64) func(*Night) { return func(n *Night) { n.Node.Gain = blocks } }

func bursts(on, off time.Duration) func(*Night) {
	return func(n *Night) { n.Node.On, n.Node.Off = on, off }
}

func imports(n *Night) { n.Node.Imports = true }

func withoutTimes(n *Night) { n.Sources = undated() }

func halts(all ...Halt) func(*Night) { return func(n *Night) { n.Chain.Halts = all } }

// blocks is another chain.
func blocks(c Chain) func(*Night) { return func(n *Night) { n.Chain = c } }

// faults gives the sources of these places a fault from the third hour to the fifth.
func faults(f Fault, places ...int) func(*Night) {
	f.Span = Span{2 * time.Hour, 4 * time.Hour}
	return func(n *Night) {
		for _, i := range places {
			n.Sources[i].Faults = append(n.Sources[i].Faults, f)
		}
	}
}

// Chains are networks of other times between blocks.
func fast() Chain { return Chain{Block: 400 * time.Millisecond, FinalEvery: 1, FinalBehind: 32} }
func two() Chain  { return Chain{Block: 2 * time.Second, FinalEvery: 1, FinalBehind: 3} }
func eth() Chain  { return Chain{Block: 12 * time.Second, FinalEvery: 32, FinalBehind: 64} }
func btc() Chain  { return Chain{Block: 10 * time.Minute, Random: true} }

// hourly is a trouble in the middle of each hour.
func hourly(t Trouble, hours int) []Trouble {
	var all []Trouble
	for hour := range hours {
		t.At = time.Duration(hour)*time.Hour + 30*time.Minute
		all = append(all, t)
	}
	return all
}

// singles are single blocks, one each so often.
func singles(s Span, every time.Duration) Halt {
	h := Halt{Span: s}
	for at := s.From + every; at < s.To; at += every {
		h.Singles = append(h.Singles, at)
	}
	return h
}

// Kinds are nights of every kind that the rules are to come out of right.
func Kinds() []Kind {
	var all []Kind
	for _, some := range [][]Kind{catchUps(), sourceNights(), haltNights(), wedgeNights(), chainNights()} {
		all = append(all, some...)
	}
	return all
}

func quiet(name string, change ...func(*Night)) Kind {
	return Kind{Name: name, Night: night(name, change...)}
}

func restarts(least, most int, name string, change ...func(*Night)) Kind {
	return Kind{Name: name, Least: least, Most: most, Night: night(name, change...)}
}

func catchUps() []Kind {
	back := func(blocks uint64) func(*Night) {
		return troubles(Trouble{At: 10 * time.Minute, Kind: Returns, Behind: blocks})
	}
	return []Kind{
		quiet("a catch-up at 100 blocks a second", back(400_000), gain(100)),
		quiet("a catch-up at two blocks a second", back(30_000), gain(2)),
		quiet("a catch-up by 0.3 blocks a second", back(6000), gain(0.3)),
		quiet("a catch-up by 0.05 blocks a second", back(1000), gain(0.05)),
		quiet("a catch-up a twentieth faster than the network", back(300), gain(0.01)),
		quiet("a catch-up in bursts, three minutes on and two off", back(20_000), gain(1), bursts(3*time.Minute, 2*time.Minute)),
		quiet("a slow catch-up in bursts", back(4000), gain(0.2), bursts(3*time.Minute, 2*time.Minute)),
		quiet("a catch-up in short bursts", back(20_000), gain(1), bursts(20*time.Second, 70*time.Second)),
		quiet("a catch-up in long bursts", back(20_000), gain(1), bursts(4*time.Minute, 8*time.Minute)),
		quiet("a catch-up that prints each block", back(20_000), gain(2), imports),
		quiet("a catch-up that prints each block, in bursts", back(20_000), gain(1), imports, bursts(3*time.Minute, 2*time.Minute)),
		quiet("a state sync from block 0", troubles(Trouble{At: 10 * time.Minute, Kind: StateSyncs, For: 90 * time.Minute, FromZero: true})),
		quiet("a state sync at a height", troubles(Trouble{At: 10 * time.Minute, Kind: Returns, Behind: 5000}, Trouble{At: 11 * time.Minute, Kind: StateSyncs, For: 90 * time.Minute}), gain(0.5)),
		quiet("a short state sync, and a slow catch-up after it", troubles(Trouble{At: 30 * time.Minute, Kind: StateSyncs, For: 16 * time.Minute}), gain(0.1)),
		quiet("a node that is 15 minutes behind after each start", troubles(hourly(Trouble{Kind: Returns, Behind: 150}, 7)...), gain(0.3)),
		quiet("pauses of two minutes", troubles(hourly(Trouble{Kind: Wedges, For: 2 * time.Minute}, 7)...)),
		quiet("crashes now and then", troubles(hourly(Trouble{Kind: Crashes}, 7)...)),
		quiet("a crash loop", troubles(loop(2*time.Hour, 100*time.Second, 40)...)),
		quiet("a slow crash loop", troubles(loop(2*time.Hour, 7*time.Minute, 20)...)),
	}
}

// loop are crashes in a row.
func loop(from, every time.Duration, times int) []Trouble {
	var all []Trouble
	for i := range times {
		all = append(all, Trouble{At: from + time.Duration(i)*every, Kind: Crashes})
	}
	return all
}

func sourceNights() []Kind {
	return []Kind{
		quiet("a source that lies high", faults(Fault{Kind: High, By: 1_000_000}, 0)),
		quiet("a source that lies a little high", faults(Fault{Kind: High, By: 80}, 0)),
		quiet("a source that races ahead", faults(Fault{Kind: Races, By: 200}, 0)),
		quiet("a source that is behind", faults(Fault{Kind: Low, By: 300}, 0)),
		quiet("a source that is frozen", faults(Fault{Kind: Freezes}, 0)),
		quiet("a source without times that is frozen", withoutTimes, faults(Fault{Kind: Freezes}, 0)),
		quiet("two sources without times that are frozen", withoutTimes, faults(Fault{Kind: Freezes}, 0, 2)),
		quiet("two stale dated sources of three", faults(Fault{Kind: Freezes}, 0, 2)),
		quiet("one of another chain that says so", faults(Fault{Kind: Foreign, By: 90_000_000, Declared: true}, 1)),
		quiet("one of another chain", faults(Fault{Kind: Foreign, By: 90_000_000}, 1)),
		quiet("one of a lower chain", faults(Fault{Kind: Foreign, By: 1_000_000}, 0)),
		quiet("one that syncs and says so", faults(Fault{Kind: Syncs, By: 5000}, 0)),
		quiet("one that names block 0", faults(Fault{Kind: NoBlocks}, 0)),
		quiet("one witness", faults(Fault{Kind: Fails}, 0, 1)),
		quiet("one witness that lies", faults(Fault{Kind: Fails}, 1, 2), faults(Fault{Kind: High, By: 1_000_000}, 0)),
		quiet("one witness that races ahead", faults(Fault{Kind: Fails}, 1, 2), faults(Fault{Kind: Races, By: 300}, 0)),
		quiet("no witness", faults(Fault{Kind: Fails}, 0, 1, 2)),
		quiet("sources that answer every other time", faults(Fault{Kind: Flaps}, 0, 1, 2)),
		quiet("a liar beside one that answers every other time", faults(Fault{Kind: High, By: 5000}, 0), faults(Fault{Kind: Flaps}, 1)),
		quiet("a liar beside one that fails", faults(Fault{Kind: High, By: 5000}, 0), faults(Fault{Kind: Fails}, 1)),
		quiet("a catch-up beside a liar", gain(0.3), faults(Fault{Kind: High, By: 1_000_000}, 0), troubles(Trouble{At: 90 * time.Minute, Kind: Returns, Behind: 3000})),
	}
}

func haltNights() []Kind {
	two := Span{2 * time.Hour, 4 * time.Hour}
	late := []Trouble{{At: two.From + 5*time.Minute, Kind: Returns, Behind: 60}, {At: two.From + 5*time.Minute, Kind: Wedges, For: two.To - two.From}}
	wedge := Trouble{At: 3 * time.Hour, Kind: Wedges, Cured: true}
	return []Kind{
		quiet("the network stands for twenty minutes", halts(Halt{Span: Span{2 * time.Hour, 140 * time.Minute}})),
		quiet("the network stands for five minutes, each hour", halts(hourlyHalts(5*time.Minute, 7)...)),
		quiet("the network stands, with one block in the middle", halts(Halt{Span: two, Singles: []time.Duration{3 * time.Hour}})),
		quiet("the network stands, with a block every nine minutes", halts(singles(two, 9*time.Minute))),
		quiet("the network stands, with a block every minute", halts(singles(two, time.Minute))),
		quiet("the network stands, and nobody says times", withoutTimes, halts(singles(two, 13*time.Minute))),
		quiet("the network stands, and the node comes back late", halts(Halt{Span: two}), troubles(late...)),
		quiet("the network stands, with a block, and the node comes back late", halts(Halt{Span: two, Singles: []time.Duration{3 * time.Hour}}), troubles(late...)),
		quiet("finality stands", halts(Halt{Span: two, Finality: true})),
		quiet("the network stands while a node catches up", halts(Halt{Span: two}), gain(0.2), troubles(Trouble{At: 100 * time.Minute, Kind: Returns, Behind: 3000})),
		quiet("the network stands, and a source lies", halts(Halt{Span: two}), faults(Fault{Kind: High, By: 10_000}, 0)),
		quiet("the network stands, and one source answers", halts(Halt{Span: two}), faults(Fault{Kind: Fails}, 0, 1)),
		quiet("the network stands, and sources answer every other time", halts(Halt{Span: two}), faults(Fault{Kind: Flaps}, 0, 1)),
		restarts(1, 1, "a node wedges within a halt", halts(Halt{Span: two}), troubles(wedge)),
		restarts(1, 1, "a node wedges within a halt with single blocks", halts(singles(two, 9*time.Minute)), troubles(wedge)),
		restarts(1, 1, "a node wedges just before a halt", halts(Halt{Span: two}), troubles(Trouble{At: two.From - 30*time.Second, Kind: Wedges, Cured: true})),
		restarts(1, 1, "a node wedges just after a halt", halts(Halt{Span: two}), troubles(Trouble{At: two.To + 2*time.Minute, Kind: Wedges, Cured: true})),
	}
}

func hourlyHalts(long time.Duration, hours int) []Halt {
	var all []Halt
	for hour := range hours {
		from := time.Duration(hour)*time.Hour + 30*time.Minute
		all = append(all, Halt{Span: Span{from, from + long}})
	}
	return all
}

func wedgeNights() []Kind {
	at := 3 * time.Hour
	cured := Trouble{At: at, Kind: Wedges, Cured: true}
	silent, says, never := cured, cured, Trouble{At: at, Kind: Wedges}
	silent.Silent, says.Says = true, syncing
	lost := Trouble{At: at, Kind: Wedges, For: 25 * time.Minute}
	return []Kind{
		restarts(1, 1, "a wedge", troubles(cured)),
		restarts(1, 1, "a wedge without a line", troubles(silent)),
		restarts(1, 1, "a wedge that claims to sync", troubles(says)),
		restarts(1, 1, "a wedge of a node that prints each block", troubles(cured), imports),
		restarts(1, 1, "a wedge while it catches up", troubles(Trouble{At: at - time.Hour, Kind: Returns, Behind: 50_000}, says), gain(2)),
		restarts(1, 1, "a wedge while it catches up in bursts", troubles(Trouble{At: at - time.Hour, Kind: Returns, Behind: 50_000}, says), gain(2), bursts(3*time.Minute, 2*time.Minute)),
		restarts(1, 1, "a wedge right after a start", troubles(Trouble{At: at - 2*time.Minute, Kind: Crashes}, cured)),
		restarts(1, 1, "a wedge beside a liar", troubles(cured), faults(Fault{Kind: High, By: 1_000_000}, 0)),
		restarts(1, 1, "a wedge beside a frozen source", troubles(cured), withoutTimes, faults(Fault{Kind: Freezes}, 2)),
		restarts(1, 1, "a wedge before one witness", troubles(cured), faults(Fault{Kind: Fails}, 0, 1)),
		restarts(1, 1, "a wedge beside two frozen sources without times", troubles(cured), withoutTimes, faults(Fault{Kind: Freezes}, 0, 2)),
		restarts(1, 1, "a wedge before sources that answer every other time", troubles(cured), faults(Fault{Kind: Flaps}, 0, 1, 2)),
		restarts(7, 7, "hourly wedges", troubles(hourly(cured, 7)...)),
		restarts(1, 3, "nothing helps", troubles(never)),
		restarts(0, 3, "a node loses its peers for 25 minutes", troubles(lost)),
	}
}

func chainNights() []Kind {
	var all []Kind
	wedge := troubles(Trouble{At: 3 * time.Hour, Kind: Wedges, Cured: true})
	for _, c := range []Chain{fast(), two(), eth(), btc()} {
		of, network := fmt.Sprintf(" with blocks of %v", c.Block), blocks(c)
		perHour := uint64(time.Hour / c.Block)
		back := troubles(Trouble{At: 10 * time.Minute, Kind: Returns, Behind: 10 * perHour})
		all = append(all,
			quiet("a quiet night"+of, network),
			quiet("a quiet night without times"+of, network, withoutTimes),
			restarts(1, 1, "a wedge"+of, network, wedge, gain(max(5, 10/c.Block.Seconds()))),
			quiet("a catch-up"+of, network, back, gain(3/c.Block.Seconds())),
			quiet("a liar"+of, network, faults(Fault{Kind: High, By: 100 * perHour}, 0)),
			quiet("the network stands"+of, network, halts(Halt{Span: Span{2 * time.Hour, 4 * time.Hour}, Singles: []time.Duration{3 * time.Hour}})),
		)
		if !c.Random {
			all = append(all, quiet("a slow catch-up"+of, network, back, gain(0.3/c.Block.Seconds())))
		}
	}
	return all
}
