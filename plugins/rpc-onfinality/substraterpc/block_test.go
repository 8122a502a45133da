package substraterpc

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

func TestParseBlock(t *testing.T) {
	const aura = `"0x066175726120c99b7e1100000000"`
	tests := []struct {
		name, text string
		want       block
		err        string
	}{
		{"real number and slot", `{"number":"0xc783bb","digest":{"logs":[` + aura + `]}}`, block{number: 13075387, slot: 293510089}, ""},
		{"upper case", `{"number":"0xC783BB","digest":{"logs":["0x066175726120C99B7E1100000000"]}}`, block{number: 13075387, slot: 293510089}, ""},
		{"slot after other logs", `{"number":"0x1","digest":{"logs":["0x04", 5, null, "0x0561757261", "0x064241424520c99b7e1100000000", ` + aura + `]}}`, block{number: 1, slot: 293510089}, ""},
		{"slot of another length", `{"number":"0x1","digest":{"logs":["0x066175726124c99b7e110000000000", "0x066175726120c99b7e11"]}}`, block{number: 1}, ""},
		{"slot is no hex", `{"number":"0x1","digest":{"logs":["0x066175726120zz9b7e1100000000"]}}`, block{number: 1}, ""},
		{"no digest", `{"number":"0x0"}`, block{}, ""},
		{"highest", `{"number":"0xffffffffffffffff"}`, block{number: math.MaxUint64}, ""},
		{"null", ` null `, block{}, "answered null"},
		{"a string", `"0x12"`, block{}, `answered no header: "\"0x12\""`},
		{"logs are no list", `{"number":"0x1","digest":{"logs":"x"}}`, block{}, "answered no header"},
		{"no number", `{}`, block{}, "answered a header without a number"},
		{"decimal string", `{"number":"13075387"}`, block{number: 13075387}, ""},
		{"JSON number", `{"number":13075387}`, block{number: 13075387}, ""},
		{"null for a number", `{"number":null}`, block{}, "answered a header without a number"},
		{"no number but a word", `{"number":"twelve"}`, block{}, `number is no whole number, zero or more: "twelve"`},
		{"fraction", `{"number":1.5}`, block{}, "number is no whole number"},
		{"empty hex", `{"number":"0x"}`, block{}, "number is no whole number"},
		{"sign", `{"number":"0x-1"}`, block{}, "number is no whole number"},
		{"too big", `{"number":"0x10000000000000000"}`, block{}, "number is too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseBlock(endpoint.Address{}, json.RawMessage(test.text))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %v, %v, want error %q", got, err, test.err)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// The hash of Polkadot's block 0 is known to everybody who uses it.
func TestHash(t *testing.T) {
	got, err := parseBlock(endpoint.Address{}, json.RawMessage(`{
		"parentHash": "0x0000000000000000000000000000000000000000000000000000000000000000",
		"number": "0x0",
		"stateRoot": "0x29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17",
		"extrinsicsRoot": "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314",
		"digest": {"logs": []}}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3"; got.hash != want {
		t.Errorf("got %s, want %s", got.hash, want)
	}
}

func TestNoHashOfAHeaderThatIsNotWhole(t *testing.T) {
	whole := `{"parentHash":"0xHASH","number":"0x1","stateRoot":"0xHASH","extrinsicsRoot":"0xHASH","digest":{"logs":["0x00"]}}`
	whole = strings.ReplaceAll(whole, "HASH", strings.Repeat("ab", 32))
	tests := []struct{ name, from, to string }{
		{"no parent", `"parentHash"`, `"parent"`},
		{"short root", `"stateRoot":"0xab`, `"stateRoot":"0x`},
		{"root without 0x", `"extrinsicsRoot":"0x`, `"extrinsicsRoot":"`},
		{"log is no text", `"0x00"`, `7`},
		{"log is no hex", `"0x00"`, `"0x0"`},
	}
	if b, err := parseBlock(endpoint.Address{}, json.RawMessage(whole)); err != nil || b.hash == "" {
		t.Fatalf("got %+v, %v for a whole header", b, err)
	}
	for _, test := range tests {
		b, err := parseBlock(endpoint.Address{}, json.RawMessage(strings.Replace(whole, test.from, test.to, 1)))
		if err != nil || b.hash != "" {
			t.Errorf("%s: got %+v, %v, want no hash", test.name, b, err)
		}
	}
}

func TestAppendCompact(t *testing.T) {
	tests := []struct {
		n    uint64
		want string
	}{
		{0, "\x00"}, {1, "\x04"}, {63, "\xfc"},
		{64, "\x01\x01"}, {16383, "\xfd\xff"},
		{16384, "\x02\x00\x01\x00"}, {1<<30 - 1, "\xfe\xff\xff\xff"},
		{1 << 30, "\x03\x00\x00\x00\x40"}, {1 << 32, "\x07\x00\x00\x00\x00\x01"},
		{math.MaxUint64, "\x13\xff\xff\xff\xff\xff\xff\xff\xff"},
	}
	for _, test := range tests {
		if got := string(appendCompact(nil, test.n)); got != test.want {
			t.Errorf("%d: got %x, want %x", test.n, got, test.want)
		}
	}
}

func TestMade(t *testing.T) {
	tests := []struct {
		name string
		slot uint64
		unit time.Duration
		want time.Time
	}{
		{"real header of six seconds", 293510089, 6 * time.Second, time.Date(2025, 10, 21, 15, 28, 54, 0, time.UTC)},
		{"one second", 1761060534, time.Second, time.Date(2025, 10, 21, 15, 28, 54, 0, time.UTC)},
		{"part of a second", 3522121069, 500 * time.Millisecond, time.Date(2025, 10, 21, 15, 28, 54, 5e8, time.UTC)},
		{"no slot", 0, time.Second, time.Time{}},
		{"switched off", 1761060534, 0, time.Time{}},
		{"last that fits", math.MaxInt64 / uint64(time.Second), time.Second, time.Unix(math.MaxInt64/int64(time.Second), 0).UTC()},
		{"first that does not", math.MaxInt64/uint64(time.Second) + 1, time.Second, time.Time{}},
		{"highest", math.MaxUint64, time.Second, time.Time{}},
		{"wraps to a small number", 1 << 63, 2, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := (block{slot: test.slot}).made(test.unit); !got.Equal(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
