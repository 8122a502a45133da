package explain

import (
	"slices"
	"strings"
	"time"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// trial makes a check again with other input.
type trial struct {
	// before had seen all and made no check, after has made it.
	before, after *rule.Engine
	was           rule.Verdict
	found         []Change
}

// changes are what would have made another verdict of the check, those that
// stand in the way first.
func (t *trial) changes(rules []Rule) []Change {
	t.found = []Change{}
	hasEvidence := t.was.Facts.Get("lag").Known
	switch {
	case t.was.Rule == rule.RuleTarget && t.was.Kind == rule.Unknown:
		t.tryTarget()
	case t.was.Rule == rule.RuleCooldown:
		t.tryCooldown()
		return t.found
	case t.was.Rule == rule.RuleEvidence && !hasEvidence:
		t.tryEvidence()
	case t.was.Rule == rule.RuleCause:
		t.tryCause()
	}
	if t.was.Guard != "" {
		t.tryGuards()
	}
	if hasEvidence && t.was.Rule != rule.RuleTarget && t.was.Rule != rule.RuleCause {
		t.tryRules(rules)
		t.tryLag()
	}
	t.tryTime()
	if t.was.Kind != rule.Unknown {
		t.tryFailures()
	}
	return t.found
}

// again makes the check with other input.
func (t *trial) again(supposed func(*rule.Engine)) rule.Verdict {
	e := t.before.Clone()
	e.Observe(t.was.Time, nil) // its time counts, and nothing else
	supposed(e)
	return e.Check(t.was.Time)
}

// observing makes the check after the observations.
func (t *trial) observing(observations ...rule.Observation) rule.Verdict {
	return t.again(func(e *rule.Engine) {
		for _, o := range observations {
			e.Observe(t.was.Time, o)
		}
	})
}

// add adds a change where the verdict is another one.
func (t *trial) add(needs Needs, v rule.Verdict) {
	if len(needs) == 0 || !t.isOther(v) {
		return
	}
	c := Change{Needs: needs, Verdict: v.Kind, Rule: v.Rule, Guard: v.Guard, Text: needs.String() + ": " + outcomeText(v)}
	if !slices.ContainsFunc(t.found, func(o Change) bool { return o.Text == c.Text }) {
		t.found = append(t.found, c)
	}
}

func (t *trial) isOther(v rule.Verdict) bool { return v.Kind != t.was.Kind || v.Rule != t.was.Rule }

// outcomeText is a verdict in a few words.
func outcomeText(v rule.Verdict) string {
	switch {
	case v.Kind == rule.Act && v.Start:
		return "the container would be started"
	case v.Kind == rule.Act:
		return v.Rule + " would act"
	case v.Guard != "":
		return v.Rule + " would be held (" + v.Guard + ")"
	case v.Rule == "":
		return string(v.Kind)
	}
	return string(v.Kind) + " (" + v.Rule + ")"
}

// tryTarget: a target that was unreadable or paused goes on with its run, any
// other begins one.
func (t *trial) tryTarget() {
	state, started, text := t.after.Snapshot().Target, t.was.Time, "the container runs"
	switch state.State() {
	case rule.TargetUnreadable:
		started, text = t.after.Run(), "the container can be inspected and runs"
	case rule.TargetPaused:
		started, text = t.after.Run(), "the container goes on"
	case rule.TargetAbsent, rule.TargetStopped:
		text = "the container is started"
	}
	v := t.observing(rule.Target{Exists: true, Running: true, StartedAt: started, Name: state.Name})
	t.add(Needs{{What: InputTarget, Is: Runs, To: timeJSON(started), Text: text}}, v)
}

// tryCooldown: the check that could be made at its end.
func (t *trial) tryCooldown() {
	e, until := t.after.Clone(), t.after.Cooldown().Until
	stay(e, t.was.Time, until)
	need := timeNeed(t.was.Time, until, "the cooldown ends")
	need.Text += ", and if nothing new is seen until then"
	t.add(Needs{need}, e.Check(until))
}

// mostChecks is how far tryTime looks ahead.
const mostChecks = 120

// tryTime: the next checks, if nothing new is seen.
func (t *trial) tryTime() {
	interval := t.after.Settings().Interval
	if t.was.Kind == rule.Act || interval <= 0 {
		return
	}
	e, now := t.after.Clone(), t.was.Time
	for range mostChecks {
		at := now.Add(interval)
		stay(e, now, at)
		now = at
		if v := e.Check(at); t.isOther(v) {
			t.add(Needs{timeNeed(t.was.Time, at, "nothing new is seen until the check")}, v)
			return
		}
	}
}

// stay moves an engine to a later time at which nothing new was seen: the heads
// that can be used answer the same and are as fresh as they were, the target
// stays as it is, and the log is silent.
func stay(e *rule.Engine, now, until time.Time) {
	for _, h := range e.Heads() {
		if h.Unusable == "" {
			head := h.Head
			head.BlockTime = until.Add(-h.Age)
			e.Observe(until, head)
		}
	}
	e.Observe(until, nil)
}

// tryCause: what the rules say of a node that no restart cures.
func (t *trial) tryCause() {
	need := Need{What: InputSetting, Name: "restart_on_fatal", Is: Equals, Value: []byte("true"), To: []byte("true"), Text: "restart_on_fatal = true"}
	t.add(Needs{need}, t.again(func(e *rule.Engine) {
		s := e.Settings()
		s.RestartOnFatal = true
		e.Configure(s)
	}))
}

// tryGuards: what stops the act is gone.
func (t *trial) tryGuards() {
	var needs Needs
	for _, g := range t.was.Guards {
		if !g.Holds {
			continue
		}
		text := "without " + g.Guard
		if g.Named != "" {
			text += " (" + g.Why + ")"
		}
		needs = append(needs, Need{What: InputGuard, Name: g.Guard, Is: Lifted, Text: text})
	}
	t.add(needs, t.again((*rule.Engine).Unguard))
}

// tryFailures: what the verdict rests on can no longer be read.
func (t *trial) tryFailures() {
	var needs Needs
	var failures []rule.Observation
	for _, h := range t.after.Heads() {
		if h.Unusable == "" {
			needs = append(needs, Need{What: InputHead, Name: h.Source, Is: Fails, Text: "head source " + h.Source + " fails"})
			failures = append(failures, rule.HeadError{Source: h.Source})
		}
	}
	t.add(needs, t.observing(failures...))
	t.add(Needs{{What: InputLog, Is: Fails, Text: "the log cannot be read"}}, t.observing(rule.LogError{}))
}

// tryEvidence: what is missing is there, and the node is at the head.
func (t *trial) tryEvidence() {
	best, synced := t.was.Facts.Get("best"), t.was.Facts.Get("synced")
	var log Needs
	var lines []rule.Observation
	if t.after.Snapshot().Unreadable != "" {
		log, lines = Needs{{What: InputLog, Is: Answers, Text: "the log can be read"}}, []rule.Observation{rule.Log{}}
		synced = t.observing(lines...).Facts.Get("synced")
	}
	if !synced.Known {
		synced = blocks("synced", max(best.Count, 1))
		log = append(log, Need{What: "synced", Is: Known, To: valueJSON(synced), Text: "a line of this run's log names the block"})
		lines = append(lines, t.line(nodelog.Event{Kind: nodelog.BlockImported, Number: synced.Count}))
	}
	if best.Known {
		t.add(log, t.observing(lines...))
		return
	}
	heads := t.after.Heads()
	if len(heads) == 0 {
		heads = []rule.JudgedHead{{}}
	}
	for _, h := range heads {
		answers := Need{What: InputHead, Name: h.Source, Is: Answers, To: valueJSON(synced), Text: strings.TrimSpace("head source "+h.Source) + " answers, and the node is at the head"}
		t.add(append(slices.Clone(log), answers), t.observing(append(slices.Clone(lines), rule.Head{Source: h.Source, Best: synced.Count})...))
	}
}

// blocks is a known number of blocks.
func blocks(name string, height uint64) fact.Fact {
	return fact.Fact{Name: name, Kind: fact.Blocks, Known: true, Count: height}
}

// line is a line at the time of the check that says something.
func (t *trial) line(events ...nodelog.Event) rule.Log {
	for i := range events {
		events[i].Time = t.was.Time
	}
	return rule.Log{Lines: 1, Last: t.was.Time, Events: events}
}
