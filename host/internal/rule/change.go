package rule

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// trial makes a check again with other input. Whatever it says would be
// otherwise, an engine has decided so.
type trial struct {
	// before had seen all and made no check, after has made it.
	before, after *Engine
	was           Verdict
	rules         []RuleSeen
	found         []Change
}

// changes are what would have made another verdict of the check, those that
// stand in the way first.
func (t *trial) changes() []Change {
	t.found = []Change{}
	switch {
	case t.was.Rule == RuleTarget && t.was.Kind == Unknown:
		t.targetRuns()
	case t.was.Rule == RuleCooldown:
		t.cooldownEnds()
		return t.found
	case t.was.Rule == RuleEvidence && !t.hasEvidence():
		t.evidenceComes()
	case t.was.Rule == RuleCause:
		t.causeIsIgnored()
	}
	if t.was.Guard != "" {
		t.guardsLift()
	}
	if t.hasEvidence() && t.was.Rule != RuleTarget && t.was.Rule != RuleCause {
		t.rulesTurn()
	}
	t.timeGoesBy()
	if t.was.Kind != Unknown {
		t.inputsFail()
	}
	return t.found
}

func (t *trial) hasEvidence() bool { return t.was.Facts.Get("lag").Known }

// again makes the check with other input.
func (t *trial) again(supposed func(*Engine)) Verdict {
	e := t.before.Clone()
	e.advance(t.was.Time)
	supposed(e)
	return e.Check(t.was.Time)
}

// see makes the check after the observations.
func (t *trial) see(observations ...Observation) Verdict {
	return t.again(func(e *Engine) {
		for _, o := range observations {
			e.Observe(e.state.Now, o)
		}
	})
}

// tell adds a change where the verdict is another one.
func (t *trial) tell(needs Way, v Verdict) {
	if len(needs) == 0 || v.Kind == t.was.Kind && v.Rule == t.was.Rule {
		return
	}
	c := Change{Needs: needs, Verdict: v.Kind, Rule: v.Rule, Guard: v.Guard, Text: needs.String() + ": " + outcome(v)}
	if !slices.ContainsFunc(t.found, func(o Change) bool { return o.Text == c.Text }) {
		t.found = append(t.found, c)
	}
}

// outcome is a verdict in a few words.
func outcome(v Verdict) string {
	switch {
	case v.Kind == Act && v.Start:
		return "the container would be started"
	case v.Kind == Act:
		return v.Rule + " would act"
	case v.Guard != "":
		return v.Rule + " would be held (" + v.Guard + ")"
	case v.Rule == "":
		return string(v.Kind)
	}
	return string(v.Kind) + " (" + v.Rule + ")"
}

// targetRuns: a target that was unreadable or paused goes on with its run, any
// other begins one.
func (t *trial) targetRuns() {
	state, started := t.after.targetSeen().State, t.was.Time
	if state == "unreadable" || state == "paused" {
		started = t.after.state.Run.StartedAt
	}
	v := t.see(Target{Exists: true, Running: true, StartedAt: started, Name: t.after.state.Target.Name})
	value, err := json.Marshal(utc(started))
	if err != nil {
		return
	}
	text := "the container runs"
	switch state {
	case "unreadable":
		text = "the container can be inspected and runs"
	case "paused":
		text = "the container goes on"
	case "absent", "stopped":
		text = "the container is started"
	}
	t.tell(Way{{What: InputTarget, Is: Runs, To: value, Text: text}}, v)
}

// cooldownEnds: the check that could be made at its end.
func (t *trial) cooldownEnds() {
	until := t.after.state.Now.Add(t.left())
	e := t.after.Clone()
	e.stay(until)
	need := timeNeed(t.was.Time, until)
	need.Text = "the cooldown ends " + need.Text + ", and if nothing new is seen until then"
	t.tell(Way{need}, e.Check(until))
}

// left is how long the cooldown lasts. The times that explanations show are
// rounded, and this one is not.
func (t *trial) left() time.Duration {
	left := time.Duration(0)
	for _, c := range t.after.cooldowns() {
		if !c.since.IsZero() {
			left = max(left, c.since.Add(c.period).Sub(t.after.state.Now))
		}
	}
	return left
}

// stay moves on to a later time at which nothing new was seen: the heads that
// can be used answer the same and are as fresh as they were, the target stays as
// it is, and the log is silent.
func (e *Engine) stay(until time.Time) {
	by := until.Sub(e.state.Now)
	for name, report := range e.state.Heads {
		if e.unusable(name, report) != "" {
			continue
		}
		report.At = report.At.Add(by)
		if !report.Head.BlockTime.IsZero() {
			report.Head.BlockTime = report.Head.BlockTime.Add(by)
		}
		e.state.Heads[name] = report
	}
	e.advance(until)
}

// mostChecks is how far timeGoesBy looks ahead.
const mostChecks = 120

// timeGoesBy: the next checks, if nothing new is seen.
func (t *trial) timeGoesBy() {
	interval := t.after.settings.Interval
	if t.was.Kind == Act || interval <= 0 {
		return
	}
	e := t.after.Clone()
	for k := range mostChecks {
		at := t.was.Time.Add(time.Duration(k+1) * interval)
		e.stay(at)
		if v := e.Check(at); v.Kind != t.was.Kind || v.Rule != t.was.Rule {
			need := timeNeed(t.was.Time, at)
			need.Text = "nothing new is seen until the check " + need.Text
			t.tell(Way{need}, v)
			return
		}
	}
}

// causeIsIgnored: what the rules say of a node that no restart cures.
func (t *trial) causeIsIgnored() {
	yes := json.RawMessage("true")
	t.tell(Way{{What: InputSetting, Name: "restart_on_fatal", Is: Equals, Value: yes, To: yes, Text: "restart_on_fatal = true"}},
		t.again(func(e *Engine) { e.settings.RestartOnFatal = true }))
}

// guardsLift: what stops the act is gone.
func (t *trial) guardsLift() {
	var way Way
	for _, g := range t.after.guardsSeen(t.was.Facts) {
		if g.Stands && g.Guard != GuardCooldown {
			text := "without " + g.Guard
			if g.Guard != GuardDryRun {
				text += " (" + g.Text + ")"
			}
			way = append(way, Need{What: InputGuard, Name: g.Guard, Is: Lifted, Text: text})
		}
	}
	t.tell(way, t.again(func(e *Engine) { e.Unguard() }))
}

// inputsFail: what the verdict rests on can no longer be read.
func (t *trial) inputsFail() {
	var heads Way
	var failures []Observation
	for _, name := range slices.Sorted(maps.Keys(t.after.state.Heads)) {
		if t.after.unusable(name, t.after.state.Heads[name]) == "" {
			heads = append(heads, Need{What: InputHead, Name: name, Is: Fails, Text: "head source " + name + " fails"})
			failures = append(failures, HeadError{Source: name})
		}
	}
	t.tell(heads, t.see(failures...))
	if t.after.state.Unreadable == "" {
		t.tell(Way{{What: InputLog, Is: Fails, Text: "the log cannot be read"}}, t.see(LogError{}))
	}
}

// evidenceComes: what is missing is there, and the node is at the head.
func (t *trial) evidenceComes() {
	synced := t.was.Facts.Get("synced")
	var log Way
	var lines []Observation
	if why := t.after.state.Unreadable; why != "" {
		log, lines = Way{{What: InputLog, Is: Answers, Text: "the log can be read"}}, []Observation{Log{}}
		synced = t.see(lines...).Facts.Get("synced")
	}
	best := t.was.Facts.Get("best")
	if !synced.Known {
		height := max(best.Count, 1)
		need := knownNeed(synced)
		need.To, need.Text = synced.blocks(height).json(), "a line of this run's log names the block"
		log, lines = append(log, need), append(lines, block(t.was.Time, height))
		synced.Count = height
	}
	if best.Known {
		t.tell(log, t.see(lines...))
		return
	}
	sources := slices.Sorted(maps.Keys(t.after.state.Heads))
	if len(sources) == 0 {
		sources = []string{""}
	}
	for _, name := range sources {
		answers := Need{What: InputHead, Name: name, Is: Answers, To: synced.blocks(synced.Count).json(), Text: strings.TrimSpace("head source "+name) + " answers, and the node is at the head"}
		t.tell(append(slices.Clone(log), answers), t.see(append(slices.Clone(lines), Head{Source: name, Best: synced.Count})...))
	}
}

// blocks is a known number of blocks of that name.
func (f Fact) blocks(height uint64) Fact {
	return Fact{Name: f.Name, Kind: Blocks, Known: true, Count: height}
}

func block(at time.Time, height uint64) Log {
	return heard(at, Event{Kind: BlockImported, Number: height})
}

// heard is a line that says something.
func heard(at time.Time, events ...Event) Log {
	for i := range events {
		events[i].Time = at
	}
	return Log{Lines: 1, Last: at, Events: events}
}
