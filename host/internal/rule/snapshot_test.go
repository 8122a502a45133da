package rule_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/judge"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	"github.com/headwatch/headwatch/host/internal/witness"
)

// readBack writes a state as JSON and reads it, as a recording does.
func readBack(t *rapid.T, s State) State {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read State
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return read
}

// An engine that goes on from a snapshot comes to the same as the one that it
// was taken of, wherever it was taken.
func TestResumeChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings, steps := DrawSettings(t), DrawSteps(t)
		cut := rapid.IntRange(1, len(steps)).Draw(t, "cut")
		whole, resumed := New(settings), New(settings)
		at := steps[0].At
		for i, s := range steps {
			if i == cut {
				resumed = New(settings)
				resumed.Resume(at, readBack(t, whole.Snapshot()))
			}
			if s.At.After(at) {
				at = s.At
			}
			if s.O != nil {
				whole.Observe(s.At, s.O)
				resumed.Observe(s.At, s.O)
				continue
			}
			want, got := whole.Check(s.At), resumed.Check(s.At)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("check at %s differs (-whole +resumed):\n%s", s.At, diff)
			}
		}
		if diff := cmp.Diff(readBack(t, whole.Snapshot()), readBack(t, resumed.Snapshot())); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A clock that is set moves what an engine knows with it.
func TestTimesMoveWhatIsKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := DrawSettings(t)
		// A block's own time is told by the chain's clock.
		steps := slices.DeleteFunc(DrawSteps(t), func(s Happening) bool {
			target, begins := s.O.(Target)
			head, ok := s.O.(Head)
			return ok && !head.BlockTime.IsZero() && head.BlockTime.Year() > 2019 || begins && !target.StartedAt.Equal(Began)
		})
		by := time.Duration(rapid.IntRange(-86400, 86400).Draw(t, "by")) * time.Second
		stays, moved := New(settings), New(settings)
		at := Start
		for _, s := range steps {
			stays.Observe(s.At, LogGap{})
			moved.Observe(s.At, LogGap{})
			if s.At.After(at) {
				at = s.At
			}
			if s.O != nil {
				stays.Observe(s.At, s.O)
				moved.Observe(s.At, s.O)
			}
		}
		state := moved.Snapshot()
		state.Times(func(t time.Time) time.Time { return t.Add(by) })
		moved.Resume(at.Add(by), state)
		for i := range 4 {
			later := at.Add(time.Duration(i) * 90 * time.Second)
			want, got := stays.Check(later), moved.Check(later.Add(by))
			if got.Time = got.Time.Add(-by); want.Kind != got.Kind || want.Rule != got.Rule || want.Reason != got.Reason {
				t.Fatalf("%s %s %s\nmoved: %s %s %s", want.Kind, want.Rule, want.Reason, got.Kind, got.Rule, got.Reason)
			}
		}
	})
}

// A target that is as it was says nothing new, so that a recording may leave it
// out.
func TestSameTargetSaysNothingNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := New(DrawSettings(t))
		now, target := Start, DrawTarget(t, Start)
		e.Observe(now, target)
		for _, s := range DrawSteps(t) {
			if _, ok := s.O.(Target); ok {
				continue
			}
			if s.O != nil {
				e.Observe(s.At, s.O)
			} else {
				e.Check(s.At)
			}
			if s.At.After(now) {
				now = s.At
			}
			before := e.Snapshot()
			again := target
			again.StartedAt = again.StartedAt.Local()
			if !target.Equal(again) {
				t.Fatalf("%+v does not equal itself", target)
			}
			e.Observe(now, again)
			if diff := cmp.Diff(before, e.Snapshot()); diff != "" {
				t.Fatalf("the same target again changed the engine:\n%s", diff)
			}
		}
	})
}

func TestTargetEqual(t *testing.T) {
	code, other := 1, 2
	same := 1
	base := Target{Exists: true, StartedAt: Began, ExitCode: &code}
	tests := []struct {
		name  string
		other Target
		want  bool
	}{
		{"itself", base, true},
		{"another pointer", Target{Exists: true, StartedAt: Began, ExitCode: &same}, true},
		{"another code", Target{Exists: true, StartedAt: Began, ExitCode: &other}, false},
		{"no code", Target{Exists: true, StartedAt: Began}, false},
		{"another start", Target{Exists: true, StartedAt: Start, ExitCode: &code}, false},
		{"another end", Target{Exists: true, StartedAt: Began, FinishedAt: Start, ExitCode: &code}, false},
		{"refused", Target{Exists: true, StartedAt: Began, ExitCode: &code, Refuse: "no"}, false},
	}
	for _, test := range tests {
		if got := base.Equal(test.other); got != test.want {
			t.Errorf("%s: equal is %v, want %v", test.name, got, test.want)
		}
	}
}

// Readings of a log that are merged leave an engine as they would have one
// after the other, whatever it knew before.
func TestMergedReadingsLeaveTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := DrawSettings(t)
		apart, joined := New(settings), New(settings)
		now := Start
		for _, s := range DrawSteps(t) {
			if s.At.After(now) {
				now = s.At
			}
			if s.O != nil {
				apart.Observe(s.At, s.O)
				joined.Observe(s.At, s.O)
			} else {
				apart.Check(s.At)
				joined.Check(s.At)
			}
		}
		merged := Log{}
		for range rapid.IntRange(1, 5).Draw(t, "readings") {
			now = now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "pause")) * time.Second)
			log := DrawLog(t, now)
			for i := range log.Events {
				log.Events[i].Name = rapid.SampledFrom([]string{"synced", "finalized", "session", "major_sync", "producing", "peers"}).Draw(t, "about")
				log.Events[i].Text = rapid.SampledFrom([]string{"", "1.0", "1.1"}).Draw(t, "version")
				log.Events[i].Number *= uint64(rapid.IntRange(0, 1).Draw(t, "not block 0"))
				if log.Events[i].Time.After(now) {
					log.Events[i].Time = now // the engine's stamp
				}
			}
			apart.Observe(now, log)
			merged = merged.Merge(log)
		}
		joined.Observe(now, merged)
		if diff := cmp.Diff(apart.Snapshot(), joined.Snapshot()); diff != "" {
			t.Fatalf("merged readings leave another engine (-apart +merged):\n%s", diff)
		}
		// Of all that can be told about the six names and a node at most two events
		// matter each, but for some blocks and starts. Of blocks those matter too that
		// no later one exceeds: a few, for heights drawn at random.
		if len(merged.Events) > 45 {
			t.Fatalf("%d events are left", len(merged.Events))
		}
	})
}

// A recorded outcome takes the place of an assumed one: what falling_behind
// compares with is there again where nothing was done.
func TestObservedOutcomeBringsTheTrendBack(t *testing.T) {
	e := New(DropIn())
	e.Observe(Start, Target{Exists: true, Running: true, StartedAt: Began})
	for i := range 3 {
		now := Start.Add(time.Duration(i) * time.Minute)
		e.Observe(now, Head{Source: "one", Best: 2000 + uint64(i)*100})
		e.Observe(now, Log{Lines: 1, Last: now, Events: []Event{{Time: now, Kind: BlockImported, Number: 1000}}})
		e.Check(now)
	}
	before := e.Snapshot()
	if len(before.Run.Trend) != 3 {
		t.Fatalf("%d checks in the window, want 3", len(before.Run.Trend))
	}
	now := Start.Add(2 * time.Minute)
	e.Observe(now, Action{Outcome: Done, Assumed: true})
	e.Observe(now, Action{Outcome: NotDone})
	after := e.Snapshot()
	after.Actions, after.Acts.Asked = before.Actions, before.Acts.Asked // which tell of the act
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("an act that was not done changed the engine:\n%s", diff)
	}
}

// A clone shares nothing with the engine that goes on, whatever it has seen.
func TestCloneSharesNothing(t *testing.T) {
	settings := DropIn()
	settings.Judge, settings.CatchingUp = &judge.Settings{Quorum: 1}, &CatchingUp{Gain: judge.Gain{Window: time.Hour}}
	e := Behind(settings, 150)
	e.Observe(At(0), Head{Source: "one", Best: 1150, Finalized: new(uint64(3)), BlockTime: At(0)})
	e.Check(At(0))
	e.Observe(At(1), LogGap{Reason: "rotated"})
	e.Observe(At(1), Said(At(1), Event{Kind: FactGiven, Name: "peers", Value: 1.0}, Event{Kind: FatalCause}, Event{Kind: FatalCause, Cures: true}))
	e.Observe(At(2), Imported(At(2), 1001))
	e.Check(At(2))
	e.Observe(At(2), Action{Outcome: Done, Assumed: true})
	e.Check(At(60))
	e.State().Target.ExitCode = new(137)
	e.State().Target.Hazards = []Hazard{{ID: "no_volume"}}
	track := e.State().Network.Sources["one"]
	track.Others = map[string]uint64{"two": 1}
	e.State().Network.Sources["one"] = track
	ledger := acts.Ledger{Acts: []acts.Act{{Ask: acts.Ask{Place: acts.Place{Height: new(uint64(1)), Lag: new(uint64(2))}}, Stop: acts.Stop{ExitCode: new(1)}}},
		Asked: &acts.Ask{Place: acts.Place{Height: new(uint64(1)), Lag: new(uint64(2))}}, Starts: []acts.Start{{ExitCode: new(1)}}, Cause: &acts.Cause{Height: new(uint64(1)), Rose: new(uint64(2))}}
	e.State().Acts, e.State().Assumed.Acts, e.State().Pause = ledger, ledger, &Pause{}
	e.State().Actions[0].Action.ExitCode = new(1)
	e.State().Heads["one"] = HeadReport{At: At(3), Head: Head{Finalized: new(uint64(3)), Syncing: new(true), Peers: new(uint64(3)), Progress: new(uint64(3))}}
	e.State().Run.Node.Said = witness.Answer{Finalized: new(uint64(3)), Syncing: new(true), Peers: new(uint64(3)), Progress: new(uint64(3))}
	checkShares(t, "State", reflect.ValueOf(*e.State()), reflect.ValueOf(*e.Clone().State()))
	if diff := cmp.Diff(e.State(), e.Clone().State()); diff != "" {
		t.Errorf("a clone is another one:\n%s", diff)
	}
}

// checkShares fails where two values share what a pointer, a map or a slice
// points to, and where nothing stands there to be shared.
func checkShares(t *testing.T, name string, a, b reflect.Value) {
	t.Helper()
	switch kind := a.Kind(); {
	case a.Type() == reflect.TypeFor[time.Time]():
	case kind == reflect.Struct:
		for i := range a.NumField() {
			checkShares(t, name+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case kind != reflect.Pointer && kind != reflect.Map && kind != reflect.Slice:
	case a.IsNil() || kind != reflect.Pointer && a.Len() == 0:
		t.Errorf("%s is empty, so that nothing is tested", name)
	case a.Pointer() == b.Pointer():
		t.Errorf("%s is shared", name)
	case kind == reflect.Pointer:
		checkShares(t, name, a.Elem(), b.Elem())
	case kind == reflect.Slice:
		checkShares(t, name, a.Index(0), b.Index(0))
	default:
		key := a.MapKeys()[0]
		checkShares(t, name, a.MapIndex(key), b.MapIndex(key))
	}
}
