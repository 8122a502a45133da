package rule_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
)

func TestVerdictAsJSON(t *testing.T) {
	e := Behind(DropIn(), 101)
	got, err := e.Check(Start).AppendJSON([]byte("before "), "aleph")
	const want = `before {"t":"2025-03-01T12:00:00Z","monitor":"aleph","verdict":"act","rule":"block_lag.severe",` +
		`"reason":"Container azero is behind by 101 blocks (>100). Restarting...",` +
		`"facts":{"lag":101,"best":1101,"head_age":0,"synced":1000,"finalized":null,"caught_up":null,"sync_rate":null,"eta":null,` +
		`"stalled_for":0,"falling_behind":false,"major_sync":false,"producing":false,"session":null,"uptime":10800,"log_age":0,"since_action":null,"heads":null,"corroborated":null,"head_spread":null,"block_time":null,"lag_time":null,"network_stalled_for":null,"network_finalized":null,"gain":null,"converging":null,"starts":0,"unhelpful":0,"node_best":null,"node_syncing":null,"node_peers":null,"node_age":null}}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestVerdictAsJSONIsInUTC(t *testing.T) {
	east := Start.In(time.FixedZone("east", 3600)).Add(1500 * time.Millisecond)
	got, err := New(DropIn()).Check(east).AppendJSON(nil, "aleph")
	if err != nil || !strings.HasPrefix(string(got), `{"t":"2025-03-01T12:00:01.5Z",`) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestVerdictAsJSONNamesTheGuard(t *testing.T) {
	settings := DropIn()
	settings.DryRun = true
	got, err := Behind(settings, 101).Check(Start).AppendJSON(nil, "aleph")
	if err != nil || !strings.Contains(string(got), `"verdict":"held","rule":"block_lag.severe"`) || !strings.Contains(string(got), `"guard":"dry run"`) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestFactsOfTheParser(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  Fact
	}{
		{"number", 2.5, Fact{Kind: Number, Known: true, Number: 2.5}},
		{"truth", true, Fact{Kind: Truth, Known: true, Truth: true}},
		{"text", "archive", Fact{Kind: Text, Known: true, Text: "archive"}},
		{"no number", math.NaN(), Fact{Kind: Number, Missing: "the parser gave no number", Number: math.NaN()}},
		{"nothing", nil, Fact{Kind: Number, Missing: "the parser gave a <nil>"}},
		{"of no kind", []any{1}, Fact{Kind: Number, Missing: "the parser gave a []interface {}"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			e.Observe(At(1), Said(At(1), Event{Kind: FactGiven, Name: "x", Value: test.value}))
			test.want.Name, test.want.At = "fact.x", At(1)
			got := e.Check(At(2)).Facts.Get("fact.x")
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
			if _, err := e.Check(At(2)).AppendJSON(nil, "aleph"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFactsOfTheParserComeByName(t *testing.T) {
	e := New(DropIn())
	for _, name := range []string{"zeta", "alpha", "mid"} {
		e.Observe(Start, Said(Start, Event{Kind: FactGiven, Name: name, Value: 1.0}))
	}
	var names []string
	for _, f := range e.Check(Start).Facts[len(BuiltIn()):] {
		names = append(names, f.Name)
	}
	if want := []string{"fact.alpha", "fact.mid", "fact.zeta"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

// Every fact says what it lacks, and when what it has was read.
func TestFactsSayWhyTheyAreUnknown(t *testing.T) {
	tests := []struct {
		name string
		seen []Observation
		want map[string]string
	}{
		{"nothing seen", nil, map[string]string{
			"best": "no head source has answered yet", "head_age": "no head source has answered yet",
			"synced": "no synced block in this run's log", "lag": "no synced block in this run's log", "stalled_for": "no synced block in this run's log",
			"finalized": "no finalized block in this run's log", "session": "no session line in this run's log",
			"uptime": "the start of the run is not known", "log_age": "no line in this run's log", "since_action": "nothing was done yet",
			"fact.peers": "no line gave it",
		}},
		{"first check", []Observation{Imported(Start, 5), Head{Source: "one", Best: 9}}, map[string]string{
			"caught_up": "no earlier check of this run to compare with", "sync_rate": "no earlier check of this run to compare with", "eta": "no earlier check of this run to compare with",
		}},
		{"no head", []Observation{Imported(Start, 5), HeadError{Source: "one"}, HeadError{Source: "two", Error: "refused"}}, map[string]string{
			"lag": "one: it answered with an error; two: refused", "falling_behind": "one: it answered with an error; two: refused",
		}},
		{"log not read", []Observation{Said(Start, Event{Kind: FactGiven, Name: "peers", Value: 1.0}), LogError{Error: "stream down"}}, map[string]string{
			"synced": "the log cannot be read: stream down", "major_sync": "the log cannot be read: stream down", "producing": "the log cannot be read: stream down",
			"log_age": "the log cannot be read: stream down", "fact.peers": "the log cannot be read: stream down",
		}},
		{"gap", []Observation{Said(Start, Event{Kind: FactGiven, Name: "peers", Value: 1.0}), LogGap{Reason: "rotated"}}, map[string]string{
			"synced": "rotated", "finalized": "rotated", "session": "rotated", "major_sync": "rotated", "producing": "rotated", "fact.peers": "rotated",
		}},
		{"the parser cannot tell", []Observation{Said(Start, Event{Kind: FactUnknown, Name: "synced", Text: "two chains"}, Event{Kind: FactUnknown, Name: "producing"}, Event{Kind: FactUnknown, Name: "peers", Text: "cut off"})},
			map[string]string{"synced": "two chains", "producing": "the log does not tell", "fact.peers": "cut off"}},
		{"stopped", []Observation{Target{Exists: true, StartedAt: Began}}, map[string]string{"uptime": "the target is stopped"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			for _, o := range test.seen {
				e.Observe(Start, o)
			}
			facts := e.Check(Start).Facts
			got := map[string]string{}
			for name := range test.want {
				if f := facts.Get(name); !f.Known {
					got[name] = f.Missing
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFactsTellWhenTheyWereRead(t *testing.T) {
	e := New(DropIn())
	e.Observe(At(0), Target{Exists: true, Running: true, StartedAt: Began})
	e.Observe(At(1), Head{Source: "one", Best: 9})
	e.Observe(At(2), Imported(At(2), 5))
	e.Observe(At(3), Imported(At(3), 4))
	e.Observe(At(4), Said(At(4), Event{Kind: MajorSync}, Event{Kind: SessionStarted, Number: 7}))
	e.Observe(At(5), Action{Outcome: Failed})
	facts := e.Check(At(6)).Facts
	want := map[string]time.Time{"best": At(1), "head_age": At(1), "lag": At(1), "synced": At(3), "stalled_for": At(2), "major_sync": At(4), "session": At(4),
		"producing": At(4), "uptime": Began, "log_age": At(4), "since_action": At(5), "finalized": {}}
	got := map[string]time.Time{}
	for name := range want {
		got[name] = facts.Get(name).At
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func TestHeadAge(t *testing.T) {
	tests := []struct {
		name  string
		block time.Time
		want  float64
	}{
		{"no block time", time.Time{}, 10},
		{"a block time", At(-20), 30},
		{"the last second of 2019", time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC), 10},
		{"2019 in another zone's 2020", time.Date(2020, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600)), 10},
		{"a minute ahead", At(60), 0},
		{"more than a minute ahead", At(60.001), 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := New(DropIn())
			e.Observe(Start, Head{Source: "one", Best: 9, BlockTime: test.block})
			if got := e.Check(At(10)).Facts.Get("head_age"); !got.Known || got.Number != test.want {
				t.Errorf("got %s (known: %v), want %v", got, got.Known, test.want)
			}
		})
	}
}

func TestTimesOfTheLogAreNeverAhead(t *testing.T) {
	e := New(DropIn())
	e.Observe(Start, Head{Source: "one", Best: 9})
	e.Observe(Start, Log{Lines: 1, Last: At(3600), Events: []Event{{Kind: BlockImported, Number: 5, Time: At(3600)}}})
	facts := e.Check(At(60)).Facts
	if stalled, age := facts.Get("stalled_for"), facts.Get("log_age"); stalled.Number != 60 || age.Number != 60 {
		t.Errorf("stalled for %s s, log %s s old; want 60 both", stalled, age)
	}
	e.Observe(At(60), Log{Lines: 1, Events: []Event{{Kind: BlockImported, Number: 6}}})
	if stalled := e.Check(At(60)).Facts.Get("stalled_for"); stalled.Number != 0 {
		t.Errorf("a line without a stamp counts as %s s old", stalled)
	}
}
