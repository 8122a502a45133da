package substraterpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// block is what is read from a header.
type block struct {
	number uint64
	slot   uint64 // zero where the header names none
	hash   string // empty where it is not known
	// parachain says that the header shows that the chain is one.
	parachain bool
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
	return block{number: number, slot: slotIn(h.Digest.Logs), hash: h.hash(number), parachain: isParachain(h.Digest.Logs)}, nil
}

// parseNumber reads a block number: hex after 0x, as nodes write it, or decimal
// as those of 2018 did.
func parseNumber(a endpoint.Address, text json.RawMessage) (uint64, error) {
	value, err := answer.Decode(text)
	if err != nil || value == nil {
		return 0, errors.New("answered a header without a number")
	}
	number, err := answer.Integer(value, a.Quote)
	if err != nil {
		return 0, fmt.Errorf("answered a header whose number %w", err)
	}
	return number, nil
}

// made is when the block was made; the zero time where the header or the
// configuration does not say, or the slot is beyond what a time can hold.
func (b block) made(slotDuration time.Duration) time.Time {
	if b.slot == 0 || slotDuration <= 0 || b.slot > math.MaxInt64/uint64(slotDuration) {
		return time.Time{}
	}
	return time.Unix(0, int64(b.slot)*int64(slotDuration)).UTC()
}
