package judge

import (
	"testing"
	"time"
)

// How the checks, and the source's own asking, fall between blocks does not matter for
// the time between blocks.
func TestTimeBetweenBlocksWithCheckOfAnyLength(t *testing.T) {
	tests := []struct{ block, check, asked time.Duration }{
		{6 * time.Second, 10 * time.Second, 0},
		{6 * time.Second, 5 * time.Second, 0},
		{6 * time.Second, 60 * time.Second, 0},
		{12 * time.Second, 10 * time.Second, 0},
		{12 * time.Second, 30 * time.Second, 20 * time.Second},
		{12 * time.Second, 15 * time.Second, 20 * time.Second},
		{400 * time.Millisecond, 10 * time.Second, 4 * time.Second},
		{600 * time.Second, 60 * time.Second, 0},
	}
	for _, test := range tests {
		var rises []Rise
		for at := time.Duration(0); at < max(20*time.Minute, 12*test.block); at += test.check {
			seen := at
			if test.asked > 0 {
				seen = at.Truncate(test.asked)
			}
			rises = rise(rises, Rise{time.Unix(0, 0).Add(at), 1000 + uint64(seen/test.block)})
		}
		if got := perBlock(rises); (got - test.block).Abs() > test.block/8 {
			t.Errorf("blocks of %s, checks each %s, asked each %s: %s", test.block, test.check, test.asked, got)
		}
	}
}
