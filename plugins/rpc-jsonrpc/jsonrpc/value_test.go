package jsonrpc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

func TestHeight(t *testing.T) {
	tests := []struct {
		text string // JSON
		want uint64
		err  string
	}{
		{text: `1`, want: 1},
		{text: `"1"`, want: 1},
		{text: `"0x1b4"`, want: 436},
		{text: `"0X1B4"`, want: 436},
		{text: `"007"`, want: 7},
		{text: `9007199254740991`, want: 9007199254740991},
		{text: `9007199254740992`, err: "is 9007199254740992, which is more than any block"},
		{text: `18446744073709551615`, err: "is 18446744073709551615, which is more than any block"},
		{text: `18446744073709551616`, err: `is too large for a number of 64 bits: "18446744073709551616"`},
		{text: `"0x10000000000000000"`, err: "is too large for a number of 64 bits"},
		{text: `0`, err: "is block 0, which is no head of a network"},
		{text: `"0x0"`, err: "is block 0, which is no head of a network"},
		{text: `-1`, err: `is no whole number, zero or more: "-1"`},
		{text: `1.5`, err: `is no whole number, zero or more: "1.5"`},
		{text: `1e6`, err: `is no whole number, zero or more: "1e6"`},
		{text: `"0x"`, err: `is no whole number, zero or more: "0x"`},
		{text: `"0x-1"`, err: "is no whole number"},
		{text: `"+1"`, err: "is no whole number"},
		{text: `"1_000"`, err: "is no whole number"},
		{text: `"1,000"`, err: "is no whole number"},
		{text: `" 1"`, err: "is no whole number"},
		{text: `""`, err: "is no whole number"},
		{text: `"ff"`, err: "is no whole number"},
		{text: `null`, err: "is no number: it is null"},
		{text: `true`, err: "is no number: it is true"},
		{text: `[1]`, err: "is no number: it is a list of 1"},
		{text: `{"number":1}`, err: `is no number: it has "number"`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := height(decoded(t, test.text), plainQuote)
			checkValue(t, got, err, test.want, test.err)
		})
	}
}

func TestMoment(t *testing.T) {
	tests := []struct{ text, want, err string }{
		{text: `1763655435`, want: "2025-11-20T16:17:15Z"},
		{text: `"1763655435"`, want: "2025-11-20T16:17:15Z"},
		{text: `"0x691f3f0b"`, want: "2025-11-20T16:17:15Z"},
		{text: `1763655435.75`, want: "2025-11-20T16:17:15Z"},
		{text: `1763655435123`, want: "2025-11-20T16:17:15.123Z"},
		{text: `1763655435123456`, want: "2025-11-20T16:17:15.123456Z"},
		{text: `1763655435123456789`, want: "2025-11-20T16:17:15.123456789Z"},
		{text: `"2025-11-20T17:17:15+01:00"`, want: "2025-11-20T16:17:15Z"},
		{text: `"2025-11-20T16:17:15.5Z"`, want: "2025-11-20T16:17:15.5Z"},
		{text: `"2025-11-20T16:17:15.500"`, want: "2025-11-20T16:17:15.5Z"},
		{text: `18446744073709551615`, err: "is no time: it is the number"},
		{text: `"yesterday"`, err: `is no time: it is the text "yesterday"`},
		{text: `1.76e9`, err: "is no time"},
		{text: `-5`, err: "is no time"},
		{text: `"1.x"`, err: "is no time"},
		{text: `null`, err: "is no time: it is null"},
		{text: `{}`, err: "is no time: it is an empty object"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			at, err := moment(decoded(t, test.text), plainQuote)
			got := ""
			if err == nil {
				got = at.Format(time.RFC3339Nano)
			}
			checkValue(t, got, err, test.want, test.err)
		})
	}
}

func TestSyncing(t *testing.T) {
	tests := []struct {
		text string
		want bool
		err  string
	}{
		{text: `true`, want: true},
		{text: `false`},
		{text: `{"currentBlock":"0x1"}`, want: true},
		{text: `{}`, want: true},
		{text: `null`, err: "is neither true, false nor an object: it is null"},
		{text: `"false"`, err: "is neither true, false nor an object"},
		{text: `0`, err: "is neither true, false nor an object"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := syncing(decoded(t, test.text), plainQuote)
			checkValue(t, got, err, test.want, test.err)
		})
	}
}

func TestHash(t *testing.T) {
	long := strings.Repeat("a", 201)
	tests := []struct{ text, want, err string }{
		{text: `"0xAb01"`, want: "0xAb01"},
		{text: `"9Yz+/=_-"`, want: "9Yz+/=_-"},
		{text: `""`, err: "is no hash"},
		{text: `"a b"`, err: "is no hash"},
		{text: `"a\nb"`, err: "is no hash"},
		{text: `"` + long + `"`, err: "is no hash"},
		{text: `7`, err: "is no hash"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := hashOf(decoded(t, test.text), plainQuote)
			checkValue(t, got, err, test.want, test.err)
		})
	}
}

func TestSameChain(t *testing.T) {
	tests := []struct {
		got, want string
		same      bool
	}{
		{"0x1", "1", true},
		{"1", "0x01", true},
		{"main", "main", true},
		{"main", "test", false},
		{"cosmoshub-4", "Cosmoshub-4", false},
		{"1", "10", false},
		{"", "", true},
	}
	for _, test := range tests {
		if same := sameChain(test.got, test.want); same != test.same {
			t.Errorf("%q and %q: got %v, want %v", test.got, test.want, same, test.same)
		}
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	value, err := answer.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func checkValue[V comparable](t *testing.T, got V, err error, want V, wantErr string) {
	t.Helper()
	switch {
	case wantErr == "" && (err != nil || got != want):
		t.Errorf("got %v, error %v; want %v", got, err, want)
	case wantErr != "" && (err == nil || !strings.HasPrefix(err.Error(), wantErr)):
		t.Errorf("got %v, error %v; want error %s", got, err, wantErr)
	}
}

// FuzzAnswer feeds what a server may send through all that reads it: what comes
// of it is a height that can be believed or an error of one short line.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{"number":"0xc783bb","hash":"0x01","timestamp":"0x691f3f0b"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"number":1e3}}`,
		`{"jsonrpc":"2.0","id":1,"result":null}`, `{"id":1,"error":{"code":-32005,"message":"slow\ndown"}}`,
		`{"id":1,"error":"busy"}`, `{"id":1,"error":{"code":1e999,"message":7}}`, `{"id":"1","result":5}`,
		`[{"id":1}]`, `null`, ``, `<html>`, "\x1f\x8b\x08", `{"id":1,"result":5}{}`, `5 5`, `"\u001b[31m"`,
	} {
		f.Add([]byte(seed))
	}
	rpc := written{best: "result.number", main: true, Also: Also{Method: "m", Finalized: "result", Hash: "result.hash", Time: "result.timestamp", Syncing: "result", Behind: "result.number", Highest: "result", Chain: "id"}}
	rest := rpc
	rest.Method, rest.Request = "", "GET /x"
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, w := range []written{rpc, rest} {
			q, err := w.question()
			if err != nil {
				t.Fatal(err)
			}
			s := quietServer()
			found, err := q.readAnswer(text, 1, plainQuoteShort)
			if err != nil {
				checkLine(t, err)
				continue
			}
			for _, p := range q.places {
				var k known
				if err := s.readValue(&q, p, found, &k, plainQuoteShort); err != nil {
					checkLine(t, err)
				} else if p.value == valueBest && answer.JudgeHeight(k.best) != nil || k.finalized != nil && answer.JudgeHeight(*k.finalized) != nil {
					t.Errorf("got %+v", k)
				}
			}
		}
	})
}

// plainQuoteShort quotes as an address without secrets does.
func plainQuoteShort(text []byte) string { return quietServer().Address().Quote(text) }

// checkLine checks that an error can stand in a line of a log.
func checkLine(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x1b\x00") || len(text) > 2048 {
		t.Errorf("got error %q", text)
	}
}

func TestNumbersAreNotRounded(t *testing.T) {
	if got := decoded(t, `9007199254740993`); got != json.Number("9007199254740993") {
		t.Errorf("got %v", got)
	}
}
