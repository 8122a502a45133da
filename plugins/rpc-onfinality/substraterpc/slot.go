package substraterpc

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// engine is a consensus engine that writes slots into the headers of its blocks,
// as a pre-runtime digest.
type engine struct {
	// prefix begins the log: 06 for a pre-runtime digest, and the engine's name.
	prefix string
	// length is that of the digest, 0 for any, and at is where the slot stands
	// in it, as eight bytes, the lowest first.
	length, at int
}

func engines() []engine {
	return []engine{
		{prefix: "0x0661757261", length: 8}, // aura: the slot alone
		{prefix: "0x0642414245", at: 1 + 4}, // BABE: behind the kind of the claim and the index of the authority
		{prefix: "0x066e6d6273", length: 8}, // nimbus, where it tells a slot and not the author
	}
}

// slotIn finds the slot among the logs of a header; zero where none names it.
func slotIn(logs []json.RawMessage) uint64 {
	for _, each := range logs {
		var text string
		if json.Unmarshal(each, &text) != nil {
			continue
		}
		for _, e := range engines() {
			if slot, ok := e.slot(strings.ToLower(text)); ok {
				return slot
			}
		}
	}
	return 0
}

func (e engine) slot(log string) (uint64, bool) {
	digits, ok := strings.CutPrefix(log, e.prefix)
	if !ok {
		return 0, false
	}
	encoded, err := hex.DecodeString(digits)
	digest, whole := cutLength(encoded)
	if err != nil || !whole || e.length != 0 && len(digest) != e.length || len(digest) < e.at+8 {
		return 0, false
	}
	return binary.LittleEndian.Uint64(digest[e.at:]), true
}

// cutLength takes the length off a list of bytes in SCALE's compact form; whole
// says that the list is as long as that.
func cutLength(encoded []byte) (list []byte, whole bool) {
	for size, mask := range map[int]byte{1: 0, 2: 1, 4: 2} {
		if len(encoded) >= size && encoded[0]&3 == mask {
			var length [8]byte
			copy(length[:], encoded[:size])
			return encoded[size:], binary.LittleEndian.Uint64(length[:])>>2 == uint64(len(encoded)-size)
		}
	}
	return nil, false
}

// usualSlots are how long slots last on the chains that there are.
func usualSlots() []time.Duration {
	const second = time.Second
	return []time.Duration{second / 4, 2 * second / 5, second / 2, second, 3 * second / 2, 2 * second, 3 * second, 4 * second, 5 * second,
		6 * second, 8 * second, 10 * second, 12 * second, 15 * second, 18 * second, 20 * second, 24 * second, 30 * second, 60 * second}
}

// slotCheck compares the configured slot_duration with the chain's. Where they
// differ, it says so once.
type slotCheck struct {
	duration time.Duration
	log      *slog.Logger

	first struct { // of the heads that it cannot date
		slot uint64
		seen time.Time
	}
	said bool
}

// apart is how far two heads must be apart to learn from them how long a slot
// lasts.
const apart = 30 * time.Second

// date is when a block was made that an endpoint has answered now. It is zero for
// a time that the host would not believe.
func (c *slotCheck) date(b block, endpointName string, now time.Time) time.Time {
	at := b.made(c.duration)
	if !endpoint.IsBlockTime(at, now) {
		c.sayOnce(b, at, endpointName, now)
		return time.Time{}
	}
	return at
}

// sayOnce says what would fit, where a head is dated wrongly.
func (c *slotCheck) sayOnce(b block, at time.Time, endpointName string, now time.Time) {
	if c.said || b.slot == 0 || c.duration <= 0 {
		return
	}
	if c.first.slot == 0 {
		c.first.slot, c.first.seen = b.slot, now
	}
	fit, sure := c.fittingDuration(b.slot, now)
	if !sure || fit == c.duration {
		return // where it fits, the head is old or this host's clock is wrong
	}
	c.said = true
	c.log.Warn("slot_duration does not fit this chain, so that its heads are undated", "endpoint", endpointName,
		"slot_duration", c.duration.String(), "dates_the_head", at.Format(time.RFC3339), "would_fit", fit.String())
}

// fittingDuration is the slot_duration by which a slot is now: a usual duration, or
// one that agrees with the pace of the slots. It is zero where the slots do not
// count from 1970. sure is false as long as a second head is needed to tell.
func (c *slotCheck) fittingDuration(slot uint64, now time.Time) (fit time.Duration, sure bool) {
	fromStart := float64(now.UnixNano()) / float64(slot)
	for _, usual := range usualSlots() {
		if math.Abs(fromStart/float64(usual)-1) < 0.01 {
			return usual, true
		}
	}
	elapsed := now.Sub(c.first.seen)
	if elapsed < apart || slot <= c.first.slot {
		return 0, false
	}
	if byPace := float64(elapsed) / float64(slot-c.first.slot); math.Abs(fromStart/byPace-1) < 0.25 {
		return time.Duration(fromStart).Round(time.Millisecond), true
	}
	return 0, true
}
