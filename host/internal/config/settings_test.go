package config

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

func TestSettings(t *testing.T) {
	tests := []struct {
		name, monitor string
		change        func(s *rule.Settings)
	}{
		{"nothing said", "", func(*rule.Settings) {}},
		{"empty blocks", "sync_stall {\n}\nblock_lag \"moderate\" {\n}\ncooldown {\n}", func(*rule.Settings) {}},
		{"null is not given", "interval = null\nsync_stall {\n enabled = null\n unless = null\n lag_above = null\n shadow = null\n}", func(*rule.Settings) {}},
		{"unless false is never", "block_lag \"moderate\" {\n unless = false\n}", func(s *rule.Settings) { s.Moderate.Unless = nil }},
		{"unless of severe", "block_lag \"severe\" {\n unless = eta < 60\n}", func(s *rule.Settings) { s.Severe.Unless = wantedCondition("eta < 60") }},
		{"all off", "sync_stall {\n enabled = false\n}\nfalling_behind {\n enabled = \"false\"\n}\nblock_lag \"severe\" {\n enabled = false\n}\nblock_lag \"moderate\" {\n enabled = false\n}\ncooldown {\n enabled = false\n}",
			func(s *rule.Settings) {
				s.SyncStall.Enabled, s.FallingBehind.Enabled, s.Severe.Enabled, s.Moderate.Enabled = false, false, false, false
				s.Cooldown = rule.Cooldown{}
			}},
		{"no cooldown", "cooldown {\n after_action = 0\n after_failure = \"0s\"\n}", func(s *rule.Settings) { s.Cooldown = rule.Cooldown{} }},
		{"for", "falling_behind {\n for = 1.5\n}\nblock_lag \"severe\" {\n for = \"1m\"\n}", func(s *rule.Settings) {
			s.FallingBehind.For, s.Severe.For = 1500*time.Millisecond, time.Minute
		}},
		{"largest threshold", "block_lag \"severe\" {\n lag_above = 18446744073709551615\n}", func(s *rule.Settings) { s.Severe.LagAbove = math.MaxUint64 }},
		{"max_age and restart_on_fatal", "max_age = 5\nrestart_on_fatal = true", func(s *rule.Settings) {
			s.MaxAge, s.RestartOnFatal = 5*time.Second, true
		}},
		{"rules", "rule \"b\" {\n when = lag > 5\n}\nrule \"off\" {\n enabled = false\n when = lag > 5\n}\nrule \"a\" {\n when = fact.peers < 3\n for = \"5m\"\n message = \"few\"\n}", func(s *rule.Settings) {
			s.Custom = []ruleset.Custom{
				{Name: "b", When: wantedCondition("lag > 5"), Message: expr.FixedText("lag > 5")},
				{Name: "a", When: wantedCondition("fact.peers < 3"), For: 5 * time.Minute, Message: expr.FixedText("few")},
			}
		}},
		{"threshold over facts", "block_lag \"severe\" {\n lag_above = producing ? 200 : env(\"NONE\", \"100\")\n}\nsync_stall {\n lag_above = floor(sync_rate * 60)\n}", func(s *rule.Settings) {
			s.Severe.LagAbove, s.SyncStall.LagAbove = 0, 0
			s.Severe.LagAboveBy = wantedQuantity("producing ? 200 : env(\"NONE\", \"100\")")
			s.SyncStall.LagAboveBy = wantedQuantity("floor(sync_rate * 60)")
		}},
		{"threshold without facts is a constant", "block_lag \"severe\" {\n lag_above = max(5, 2 * 35)\n}", func(s *rule.Settings) { s.Severe.LagAbove = 70 }},
		{"enabled over facts", "falling_behind {\n enabled = uptime > duration(\"10m\")\n}\nrule \"a\" {\n when = lag > 5\n enabled = producing\n}", func(s *rule.Settings) {
			s.FallingBehind.EnabledIf = wantedCondition("uptime > duration(\"10m\")")
			s.Custom = []ruleset.Custom{{Name: "a", When: wantedCondition("lag > 5"), Message: expr.FixedText("lag > 5"), EnabledIf: wantedCondition("producing")}}
		}},
		{"shadow", "block_lag \"severe\" {\n shadow = true\n}\nblock_lag \"moderate\" {\n shadow = \"true\"\n}\nsync_stall {\n shadow = env(\"NONE\", true)\n}\nfalling_behind {\n shadow = 1 > 0\n}\nrule \"a\" {\n when = lag > 5\n shadow = true\n}", func(s *rule.Settings) {
			s.Severe.Shadow, s.Moderate.Shadow, s.SyncStall.Shadow, s.FallingBehind.Shadow = true, true, true, true
			s.Custom = []ruleset.Custom{{Name: "a", When: wantedCondition("lag > 5"), Message: expr.FixedText("lag > 5"), Shadow: true}}
		}},
		{"action of the monitor", "rule \"a\" {\n when = lag > 5\n action = action.a\n}", func(s *rule.Settings) {
			s.Custom = []ruleset.Custom{{Name: "a", When: wantedCondition("lag > 5"), Message: expr.FixedText("lag > 5")}}
		}},
		{"no shadow", "sync_stall {\n shadow = false\n}", func(*rule.Settings) {}},
		{"container", "target {\n container = \"c\"\n other = \"o\"\n}", func(s *rule.Settings) { s.Name = "c" }},
		{"only attribute of the target", "target {\n unit = \"node.service\"\n}", func(s *rule.Settings) { s.Name = "node.service" }},
		{"target of several attributes", "target {\n a = \"x\"\n b = \"y\"\n}", func(*rule.Settings) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := defaultSettings("m")
			test.change(&want)
			got := mustParse(t, minimal(test.monitor), nil).Monitors[0].Settings
			if diff := cmp.Diff(want, got, sameConfig()); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	src := minimal(`
  interval = 10
  target {
    container = "own"
  }
  sync_stall {
    lag_above = 7
  }
  rule "b" {
    when = lag > 2
  }`) + `
defaults {
  interval         = 20
  max_age          = 99
  restart_on_fatal = true
  target {
    container = "common"
    project   = "p"
  }
  sync_stall {
    lag_above = 8
    for       = 9
  }
  rule "a" {
    when = lag > 1
  }
  rule "b" {
    when    = lag > 1
    message = "of defaults"
  }
}`
	m := mustParse(t, src, nil).Monitors[0]
	want := defaultSettings("own")
	want.Interval, want.MaxAge, want.RestartOnFatal = 10*time.Second, 99*time.Second, true
	want.SyncStall.LagAbove, want.SyncStall.For = 7, 9*time.Second
	want.Custom = []ruleset.Custom{
		{Name: "b", When: wantedCondition("lag > 2"), Message: expr.FixedText("lag > 2")},
		{Name: "a", When: wantedCondition("lag > 1"), Message: expr.FixedText("lag > 1")},
	}
	if diff := cmp.Diff(want, m.Settings, sameConfig()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	schema := sdk.Schema{Attributes: []sdk.Attribute{{Name: "container", Type: sdk.TypeString}, {Name: "project", Type: sdk.TypeString}}}
	if got, found := m.DecodeTarget(schema); string(got) != `{"container":"own","project":"p"}` {
		t.Errorf("target %s, %v", got, found)
	}
}

// Null is not given: what defaults say holds, as it would without the line.
func TestNullOverDefaults(t *testing.T) {
	m := mustParse(t, minimal("interval = env(\"NONE\", null)\nsync_stall {\n lag_above = null\n unless = null\n}")+`
defaults {
  interval = 20
  sync_stall {
    lag_above = 8
    unless    = major_sync
  }
}`, nil).Monitors[0]
	want := defaultSettings("m")
	want.Interval, want.MaxAge = 20*time.Second, time.Minute
	want.SyncStall.LagAbove, want.SyncStall.Unless = 8, wantedCondition("major_sync")
	if diff := cmp.Diff(want, m.Settings, sameConfig()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestThresholds(t *testing.T) {
	m := mustParse(t, minimal(`
  restart_on_fatal = true
  falling_behind {
    enabled = false
  }
  block_lag "severe" {
    for = "2m"
  }
  block_lag "moderate" {
    lag_above = producing ? 200 : 20
    enabled   = uptime > 600
    shadow    = true
  }
  rule "deaf" {
    when    = fact.peers < 3
    for     = 1.5
    enabled = !major_sync
    shadow  = true
  }`), nil).Monitors[0]
	want := []string{
		"cooldown: 300s after an action, 60s after a failed one",
		"cause: off (restart_on_fatal)",
		"block_lag.severe: lag > 100 for 120s",
		"sync_stall: no progress for 180s and lag > 100, unless producing",
		"falling_behind: off",
		"block_lag.moderate: lag > (producing ? 200 : 20), unless major_sync || producing, enabled where uptime > 600 (shadow: never acts)",
		"rule.deaf: fact.peers < 3 for 1.5s, enabled where !major_sync (shadow: never acts)",
	}
	if diff := cmp.Diff(want, m.Thresholds()); diff != "" {
		t.Errorf("thresholds (-want +got):\n%s", diff)
	}
}
