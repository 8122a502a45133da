package rule_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/fact"
	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

var produced = []Event{{Kind: BlockPrepared}, {Kind: BlockSealed}}

// severeOnly leaves one rule in force, so that nothing else decides.
func severeOnly(change func(*BlockLag)) Settings {
	settings := DropIn()
	settings.SyncStall.Enabled, settings.FallingBehind.Enabled, settings.Moderate.Enabled = false, false, false
	change(&settings.Severe)
	return settings
}

func TestThresholdOverFacts(t *testing.T) {
	settings := severeOnly(func(b *BlockLag) { b.LagAboveBy = WhileProducing(200, 100) })
	gap := LogGap{Reason: "gap"}
	tests := []struct {
		name   string
		lag    uint64
		see    []Observation
		kind   VerdictKind
		reason string
		step   Step
	}{
		{"not producing, above", 101, nil, Act, "Container azero is behind by 101 blocks (>100). Restarting...",
			Step{Rule: RuleSevere, Result: "fires", Saw: "lag 101, threshold 100 (producing false)"}},
		{"not producing, at", 100, nil, OK, "", Step{Rule: RuleSevere, Result: "no", Saw: "lag 100, threshold 100 (producing false)"}},
		{"producing, at", 200, []Observation{Said(Start, produced...)}, OK, "", Step{Rule: RuleSevere, Result: "no", Saw: "lag 200, threshold 200 (producing true)"}},
		{"producing, above", 201, []Observation{Said(Start, produced...)}, Act, "Container azero is behind by 201 blocks (>200). Restarting...",
			Step{Rule: RuleSevere, Result: "fires", Saw: "lag 201, threshold 200 (producing true)"}},
		{"unknown, between", 150, []Observation{gap, Imported(Start, 1000)}, Unknown, "Container azero: rule block_lag.severe lacks producing (gap)",
			Step{Rule: RuleSevere, Result: "unknown", Saw: "lag 150, threshold unknown (producing unknown)"}},
		{"unknown, below both", 100, []Observation{gap, Imported(Start, 1000)}, OK, "", Step{Rule: RuleSevere, Result: "no", Saw: "lag 100, threshold unknown (producing unknown)"}},
		{"unknown, above both", 201, []Observation{gap, Imported(Start, 1000)}, Act, "Container azero is behind by 201 blocks (>200). Restarting...",
			Step{Rule: RuleSevere, Result: "fires", Saw: "lag 201, threshold unknown (producing unknown)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := Behind(settings, test.lag)
			for _, o := range test.see {
				e.Observe(Start, o)
			}
			v := e.Check(Start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
			if diff := cmp.Diff(test.step, v.Steps[0]); diff != "" {
				t.Errorf("step differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThresholdOfEveryRule(t *testing.T) {
	settings := DropIn()
	for _, by := range []*Quantity{&settings.Severe.LagAboveBy, &settings.SyncStall.LagAboveBy, &settings.FallingBehind.LagAboveBy} {
		*by = WhileProducing(0, 1000)
	}
	settings.Moderate.LagAboveBy = WhileProducing(0, 30)
	v := Behind(settings, 500).Check(Start)
	wantVerdict(t, v, Act, RuleModerate, "Container azero is behind by 500 blocks (>30) and not syncing/producing. Restarting...")
	want := []Step{
		{Rule: RuleSevere, Result: "no", Saw: "lag 500, threshold 1000 (producing false)"},
		{Rule: RuleSyncStall, Result: "no", Saw: "lag 500, threshold 1000 (producing false); stalled for 0s of 180s"},
		{Rule: RuleFallingBehind, Result: "no", Saw: "lag 500, threshold 1000 (producing false); falling_behind false over 300s"},
		{Rule: RuleModerate, Result: "fires", Saw: "lag 500, threshold 30 (producing false); unless: major_sync false, producing false"},
	}
	if diff := cmp.Diff(want, v.Steps); diff != "" {
		t.Errorf("steps differ (-want +got):\n%s", diff)
	}
}

// What cannot be told stops a rule only where it could matter.
func TestThresholdThatCannotBeTold(t *testing.T) {
	broken := FakeQuantity{Facts: []string{"lag"}, Func: func(List) (uint64, error) { return 0, errors.New("it is 2.5, no whole number") }}
	never := FakeCondition{Func: func(List) (bool, error) { return true, nil }}
	tests := []struct {
		name   string
		change func(*Settings)
		kind   VerdictKind
		reason string
	}{
		{"severe", func(s *Settings) { s.Severe.LagAboveBy = broken }, Unknown,
			"Container azero: rule block_lag.severe lacks lag_above (it is 2.5, no whole number)"},
		{"an unless that holds", func(s *Settings) { s.Severe.LagAboveBy, s.Severe.Unless = broken, never }, OK, ""},
		{"a stall that is none", func(s *Settings) {
			s.Severe.Enabled, s.SyncStall.Enabled, s.SyncStall.LagAboveBy = false, true, broken
		}, OK, ""},
		{"switched off", func(s *Settings) { s.Severe.Enabled, s.Severe.LagAboveBy = false, broken }, OK, ""},
		{"shadowed", func(s *Settings) { s.Severe.Shadow, s.Severe.LagAboveBy = true, broken }, OK, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := severeOnly(func(*BlockLag) {})
			test.change(&settings)
			v := Behind(settings, 500).Check(Start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
		})
	}
}

func TestEnabledOverFacts(t *testing.T) {
	longUp := IsAbove("uptime", 600)
	tests := []struct {
		name   string
		rule   Switch
		see    []Observation
		lag    uint64
		kind   VerdictKind
		reason string
		step   Step
	}{
		{"in force", Switch{Enabled: true, EnabledIf: longUp}, nil, 101, Act, severeText,
			Step{Rule: RuleSevere, Result: "fires", Saw: "enabled: uptime 10800; lag 101, threshold 100"}},
		{"not in force", Switch{Enabled: true, EnabledIf: IsAbove("uptime", 1e6)}, nil, 101, OK, "",
			Step{Rule: RuleSevere, Result: "off", Saw: "switched off: uptime 10800"}},
		{"constant off", Switch{EnabledIf: longUp}, nil, 101, OK, "", Step{Rule: RuleSevere, Result: "off", Saw: "switched off"}},
		{"unknown", Switch{Enabled: true, EnabledIf: IsTrue("producing")}, []Observation{LogGap{Reason: "gap"}, Imported(Start, 1000)}, 101, Unknown,
			"Container azero: rule block_lag.severe lacks producing (gap)",
			Step{Rule: RuleSevere, Result: "unknown", Saw: "enabled: producing unknown; lag 101, threshold 100"}},
		{"unknown, and it would not fire", Switch{Enabled: true, EnabledIf: IsTrue("producing")}, []Observation{LogGap{Reason: "gap"}, Imported(Start, 1000)}, 100, OK, "",
			Step{Rule: RuleSevere, Result: "no", Saw: "enabled: producing unknown; lag 100, threshold 100"}},
		{"unknown, and stopped where it is in force", Switch{Enabled: true, EnabledIf: IsTrue("producing"), Unless: IsTrue("producing")},
			[]Observation{LogGap{Reason: "gap"}, Imported(Start, 1000)}, 101, OK, "",
			Step{Rule: RuleSevere, Result: "no", Saw: "enabled: producing unknown; lag 101, threshold 100; unless: producing unknown"}},
		{"cannot be told", Switch{Enabled: true, EnabledIf: FakeCondition{Func: func(List) (bool, error) { return true, errors.New("no such thing") }}}, nil, 101, Unknown,
			"Container azero: rule block_lag.severe lacks enabled (no such thing)",
			Step{Rule: RuleSevere, Result: "unknown", Saw: "enabled: no such thing; lag 101, threshold 100"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := Behind(severeOnly(func(b *BlockLag) { b.Switch = test.rule }), test.lag)
			for _, o := range test.see {
				e.Observe(Start, o)
			}
			v := e.Check(Start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
			if diff := cmp.Diff(test.step, v.Steps[0]); diff != "" {
				t.Errorf("step differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnabledOfCustomRules(t *testing.T) {
	always := FakeCondition{Func: func(List) (bool, error) { return true, nil }}
	never := FakeCondition{Func: func(List) (bool, error) { return false, nil }}
	tests := []struct {
		name          string
		when, enabled Condition
		kind          VerdictKind
		reason        string
		step          string
	}{
		{"in force", always, IsAbove("uptime", 600), Act, "Container azero: rule a: x. Restarting...", "fires"},
		{"not in force", always, IsAbove("uptime", 1e6), OK, "", "off"},
		{"unknown", always, IsAbove("session", 5), Unknown, "Container azero: rule a lacks session (no session line in this run's log)", "unknown"},
		{"unknown, and it would not fire", never, IsAbove("session", 5), OK, "", "no"},
		{"both unknown", IsAbove("fact.peers", 5), IsAbove("session", 5), Unknown,
			"Container azero: rule a lacks session (no session line in this run's log); rule a lacks fact.peers (no line gave it)", "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := DropIn()
			settings.Custom = []Custom{{Name: "a", When: test.when, EnabledIf: test.enabled, Message: FakeMessage("x")}}
			v := Behind(settings, 0).Check(Start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason || v.Steps[4].Result != test.step {
				t.Errorf("got %s: %s, step %+v\nwant %s: %s, step %s", v.Kind, v.Reason, v.Steps[4], test.kind, test.reason, test.step)
			}
		})
	}
}

// A stall or a trend is said where its rule is in force, whatever the lag.
func TestTrendSentencesOfRulesInForce(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Switch)
		want   bool
	}{
		{"in force", func(g *Switch) { g.EnabledIf = IsAbove("uptime", 600) }, true},
		{"not in force", func(g *Switch) { g.EnabledIf = IsAbove("uptime", 1e6) }, false},
		{"cannot be told", func(g *Switch) { g.EnabledIf = IsAbove("session", 5) }, true},
		{"shadowed", func(g *Switch) { g.Shadow = true }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := DropIn()
			test.change(&settings.SyncStall.Switch)
			e := Behind(settings, 0)
			e.Observe(At(180), Head{Source: "one", Best: 1000})
			sentences := e.Check(At(180)).Sentences
			if got := contains(sentences, "Container azero sync stalled for 180s (no progress)"); got != test.want {
				t.Errorf("stall is said: %v, want %v, in %q", got, test.want, sentences)
			}
		})
	}
}
