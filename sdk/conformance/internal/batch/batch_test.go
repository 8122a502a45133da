package batch

import (
	"math"
	"strings"
	"testing"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

func TestJudge(t *testing.T) {
	fact := func(f *pluginv1.Fact) *pluginv1.Event { return &pluginv1.Event{Kind: &pluginv1.Event_Fact{Fact: f}} }
	tests := []struct {
		name  string
		event *pluginv1.Event
		want  string
	}{
		{"nothing", &pluginv1.Event{}, "says nothing"},
		{"a step", &pluginv1.Event{Kind: &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{Step: 1}}}, ""},
		{"no step", &pluginv1.Event{Kind: &pluginv1.Event_BlockProduced{BlockProduced: &pluginv1.BlockProduced{}}}, "no step"},
		{"a cause", &pluginv1.Event{Kind: &pluginv1.Event_FatalCause{FatalCause: &pluginv1.FatalCause{Kind: "a", Message: "b"}}}, ""},
		{"a cause without words", &pluginv1.Event{Kind: &pluginv1.Event_FatalCause{FatalCause: &pluginv1.FatalCause{Kind: "a"}}}, "message"},
		{"a fact", fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: 1}}), ""},
		{"a fact without a value", fact(&pluginv1.Fact{Name: "a"}), "no value"},
		{"an infinite fact", fact(&pluginv1.Fact{Name: "a", Value: &pluginv1.Fact_Number{Number: math.Inf(1)}}), "not finite"},
		{"an unknown without a reason", &pluginv1.Event{Kind: &pluginv1.Event_FactUnknown{FactUnknown: &pluginv1.FactUnknown{Name: "a"}}}, "no reason"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Judge(test.event); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSplitsCoverEveryPlace(t *testing.T) {
	for _, lines := range []int{0, 1, 2, 7, 200} {
		places := map[int]bool{}
		for _, cuts := range Splits(lines) {
			last := 0
			for _, at := range cuts {
				if at < last || at > lines {
					t.Errorf("%d lines are cut at %v", lines, cuts)
				}
				places[at], last = true, at
			}
		}
		for at := 1; at < lines; at++ {
			if !places[at] {
				t.Errorf("%d lines are never cut at %d", lines, at)
			}
		}
	}
}
