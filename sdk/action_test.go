package sdk_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

type container struct {
	Name string `hw:"name,required"`
}

// fakeAction answers with what it is given, and keeps what it was asked.
type fakeAction struct {
	state    sdk.State
	result   sdk.Result
	err      error
	panics   bool
	requests []sdk.Request
	targets  []container
}

var _ sdk.Action[container] = (*fakeAction)(nil)

func (f *fakeAction) Inspect(_ context.Context, target container) (sdk.State, error) {
	f.targets = append(f.targets, target)
	return f.state, f.err
}

func (f *fakeAction) Execute(_ context.Context, target container, request sdk.Request) (sdk.Result, error) {
	f.targets, f.requests = append(f.targets, target), append(f.requests, request)
	if f.panics {
		panic("in the act")
	}
	return f.result, f.err
}

func TestStateArrivesAsItWasGiven(t *testing.T) {
	code, at := -1, time.Date(2025, 3, 1, 9, 0, 0, 123456789, time.UTC)
	full := sdk.State{Exists: true, Running: true, Paused: true, Restarting: true, ID: "id", Name: "azero", StartedAt: at, FinishedAt: at.Add(-time.Hour),
		ExitCode: &code, OOMKilled: true, Notes: []string{"one", "two"}, MayStart: true, Refuse: "it is the host", Alarm: "it does not start again", ClockAhead: new(-90 * time.Second), ActTakes: 3 * time.Minute, StopTakes: 2 * time.Minute,
		Hazards: []sdk.Hazard{{ID: "purge", Level: sdk.HazardRefuse, What: "the chain is gone", Mend: "keep it"}, {ID: "a", Level: sdk.HazardWarn, What: "b"}, {ID: "c", Level: sdk.HazardNote}}}
	tests := []struct {
		name        string
		given, want sdk.State
	}{
		{"everything", full, full},
		{"nothing", sdk.State{}, sdk.State{}},
		{"hazard of no level", sdk.State{Hazards: []sdk.Hazard{{ID: "a"}}}, sdk.State{Hazards: []sdk.Hazard{{ID: "a", Level: sdk.HazardWarn}}}},
		{"not UTF-8", sdk.State{Name: "a\xff", Notes: []string{"\xff"}, Refuse: "b\xff"}, sdk.State{Name: "a�", Notes: []string{"�"}, Refuse: "b�"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			action := &fakeAction{state: test.given}
			client, _ := actionClient(t, action)
			got, err := client.Inspect(t.Context(), []byte(`{"name":"azero"}`))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("err %v, state (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff([]container{{Name: "azero"}}, action.targets); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResultArrivesAsItWasGiven(t *testing.T) {
	code, at := 137, time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)
	full := sdk.Result{Outcome: sdk.Done, Detail: "restarted", StopTook: 1500 * time.Millisecond, Killed: true, ExitCode: &code, StartedAt: at}
	tests := []struct {
		name        string
		given, want sdk.Result
	}{
		{"everything", full, full},
		{"not done", sdk.Result{Outcome: sdk.NotDone}, sdk.Result{Outcome: sdk.NotDone}},
		{"failed", sdk.Result{Outcome: sdk.Failed, Detail: "a\xff"}, sdk.Result{Outcome: sdk.Failed, Detail: "a�"}},
		{"unknown", sdk.Result{Outcome: sdk.Unknown}, sdk.Result{Outcome: sdk.Unknown}},
		{"still at it", sdk.Result{Outcome: sdk.Unknown, OpenUntil: at}, sdk.Result{Outcome: sdk.Unknown, OpenUntil: at}},
		{"done and still at it", sdk.Result{Outcome: sdk.Done, OpenUntil: at}, sdk.Result{Outcome: sdk.Done}},
		{"forgotten", sdk.Result{}, sdk.Result{Outcome: sdk.Unknown}},
		{"none that there is", sdk.Result{Outcome: math.MaxInt}, sdk.Result{Outcome: sdk.Unknown}},
		{"negative time", sdk.Result{Outcome: sdk.Done, StopTook: -1}, sdk.Result{Outcome: sdk.Done}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, _ := actionClient(t, &fakeAction{result: test.given})
			got, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), sdk.Request{ID: "a"})
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("err %v, result (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestRequestArrivesAsItWasGiven(t *testing.T) {
	at := time.Date(2025, 3, 1, 9, 0, 0, 1, time.UTC)
	want := sdk.Request{ID: "a", Reason: "behind", TargetID: "id", RunStartedAt: at, AskedAt: at.Add(time.Second), Resume: true, DryRun: true,
		Preflight: true, AllowedHazards: []string{"purge"}}
	action := &fakeAction{result: sdk.Result{Outcome: sdk.Done}}
	client, _ := actionClient(t, action)
	if _, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]sdk.Request{want}, action.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestExecuteActsOnce(t *testing.T) {
	action := &fakeAction{result: sdk.Result{Outcome: sdk.Done}}
	client, _ := actionClient(t, action)
	for range 3 {
		if _, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), sdk.Request{ID: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(action.requests) != 1 {
		t.Errorf("acted %d times, want once", len(action.requests))
	}
}

func TestAResultThatWasForgottenIsOpen(t *testing.T) {
	action := &fakeAction{}
	client, _ := actionClient(t, action)
	for _, request := range []sdk.Request{{ID: "a"}, {ID: "a", Resume: true}} {
		if _, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), request); err != nil {
			t.Fatal(err)
		}
	}
	if len(action.requests) != 2 {
		t.Errorf("asked %d times, want the request that resumes to be asked too", len(action.requests))
	}
}

func TestAnActThatPanicsIsNotRepeated(t *testing.T) {
	action := &fakeAction{panics: true}
	client, _ := actionClient(t, action)
	_, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), sdk.Request{ID: "a"})
	wantCode(t, err, codes.Internal)
	action.panics = false
	_, err = client.Execute(t.Context(), []byte(`{"name":"azero"}`), sdk.Request{ID: "a"})
	wantCode(t, err, codes.Unavailable)
	if len(action.requests) != 1 {
		t.Errorf("acted %d times, want once", len(action.requests))
	}
}

func TestExecuteNeedsAnIDAndATarget(t *testing.T) {
	action := &fakeAction{}
	client, _ := actionClient(t, action)
	_, err := client.Execute(t.Context(), []byte(`{"name":"azero"}`), sdk.Request{})
	wantCode(t, err, codes.InvalidArgument)
	_, err = client.Execute(t.Context(), []byte(`{}`), sdk.Request{ID: "a"})
	wantCode(t, err, codes.InvalidArgument)
	_, err = client.Inspect(t.Context(), []byte(`{"name":1}`))
	wantCode(t, err, codes.InvalidArgument)
	if action.targets != nil {
		t.Errorf("it was asked about %v", action.targets)
	}
}

func TestInspectFails(t *testing.T) {
	client, _ := actionClient(t, &fakeAction{err: sdk.Denied(errors.New("no socket"))})
	_, err := client.Inspect(t.Context(), []byte(`{"name":"azero"}`))
	wantCode(t, err, codes.PermissionDenied)
}

func TestRequestIsRefusedByAHazard(t *testing.T) {
	found := []sdk.Hazard{{ID: "a", Level: sdk.HazardWarn}, {ID: "b", Level: sdk.HazardRefuse}, {ID: "c", Level: sdk.HazardRefuse}}
	for name, test := range map[string]struct {
		request sdk.Request
		want    string
	}{
		"no preflight": {sdk.Request{}, ""},
		"the first":    {sdk.Request{Preflight: true}, "b"},
		"one allowed":  {sdk.Request{Preflight: true, AllowedHazards: []string{"b"}}, "c"},
		"all allowed":  {sdk.Request{Preflight: true, AllowedHazards: []string{"c", "b"}}, ""},
	} {
		if got, ok := test.request.Hazard(found); got.ID != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q (%v), want %q", name, got.ID, ok, test.want)
		}
	}
}
