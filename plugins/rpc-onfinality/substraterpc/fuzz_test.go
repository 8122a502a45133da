package substraterpc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// FuzzAnswer feeds what a server may send through all that reads it. An error
// must be one short line; a block must be what the same header says when it is
// written anew.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{"parentHash":"0x","number":"0xc783bb","digest":{"logs":["0x066175726120c99b7e1100000000"]}}}`,
		`{"jsonrpc":"2.0","id":1,"result":null}`,
		`{"jsonrpc":"2.0","id":"1","result":"0x00"}`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`,
		`{"id":1,"error":"busy"}`,
		`{"id":1,"error":{"code":1e999,"message":7}}`,
		`{"jsonrpc":"2.0","method":"chain_newHead","params":{"subscription":"x","result":{"number":"0x1"}}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"peers":3,"isSyncing":true}}`,
		`{"message":"API rate limit exceeded"}`,
		`[{"id":1}]`, `null`, ``, `<html>`, "\x1f\x8b\x08", `{"id":1,"result":{"number":"0xzz"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseMessage(endpoint.Address{}, text)
		if err != nil {
			checkLine(t, err)
			return
		}
		if result, err := m.notified(endpoint.Address{}); err == nil {
			checkBlock(t, result)
		} else {
			checkLine(t, err)
		}
		if result, err := m.answer(endpoint.Address{}, 1, text); err == nil {
			checkBlock(t, result)
			if syncing, _, err := readHealth(endpoint.Address{}, result); err != nil && syncing != nil {
				t.Errorf("syncs, with error %v", err)
			} else if err != nil {
				checkLine(t, err)
			}
		} else {
			checkLine(t, err)
		}
	})
}

func checkBlock(t *testing.T, text json.RawMessage) {
	t.Helper()
	b, err := parseBlock(endpoint.Address{}, text)
	if err != nil {
		checkLine(t, err)
		return
	}
	if made := b.made(time.Second); !made.IsZero() && uint64(made.Unix()) != b.slot {
		t.Errorf("got time %v of slot %d", made, b.slot)
	}
	if b.hash != "" && !hashForm.MatchString(b.hash) {
		t.Errorf("got hash %q", b.hash)
	}
}

// checkLine checks that an error can stand in a line of a log.
func checkLine(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x1b\x00") || len(text) > 2048 {
		t.Errorf("got error %q", text)
	}
}
