package judge

import (
	"testing"
	"time"
)

// night lets a network of 6 s blocks live by a plan: for each minute the blocks that
// come in it. It returns in which minutes the network counts as standing.
func night(plan []uint64, finality bool) (standing []bool, halt Halt) {
	c := court{Settings: careful()}
	height := uint64(1000)
	for _, blocks := range plan {
		height += blocks
		a, b := says("a", height), says("b", height)
		if finality {
			final := height / 100 * 100
			a.Finalized, b.Finalized = &final, &final
		}
		r := c.judge(Node{}, a, b)
		halt = Stall{}.Follow(at(c.minute-1), r, c.memory, time.Minute, "node", halt)
		standing = append(standing, !halt.Since.IsZero())
	}
	return standing, halt
}

// minutes are so many minutes with so many blocks each.
func minutes(n int, blocks uint64) []uint64 {
	plan := make([]uint64, n)
	for i := range plan {
		plan[i] = blocks
	}
	return plan
}

func TestHalt(t *testing.T) {
	plan := append(minutes(10, 10), minutes(9, 0)...) // stands from minute 10
	plan = append(plan, 1)                            // one block in the middle of the halt
	plan = append(plan, minutes(9, 0)...)
	back := len(plan)
	plan = append(plan, minutes(10, 10)...)
	standing, halt := night(plan, false)
	for minute, stands := range standing {
		want := minute >= 12 && minute < back+5
		if minute >= 10 && minute < 12 {
			continue // it may be found out at any of these
		}
		if stands != want {
			t.Errorf("minute %d: stands %v, want %v", minute, stands, want)
		}
	}
	if halt.Released.IsZero() {
		t.Error("the halt is not released")
	}
}

// A network whose blocks go on and whose finality stands is halted too.
func TestFinalityStands(t *testing.T) {
	plan := append(minutes(40, 100), minutes(9, 10)...)
	standing, _ := night(plan, true)
	if standing[39] {
		t.Error("it stands while finality goes on")
	}
	if !standing[len(standing)-1] {
		t.Error("eight minutes without finality are no halt")
	}
}

// While no source answers nothing is a halt, and nothing ends one.
func TestNoAnswerIsNoHalt(t *testing.T) {
	halt := Halt{Since: noon}
	if got := (Stall{}).Follow(at(30), Ruling{}, Memory{}, time.Minute, "node", halt); got != halt {
		t.Errorf("the halt became %+v", got)
	}
}

// A source that answers only now and then hides no halt, and keeps none up.
func TestHaltWithAFlappingSource(t *testing.T) {
	c := court{Settings: careful()}
	var halt Halt
	height := uint64(1000)
	for minute := range 40 {
		if minute < 10 || minute >= 20 {
			height += 10
		}
		third := says("c", height)
		if minute%2 == 0 {
			third = Answer{Source: "c", Provider: "c", Error: "timed out"}
		}
		r := c.judge(Node{}, says("a", height), says("b", height-1), third)
		halt = Stall{}.Follow(at(minute), r, c.memory, time.Minute, "node", halt)
		if stands, want := !halt.Since.IsZero(), minute >= 12 && minute < 25; stands != want {
			t.Errorf("minute %d: stands %v, want %v", minute, stands, want)
		}
	}
}

// Single blocks in a halt, however regular, are no measure of the time between
// blocks, and so do not end it.
func TestRegularBlocksInAHalt(t *testing.T) {
	c := court{Settings: careful()}
	var halt Halt
	height := uint64(1000)
	for m := range 180 {
		if m < 20 {
			height += 10
		} else if m%9 == 0 {
			height++
		}
		c.Halted = halt.Stands(at(m))
		r := c.judge(Node{}, says("a", height), says("b", height))
		halt = Stall{}.Follow(at(m), r, c.memory, time.Minute, "node", halt)
		if m >= 30 && (halt.Since.IsZero() || r.BlockTime != 6*time.Second) {
			t.Fatalf("minute %d: halt %+v, %s a block", m, halt, r.BlockTime)
		}
	}
	if halt.Stands(halt.Since.Add(25 * time.Hour)) {
		t.Error("a network that is slow for more than a day still stands")
	}
}
