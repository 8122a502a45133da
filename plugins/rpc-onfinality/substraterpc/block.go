package substraterpc

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// auraDigest begins the log of a header that names its aura slot: a pre-runtime
// digest (06) of the engine "aura" with eight bytes (20) of payload.
const auraDigest = "0x066175726120"

// block is what is read from a header.
type block struct {
	number uint64
	slot   uint64 // zero where the header names none
	hash   string // empty where it is not known
}

// parseBlock reads a header as chain_getHeader answers it.
func parseBlock(a endpoint.Address, text json.RawMessage) (block, error) {
	if isNull(text) {
		return block{}, errors.New("answered null, want a header")
	}
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return block{}, fmt.Errorf("answered no header: %s", a.Quote(text))
	}
	number, err := parseNumber(a, h.Number)
	if err != nil {
		return block{}, err
	}
	return block{number: number, slot: auraSlot(h.Digest.Logs), hash: h.hash(number)}, nil
}

// parseNumber reads a block number: a string of hex after 0x.
func parseNumber(a endpoint.Address, text json.RawMessage) (uint64, error) {
	var number string
	if json.Unmarshal(text, &number) == nil {
		if digits, ok := strings.CutPrefix(number, "0x"); ok {
			if n, err := strconv.ParseUint(digits, 16, 64); err == nil {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("answered a header whose number is no hex: %s", a.Quote(text))
}

// auraSlot finds the slot among the logs of a header; zero where none names it.
func auraSlot(logs []json.RawMessage) uint64 {
	for _, each := range logs {
		var text string
		if json.Unmarshal(each, &text) != nil {
			continue
		}
		payload, ok := strings.CutPrefix(strings.ToLower(text), auraDigest)
		if !ok || len(payload) != 16 {
			continue
		}
		if slot, err := hex.DecodeString(payload); err == nil {
			return binary.LittleEndian.Uint64(slot)
		}
	}
	return 0
}

// made is when the block was made; the zero time where the header or the
// configuration does not say, or the slot is beyond what a time can hold.
func (b block) made(slotDuration time.Duration) time.Time {
	if b.slot == 0 || slotDuration <= 0 || b.slot > math.MaxInt64/uint64(slotDuration) {
		return time.Time{}
	}
	return time.Unix(0, int64(b.slot)*int64(slotDuration)).UTC()
}
