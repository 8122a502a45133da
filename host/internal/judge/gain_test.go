package judge

import (
	"testing"
	"time"
)

func TestGain(t *testing.T) {
	g := Gain{Window: 5 * time.Minute, Least: 10}
	for name, test := range map[string]struct {
		block time.Duration
		// blocks are those that the node makes in each minute, again and again.
		blocks  []uint64
		minutes int
		want    Measured
	}{
		"in the first minutes":                  {6 * time.Second, []uint64{20}, 3, Measured{}},
		"a gain":                                {6 * time.Second, []uint64{28}, 6, Measured{Known: true, Counts: true}},
		"at the network's pace":                 {6 * time.Second, []uint64{10}, 60, Measured{Known: true}},
		"standing still":                        {6 * time.Second, []uint64{0}, 6, Measured{Known: true}},
		"a slow gain, at first":                 {6 * time.Second, []uint64{11}, 6, Measured{Known: true, Open: true}},
		"a slow gain, later":                    {6 * time.Second, []uint64{11}, 18, Measured{Known: true, Counts: true}},
		"a gain too slow to count":              {6 * time.Second, []uint64{10, 10, 10, 10, 11}, 60, Measured{Known: true}},
		"a fifth above the pace of slow blocks": {12 * time.Second, []uint64{6}, 10, Measured{Known: true, Counts: true}},
		"few blocks, but more than there are":   {10 * time.Minute, []uint64{0, 0, 0, 0, 0, 0, 1}, 60, Measured{Known: true, Counts: true}},
		"slow blocks, in the first minutes":     {10 * time.Minute, []uint64{0, 0, 1}, 30, Measured{}},
		"quick blocks, one hundredth":           {400 * time.Millisecond, []uint64{151}, 60, Measured{Known: true}},
		"quick blocks, more than that":          {400 * time.Millisecond, []uint64{153}, 60, Measured{Known: true, Counts: true}},
		"without a time between blocks":         {0, []uint64{20}, 60, Measured{}},
	} {
		var c Climb
		height := uint64(1000)
		for m := range test.minutes {
			height += test.blocks[m%len(test.blocks)]
			c = g.Add(c, Rise{at(m), height}, test.block, time.Minute)
		}
		got := g.Measure(c, test.block, time.Minute)
		got.PerSecond = 0
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// A node that stood still and makes blocks again is given a moment to show whether it
// gains.
func TestGainAfterAStand(t *testing.T) {
	g := Gain{Window: 5 * time.Minute, Least: 10}
	for name, test := range map[string]struct {
		blocks []uint64
		open   bool
	}{
		"its first block":              {[]uint64{1}, true},
		"more than the network":        {[]uint64{5, 12, 12, 12}, true},
		"less than the network":        {[]uint64{1, 3, 3}, false},
		"a block, and it stands again": {[]uint64{1, 0}, false},
		"it stands":                    {nil, false},
	} {
		var c Climb
		height := uint64(1000)
		for m := range 20 {
			if m < 5 {
				height += 10
			} else if left := 20 - len(test.blocks); m >= left {
				height += test.blocks[m-left]
			}
			c = g.Add(c, Rise{at(m), height}, 6*time.Second, time.Minute)
		}
		if got := g.Measure(c, 6*time.Second, time.Minute); got.Open != test.open || got.Counts {
			t.Errorf("%s: %+v, want open %v", name, got, test.open)
		}
	}
}

// A node that gained, and stands still, gains no more.
func TestGainEnds(t *testing.T) {
	g := Gain{Window: 5 * time.Minute, Least: 10}
	var c Climb
	height := uint64(1000)
	for m := range 30 {
		if m < 20 {
			height += 300
		}
		c = g.Add(c, Rise{at(m), height}, 6*time.Second, time.Minute)
	}
	if got := g.Measure(c, 6*time.Second, time.Minute); got.Counts || got.Open || got.PerSecond >= 0 {
		t.Errorf("it is said to gain: %+v", got)
	}
}
