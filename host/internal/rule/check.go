package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

// Check judges the monitor at time now. Each check counts: it is what the next
// one compares with.
func (e *Engine) Check(now time.Time) Verdict {
	e.advance(now)
	e.followChecks()
	v := Verdict{Time: e.state.Now, Facts: e.facts(), Fetched: e.state.Fetched}
	e.state.Fetched = 0
	return e.judge(v)
}

// followChecks begins anew what must hold for a time, and the windows, where checks
// were missed: nobody looked meanwhile. The rules of the predecessor count on.
func (e *Engine) followChecks() {
	before, run := e.state.Checked, &e.state.Run
	e.state.Checked = e.state.Now
	if e.settings.Judge == nil || before.IsZero() || e.state.Now.Sub(before) <= 2*e.settings.Interval {
		return
	}
	run.Since, run.Trend, run.Climb, run.Before = nil, nil, nil, nil
}

// Reconsider judges a check again after a reason to hold every act came up; it
// is no check of its own.
func (e *Engine) Reconsider(v Verdict, hold string) Verdict {
	e.state.Hold, e.state.Acts.Asked = hold, nil
	return e.judge(Verdict{Time: v.Time, Facts: v.Facts, Fetched: v.Fetched})
}

func (e *Engine) judge(v Verdict) Verdict {
	v.Target = e.state.Name
	findings := e.findings(v.Facts)
	for _, f := range findings {
		v.Steps = append(v.Steps, f.Step(f.Answer, f.fires))
	}
	d, asks := e.gateDecision(v.Facts), ruleset.Rule{}
	if d != nil {
		if d.kind == Act {
			asks.Name = d.rule
		}
		v.Steps = slices.Insert(v.Steps, 0, ruleset.Step{Rule: d.rule, Result: "decides", Saw: joinReasons(d.reasons)})
	} else {
		d, asks = e.rulesDecision(v.Facts, findings)
		v.Shadowed = firingShadows(findings)
	}
	e.followActs(v.Facts, d)
	v.Guards = e.Guards(v.Facts, asks)
	v.apply(d)
	if v.Kind == Act {
		e.asks(v)
	}
	if trouble := e.state.Run.Log.Trouble; trouble != nil {
		v.Trouble = trouble.Name + ": " + trouble.Text
	}
	if e.settings.Node {
		v.Contradiction = e.state.Run.Node.Contradiction(e.state.Now, e.settings.Interval, e.logSays(), v.Facts.Get("block_time").Number)
	}
	if v.Contradiction != "" {
		v.Reasons = append(v.Reasons, v.Contradiction)
		v.Reason = joinReasons(v.Reasons)
	}
	v.UnknownFor = e.unknownFor(v.Kind)
	v.Sentences = e.sentences(v, findings)
	return v
}

// gateDecision is that of the first gate that decides; nil for none.
func (e *Engine) gateDecision(facts fact.List) *decision {
	for _, g := range gates {
		if d := g.decide(e, facts); d != nil {
			return d
		}
	}
	return nil
}

// rulesDecision is that of the first rule that fires, which it returns too.
func (e *Engine) rulesDecision(facts fact.List, findings []finding) (*decision, ruleset.Rule) {
	for _, f := range findings {
		if !f.fires || f.Shadow {
			continue
		}
		d := &decision{kind: Act, rule: f.Name, reasons: []string{f.Say(e.state.Name, facts, f.Answer)}}
		if f.WithNotes {
			d.reasons = append(d.reasons, e.notes(facts)...)
		}
		return d, f.Rule
	}
	if lacks := lackingText(findings); lacks != "" {
		return &decision{kind: Unknown, rule: RuleEvidence, reasons: []string{fmt.Sprintf("Container %s: %s", e.state.Name, lacks)}}, ruleset.Rule{}
	}
	return &decision{kind: OK, reasons: []string{e.okSentence(facts)}}, ruleset.Rule{}
}

// firingShadows names the shadowed rules that fire.
func firingShadows(findings []finding) []string {
	var names []string
	for _, f := range findings {
		if f.fires && f.Shadow {
			names = append(names, f.Name)
		}
	}
	return names
}

// apply makes the verdict of a decision: an act is held where a guard holds.
func (v *Verdict) apply(d *decision) {
	v.Kind, v.Rule, v.Start = d.kind, d.rule, d.start
	v.Reasons = slices.Clone(d.reasons)
	if at := slices.IndexFunc(v.Guards, func(s Standing) bool { return s.Holds }); d.kind == Act && at >= 0 {
		v.Kind, v.Guard = Held, cmp.Or(v.Guards[at].Named, v.Guards[at].Guard)
		if s := v.Guards[at]; s.Explains() {
			v.Reasons = append(v.Reasons, s.Guard+": "+s.Why)
		}
		v.Reasons[0] += fmt.Sprintf(" (%s: not %s)", v.Guard, map[bool]string{true: "started", false: "restarted"}[d.start])
	}
	v.Reason = joinReasons(v.Reasons)
}

func joinReasons(reasons []string) string { return strings.Join(reasons, "; ") }

// unknownFor follows how long every verdict has been unknown.
func (e *Engine) unknownFor(kind VerdictKind) time.Duration {
	if kind != Unknown {
		e.state.UnknownSince = time.Time{}
		return 0
	}
	if e.state.UnknownSince.IsZero() {
		e.state.UnknownSince = e.state.Now
	}
	return e.state.Now.Sub(e.state.UnknownSince)
}
