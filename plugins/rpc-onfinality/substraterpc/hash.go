package substraterpc

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/bits"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// header is a block header as chain_getHeader answers it.
type header struct {
	ParentHash     string          `json:"parentHash"`
	Number         json.RawMessage `json:"number"`
	StateRoot      string          `json:"stateRoot"`
	ExtrinsicsRoot string          `json:"extrinsicsRoot"`
	Digest         struct {
		Logs []json.RawMessage `json:"logs"`
	} `json:"digest"`
}

// hash is the hash of the block, which a header does not hold: BLAKE2b-256 over
// its SCALE encoding, as nearly all Substrate chains have it. It is empty where
// the header is not whole.
func (h header) hash(number uint64) string {
	var encoded []byte
	ok := true
	add := func(text string, size int) {
		digits, hasPrefix := strings.CutPrefix(text, "0x")
		raw, err := hex.DecodeString(digits)
		ok = ok && hasPrefix && err == nil && (size < 0 || len(raw) == size)
		encoded = append(encoded, raw...)
	}
	add(h.ParentHash, 32)
	encoded = appendCompact(encoded, number)
	add(h.StateRoot, 32)
	add(h.ExtrinsicsRoot, 32)
	encoded = appendCompact(encoded, uint64(len(h.Digest.Logs)))
	for _, each := range h.Digest.Logs {
		var log string
		ok = ok && json.Unmarshal(each, &log) == nil
		add(log, -1)
	}
	if !ok {
		return ""
	}
	sum := blake2b.Sum256(encoded)
	return "0x" + hex.EncodeToString(sum[:])
}

// appendCompact appends a number in SCALE's compact form: the two lowest bits
// tell whether it takes one, two, four or more bytes.
func appendCompact(to []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(to, byte(n<<2))
	case n < 1<<14:
		return binary.LittleEndian.AppendUint16(to, uint16(n<<2|1))
	case n < 1<<30:
		return binary.LittleEndian.AppendUint32(to, uint32(n<<2|2))
	}
	size := max((bits.Len64(n)+7)/8, 4)
	to = append(to, byte(size-4)<<2|3)
	return append(to, binary.LittleEndian.AppendUint64(nil, n)[:size]...)
}
