package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Check judges the monitor at time now. Each check counts: it is what the next
// one compares with.
func (e *Engine) Check(now time.Time) Verdict {
	e.advance(now)
	v := Verdict{Time: e.state.Now, Facts: e.facts(), Fetched: e.state.Fetched}
	e.state.Fetched = 0
	return e.judge(v)
}

// Reconsider judges a check again after a reason to hold every act came up; it
// is no check of its own.
func (e *Engine) Reconsider(v Verdict, hold string) Verdict {
	e.state.Hold = hold
	return e.judge(Verdict{Time: v.Time, Facts: v.Facts, Fetched: v.Fetched})
}

func (e *Engine) judge(v Verdict) Verdict {
	v.Target = e.state.Name
	rulings := e.rulings(v.Facts)
	e.decide(&v, rulings)
	v.Trouble = e.troubleText()
	v.UnknownFor = e.unknownFor(v.Kind)
	e.speak(&v, rulings)
	return v
}

// decide goes through the rules in their order; the first that applies decides.
func (e *Engine) decide(v *Verdict, rulings []ruling) {
	for _, r := range rulings {
		v.Steps = append(v.Steps, r.step())
	}
	first := []func(*Verdict) bool{e.targetDecides, e.cooldownDecides, e.startDecides, e.evidenceDecides, e.causeDecides}
	for _, decides := range first {
		if decides(v) {
			v.Steps = append([]Step{{Rule: v.Rule, Result: "decides", Saw: v.Reason}}, v.Steps...)
			return
		}
	}
	for _, r := range rulings {
		if r.fires && r.shadow {
			v.Shadowed = append(v.Shadowed, r.rule)
		}
	}
	for _, r := range rulings {
		if r.fires && !r.shadow {
			e.act(v, r.rule, r.sentence, r.beside)
			return
		}
	}
	if lacks := lackingWords(rulings); lacks != "" {
		v.Kind, v.Rule = Unknown, RuleEvidence
		v.because(fmt.Sprintf("Container %s: %s", e.state.Name, lacks))
		return
	}
	v.Kind = OK
	v.because(e.okReason(v.Facts))
}

// act makes an act of a rule that fires, or holds it where a guard stands.
func (e *Engine) act(v *Verdict, rule, sentence string, beside []string) {
	v.Kind, v.Rule = Act, rule
	if guard := e.guard(); guard != "" {
		v.Kind, v.Guard = Held, guard
		sentence += fmt.Sprintf(" (%s: not %s)", guard, verb(v.Start))
	}
	v.because(append([]string{sentence}, beside...)...)
}

// because sets the reasons of a verdict.
func (v *Verdict) because(reasons ...string) {
	v.Reasons, v.Reason = reasons, strings.Join(reasons, "; ")
}

func verb(start bool) string {
	if start {
		return "started"
	}
	return "restarted"
}

// guard names what stops every act at present; empty for nothing.
func (e *Engine) guard() string {
	switch {
	case e.settings.DryRun:
		return "dry run"
	case e.state.Target != nil && e.state.Target.Refuse != "":
		return e.state.Target.Refuse
	}
	return e.state.Hold
}

// targetDecides: only a target that runs is judged.
func (e *Engine) targetDecides(v *Verdict) bool {
	if e.state.Target == nil || e.state.Target.startable() {
		return false
	}
	why := e.state.Target.wrong()
	if why == "" {
		return false
	}
	v.Kind, v.Rule = Unknown, RuleTarget
	v.because(fmt.Sprintf("Container %s %s", e.state.Name, why))
	return true
}

// startable says whether it stands still and may be started.
func (t *Target) startable() bool {
	return t.MayStart && t.Error == "" && t.Exists && !t.Running && !t.Paused && !t.Restarting
}

// wrong says why a target cannot be judged; empty where it can.
func (t *Target) wrong() string {
	switch {
	case t.Error != "":
		return "cannot be inspected: " + t.Error
	case !t.Exists:
		return "is absent"
	case t.Paused:
		return "is paused"
	case t.Restarting:
		return "is restarting" + t.exit()
	case !t.Running && t.StartedAt.IsZero() && t.ExitCode == nil:
		return "is stopped (never started)"
	case !t.Running:
		return "is stopped" + t.exit()
	}
	return ""
}

func (t *Target) exit() string {
	text := ""
	if t.ExitCode != nil {
		text = fmt.Sprintf(" (exit code %d", *t.ExitCode)
		if t.OOMKilled {
			text += ", out of memory"
		}
		text += ")"
	}
	return text
}

// cooldownDecides: after an action or a start, whoever caused it, and for a
// shorter time after an action that failed.
func (e *Engine) cooldownDecides(v *Verdict) bool {
	settings := e.settings.Cooldown
	ago, held := e.within(later(e.state.Done, e.state.Run.Began), settings.AfterAction)
	reason := e.cooldownSentence(ago, settings.AfterAction)
	if !held {
		ago, held = e.within(e.state.Failed, settings.AfterFailure)
		reason = e.failureSentence(ago, settings.AfterFailure)
	}
	if held {
		v.Kind, v.Rule = Held, RuleCooldown
		v.because(reason)
	}
	return held
}

// within says whether less than period has gone by since t.
func (e *Engine) within(t time.Time, period time.Duration) (ago time.Duration, yes bool) {
	if t.IsZero() {
		return 0, false
	}
	ago = max(0, e.state.Now.Sub(t))
	return ago, ago < period
}

// startDecides: a target that exited by itself and may be started.
func (e *Engine) startDecides(v *Verdict) bool {
	if e.state.Target == nil || !e.state.Target.startable() {
		return false
	}
	v.Start = true
	e.act(v, RuleTarget, fmt.Sprintf("Container %s exited by itself%s. Starting...", e.state.Name, e.state.Target.exit()), nil)
	return true
}

// evidenceDecides: without a head and a synced block of this run nothing can be
// compared.
func (e *Engine) evidenceDecides(v *Verdict) bool {
	missing := ""
	if best := v.Facts.Get("best"); !best.Known {
		missing = appendWord(missing, "no usable head ("+best.Missing+")")
	}
	if synced := v.Facts.Get("synced"); !synced.Known {
		missing = appendWord(missing, synced.Missing)
	}
	if missing == "" {
		return false
	}
	v.Kind, v.Rule = Unknown, RuleEvidence
	v.because(fmt.Sprintf("Container %s: %s", e.state.Name, missing))
	return true
}

// causeDecides: what no restart cures is held, for a person to see to.
func (e *Engine) causeDecides(v *Verdict) bool {
	if e.state.Run.Cause == nil || e.settings.RestartOnFatal {
		return false
	}
	v.Kind, v.Rule = Held, RuleCause
	v.because(fmt.Sprintf("Container %s reports %s, which no restart cures: %s", e.state.Name, e.state.Run.Cause.Name, e.state.Run.Cause.Text))
	return true
}

func (e *Engine) troubleText() string {
	if e.state.Run.Trouble == nil {
		return ""
	}
	return e.state.Run.Trouble.Name + ": " + e.state.Run.Trouble.Text
}

func (e *Engine) okReason(facts Facts) string {
	if facts.Get("lag").Count == 0 {
		return fmt.Sprintf("Container %s is fully caught up at block #%d", e.state.Name, facts.Get("synced").Count)
	}
	return e.lagSentence(facts)
}

// unknownFor follows how long the ruling has been unknown without a break.
func (e *Engine) unknownFor(r VerdictKind) time.Duration {
	if r != Unknown {
		e.state.UnknownSince = time.Time{}
		return 0
	}
	if e.state.UnknownSince.IsZero() {
		e.state.UnknownSince = e.state.Now
	}
	return e.state.Now.Sub(e.state.UnknownSince)
}

// speak puts together what the log says about the check. In the cooldown only
// its own sentence comes.
func (e *Engine) speak(v *Verdict, rulings []ruling) {
	if v.Rule == RuleCooldown {
		v.Sentences = v.Reasons
		return
	}
	v.Sentences = e.checkSentences(v.Facts, v.Fetched)
	for _, r := range rulings {
		if slices.Contains(v.Shadowed, r.rule) {
			v.Sentences = append(v.Sentences, shadowSentence(r.sentence))
		}
	}
	if decision := v.Reasons[0]; !slices.Contains(v.Sentences, decision) {
		v.Sentences = append(v.Sentences, decision)
	}
}
