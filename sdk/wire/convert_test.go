package wire

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

func TestTextsAreOnOneLineAndHaveAnEnd(t *testing.T) {
	tests := []struct{ name, given, want string }{
		{"plain", "fine ✨", "fine ✨"},
		{"control characters", "a\nb\r\tc\x00\x1b[31m\u0085d", "a b  c  [31m d"},
		{"long", strings.Repeat("x", maxText+1), strings.Repeat("x", maxText) + "…"},
		{"cut within a letter", strings.Repeat("x", maxText-1) + "ää", strings.Repeat("x", maxText-1) + "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := text(test.given); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEndpointsShowNoKey(t *testing.T) {
	for given, want := range map[string]string{
		"https://node.example/key":              "https://node.example",
		"wss://user:key@node.example:443/?k=v#": "wss://node.example:443",
		"":                                      "",
		"node.example/key":                      "",
		"mailto:key@node.example":               "",
		"https://node.example\n/key":            "",
		"https://[::1":                          "",
		"%zz":                                   "",
	} {
		if got := endpoint(given); got != want {
			t.Errorf("endpoint(%q) = %q, want %q", given, got, want)
		}
	}
}

func TestSchemaOfAHostilePlugin(t *testing.T) {
	str := func(name string) *pluginv1.Attribute {
		return &pluginv1.Attribute{Name: name, Type: pluginv1.AttributeType_ATTRIBUTE_TYPE_STRING}
	}
	endless := &pluginv1.Schema{}
	for range 20 {
		endless = &pluginv1.Schema{Blocks: []*pluginv1.Block{{Name: "b", Schema: endless}}}
	}
	tests := []struct {
		name   string
		schema *pluginv1.Schema
		want   string
	}{
		{"no name", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str("")}}, `attribute "": is no name`},
		{"no attribute", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{nil}}, `attribute "": is no name`},
		{"odd name", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str("a\nb")}}, `attribute "a b": is no name`},
		{"long name", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str(strings.Repeat("a", 129))}}, "is no name"},
		{"no type", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{{Name: "a"}}}, `attribute "a": type 0 is unknown`},
		{"type of a later version", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{{Name: "a", Type: 99}}}, `attribute "a": type 99 is unknown`},
		{"default that is no JSON", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{{Name: "a", Type: 1, DefaultJson: []byte("x")}}}, "its default is no JSON"},
		{"attribute twice", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str("a"), str("a")}}, `attribute "a": stands there twice`},
		{"attribute and block", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str("a")}, Blocks: []*pluginv1.Block{{Name: "a"}}}, `block "a": stands there twice`},
		{"block without a name", &pluginv1.Schema{Blocks: []*pluginv1.Block{nil}}, `block "": is no name`},
		{"in a block", &pluginv1.Schema{Blocks: []*pluginv1.Block{{Name: "b", Schema: &pluginv1.Schema{Attributes: []*pluginv1.Attribute{str("-")}}}}}, `block "b": attribute "-": is no name`},
		{"without an end", endless, "blocks nest more than 10 deep"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := schemaOf(test.schema, 0); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestSchemaArrives(t *testing.T) {
	types := map[pluginv1.AttributeType]sdk.AttributeType{1: sdk.TypeString, 2: sdk.TypeInteger, 3: sdk.TypeNumber, 4: sdk.TypeBool,
		5: sdk.TypeDuration, 6: sdk.TypeStringList, 7: sdk.TypeStringMap}
	for number, want := range types {
		got, err := schemaOf(&pluginv1.Schema{Attributes: []*pluginv1.Attribute{{Name: "a-B_9", Type: number, Required: true, DefaultJson: []byte("1"),
			Description: "d\n", Sensitive: true, Deprecated: "x", Allowed: []string{"y"}}},
			Blocks: []*pluginv1.Block{{Name: "b", Required: true, Repeated: true, Description: "e"}}}, 0)
		wanted := sdk.Schema{Attributes: []sdk.Attribute{{Name: "a-B_9", Type: want, Required: true, Default: "1", Description: "d ", Sensitive: true, Deprecated: "x", Allowed: []string{"y"}}},
			Blocks: []sdk.Block{{Name: "b", Required: true, Repeated: true, Description: "e"}}}
		if diff := cmp.Diff(wanted, got); diff != "" || err != nil {
			t.Errorf("err %v, schema (-want +got):\n%s", err, diff)
		}
	}
}

func TestEventsOfAHostilePlugin(t *testing.T) {
	sync := func(line uint32) *pluginv1.Event {
		return &pluginv1.Event{Line: line, Kind: &pluginv1.Event_SyncState{SyncState: &pluginv1.SyncState{}}}
	}
	later := func(field protowire.Number) *pluginv1.Event {
		e := &pluginv1.Event{}
		e.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), 1))
		return e
	}
	fact := func(f *pluginv1.Fact) *pluginv1.Event { return &pluginv1.Event{Kind: &pluginv1.Event_Fact{Fact: f}} }
	tests := []struct {
		name string
		said []*pluginv1.Event
		want []ParsedEvent
		err  string
	}{
		{"in order", []*pluginv1.Event{sync(0), sync(0), sync(2)}, []ParsedEvent{{Line: 0, Event: sdk.SyncState{}}, {Line: 0, Event: sdk.SyncState{}}, {Line: 2, Event: sdk.SyncState{}}}, ""},
		{"out of order", []*pluginv1.Event{sync(1), sync(0)}, nil, "event of line 0 after one of line 1, of 3"},
		{"of no line", []*pluginv1.Event{sync(3)}, nil, "event of line 3"},
		{"far out", []*pluginv1.Event{sync(math.MaxUint32)}, nil, "event of line 4294967295"},
		{"of a later version", []*pluginv1.Event{{Line: 1}, nil, sync(2)}, nil, "event of line 0 after one of line 1"},
		{"left out", []*pluginv1.Event{nil, {}, sync(2)}, []ParsedEvent{{Line: 2, Event: sdk.SyncState{}}}, ""},
		{"nothing in it", []*pluginv1.Event{{Kind: &pluginv1.Event_BlockImported{}}, {Kind: &pluginv1.Event_FatalCause{}}},
			[]ParsedEvent{{Line: 0, Event: sdk.BlockImported{}}, {Line: 0, Event: sdk.FatalCause{}}}, ""},
		{"step of a later version", []*pluginv1.Event{{Kind: &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{Step: 9}}}},
			[]ParsedEvent{{Later: "block_produced, step 9"}}, ""},
		{"kind of a later version", []*pluginv1.Event{later(99), sync(2)}, []ParsedEvent{{Later: "event 99"}, {Line: 2, Event: sdk.SyncState{}}}, ""},
		{"fact without a name", []*pluginv1.Event{fact(nil)}, nil, `event of line 0: fact has the name ""`},
		{"fact with an odd name", []*pluginv1.Event{fact(&pluginv1.Fact{Name: "a.b"})}, nil, `fact has the name "a.b"`},
		{"fact of a later type", []*pluginv1.Event{fact(&pluginv1.Fact{Name: "a"})}, []ParsedEvent{{Later: "fact, of another type"}}, ""},
		{"fact that is no number", []*pluginv1.Event{fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: math.NaN()}})},
			[]ParsedEvent{{Line: 0, Event: sdk.FactUnknown{Name: "a", Reason: "the parser gave NaN"}}}, ""},
		{"fact without an end", []*pluginv1.Event{fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: math.Inf(1)}})},
			[]ParsedEvent{{Line: 0, Event: sdk.FactUnknown{Name: "a", Reason: "the parser gave +Inf"}}}, ""},
		{"unknown fact without a name", []*pluginv1.Event{{Kind: &pluginv1.Event_FactUnknown{}}}, nil, `unknown fact has the name ""`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := eventsOf(test.said, 3)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("err = %v, want %q", err, test.err)
			}
		})
	}
}

func TestStampsThatAreNone(t *testing.T) {
	bad := &timestamppb.Timestamp{Nanos: -1}
	if _, err := timeOf(bad); err == nil {
		t.Error("a stamp was taken")
	}
	if _, err := stateOf(&pluginv1.TargetState{StartedAt: bad}); err == nil {
		t.Error("the start of a run was taken")
	}
	if _, err := stateOf(&pluginv1.TargetState{FinishedAt: bad}); err == nil {
		t.Error("the end of a run was taken")
	}
	if _, err := resultOf(&pluginv1.ExecuteResponse{StartedAt: bad}); err == nil {
		t.Error("the start of the next run was taken")
	}
	for name, item := range map[string]*pluginv1.ReadResponse{
		"run":  {Item: &pluginv1.ReadResponse_RunStarted{RunStarted: &pluginv1.RunStarted{StartedAt: bad}}},
		"gap":  {Item: &pluginv1.ReadResponse_Gap{Gap: &pluginv1.Gap{Until: bad}}},
		"line": {Item: &pluginv1.ReadResponse_Lines{Lines: &pluginv1.Lines{Lines: []*pluginv1.Line{{Time: bad}}}}},
	} {
		if _, err := itemOf(item); err == nil {
			t.Errorf("the stamp of a %s was taken", name)
		}
	}
}

func TestResultOfAHostilePlugin(t *testing.T) {
	for _, outcome := range []pluginv1.Outcome{-1, 0, 5, math.MaxInt32} {
		got, err := resultOf(&pluginv1.ExecuteResponse{Outcome: outcome, StopTook: durationpb.New(-time.Second)})
		if diff := cmp.Diff(sdk.Result{Outcome: sdk.Unknown}, got); diff != "" || err != nil {
			t.Errorf("outcome %d: err %v, result (-want +got):\n%s", outcome, err, diff)
		}
	}
	if _, err := stateOf(nil); err == nil {
		t.Error("no state was taken for one")
	}
}

func TestACursorHasAnEnd(t *testing.T) {
	if _, err := linesOf(&pluginv1.Lines{Cursor: make([]byte, maxCursor)}); err != nil {
		t.Error(err)
	}
	if _, err := linesOf(&pluginv1.Lines{Cursor: make([]byte, maxCursor+1)}); err == nil {
		t.Error("a cursor without end was taken")
	}
}

// fuzzMessage has f read what is taken for a message of M.
func fuzzMessage[M any, P interface {
	*M
	proto.Message
}](f *testing.F, seed P, read func(t *testing.T, m P)) {
	data, err := proto.Marshal(seed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m := P(new(M))
		if proto.Unmarshal(data, m) == nil {
			read(t, m)
		}
	})
}

func shown(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.ContainsFunc(s, unicode.IsControl) || len(s) > maxText+len("…") || !utf8.ValidString(s) {
			t.Errorf("%q would be shown", s)
		}
	}
}

func FuzzSchema(f *testing.F) {
	fuzzMessage(f, &pluginv1.Schema{Attributes: []*pluginv1.Attribute{{Name: "a", Type: 1, DefaultJson: []byte("1"), Description: "d"}},
		Blocks: []*pluginv1.Block{{Name: "b", Schema: &pluginv1.Schema{}}}}, func(t *testing.T, m *pluginv1.Schema) {
		schema, err := schemaOf(m, 0)
		if err != nil {
			shown(t, err.Error())
		}
		for _, a := range schema.Attributes {
			shown(t, a.Name, a.Description, a.Deprecated)
		}
	})
}

func FuzzInfo(f *testing.F) {
	fuzzMessage(f, &pluginv1.GetInfoResponse{Name: "n", Kinds: []string{"action"}, Features: []string{"x"}, Examples: []*pluginv1.Example{{Name: "e", Lines: [][]byte{{0}}}}},
		func(t *testing.T, m *pluginv1.GetInfoResponse) {
			info := infoOf(m)
			shown(t, info.Name, info.Version, info.Description)
			shown(t, info.Features...)
		})
}

func FuzzEvents(f *testing.F) {
	seed := &pluginv1.ParseResponse{Events: []*pluginv1.Event{
		{Kind: &pluginv1.Event_BlockImported{BlockImported: &pluginv1.BlockImported{Number: 1, Hash: "h"}}},
		{Line: 1, Kind: &pluginv1.Event_Fact{Fact: &pluginv1.Fact{Name: "f", Value: &pluginv1.Fact_Number{Number: 1}}}}}}
	fuzzMessage(f, seed, func(t *testing.T, m *pluginv1.ParseResponse) {
		const lines = 3
		events, err := eventsOf(m.GetEvents(), lines)
		if err != nil && events != nil {
			t.Error("an error came with events")
		}
		last := 0
		for _, e := range events {
			if (e.Event == nil) == (e.Later == "") || e.Line < last || e.Line >= lines {
				t.Errorf("event %+v after line %d", e, last)
			}
			last = e.Line
		}
	})
}

func FuzzItem(f *testing.F) {
	fuzzMessage(f, &pluginv1.ReadResponse{Item: &pluginv1.ReadResponse_Lines{Lines: &pluginv1.Lines{Cursor: []byte("c"), Lines: []*pluginv1.Line{{Text: []byte("x"), Time: timestamppb.New(time.Unix(0, 0))}}}}},
		func(t *testing.T, m *pluginv1.ReadResponse) {
			item, err := itemOf(m)
			if err == nil && item == nil {
				t.Error("no item and no error")
			}
			if gap, ok := item.(sdk.Gap); ok && err == nil {
				shown(t, gap.Reason)
			}
		})
}

func FuzzState(f *testing.F) {
	fuzzMessage(f, &pluginv1.TargetState{Exists: true, Name: "n", Notes: []string{"x"}, ExitCode: proto.Int32(1)}, func(t *testing.T, m *pluginv1.TargetState) {
		state, err := stateOf(m)
		if err == nil {
			shown(t, state.ID, state.Name, state.Refuse)
			shown(t, state.Notes...)
		}
	})
}

func FuzzResult(f *testing.F) {
	fuzzMessage(f, &pluginv1.ExecuteResponse{Outcome: 1, Detail: "d", StopTook: durationpb.New(1)}, func(t *testing.T, m *pluginv1.ExecuteResponse) {
		result, err := resultOf(m)
		if err == nil && (result.Outcome < sdk.Done || result.Outcome > sdk.Unknown || result.StopTook < 0) {
			t.Errorf("result %+v", result)
		}
		shown(t, result.Detail)
	})
}

func FuzzEndpoint(f *testing.F) {
	f.Add("https://user:key@node.example/key?key=key#key")
	f.Fuzz(func(t *testing.T, s string) {
		if got := endpoint(s); strings.ContainsAny(got, "@?#\n") {
			t.Errorf("endpoint(%q) = %q", s, got)
		}
	})
}
