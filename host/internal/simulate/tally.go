package simulate

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// Contender is a watcher that is compared with others.
type Contender struct {
	Name string
	// New is the watcher of a night.
	New func(Night) Watcher
}

// Tally is what a contender comes to over many nights.
type Tally struct {
	Name   string
	Nights int
	Score
	// Worse is how many nights its node was behind for longer than that of the first
	// contender, Lost how much longer in all of them, and Most in one, of seed Worst.
	Worse      int
	Lost, Most time.Duration
	Worst      uint64
	// Why is how much of that was lost in nights of which kind.
	Why map[string]time.Duration
}

// why is what most likely costs a careful watcher time in a night.
func (n Night) why() string {
	kinds := map[TroubleKind]bool{}
	for _, t := range n.Node.Troubles {
		kinds[t.Kind] = true
		if t.Kind == Wedges && slices.ContainsFunc(n.Chain.Halts, func(h Halt) bool { return t.At > h.From-inTime && t.At < h.To+inTime }) {
			return "a node wedges around a halt"
		}
		if t.Kind == Wedges && !t.Cured && t.For > hiccup {
			kinds["for long"] = true
		}
	}
	switch {
	case kinds["for long"]:
		return "no restart helps for a while"
	case kinds[Returns] || kinds[StateSyncs]:
		return "a node catches up before it wedges"
	case n.Chain.Block <= 2*time.Second:
		return "quick blocks"
	}
	return "others"
}

// Contenders are the drop-in with its only source, careful with three, and a fixed
// cooldown.
func Contenders(examples string) ([]Contender, error) {
	env := map[string]string{"CONTAINER_NAME": "node"}
	before, err := Load(examples+"/monitor.hcl", env)
	if err != nil {
		return nil, err
	}
	careful, err := Load(examples+"/careful.hcl", env)
	if err != nil {
		return nil, err
	}
	return []Contender{
		{"predecessor", func(Night) Watcher { return before.Watcher(map[string]string{firstSource: "onfinality"}) }},
		{"careful", func(Night) Watcher {
			return careful.Watcher(map[string]string{firstSource: "first", "second": "second", "third": "third"})
		}},
		{"fixed cooldown", func(n Night) Watcher { return FixedCooldown(n.Chain) }},
	}, nil
}

// Compare lets contenders live through the same random nights, by their seeds from
// the first on.
func Compare(contenders []Contender, first, nights int) []Tally {
	tallies := make([]Tally, len(contenders))
	seeds, scores := make(chan uint64), make(chan []Score)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range seeds {
				scores <- live(contenders, seed)
			}
		})
	}
	go func() {
		for i := range nights {
			seeds <- uint64(first + i)
		}
		close(seeds)
		workers.Wait()
		close(scores)
	}()
	for night := range scores {
		for i := range contenders {
			tallies[i].Name = contenders[i].Name
			tallies[i].add(night[i], night[0])
		}
	}
	return tallies
}

func live(contenders []Contender, seed uint64) []Score {
	var all []Score
	for _, c := range contenders {
		n := Random(seed)
		s := n.Run(c.New(n))
		s.Seed = seed
		all = append(all, s)
	}
	return all
}

// add adds the score of a night, in which that of the first contender was first.
func (t *Tally) add(s, first Score) {
	t.Nights++
	t.Acts = append(t.Acts, s.Acts...)
	t.Healthy += s.Healthy
	t.Useless += s.Useless
	t.Missed += s.Missed
	t.Left += s.Left
	t.Behind += s.Behind
	t.Spree = max(t.Spree, s.Spree)
	t.Faults = append(t.Faults, s.Faults...)
	if lost := s.Behind - first.Behind; lost > time.Minute {
		t.Worse++
		t.Lost += lost
		if t.Why == nil {
			t.Why = map[string]time.Duration{}
		}
		t.Why[Random(s.Seed).why()] += lost
		if lost > t.Most {
			t.Most, t.Worst = lost, s.Seed
		}
	}
}

// Print prints the table.
func Print(out io.Writer, tallies []Tally) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\trestarts\tof healthy nodes\tthat did not help\twedges missed\tleft to a person\tminutes behind\tnights behind for longer, minutes")
	for i, t := range tallies {
		longer := "-"
		if i > 0 {
			longer = fmt.Sprintf("%d, %.0f (at most %.0f, seed %d)", t.Worse, t.Lost.Minutes(), t.Most.Minutes(), t.Worst)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.0f\t%s\n", t.Name, len(t.Acts), t.Healthy, t.Useless, t.Missed, t.Left, t.Behind.Minutes(), longer)
	}
	for _, t := range tallies[1:] {
		fmt.Fprintf(w, "\n%s loses minutes where\n", t.Name)
		for _, why := range slices.Sorted(maps.Keys(t.Why)) {
			fmt.Fprintf(w, "  %s\t%.0f\n", why, t.Why[why].Minutes())
		}
	}
	return w.Flush()
}
