package config

import (
	"regexp"

	"github.com/hashicorp/hcl/v2"

	"fmt"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// hazardID is the form of a hazard's id. Which there are the plugin knows alone.
var hazardID = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// readJudge reads the judge of heads and the guards. Each is in force where its
// block stands and is not switched off.
func (m *Monitor) readJudge(s hcltext.Section, settings *rule.Settings) {
	for _, head := range m.Heads {
		if head.Provider == "" {
			continue
		}
		if settings.Providers == nil {
			settings.Providers = map[string]string{}
		}
		settings.Providers[head.Name] = head.Provider
	}
	if head := s.Child("head"); inForce(head) {
		settings.Judge = &judge.Settings{Quorum: int(head.Count("quorum")), Tolerance: head.Duration("tolerance"), BlockTime: s.Duration("block_time"), Chain: judge.ChainName(s.Text("chain"))}
	}
	if before := s.Child("preflight"); inForce(before) {
		settings.Preflight = &rule.Preflight{Allow: before.Texts("allow")}
		for _, id := range settings.Preflight.Allow {
			if !hazardID.MatchString(id) {
				before.Fail(before.Said("allow").Expr.Range(), "Write an id as the log says it, such as \"same_data\".", "%q is no hazard's id", id)
			}
		}
	}
	if stall := s.Child("network_stall"); inForce(stall) {
		settings.NetworkStall = &judge.Stall{After: stall.Duration("after"), FinalityAfter: stall.Duration("finality_after"),
			Settle: stall.Duration("settle"), Stagger: stall.Duration("stagger")}
	}
	if catching := s.Child("catching_up"); inForce(catching) {
		settings.CatchingUp = &rule.CatchingUp{Patience: catching.Duration("patience"), Alert: catching.Duration("alert"),
			Gain: judge.Gain{Window: catching.Duration("window"), Least: catching.Count("min_gain")}}
	}
	settings.OneWitness, settings.Clock = settings.Judge != nil && notOff(s.Child("one_witness")), settings.Judge != nil && notOff(s.Child("clock"))
	readActGuards(s, settings)
}

// readActGuards reads the guards that go by what came of earlier acts.
func readActGuards(s hcltext.Section, settings *rule.Settings) {
	if r := s.Child("recovery"); inForce(r) {
		settings.Recovery = &acts.Recovery{Unhelpful: int(r.Count("unhelpful")), Quarantine: r.Duration("quarantine"), Within: r.Duration("within")}
	}
	if b := s.Child("budget"); inForce(b) {
		settings.Budget = &acts.Budget{Actions: int(b.Count("actions")), Per: b.Duration("per"), Forgive: b.Duration("forgive"), Wait: b.Text("when_spent") == whenSpentWait}
	}
	if c := s.Child("crash_loop"); inForce(c) {
		settings.CrashLoop = &acts.CrashLoop{Starts: int(c.Count("starts")), Per: c.Duration("per")}
	}
}

// What a spent budget does.
const (
	whenSpentHold = "hold"
	whenSpentWait = "wait"
)

// inForce says whether a block stands somewhere and is not switched off.
func inForce(s hcltext.Section) bool { return s.Given && s.Flag("enabled") }

// notOff says whether a block is not switched off: it may be left out.
func notOff(s hcltext.Section) bool { return !s.Given || s.Flag("enabled") }

// checkBudget finds a word that is none, and warns of a budget that never holds.
func (m *Monitor) checkBudget() {
	b := m.section.Child("budget")
	if !inForce(b) {
		return
	}
	if word := b.Text("when_spent"); word != whenSpentHold && word != whenSpentWait {
		b.Refuse("when_spent", `"hold" or "wait"`, `Write when_spent = "hold": a spent budget then waits for a person.`)
	}
	if budget, cooldown := m.Settings.Budget, m.Settings.Cooldown.AfterAction; budget.Per < cooldown*time.Duration(budget.Actions) {
		m.section.Warn(m.ownPlace(b.Range), fmt.Sprintf("Write budget { per = %q } or longer, or a shorter cooldown.", 2*cooldown*time.Duration(budget.Actions)),
			"the budget of %d acts within %s can never be spent: a cooldown of %s lies between two", budget.Actions, budget.Per, cooldown)
	}
}

// checkJudge warns of a quorum that can never be reached, and of guards that have
// nothing to go by.
func (m *Monitor) checkJudge() {
	providers := map[string]bool{}
	for _, source := range m.Heads {
		providers[source.provider()] = true
	}
	if judge := m.Settings.Judge; judge != nil && judge.Quorum > len(providers) {
		m.section.Warn(m.ownPlace(m.section.Child("head").Range), "Name head sources of more providers, or set a lower quorum: until then a rule acts only on a node that stands still itself.",
			"the quorum of %d is above the number of providers of its head sources, %d", judge.Quorum, len(providers))
	}
	catching := m.section.Child("catching_up")
	if c := m.Settings.CatchingUp; c != nil && m.Settings.Judge != nil && c.Window < 2*m.Interval {
		m.section.Warn(m.ownPlace(catching.Range), "Make the window several intervals long.", "the window of catching_up, %s, is shorter than two intervals of %s: no gain can be measured in it",
			hcltext.Seconds(c.Window), hcltext.Seconds(m.Interval))
	}
	if m.Settings.Judge != nil {
		return
	}
	for _, name := range []string{"network_stall", "catching_up", "one_witness"} {
		if guard := m.section.Child(name); inForce(guard) {
			m.section.Warn(m.ownPlace(guard.Range), "Write head { } in the monitor or in defaults.", "%s needs a block head, and does nothing without one", name)
		}
	}
}

// ownPlace is a place in the file itself: the monitor, for one in a profile.
func (m *Monitor) ownPlace(at hcl.Range) hcl.Range {
	if at.Filename != m.section.Name {
		return m.section.Range
	}
	return at
}

// provider is who runs a head source, as far as its block tells: where it says no
// provider, the one that all its addresses have in common.
func (b *PluginBlock) provider() string {
	if b.Provider != "" {
		return b.Provider
	}
	found, values := "", map[string]string{}
	if b.config.Given {
		values, _ = b.config.Values()
	}
	for _, value := range values {
		at := judge.Provider("", value)
		if at != "" && found != "" && at != found {
			return b.Name
		}
		found = hcltext.FirstOf(at, found)
	}
	return hcltext.FirstOf(found, b.Name)
}
