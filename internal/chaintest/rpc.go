package chaintest

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// request is a call as it arrives.
type request struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

// callError is the error member of an answer.
type callError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// answer is a response as it leaves.
type answer struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result"`
}

// failure is an answer without a result.
type failure struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   callError       `json:"error"`
}

// header is a block header as Substrate writes it.
type header struct {
	ParentHash     string `json:"parentHash"`
	Number         string `json:"number"`
	StateRoot      string `json:"stateRoot"`
	ExtrinsicsRoot string `json:"extrinsicsRoot"`
	Digest         struct {
		Logs []string `json:"logs"`
	} `json:"digest"`
}

// respond is the answer to a request, with a fault of the JSON-RPC layer where
// it is one.
func (c *Chain) respond(r request, fault Fault) []byte {
	switch fault {
	case Null:
		return encode(answer{"2.0", r.ID, nil})
	case WrongID:
		return encode(answer{"2.0", json.RawMessage("987654"), c.snapshot().result(r)})
	case RPCError:
		return encode(failure{"2.0", r.ID, callError{-32603, "Internal error: state pruned"}})
	case BadNumber:
		return encode(answer{"2.0", r.ID, header{Number: "twelve"}})
	case Huge:
		return encode(answer{"2.0", r.ID, strings.Repeat("x", 4<<20)})
	case HTML:
		return []byte("<html><head><title>502 Bad Gateway</title></head></html>")
	case Truncated:
		return []byte(`{"jsonrpc":"2.0","id":`)
	case TooManyRequests:
		return encode(failure{"2.0", r.ID, callError{-32029, "Too Many Requests, slow down"}})
	}
	result := c.snapshot().result(r)
	if result == unknownMethod {
		return encode(failure{"2.0", r.ID, callError{-32601, "Method not found"}})
	}
	return encode(answer{"2.0", r.ID, result})
}

// unknownMethod is the result of a call that the chain does not know, since nil
// is a result too.
const unknownMethod = "unknown method"

// result answers the calls that need no connection.
func (s snapshot) result(r request) any {
	switch r.Method {
	case "chain_getHeader":
		return s.headerOf(r.Params)
	case "chain_getFinalizedHead":
		return s.hash(s.finalized)
	case "chain_getBlockHash":
		return s.hashOf(r.Params)
	case "system_health":
		return map[string]any{"peers": 12, "isSyncing": s.syncing, "shouldHavePeers": true}
	}
	return unknownMethod
}

func (s snapshot) headerOf(params []json.RawMessage) any {
	var hash string
	if len(params) == 0 || json.Unmarshal(params[0], &hash) != nil || hash == "" {
		return s.header(s.height)
	}
	if n, ok := s.number(hash); ok {
		return s.header(n)
	}
	return nil
}

func (s snapshot) hashOf(params []json.RawMessage) any {
	n := s.height
	if len(params) > 0 && json.Unmarshal(params[0], &n) != nil || n > s.height {
		return nil
	}
	return s.hash(n)
}

// header is that of block n: one slot for each block up to the head.
func (s snapshot) header(n uint64) header {
	h := header{
		ParentHash:     s.hash(n - min(n, 1)),
		Number:         fmt.Sprintf("0x%x", n),
		StateRoot:      s.hash(n),
		ExtrinsicsRoot: s.hash(n),
	}
	var slot [8]byte
	binary.LittleEndian.PutUint64(slot[:], s.slot-min(s.slot, s.height-min(s.height, n)))
	h.Digest.Logs = []string{
		"0x066175726120" + hex.EncodeToString(slot[:]),
		"0x05617572610101" + strings.Repeat("5e", 64),
	}
	return h
}

// encode cannot fail: it is given nothing but structs of strings.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
