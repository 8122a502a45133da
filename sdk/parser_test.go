package sdk_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// joining says of each line what the three before it were, so that all of its
// state matters.
type joining struct{}

type joiningState struct {
	Last  []string
	Count uint64
}

func (joining) ParseLine(state *joiningState, line sdk.Line, emit func(sdk.Event)) {
	state.Count++
	state.Last = append(state.Last, fmt.Sprintf("%.20q", line.Text))
	state.Last = state.Last[max(0, len(state.Last)-3):]
	emit(sdk.Fact{Name: "last", Value: strings.Join(state.Last, " ")})
	if state.Count%2 == 0 {
		emit(sdk.BlockImported{Number: state.Count})
	}
}

func TestParseIsTheSameHoweverTheLinesAreSplit(t *testing.T) {
	client, _ := parserClient(t, joining{})
	rapid.Check(t, func(r *rapid.T) {
		var lines []sdk.Line
		for _, text := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 5), 1, 12).Draw(r, "lines") {
			lines = append(lines, sdk.Line{Text: text})
		}
		state, whole, err := client.Parse(t.Context(), nil, lines)
		if err != nil {
			r.Fatal(err)
		}
		var pieced []wire.ParsedEvent
		var next []byte
		for first := 0; first < len(lines); {
			end := rapid.IntRange(first, len(lines)).Draw(r, "end")
			var said []wire.ParsedEvent
			if next, said, err = client.Parse(t.Context(), next, lines[first:end]); err != nil {
				r.Fatal(err)
			}
			for _, e := range said {
				pieced = append(pieced, wire.ParsedEvent{Line: first + e.Line, Event: e.Event})
			}
			first = end
		}
		if diff := cmp.Diff(whole, pieced); diff != "" || string(state) != string(next) {
			r.Errorf("states %s and %s, events (-whole +pieced):\n%s", state, next, diff)
		}
	})
}

func TestParseCutsWhatIsTooMuchForOneCall(t *testing.T) {
	client, _ := parserClient(t, joining{})
	lines := make([]sdk.Line, 2500)
	for i := range lines {
		lines[i].Text = []byte("line")
	}
	lines[10].Text = make([]byte, 300<<10)
	lines[11].Text = make([]byte, 200<<10)
	_, events, err := client.Parse(t.Context(), nil, lines)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if want := (sdk.BlockImported{Number: 2500}); last.Event != want || last.Line != 2499 {
		t.Errorf("last event = %+v, want %+v of line 2499", last, want)
	}
}

// mirror emits what it was made with, for each line.
type mirror struct{ events []sdk.Event }

func (m mirror) ParseLine(_ *struct{}, _ sdk.Line, emit func(sdk.Event)) {
	for _, e := range m.events {
		emit(e)
	}
}

func TestEventsArriveAsTheyWereEmitted(t *testing.T) {
	all := []sdk.Event{
		sdk.BlockImported{Number: 5, Hash: "0xab"}, sdk.BlockImported{Number: math.MaxUint64}, sdk.BlockBest{Number: 6, Hash: "0xab"}, sdk.BlockFinalized{Number: 4, Hash: "0xcd"},
		sdk.BlockProduced{Number: 6, Step: sdk.Prepared}, sdk.BlockProduced{Number: 6, Step: sdk.Sealed},
		sdk.SyncState{Major: true}, sdk.SyncState{}, sdk.SessionStarted{Number: 7}, sdk.NodeStarted{Version: "1.2"},
		sdk.FatalCause{Kind: "database", Message: "corrupt", RestartCures: true},
		sdk.Fact{Name: "peers", Value: 3.0}, sdk.Fact{Name: "up", Value: true}, sdk.Fact{Name: "role", Value: "validator"},
		sdk.FactUnknown{Name: "peers", Reason: "not said"},
	}
	client, log := parserClient(t, mirror{all})
	_, events, err := client.Parse(t.Context(), nil, make([]sdk.Line, 2))
	if err != nil || len(events) != 2*len(all) || log.String() != "" {
		t.Fatalf("got %d events, err %v, log %s", len(events), err, log)
	}
	for i, got := range events {
		want := wire.ParsedEvent{Line: i / len(all), Event: all[i%len(all)]}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
}

// foreign is an event that the protocol does not know.
type foreign struct{ sdk.SyncState }

func TestAnEventThatCannotBeSentCostsOnlyItself(t *testing.T) {
	tests := []struct {
		name string
		bad  sdk.Event
		want []sdk.Event // in its place
		log  string
	}{
		{"not a number", sdk.Fact{Name: "x", Value: math.NaN()}, []sdk.Event{sdk.FactUnknown{Name: "x", Reason: "fact x is NaN"}}, "fact x is NaN"},
		{"infinite", sdk.Fact{Name: "x", Value: math.Inf(-1)}, []sdk.Event{sdk.FactUnknown{Name: "x", Reason: "fact x is -Inf"}}, "fact x is -Inf"},
		{"value of no type", sdk.Fact{Name: "x", Value: 3}, []sdk.Event{sdk.FactUnknown{Name: "x", Reason: "fact x is a int; it must be a float64, a bool or a string"}}, "fact x is a int"},
		{"no value", sdk.Fact{Name: "x"}, []sdk.Event{sdk.FactUnknown{Name: "x", Reason: "fact x is a <nil>; it must be a float64, a bool or a string"}}, "fact x is a"},
		{"no name", sdk.Fact{Value: 1.0}, nil, `fact has the name \"\"`},
		{"bad name", sdk.Fact{Name: "two words\xff", Value: 1.0}, nil, `fact has the name \"two words`},
		{"bad name of an unknown fact", sdk.FactUnknown{Name: "9"}, nil, `unknown fact has the name \"9\"`},
		{"no event", nil, nil, "event of type <nil> is unknown"},
		{"a type of its own", foreign{}, nil, "event of type sdk_test.foreign is unknown"},
		{"a pointer", &sdk.SyncState{}, nil, "event of type *sdk.SyncState is unknown"},
		{"a step that there is not", sdk.BlockProduced{Number: 1}, []sdk.Event{nil}, ""}, // the host counts it
		{"text that is not UTF-8", sdk.Fact{Name: "x", Value: "a\xff"}, []sdk.Event{sdk.Fact{Name: "x", Value: "a�"}}, ""},
		{"words that are not UTF-8", sdk.FatalCause{Kind: "k\xff", Message: "m\xff"}, []sdk.Event{sdk.FatalCause{Kind: "k�", Message: "m�"}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, log := parserClient(t, mirror{[]sdk.Event{sdk.SyncState{Major: true}, test.bad, sdk.SessionStarted{Number: 1}}})
			_, events, err := client.Parse(t.Context(), nil, make([]sdk.Line, 1))
			var got []sdk.Event
			for _, e := range events {
				got = append(got, e.Event)
			}
			want := append(append([]sdk.Event{sdk.SyncState{Major: true}}, test.want...), sdk.SessionStarted{Number: 1})
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("err %v, events (-want +got):\n%s", err, diff)
			}
			if !strings.Contains(log.String(), test.log) || (test.log == "") != (log.String() == "") {
				t.Errorf("log = %s, want %s", log, test.log)
			}
		})
	}
}

// seeing keeps the lines that it is given.
type seeing struct {
	mu    sync.Mutex
	lines []sdk.Line
}

func (s *seeing) ParseLine(_ *struct{}, line sdk.Line, _ func(sdk.Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line.Text = append([]byte(nil), line.Text...)
	s.lines = append(s.lines, line)
}

func TestLinesArriveAtTheParser(t *testing.T) {
	parser := &seeing{}
	client, _ := parserClient(t, parser)
	lines := []sdk.Line{
		{Time: time.Date(2025, 3, 1, 12, 0, 0, 1, time.UTC), Text: []byte("a\xff\x00"), Stream: sdk.Stdout},
		{Text: []byte("b"), Stream: sdk.Stderr, Truncated: true},
		{Text: []byte("c"), Stream: 17},
	}
	if _, _, err := client.Parse(t.Context(), nil, lines); err != nil {
		t.Fatal(err)
	}
	lines[2].Stream = sdk.StreamUnknown
	if diff := cmp.Diff(lines, parser.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestParseOfAStateThatIsNone(t *testing.T) {
	client, _ := parserClient(t, joining{})
	_, _, err := client.Parse(t.Context(), []byte("{"), []sdk.Line{{}})
	wantCode(t, err, codes.InvalidArgument)
}

func TestTheExampleOfAParser(t *testing.T) {
	client, _ := parserClient(t, &geth{imported: regexp.MustCompile(`(Imported|Syncing).* number=(\d+)`)})
	var lines []sdk.Line
	for _, text := range []string{"INFO Syncing: number=5", "INFO Looking for peers", "INFO Syncing: number=6", "INFO Imported new chain segment number=7"} {
		lines = append(lines, sdk.Line{Text: []byte(text)})
	}
	_, got, err := client.Parse(t.Context(), nil, lines)
	want := []wire.ParsedEvent{{Line: 0, Event: sdk.SyncState{Major: true}}, {Line: 0, Event: sdk.BlockImported{Number: 5}},
		{Line: 2, Event: sdk.BlockImported{Number: 6}}, {Line: 3, Event: sdk.SyncState{}}, {Line: 3, Event: sdk.BlockImported{Number: 7}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v, events (-want +got):\n%s", err, diff)
	}
}
