package substraterpc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

func TestChainHint(t *testing.T) {
	const aura = `"0x066175726120be021f6900000000"`
	tests := []struct {
		name, logs string
		want       bool
	}{
		{"a chain of its own", aura, false},
		{"a relay chain", `"0x0642414245b501010d000000c99b7e1100000000", "0x044245454684"`, false},
		{"Cumulus", aura + `, "0x06434d4c530c01000c", "0x0561757261"`, true},
		{"Cumulus, in capitals", aura + `, "0x04434D4C530C01000C"`, true},
		{"Cumulus of 2023", aura + `, "0x045250535290abcd"`, true},
		{"nimbus", `"0x066e6d627380abcd"`, true},
		{"a seal", `"0x05434d4c53"`, false},
		{"no text", `5, null`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, err := parseBlock(endpoint.Address{}, json.RawMessage(`{"number":"0x10","digest":{"logs":[`+test.logs+`]}}`))
			if err != nil {
				t.Fatal(err)
			}
			logger, log := endpointtest.NewLog()
			h := chainHint{log: logger}
			for range 2 {
				h.sayOnce(b, "http://node.test")
			}
			want := 0
			if test.want {
				want = 1
			}
			if got := strings.Count(log.String(), "those of a parachain"); got != want {
				t.Errorf("said %d times, want %d: %s", got, want, log)
			}
		})
	}
}
