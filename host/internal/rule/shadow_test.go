package rule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/headwatch/headwatch/host/internal/nodelog"
	. "github.com/headwatch/headwatch/host/internal/rule"
	. "github.com/headwatch/headwatch/host/internal/rule/ruletest"
	. "github.com/headwatch/headwatch/host/internal/ruleset"
)

func contains(sentences []string, wanted string) bool { return slices.Contains(sentences, wanted) }

// shadowed are the settings of the drop-in with every rule shadowed, and a
// custom one.
func shadowed() Settings {
	s := DropIn()
	s.Severe.Shadow, s.SyncStall.Shadow, s.FallingBehind.Shadow, s.Moderate.Shadow = true, true, true, true
	s.Custom = []Custom{{Name: "quiet", When: IsAbove("log_age", 60), For: time.Minute, Message: FakeMessage("it is quiet."), Shadow: true}}
	return s
}

func TestShadowedRulesNeverAct(t *testing.T) {
	e := Behind(shadowed(), 90)
	e.Check(At(-60))
	e.Observe(At(240), Head{Source: "one", Best: 1200})
	first := e.Check(At(240))
	if first.Kind != OK || first.Rule != "" || first.Guard != "" {
		t.Errorf("verdict %s by %q, held by %q: a shadowed rule decided", first.Kind, first.Rule, first.Guard)
	}
	if diff := cmp.Diff([]string{RuleSevere, RuleSyncStall, RuleFallingBehind, RuleModerate}, first.Shadowed); diff != "" {
		t.Errorf("shadowed (-want +got):\n%s", diff)
	}
	want := []string{
		"Latest RPC block retrieved: 1200",
		"Latest synced block retrieved: 1000",
		"Fetched 0 lines from docker logs",
		"Container is not in a major sync state.",
		"Container is not producing blocks.",
		"Container azero - Lag: 200 blocks, Caught up: 0 blocks, Sync rate: 0.00 blocks/s, ETA to catch up: infs",
		"Container azero sync stalled for 180s (no progress)",
		"Container azero falling behind (avg lag increase over 300s)",
		"Container azero is behind by 200 blocks (>100). Restarting... (shadow: not restarted)",
		"Container azero sync stalled for 180s (no progress) (shadow: not restarted)",
		"Container azero falling behind (avg lag increase over 300s) (shadow: not restarted)",
		"Container azero is behind by 200 blocks (>20) and not syncing/producing. Restarting... (shadow: not restarted)",
	}
	if diff := cmp.Diff(want, first.Sentences); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	results := func(v Verdict) string {
		var words []string
		for _, step := range v.Steps {
			words = append(words, step.Result)
		}
		return strings.Join(words, " ")
	}
	if got := results(first); got != "shadow shadow shadow shadow waits" {
		t.Errorf("steps come to %s", got)
	}
	e.Observe(At(300), Head{Source: "one", Best: 1000})
	second := e.Check(At(300))
	if !slices.Contains(second.Sentences, "Container azero: rule quiet: it is quiet (shadow: not restarted)") {
		t.Errorf("the custom rule is not told of in %q", second.Sentences)
	}
	line, err := second.AppendJSON(nil, "aleph")
	if err != nil || !strings.Contains(string(line), `"shadow":["rule.quiet"],"facts":`) {
		t.Errorf("line %s, %v", line, err)
	}
	if done, failed := e.LastAction(); !done.IsZero() || !failed.IsZero() {
		t.Errorf("a cooldown began: done %v, failed %v", done, failed)
	}
}

func TestShadowLeavesTheOthersAlone(t *testing.T) {
	settings := shadowed()
	settings.Moderate.Shadow = false
	v := Behind(settings, 101).Check(Start)
	wantVerdict(t, v, Act, RuleModerate, "Container azero is behind by 101 blocks (>20) and not syncing/producing. Restarting...")
	if diff := cmp.Diff([]string{RuleSevere}, v.Shadowed); diff != "" {
		t.Errorf("shadowed (-want +got):\n%s", diff)
	}
}

func TestShadowIsSilentBeforeTheRules(t *testing.T) {
	tests := []struct {
		name string
		see  Observation
		rule string
	}{
		{"cooldown", Action{Outcome: Done}, RuleCooldown},
		{"evidence", HeadError{Source: "one", Error: "refused"}, RuleEvidence},
		{"target", Target{Error: "refused"}, RuleTarget},
		{"cause", Said(Start, Event{Kind: FatalCause, Name: "equivocation", Text: "x"}), RuleCause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := Behind(shadowed(), 101)
			e.Observe(Start, test.see)
			v := e.Check(Start)
			if v.Rule != test.rule || len(v.Shadowed) > 0 || strings.Contains(strings.Join(v.Sentences, "\n"), "shadow") {
				t.Errorf("verdict by %q, shadowed %v, says %q", v.Rule, v.Shadowed, v.Sentences)
			}
			if test.rule == RuleCooldown && len(v.Sentences) != 1 {
				t.Errorf("in the cooldown %q is said", v.Sentences)
			}
		})
	}
}

func TestShadowedRuleIsNotMissed(t *testing.T) {
	settings := DropIn()
	settings.Custom = []Custom{{Name: "peers", When: IsAbove("fact.peers", 3), Message: FakeMessage("x"), Shadow: true}}
	v := Behind(settings, 0).Check(Start)
	if v.Kind != OK || v.Steps[4].Result != "unknown" {
		t.Errorf("verdict %s (%s), step %+v", v.Kind, v.Reason, v.Steps[4])
	}
}
