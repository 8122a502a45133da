package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// at is a time after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// careful are settings of two witnesses.
func careful() Settings {
	return Settings{Quorum: 2, Tolerance: 10 * time.Second, Interval: time.Minute}
}

// says is an answer of a source that is its own provider.
func says(source string, height uint64) Answer {
	return Answer{Source: source, Provider: source, Height: height, MaxAge: 3 * time.Minute}
}

// dated is an answer with the time of its block.
func dated(source string, height uint64, made time.Time) Answer {
	a := says(source, height)
	a.BlockTime = made
	return a
}

// court judges minute after minute.
type court struct {
	Settings
	memory Memory
	minute int
}

func (c *court) judge(node Node, answers ...Answer) Ruling {
	for i := range answers {
		answers[i].At = at(c.minute)
	}
	r, memory := c.Judge(at(c.minute), answers, node, c.memory)
	c.memory = memory
	c.minute++
	return r
}

// excluded are the reasons, by source.
func excluded(r Ruling) string {
	var words []string
	for _, a := range r.Answers {
		if a.Excluded != Counts {
			words = append(words, a.Source+": "+string(a.Excluded))
		}
	}
	return strings.Join(words, ", ")
}

func TestMajority(t *testing.T) {
	for heights, want := range map[string]uint64{"7": 7, "7 9": 7, "7 9 8": 8, "900 7 8": 8, "7 7 900 900": 7, "1 2 3 4 5": 3} {
		var all []uint64
		for word := range strings.FieldsSeq(heights) {
			var n uint64
			_, _ = fmt.Sscan(word, &n)
			all = append(all, n)
		}
		if got := majority(all); got != want {
			t.Errorf("majority of %s is %d, want %d", heights, got, want)
		}
	}
}

func TestOneLook(t *testing.T) {
	failed := func(source string) Answer { return Answer{Source: source, Provider: source, Error: "refused"} }
	syncing := says("c", 2000)
	syncing.Syncing = true
	on := func(a Answer, chain string) Answer {
		a.Chain = chain
		return a
	}
	of := func(a Answer, provider string) Answer {
		a.Provider = provider
		return a
	}
	tests := []struct {
		name         string
		answers      []Answer
		best         uint64
		providers    int
		corroborated bool
		excluded     string
	}{
		{"three agree", []Answer{says("a", 1000), says("b", 1001), says("c", 1002)}, 1001, 3, true, ""},
		{"one lies far ahead", []Answer{says("a", 1000), says("b", 1001), says("c", 900000)}, 1001, 3, true, ""},
		{"two that lie are not outvoted by one", []Answer{says("a", 1000), says("b", 900000), says("c", 900001)}, 900000, 3, true, ""},
		{"two that differ", []Answer{says("a", 1000), says("b", 1100)}, 1000, 2, true, ""},
		{"one of one", []Answer{says("a", 1000)}, 1000, 1, false, ""},
		{"two of one provider are one witness", []Answer{says("a", 1000), of(says("b", 1001), "a")}, 1001, 1, false, ""},
		{"one that failed", []Answer{says("a", 1000), failed("b"), says("c", 1001)}, 1000, 2, true, "b: error"},
		{"none answers", []Answer{failed("a"), failed("b")}, 0, 0, false, "a: error, b: error"},
		{"block 0", []Answer{says("a", 1000), says("b", 0)}, 1000, 1, false, "b: no block"},
		{"one that syncs", []Answer{says("a", 1000), says("b", 1000), syncing}, 1000, 2, true, "c: behind"},
		{"one of another chain", []Answer{on(says("a", 1000), "x"), on(says("b", 9000), "y"), on(says("c", 1001), "x")}, 1000, 2, true, "b: other chain"},
		{"a tie of chains", []Answer{on(says("a", 1000), "x"), on(says("b", 9000), "y")}, 0, 0, false, "a: other chain, b: other chain"},
		{"one that names no chain", []Answer{on(says("a", 1000), "x"), says("b", 1001)}, 1000, 2, true, ""},
		{"a head that is old while others are not", []Answer{dated("a", 1000, at(-10)), dated("b", 1100, noon), dated("c", 1101, noon)}, 1100, 2, true, "a: stale"},
		{"all are old at one height: the network stands", []Answer{dated("a", 1000, at(-10)), dated("b", 1000, at(-10)), dated("c", 1001, at(-10))}, 1000, 3, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := court{Settings: careful()}
			r := c.judge(Node{}, test.answers...)
			if r.Best != test.best || r.Known != (test.best > 0) || r.Providers != test.providers || r.Corroborated != test.corroborated {
				t.Errorf("best %d (%v) of %d providers, corroborated %v", r.Best, r.Known, r.Providers, r.Corroborated)
			}
			if got := excluded(r); got != test.excluded {
				t.Errorf("excluded are %q, want %q", got, test.excluded)
			}
		})
	}
}

// The node's chain is the right one, whatever the others say.
func TestChainOfTheNode(t *testing.T) {
	c := court{Settings: careful()}
	c.Chain = "x"
	a, b, other := says("a", 1000), says("b", 9000), says("c", 9001)
	a.Chain, b.Chain, other.Chain = "x", "y", "y"
	if got := excluded(c.judge(Node{}, a, b, other)); got != "b: other chain, c: other chain" {
		t.Errorf("excluded are %q", got)
	}
}

// Two dated sources that stand still do not hide that the node goes on.
func TestNodeIsAWitness(t *testing.T) {
	c := court{Settings: careful()}
	old := at(-10)
	r := c.judge(Node{Known: true, Height: 1100, RaisedAt: noon}, dated("a", 1000, old), dated("b", 1000, old), dated("c", 1100, noon))
	if got := excluded(r); got != "a: stale, b: stale" || r.Best != 1100 || r.Corroborated {
		t.Errorf("excluded are %q, best %d, corroborated %v", got, r.Best, r.Corroborated)
	}
	r = c.judge(Node{Known: true, Height: 1100, RaisedAt: at(2)}, says("d", 1000))
	if got := excluded(r); got != "d: behind the node" {
		t.Errorf("excluded are %q", got)
	}
}

// A source without times is frozen when a quorum of others went on without it.
func TestFrozen(t *testing.T) {
	c := court{Settings: careful()}
	var r Ruling
	for minute := range uint64(10) {
		r = c.judge(Node{}, says("a", min(1030, 1000+10*minute)), says("b", 1000+10*minute), says("c", 1001+10*minute))
		if minute == 4 && excluded(r) != "" {
			t.Errorf("after a minute: %s", excluded(r))
		}
	}
	if got := excluded(r); got != "a: frozen" || r.Best != 1090 {
		t.Errorf("excluded are %q, best %d", got, r.Best)
	}
}

func TestBlockTime(t *testing.T) {
	for _, block := range []time.Duration{400 * time.Millisecond, 2 * time.Second, 12 * time.Second} {
		c := court{Settings: careful()}
		var r Ruling
		for minute := range 8 {
			height := 1000 + uint64(time.Duration(minute)*time.Minute/block)
			r = c.judge(Node{}, says("a", height), says("b", height), says("c", height))
			if minute == 2 && r.BlockTime != 0 {
				t.Errorf("%s: known from two rises", block)
			}
		}
		if got := r.BlockTime; (got - block).Abs() > block/10 {
			t.Errorf("%s is measured as %s", block, got)
		}
		for range 5 {
			r = c.judge(Node{}, says("a", 9000000), says("b", 9000000), says("c", 9000000))
		}
		if (r.BlockTime-block).Abs() > block/10 || r.StandsFor != 4*time.Minute {
			t.Errorf("%s: after a halt it is %s, standing for %s", block, r.BlockTime, r.StandsFor)
		}
	}
	c := court{Settings: careful()}
	c.judge(Node{}, dated("a", 1000, noon))
	if r := c.judge(Node{}, dated("a", 1010, noon.Add(time.Minute))); r.BlockTime != 6*time.Second {
		t.Errorf("two dated heads tell %s, want 6s", r.BlockTime)
	}
	c.BlockTime = 12 * time.Second
	c.memory = Memory{}
	if r := c.judge(Node{}, says("a", 1000)); r.BlockTime != c.BlockTime {
		t.Errorf("the operator's word counts as %s", r.BlockTime)
	}
}

// Other providers change nothing about how the network moves; a fall begins the
// measurement anew.
func TestMovement(t *testing.T) {
	c := court{Settings: careful()}
	for minute := range uint64(5) {
		c.judge(Node{}, says("a", 1000+minute), says("b", 1000+minute))
	}
	r := c.judge(Node{}, says("a", 1004), says("b", 1004))
	if r.StandsFor != time.Minute || !r.RoseAt.Equal(at(4)) {
		t.Errorf("stands for %s, rose at %s", r.StandsFor, r.RoseAt)
	}
	if r = c.judge(Node{}, says("a", 1004), says("c", 1002)); r.StandsFor != 2*time.Minute || !r.RoseAt.Equal(at(4)) || r.BlockTime != time.Minute {
		t.Errorf("with another provider it stands for %s, rose at %s, %s a block", r.StandsFor, r.RoseAt, r.BlockTime)
	}
	if r = c.judge(Node{}, says("a", 800), says("c", 800)); r.StandsFor != 0 || !r.RoseAt.IsZero() || r.Best != 800 {
		t.Errorf("after a fall to %d it stands for %s, rose at %s", r.Best, r.StandsFor, r.RoseAt)
	}
}

// Sources that answer only now and then teach no other time between blocks.
func TestBlockTimeWithFlappingSources(t *testing.T) {
	failed := func(a Answer) Answer {
		return Answer{Source: a.Source, Provider: a.Provider, Error: "429 Too Many Requests"}
	}
	for name, fails := range map[string]func(source string, minute uint64) bool{
		"two of three, every other time": func(source string, minute uint64) bool { return source != "a" && minute%2 == 0 },
		"each in its turn":               func(source string, minute uint64) bool { return minute%3 != uint64(source[0]-'a') },
		"each but one in its turn":       func(source string, minute uint64) bool { return minute%3 == uint64(source[0]-'a') },
	} {
		c := court{Settings: careful()}
		for minute := range uint64(40) {
			var answers []Answer
			for i, source := range []string{"a", "b", "c"} {
				a := says(source, 1000+10*minute-uint64(i))
				if fails(source, minute) {
					a = failed(a)
				}
				answers = append(answers, a)
			}
			r := c.judge(Node{}, answers...)
			if minute >= 5 && ((r.BlockTime-6*time.Second).Abs() > 2*time.Second || r.StandsFor > time.Minute) {
				t.Errorf("%s: minute %d: %s a block, stands for %s", name, minute, r.BlockTime, r.StandsFor)
			}
		}
	}
}

// What two dated heads tell counts only from a source that does, over a short time,
// and after the operator's word.
func TestDatedHeadsAreNotBelievedBlindly(t *testing.T) {
	c := court{Settings: careful()}
	syncing := dated("a", 1000, noon)
	syncing.Syncing = true
	c.judge(Node{}, syncing)
	far := dated("a", 2000000, noon.Add(time.Minute))
	far.Syncing = true
	if r := c.judge(Node{}, far); r.BlockTime != 0 {
		t.Errorf("a source that does not count teaches %s", r.BlockTime)
	}
	c = court{Settings: careful()}
	c.judge(Node{}, dated("a", 1000, noon))
	if r := c.judge(Node{}, dated("a", 1002, noon.Add(time.Hour))); r.BlockTime != 0 {
		t.Errorf("a halt teaches %s", r.BlockTime)
	}
	c.BlockTime = 12 * time.Second
	if r := c.judge(Node{}, dated("a", 1012, noon.Add(time.Hour+time.Minute))); r.BlockTime != c.BlockTime {
		t.Errorf("the operator's word does not count: %s", r.BlockTime)
	}
}

// A height near the end of all numbers is a lie like any other.
func TestHeightsThatWrap(t *testing.T) {
	c := court{Settings: careful()}
	r := c.judge(Node{Known: true, Height: 1000, RaisedAt: at(5)}, says("a", 1000), says("b", 1001), says("c", 1<<64-1))
	if got := excluded(r); got != "" || r.Best != 1001 || !r.Corroborated {
		t.Errorf("excluded are %q, best %d, corroborated %v", got, r.Best, r.Corroborated)
	}
}

func TestFinalized(t *testing.T) {
	c := court{Settings: careful()}
	final := func(a Answer, height uint64) Answer {
		a.Finalized = &height
		return a
	}
	r := c.judge(Node{}, final(says("a", 1000), 990), final(says("b", 1000), 980), says("c", 1000))
	if r.Finalized == nil || *r.Finalized != 980 {
		t.Errorf("final is %v, want 980", r.Finalized)
	}
	if r = c.judge(Node{}, final(says("a", 1000), 990), says("b", 1000), says("c", 1000)); r.Finalized != nil {
		t.Errorf("one of three says %d: that is no majority", *r.Finalized)
	}
}

// Fewer than a majority of the providers never move the height up.
func TestMinorityMovesNothingUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		honest := rapid.IntRange(1, 4).Draw(t, "honest")
		liars := rapid.IntRange(0, honest-1).Draw(t, "liars")
		c := court{Settings: careful()}
		for minute := range uint64(rapid.IntRange(1, 15).Draw(t, "minutes")) {
			var answers []Answer
			for i := range honest {
				answers = append(answers, says(fmt.Sprint("honest", i), 1000+10*minute))
			}
			for i := range liars {
				answers = append(answers, says(fmt.Sprint("liar", i), rapid.Uint64Range(1, 1<<40).Draw(t, "lie")))
			}
			if r := c.judge(Node{}, answers...); r.Best > 1000+10*minute {
				t.Fatalf("best is %d at minute %d", r.Best, minute)
			}
		}
	})
}

func TestChainName(t *testing.T) {
	for said, want := range map[string]string{"0x1": "1", "1": "1", "0X38": "56", "0xABcd" + strings.Repeat("0", 60): "0xabcd" + strings.Repeat("0", 60),
		"cosmoshub-4": "cosmoshub-4", "main": "main", "": ""} {
		if got := ChainName(said); got != want {
			t.Errorf("%q is called %q, want %q", said, got, want)
		}
	}
}

// Without a judge too, the head of a source that syncs is not the network's.
func TestHighestOfOneThatSyncs(t *testing.T) {
	syncing := says("a", 2000)
	syncing.Syncing = true
	syncing.At = noon
	other := says("b", 1000)
	other.At = noon
	judged, best := Highest(noon, []Answer{syncing, other})
	if best != 1 || judged[0].Excluded != Behind {
		t.Errorf("best is %d, the first is excluded as %q", best, judged[0].Excluded)
	}
}
