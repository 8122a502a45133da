package plugintest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

// clock is a head source that counts.
type clock struct {
	config struct {
		From uint64 `hw:"from,required" doc:"the first block"`
	}
	asked uint64
}

func newClock() *clock { return &clock{} }

func (c *clock) Config() any { return &c.config }

func (c *clock) GetHead(context.Context) (sdk.Head, error) {
	if c.asked++; c.asked > 2 {
		return sdk.Head{}, sdk.RateLimited(errors.New("too often"), time.Minute)
	}
	return sdk.Head{Best: c.config.From + c.asked}, nil
}

func TestHostAsksAHeadSource(t *testing.T) {
	host := plugintest.ServeHeadSource(t, newClock(), `{"from":100}`)
	for _, want := range []uint64{101, 102} {
		if head, err := host.GetHead(); err != nil || head.Best != want {
			t.Errorf("got %v, %v, want %d", head, err, want)
		}
	}
	_, err := host.GetHead()
	var failed *sdk.Error
	if !errors.As(err, &failed) || failed.Code() != codes.ResourceExhausted || failed.Pause() != time.Minute {
		t.Errorf("got %v, want a pause of a minute", err)
	}
	if found := host.Validate(`{"form":1}`, ""); len(found) != 2 {
		t.Errorf("found %v, want an unknown attribute and a missing one", found)
	}
}

// counter is a log parser that counts lines and logs a mistake.
type counter struct{}

type count struct{ Lines int }

func newCounter() *counter { return &counter{} }

func (*counter) ParseLine(state *count, line sdk.Line, emit func(sdk.Event)) {
	state.Lines++
	if text, ok := strings.CutPrefix(string(line.Text), "fact "); ok {
		emit(sdk.Fact{Name: text, Value: float64(state.Lines)})
	}
}

func TestHostGivesLinesToAParser(t *testing.T) {
	host := plugintest.ServeLogParser(t, newCounter(), "")
	var got []sdk.Event
	got = append(got, host.Parse("fact a", "noise")...)
	got = append(got, host.Parse("fact b", "fact no name")...)
	host.NewRun()
	got = append(got, host.Parse("fact c")...)
	want := []sdk.Event{sdk.Fact{Name: "a", Value: 1.0}, sdk.Fact{Name: "b", Value: 3.0}, sdk.Fact{Name: "c", Value: 1.0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !strings.Contains(host.Log(), `fact has the name \"no name\"`) {
		t.Errorf("the log has no mistake:\n%s", host.Log())
	}
}

// lamp is an action with a log.
type lamp struct{ switched time.Time }

type room struct {
	Name string `hw:"name,required"`
}

func newLamp() *lamp { return &lamp{switched: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (l *lamp) Inspect(_ context.Context, r room) (sdk.State, error) {
	if r.Name != "hall" {
		return sdk.State{}, nil
	}
	return sdk.State{Exists: true, Running: true, ID: r.Name, Name: r.Name, StartedAt: l.switched}, nil
}

func (l *lamp) Execute(_ context.Context, r room, request sdk.Request) (sdk.Result, error) {
	if r.Name != "hall" || request.DryRun || request.Resume || request.TargetID != "hall" || !request.RunStartedAt.Equal(l.switched) {
		return sdk.Result{Outcome: sdk.NotDone, Detail: "not this one, or not now"}, nil
	}
	l.switched = l.switched.Add(time.Hour)
	return sdk.Result{Outcome: sdk.Done, StartedAt: l.switched}, nil
}

func (l *lamp) ReadLog(ctx context.Context, r room, from sdk.ReadFrom, w sdk.LogWriter) error {
	at := max(0, 3-from.Tail)
	if from.Cursor != nil {
		at = int(from.Cursor[0])
	}
	var lines []sdk.Line
	for ; at < 3 && r.Name == "hall"; at++ {
		lines = append(lines, sdk.Line{Text: fmt.Appendf(nil, "line %d", at)})
	}
	for _, item := range []sdk.LogItem{sdk.RunStarted{StartedAt: l.switched}, sdk.Lines{Lines: lines, Cursor: []byte{byte(at)}}, sdk.BacklogEnd{}} {
		if err := w.Send(item); err != nil {
			return err
		}
	}
	if from.NoFollow {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestHostDrivesAnAction(t *testing.T) {
	host := plugintest.ServeAction(t, newLamp(), "")
	before, err := host.Inspect(`{"name":"hall"}`)
	if err != nil || !before.Running {
		t.Fatalf("got %v, %v", before, err)
	}
	result, err := host.Execute(`{"name":"hall"}`, sdk.Request{ID: "a", TargetID: before.ID, RunStartedAt: before.StartedAt})
	if err != nil || result.Outcome != sdk.Done {
		t.Errorf("got %v, %v, want it done", result, err)
	}
	if after, err := host.Inspect(`{"name":"hall"}`); err != nil || !after.StartedAt.Equal(result.StartedAt) {
		t.Errorf("got %v, %v, want a run since %s", after, err, result.StartedAt)
	}
	if _, err := host.Inspect(`{}`); err == nil {
		t.Error("a target without a name is taken")
	}
	read, err := host.ReadBacklog(`{"name":"hall"}`, sdk.ReadFrom{Tail: 2})
	if err != nil || len(read.Lines) != 2 || string(read.Cursor) != "\x03" || len(read.Items) != 3 {
		t.Errorf("read %v, %v", read, err)
	}
}

// The kit itself passes what is sound.
func TestConformance(t *testing.T) {
	info := sdk.Info{Name: "sound", Version: "1.0.0", Description: "is sound", Examples: []sdk.Example{{Config: `{"from":100}`}}}
	t.Run("head source", func(t *testing.T) { plugintest.HeadSource(t, info, newClock) })
	info.Examples = []sdk.Example{{Lines: []string{"fact a", "noise", "fact b"}}}
	t.Run("log parser", func(t *testing.T) { plugintest.LogParser(t, info, newCounter) })
	info.Examples = []sdk.Example{{Name: "here", Target: `{"name":"hall"}`, Disposable: true}, {Name: "nowhere", Target: `{"name":"attic"}`, Missing: true}}
	t.Run("action", func(t *testing.T) { plugintest.Action(t, info, newLamp) })
	t.Run("log source", func(t *testing.T) { plugintest.LogSource(t, info, newLamp) })
}
