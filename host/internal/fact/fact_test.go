package fact

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestFactsAreNamedAndOrdered(t *testing.T) {
	const want = "lag best head_age synced finalized caught_up sync_rate eta stalled_for falling_behind major_sync producing session uptime log_age since_action heads corroborated head_spread block_time lag_time network_stalled_for network_finalized gain converging starts unhelpful node_best node_syncing node_peers node_age"
	var names []string
	for _, f := range BuiltIn() {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFactsAsJSON(t *testing.T) {
	tests := []struct {
		fact Fact
		want string
	}{
		{Fact{Name: "lag", Kind: Blocks}, `{"lag":null}`},
		{Fact{Name: "best", Kind: Blocks, Known: true, Count: 105000000}, `{"best":105000000}`},
		{Fact{Name: "best", Kind: Blocks, Known: true, Count: math.MaxUint64}, `{"best":18446744073709551615}`},
		{Fact{Name: "eta", Kind: Seconds, Known: true, Number: math.Inf(1)}, `{"eta":"inf"}`},
		{Fact{Name: "eta", Kind: Seconds, Known: true, Number: 8}, `{"eta":8}`},
		{Fact{Name: "sync_rate", Kind: Number, Known: true, Number: 1.0 / 3}, `{"sync_rate":0.333333}`},
		{Fact{Name: "head_age", Kind: Seconds, Known: true, Number: 0.25}, `{"head_age":0.25}`},
		{Fact{Name: "producing", Kind: Truth, Known: true}, `{"producing":false}`},
		{Fact{Name: "producing", Kind: Truth, Known: true, Truth: true}, `{"producing":true}`},
		{Fact{Name: "fact.role", Kind: Text, Known: true, Text: `a <b> & "c"`}, `{"fact.role":"a <b> & \"c\""}`},
		{Fact{Name: "fact.<\x07>", Kind: Text, Known: true, Text: "\x07"}, `{"fact.<\u0007>":"\u0007"}`},
		{Fact{Name: "fact.x", Kind: Number, Known: true, Number: math.Inf(-1)}, `{"fact.x":"-inf"}`},
		{Fact{Name: "fact.x", Kind: Number, Known: true, Number: 1e305}, `{"fact.x":1e+305}`},
	}
	for _, test := range tests {
		got, err := List{test.fact}.MarshalJSON()
		if err != nil || string(got) != test.want {
			t.Errorf("got %s, %v; want %s", got, err, test.want)
		}
		if !json.Valid(got) {
			t.Errorf("%s is not JSON", got)
		}
	}
}
