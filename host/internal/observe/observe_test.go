package observe

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEvent(t *testing.T) {
	tests := []struct {
		said sdk.Event
		want nodelog.Event
	}{
		{sdk.BlockImported{Number: 7, Hash: "0x1"}, nodelog.Event{Kind: nodelog.BlockImported, Number: 7}},
		{sdk.BlockBest{Number: 7, Hash: "0x1"}, nodelog.Event{Kind: nodelog.BlockBest, Number: 7}},
		{sdk.BlockFinalized{Number: 7, Hash: "0x1"}, nodelog.Event{Kind: nodelog.BlockFinalized, Number: 7}},
		{sdk.BlockProduced{Number: 7, Step: sdk.Prepared}, nodelog.Event{Kind: nodelog.BlockPrepared, Number: 7}},
		{sdk.BlockProduced{Number: 7, Step: sdk.Sealed}, nodelog.Event{Kind: nodelog.BlockSealed, Number: 7}},
		{sdk.SyncState{Major: true}, nodelog.Event{Kind: nodelog.MajorSync}},
		{sdk.SyncState{}, nodelog.Event{Kind: nodelog.NotMajorSync}},
		{sdk.SessionStarted{Number: 7}, nodelog.Event{Kind: nodelog.SessionStarted, Number: 7}},
		{sdk.NodeStarted{Version: "1.2"}, nodelog.Event{Kind: nodelog.NodeStarted, Text: "1.2"}},
		{sdk.FatalCause{Kind: "panic", Message: "x", RestartCures: true}, nodelog.Event{Kind: nodelog.FatalCause, Name: "panic", Text: "x", Cures: true}},
		{sdk.Fact{Name: "peers", Value: 2.5}, nodelog.Event{Kind: nodelog.FactGiven, Name: "peers", Value: 2.5}},
		{sdk.FactUnknown{Name: "synced", Reason: "no chain"}, nodelog.Event{Kind: nodelog.FactUnknown, Name: "synced", Text: "no chain"}},
	}
	tested := map[string]bool{}
	for _, test := range tests {
		test.want.Time = noon
		got, ok := Event(noon, test.said)
		if diff := cmp.Diff(test.want, got); diff != "" || !ok {
			t.Errorf("%T: ok %v (-want +got):\n%s", test.said, ok, diff)
		}
		if !got.Kind.Known() {
			t.Errorf("%T comes to the kind %q, which is none", test.said, got.Kind)
		}
		tested[reflect.TypeOf(test.said).Name()] = true
	}
	for _, name := range eventTypes(t) {
		if !tested[name] {
			t.Errorf("sdk.%s is an event: what does it mean to an engine?", name)
		}
	}
}

// A target whose clock is another one began when this machine's clock said so.
func TestTargetByThisClock(t *testing.T) {
	for name, test := range map[string]struct {
		ahead *time.Duration
		want  time.Time
	}{
		"not known":      {nil, time.Time{}},
		"the same clock": {new(300 * time.Millisecond), time.Time{}},
		"ahead":          {new(20 * time.Minute), noon.Add(-20 * time.Minute)},
		"behind":         {new(-20 * time.Minute), noon.Add(20 * time.Minute)},
	} {
		if got := Target(sdk.State{StartedAt: noon, ClockAhead: test.ahead}).Began; !got.Equal(test.want) {
			t.Errorf("%s: began at %s, want %s", name, got, test.want)
		}
	}
}

// eventTypes are the types of sdk that are events, by its source.
func eventTypes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../sdk/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != "event" || f.Recv == nil || f.Type.Params.NumFields() > 0 || strings.HasSuffix(path, "_test.go") {
				continue
			}
			if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				names = append(names, receiver.Name)
			}
		}
	}
	if !slices.Contains(names, "BlockImported") {
		t.Fatalf("of all events only %v were found", names)
	}
	return names
}

// laterEvent is an event of an sdk that the host was not written for.
type laterEvent struct{ sdk.Event }

func TestEventOfAnUnknownType(t *testing.T) {
	for _, said := range []sdk.Event{nil, laterEvent{}, &sdk.BlockImported{Number: 7}} {
		if got, ok := Event(noon, said); ok {
			t.Errorf("%T comes to %+v", said, got)
		}
	}
}

func TestUnknownEventsAreCounted(t *testing.T) {
	var log bytes.Buffer
	u := NewUnknown(slog.New(slog.NewTextHandler(&log, nil)))
	for range 25 {
		u.Add("event 99")
	}
	u.Add("event 98")
	for i := range 2 * mostUnknown {
		u.Add(fmt.Sprintf("event %d", 1000+i))
	}
	for _, want := range []string{`kind="event 99" count=1` + "\n", `kind="event 99" count=10` + "\n", `kind="event 98" count=1` + "\n", `kind=others count=100` + "\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not said", want)
		}
	}
	if strings.Contains(log.String(), `"event 99" count=2`) {
		t.Error("an event is said again at once")
	}
	if u.count["event 99"] != 25 || len(u.count) > mostUnknown+1 {
		t.Errorf("counted %d of one, %d types", u.count["event 99"], len(u.count))
	}
}

func TestTargetAndHeadKeepEveryField(t *testing.T) {
	// What an engine takes of each; the rest is the monitor's own business.
	tests := []struct {
		name        string
		said, taken any
		only        []string
	}{
		{"target", sdk.State{}, rule.Target{}, []string{"Error", "Began"}},
		{"head", sdk.Head{}, rule.Head{}, []string{"Source", "BlockTime", "Provider"}}, // a source does not say who runs it
	}
	for _, test := range tests {
		said, taken := reflect.TypeOf(test.said), reflect.TypeOf(test.taken)
		for i := range taken.NumField() {
			name := taken.Field(i).Name
			if _, ok := said.FieldByName(name); !ok && !slices.Contains(test.only, name) {
				t.Errorf("%s: %s comes from nowhere", test.name, name)
			}
		}
	}
	code, height := 137, uint64(9)
	state := sdk.State{Exists: true, Running: true, Paused: true, Restarting: true, StartedAt: noon, FinishedAt: noon, ExitCode: &code, OOMKilled: true, Name: "a", MayStart: true, Refuse: "no",
		Hazards: []sdk.Hazard{{ID: "purge", Level: sdk.HazardRefuse, What: "gone", Mend: "keep"}}}
	wantTarget := rule.Target{Exists: true, Running: true, Paused: true, Restarting: true, StartedAt: noon, FinishedAt: noon, ExitCode: &code, OOMKilled: true, Name: "a", MayStart: true, Refuse: "no",
		Hazards: []rule.Hazard{{ID: "purge", Level: rule.HazardRefuse, What: "gone", Mend: "keep"}}}
	if diff := cmp.Diff(wantTarget, Target(state)); diff != "" {
		t.Errorf("target (-want +got):\n%s", diff)
	}
	wantHead := rule.Head{Source: "one", Best: 10, Finalized: &height, Hash: "0x1", BlockTime: noon, Endpoint: "https://x",
		Chain: "0x70", Syncing: new(false), Peers: new(uint64(3)), Progress: &height}
	if diff := cmp.Diff(wantHead, Head("one", sdk.Head{Best: 10, Finalized: &height, Hash: "0x1", Time: noon, Endpoint: "https://x",
		Chain: "0x70", Syncing: new(false), Peers: new(uint64(3)), Progress: &height})); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
}
