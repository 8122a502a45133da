package rule

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeQuantity is a threshold in Go.
type fakeQuantity struct {
	needs []string
	count func(Facts) (uint64, error)
}

var _ Quantity = fakeQuantity{}

func (q fakeQuantity) Needs() []string                   { return q.needs }
func (q fakeQuantity) Count(facts Facts) (uint64, error) { return q.count(facts) }

// whileProducing is the threshold "producing ? yes : no".
func whileProducing(yes, no uint64) fakeQuantity {
	return fakeQuantity{needs: []string{"producing"}, count: func(facts Facts) (uint64, error) {
		if facts.Get("producing").Truth {
			return yes, nil
		}
		return no, nil
	}}
}

func above(name string, limit float64) fakeCondition {
	return fakeCondition{needs: []string{name}, holds: func(facts Facts) (bool, error) { return facts.Get(name).Number > limit, nil }}
}

var produced = []Event{{Kind: BlockPrepared}, {Kind: BlockSealed}}

// severeOnly leaves one rule in force, so that nothing else decides.
func severeOnly(change func(*BlockLag)) Settings {
	settings := dropIn()
	settings.SyncStall.Enabled, settings.FallingBehind.Enabled, settings.Moderate.Enabled = false, false, false
	change(&settings.Severe)
	return settings
}

func TestThresholdOverFacts(t *testing.T) {
	settings := severeOnly(func(b *BlockLag) { b.LagAboveBy = whileProducing(200, 100) })
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
			Step{RuleSevere, "fires", "lag 101, threshold 100 (producing false)"}},
		{"not producing, at", 100, nil, OK, "", Step{RuleSevere, "no", "lag 100, threshold 100 (producing false)"}},
		{"producing, at", 200, []Observation{said(start, produced...)}, OK, "", Step{RuleSevere, "no", "lag 200, threshold 200 (producing true)"}},
		{"producing, above", 201, []Observation{said(start, produced...)}, Act, "Container azero is behind by 201 blocks (>200). Restarting...",
			Step{RuleSevere, "fires", "lag 201, threshold 200 (producing true)"}},
		{"unknown, between", 150, []Observation{gap, imported(start, 1000)}, Unknown, "Container azero: rule block_lag.severe lacks producing (gap)",
			Step{RuleSevere, "unknown", "lag 150, threshold unknown (producing unknown)"}},
		{"unknown, below both", 100, []Observation{gap, imported(start, 1000)}, OK, "", Step{RuleSevere, "no", "lag 100, threshold unknown (producing unknown)"}},
		{"unknown, above both", 201, []Observation{gap, imported(start, 1000)}, Act, "Container azero is behind by 201 blocks (>200). Restarting...",
			Step{RuleSevere, "fires", "lag 201, threshold unknown (producing unknown)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := behind(settings, test.lag)
			for _, o := range test.see {
				e.Observe(start, o)
			}
			v := e.Check(start)
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
	settings := dropIn()
	for _, by := range []*Quantity{&settings.Severe.LagAboveBy, &settings.SyncStall.LagAboveBy, &settings.FallingBehind.LagAboveBy} {
		*by = whileProducing(0, 1000)
	}
	settings.Moderate.LagAboveBy = whileProducing(0, 30)
	v := behind(settings, 500).Check(start)
	wantVerdict(t, v, Act, RuleModerate, "Container azero is behind by 500 blocks (>30) and not syncing/producing. Restarting...")
	want := []Step{
		{RuleSevere, "no", "lag 500, threshold 1000 (producing false)"},
		{RuleSyncStall, "no", "lag 500, threshold 1000 (producing false); stalled for 0s of 180s"},
		{RuleFallingBehind, "no", "lag 500, threshold 1000 (producing false); falling_behind false over 300s"},
		{RuleModerate, "fires", "lag 500, threshold 30 (producing false); unless: major_sync false, producing false"},
	}
	if diff := cmp.Diff(want, v.Steps); diff != "" {
		t.Errorf("steps differ (-want +got):\n%s", diff)
	}
}

// What cannot be told stops a rule only where it could matter.
func TestThresholdThatCannotBeTold(t *testing.T) {
	broken := fakeQuantity{needs: []string{"lag"}, count: func(Facts) (uint64, error) { return 0, errors.New("it is 2.5, no whole number") }}
	never := fakeCondition{holds: func(Facts) (bool, error) { return true, nil }}
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
			v := behind(settings, 500).Check(start)
			if v.Kind != test.kind || test.reason != "" && v.Reason != test.reason {
				t.Errorf("got %s: %s\nwant %s: %s", v.Kind, v.Reason, test.kind, test.reason)
			}
		})
	}
}

func TestEnabledOverFacts(t *testing.T) {
	longUp := above("uptime", 600)
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
			Step{RuleSevere, "fires", "enabled: uptime 10800; lag 101, threshold 100"}},
		{"not in force", Switch{Enabled: true, EnabledIf: above("uptime", 1e6)}, nil, 101, OK, "",
			Step{RuleSevere, "off", "switched off: uptime 10800"}},
		{"constant off", Switch{EnabledIf: longUp}, nil, 101, OK, "", Step{RuleSevere, "off", "switched off"}},
		{"unknown", Switch{Enabled: true, EnabledIf: truth("producing")}, []Observation{LogGap{Reason: "gap"}, imported(start, 1000)}, 101, Unknown,
			"Container azero: rule block_lag.severe lacks producing (gap)",
			Step{RuleSevere, "unknown", "enabled: producing unknown; lag 101, threshold 100"}},
		{"unknown, and it would not fire", Switch{Enabled: true, EnabledIf: truth("producing")}, []Observation{LogGap{Reason: "gap"}, imported(start, 1000)}, 100, OK, "",
			Step{RuleSevere, "no", "enabled: producing unknown; lag 100, threshold 100"}},
		{"unknown, and stopped where it is in force", Switch{Enabled: true, EnabledIf: truth("producing"), Unless: truth("producing")},
			[]Observation{LogGap{Reason: "gap"}, imported(start, 1000)}, 101, OK, "",
			Step{RuleSevere, "no", "enabled: producing unknown; lag 101, threshold 100; unless: producing unknown"}},
		{"cannot be told", Switch{Enabled: true, EnabledIf: fakeCondition{holds: func(Facts) (bool, error) { return true, errors.New("no such thing") }}}, nil, 101, Unknown,
			"Container azero: rule block_lag.severe lacks enabled (no such thing)",
			Step{RuleSevere, "unknown", "enabled: no such thing; lag 101, threshold 100"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := behind(severeOnly(func(b *BlockLag) { b.Switch = test.rule }), test.lag)
			for _, o := range test.see {
				e.Observe(start, o)
			}
			v := e.Check(start)
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
	always := fakeCondition{holds: func(Facts) (bool, error) { return true, nil }}
	never := fakeCondition{holds: func(Facts) (bool, error) { return false, nil }}
	tests := []struct {
		name          string
		when, enabled Condition
		kind          VerdictKind
		reason        string
		step          string
	}{
		{"in force", always, above("uptime", 600), Act, "Container azero: rule a: x. Restarting...", "fires"},
		{"not in force", always, above("uptime", 1e6), OK, "", "off"},
		{"unknown", always, above("session", 5), Unknown, "Container azero: rule a lacks session (no session line in this run's log)", "unknown"},
		{"unknown, and it would not fire", never, above("session", 5), OK, "", "no"},
		{"both unknown", above("fact.peers", 5), above("session", 5), Unknown,
			"Container azero: rule a lacks session (no session line in this run's log); rule a lacks fact.peers (no line gave it)", "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := dropIn()
			settings.Custom = []Custom{{Name: "a", When: test.when, EnabledIf: test.enabled, Message: fakeMessage("x")}}
			v := behind(settings, 0).Check(start)
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
		{"in force", func(g *Switch) { g.EnabledIf = above("uptime", 600) }, true},
		{"not in force", func(g *Switch) { g.EnabledIf = above("uptime", 1e6) }, false},
		{"cannot be told", func(g *Switch) { g.EnabledIf = above("session", 5) }, true},
		{"shadowed", func(g *Switch) { g.Shadow = true }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := dropIn()
			test.change(&settings.SyncStall.Switch)
			e := behind(settings, 0)
			e.Observe(at(180), Head{Source: "one", Best: 1000})
			sentences := e.Check(at(180)).Sentences
			if got := contains(sentences, "Container azero sync stalled for 180s (no progress)"); got != test.want {
				t.Errorf("stall is said: %v, want %v, in %q", got, test.want, sentences)
			}
		})
	}
}
