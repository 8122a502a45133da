package substraterpc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

func TestSlotIn(t *testing.T) {
	const slot = "c99b7e1100000000"
	author := strings.Repeat("ab", 32)
	tests := []struct {
		name, log string
		want      uint64
	}{
		{"aura", "0x066175726120" + slot, 293510089},
		{"BABE, primary with its proof", "0x0642414245b50101" + "0d000000" + slot + strings.Repeat("cd", 96), 293510089},
		{"BABE, secondary", "0x064241424534" + "020d000000" + slot, 293510089},
		{"BABE, secondary with its proof", "0x0642414245b50103" + "0d000000" + slot + strings.Repeat("cd", 96), 293510089},
		{"nimbus with a slot", "0x066e6d627320" + slot, 293510089},
		{"nimbus with its author", "0x066e6d627380" + author, 0},
		{"aura of another length", "0x066175726124" + slot + "00", 0},
		{"BABE cut off", "0x0642414245b50103" + "0d000000" + slot, 0},
		{"BABE without a slot", "0x064241424514020d000000", 0},
		{"a seal of aura", "0x0561757261" + "20" + slot, 0},
		{"another engine", "0x0672616e6420" + slot, 0},
		{"no digest", "0x0661757261", 0},
		{"no hex", "0x066175726120zz9b7e1100000000", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, err := json.Marshal(test.log)
			if err != nil {
				t.Fatal(err)
			}
			if got := slotIn([]json.RawMessage{json.RawMessage("5"), text}); got != test.want {
				t.Errorf("got slot %d, want %d", got, test.want)
			}
		})
	}
}

// What a slot_duration that does not fit is said to be: once, and at the first
// head where one of the usual durations fits.
func TestSlotDurationThatDoesNotFit(t *testing.T) {
	now := time.Date(2025, 11, 20, 12, 0, 0, 0, time.UTC)
	unix := uint64(now.Unix())
	tests := []struct {
		name     string
		duration time.Duration
		slots    []uint64 // of heads a minute apart
		want     string   // that would fit; empty for no word
	}{
		{"it fits", 6 * time.Second, []uint64{unix / 6, unix/6 + 10}, ""},
		{"1s for 6s", time.Second, []uint64{unix / 6}, "6s"},
		{"12s for 6s", 12 * time.Second, []uint64{unix / 6}, "6s"},
		{"1s for 12s, of an endpoint a month behind", time.Second, []uint64{(unix - 30*24*3600) / 12}, "12s"},
		{"6s for half a second", 6 * time.Second, []uint64{unix * 2}, "500ms"},
		{"an unusual one, at the first head", time.Second, []uint64{unix / 7}, ""},
		{"an unusual one, at the second", time.Second, []uint64{unix / 7, unix/7 + 9}, "7"},
		{"slots that do not count from 1970", time.Second, []uint64{30_000_000, 30_000_010}, "0s"},
		{"slots that stand still", time.Second, []uint64{unix / 7, unix / 7, unix / 7}, ""},
		{"no slot", time.Second, []uint64{0, 0}, ""},
		{"switched off", 0, []uint64{unix / 6, unix/6 + 10}, ""},
		{"it fits, and the head is old", 6 * time.Second, []uint64{(unix - 7*365*24*3600) / 6}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			logger, log := endpointtest.NewLog()
			c := slotCheck{duration: test.duration, log: logger}
			for n, slot := range append(test.slots, 0) {
				c.date(block{number: 1, slot: slot}, "http://node.test", now.Add(time.Duration(n)*time.Minute))
			}
			_, got, _ := strings.Cut(log.String(), "would_fit=")
			if test.want == "" && log.String() != "" || !strings.HasPrefix(got, test.want) || strings.Count(log.String(), "\n") > 1 {
				t.Errorf("got %q, want one that fits of %q", log, test.want)
			}
		})
	}
}
