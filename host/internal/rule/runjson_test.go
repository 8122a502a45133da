package rule_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/pace"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

// A trace of the first version has every reading in this form.
func TestRunOfAnOlderVersion(t *testing.T) {
	const text = `{"started_at":"2025-03-01T09:00:00Z","began":"2025-03-01T09:00:00Z","last_line":"2025-03-01T12:00:00Z",
		"gap":{"at":"2025-03-01T12:00:00Z","reason":"rotated"},
		"synced":{"value":18446744073709551615,"at":"2025-03-01T12:00:00Z","given":true},"raised_at":"2025-03-01T12:00:00Z",
		"finalized":{"value":0,"doubt":"rotated"},"session":{"value":7,"at":"2025-03-01T12:00:00Z","given":true,"doubt":"rotated"},
		"major_sync":{"value":true,"at":"2025-03-01T12:00:00Z","given":true},"producing":{"prepared":true,"at":"2025-03-01T12:00:00Z"},
		"facts":{"peers":{"value":2,"at":"2025-03-01T12:00:00Z","given":true},"ready":{"value":false,"given":true},"role":{"value":"full","given":true},"gone":{"value":null,"doubt":"rotated"}},
		"before":{"at":"2025-03-01T12:00:00Z","synced":9,"lag":1,"lag_ok":true},"since":{"sync_stall":"2025-03-01T12:00:00Z"}}`
	want := Run{StartedAt: Began, Began: Began, LastLine: Start, Gap: &Gap{At: Start, Reason: "rotated"},
		Log: Readings{RaisedAt: Start, Of: map[string]Reading{
			"synced": {Value: uint64(18446744073709551615), At: Start, Given: true}, "finalized": {Doubt: "rotated"},
			"session": {Value: uint64(7), At: Start, Given: true, Doubt: "rotated"}, "major_sync": {Value: true, At: Start, Given: true},
			"producing": {Prepared: true, At: Start}, "fact.peers": {Value: 2.0, At: Start, Given: true}, "fact.ready": {Value: false, Given: true},
			"fact.role": {Value: "full", Given: true}, "fact.gone": {Doubt: "rotated"}}},
		Before: &pace.Sample{At: Start, Synced: 9, Lag: 1, LagOK: true}, Since: map[string]time.Time{RuleSyncStall: Start}}
	var got Run
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again Run
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatalf("%v: %s", err, written)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
}

func TestRunThatIsNone(t *testing.T) {
	for _, text := range []string{`{"synced":{"value":"x","given":true}}`, `{"synced":{"value":-1}}`, `{"major_sync":1}`, `{"facts":[]}`, `{"before":7}`, `7`} {
		var r Run
		if err := json.Unmarshal([]byte(text), &r); err == nil {
			t.Errorf("%s is read as %+v", text, r)
		}
	}
}

// A parser that names a fact of its own in every line fills no memory.
func TestFactsOfTheParserAreBounded(t *testing.T) {
	e := Behind(DropIn(), 0)
	for i := range 2 * MostFacts {
		e.Observe(Start, Said(Start, Event{Kind: FactGiven, Name: fmt.Sprint(i), Value: 1.0}, Event{Kind: FactUnknown, Name: fmt.Sprint(-i)}))
	}
	e.Observe(Start, Said(Start, Event{Kind: FactGiven, Name: "0", Value: 2.0}, Event{Kind: SessionStarted, Number: 7}))
	facts := e.Check(Start).Facts
	if n := len(e.State().Run.Log.Of); n > MostFacts+len(Readings{}.Facts("")) {
		t.Errorf("%d readings are kept", n)
	}
	if f := facts.Get("fact.0"); f.Number != 2 {
		t.Errorf("a fact that is known changes no more: %+v", f)
	}
	if f := facts.Get("session"); f.Count != 7 {
		t.Errorf("a built-in fact is not read: %+v", f)
	}
}
