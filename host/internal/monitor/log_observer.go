package monitor

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/headwatch/headwatch/host/internal/acts"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// LogObserver says in the host's log what a monitor decides and does.
type LogObserver struct {
	logger *slog.Logger
	// blind, cause and trouble are what was said last, so that each is said once.
	blind, cause, trouble, clock, slow, contradiction news
	// needed is when a person was called last; zero while none is needed.
	needed time.Time
	starts starts
}

var _ Recorder = (*LogObserver)(nil)

// NewLogObserver returns an observer of one monitor.
func NewLogObserver(logger *slog.Logger) *LogObserver { return &LogObserver{logger: logger} }

// Checked says the sentences of a check, and once each what an operator must not
// miss.
func (l *LogObserver) Checked(c Check) {
	v := c.Verdict
	for i, sentence := range v.Sentences {
		if i < len(v.Sentences)-1 {
			l.logger.Info(sentence)
			continue
		}
		l.logger.Log(context.Background(), levelOf(v), sentence, verdictAttrs(v)...)
	}
	if l.blind.changes(blindText(v)) {
		l.logger.Warn("this monitor is blind", "unknown_for", v.UnknownFor.Round(time.Second), "reason", v.Reason)
	}
	cause := ""
	if v.Rule == rule.RuleCause {
		cause = v.Reason
	}
	if l.cause.changes(cause) {
		l.logger.Error("a person has to see to this node; it is not restarted", "reason", cause)
	}
	l.sayClock(v.Guards)
	l.saySlow(c)
	l.sayNeed(c)
	l.sayOutcome(c.Acts.Last(), v.Time)
	if l.contradiction.changes(map[bool]string{true: "contradiction"}[v.Contradiction != ""]) {
		l.logger.Warn("the node's log and its endpoint contradict each other", "reason", v.Contradiction)
	}
	if l.trouble.changes(v.Trouble) {
		l.logger.Warn("the node's log shows trouble", "trouble", v.Trouble)
	}
}

// saySlow says once that a node gains on the network, and will need long for it.
func (l *LogObserver) saySlow(c Check) {
	guard, facts := c.Engine.Settings().CatchingUp, c.Verdict.Facts
	lag, gain, converging := facts.Get("lag"), facts.Get("gain"), facts.Get("converging")
	needs := time.Duration(0)
	if guard != nil && lag.Known && converging.Known && converging.Truth && gain.Number > 0 {
		needs = time.Duration(min(float64(lag.Count)/gain.Number, mostTold.Seconds()) * float64(time.Second))
	}
	word := ""
	if guard != nil && needs > guard.Alert {
		word = "slow"
	}
	if l.slow.changes(word) {
		l.logger.Warn("the node catches up, and will need long for it", "about", needs.Round(time.Hour), "gain_blocks_per_second", gain.Number)
	}
}

// mostTold bounds how long a catch-up is said to take.
const mostTold = 10000 * time.Hour

// sayClock says once that blocks come from the future.
func (l *LogObserver) sayClock(guards []rule.Standing) {
	at, word := slices.IndexFunc(guards, func(s rule.Standing) bool { return s.Guard == rule.GuardClock && s.Holds }), ""
	if at >= 0 {
		word = rule.GuardClock
	}
	if l.clock.changes(word) {
		l.logger.Error("blocks come from the future: the rules that read ages are held", "reason", guards[at].Why)
	}
}

// sayOutcome says what came of an act at the check that showed it.
func (l *LogObserver) sayOutcome(last *acts.Act, now time.Time) {
	if last == nil || last.Outcome == acts.Pending || !last.Judged.Equal(now) {
		return
	}
	attrs := []any{"rule", last.Rule, "after", last.Judged.Sub(last.Done).Round(time.Second)}
	if last.Outcome == acts.Helped {
		l.logger.Info("the restart helped", attrs...)
		return
	}
	l.logger.Warn(outcomeText(last.Outcome), append(attrs, "outcome", string(last.Outcome))...)
}

func outcomeText(o acts.Outcome) string {
	if o == acts.Unclear {
		return "it cannot be told whether the restart helped"
	}
	return "the restart did not help"
}

// heldBy is the guard that held an act, where there is more to say than its name; nil
// for none.
func heldBy(v rule.Verdict) *rule.Standing {
	at := slices.IndexFunc(v.Guards, func(s rule.Standing) bool { return s.Holds && s.Guard == v.Guard && s.Explains() })
	if at < 0 {
		return nil
	}
	return &v.Guards[at]
}

// needsPerson says whether a guard holds until a person sees to the node. The guard
// recovery also holds while it is not known yet whether the last act helped.
func needsPerson(held *rule.Standing, last *acts.Act) bool {
	switch {
	case held == nil:
		return false
	case held.Guard == rule.GuardRecovery:
		return last != nil && last.Outcome != acts.Pending
	}
	return held.Guard == rule.GuardBudget || held.Guard == rule.GuardPreflight
}

// sayNeed calls for a person where what a rule asks for waits for one: once, and again
// each hour.
func (l *LogObserver) sayNeed(c Check) {
	held := heldBy(c.Verdict)
	if !needsPerson(held, c.Acts.Last()) {
		l.needed = time.Time{}
		return
	}
	if !l.needed.IsZero() && c.Verdict.Time.Sub(l.needed) < needAgain {
		return
	}
	l.needed = c.Verdict.Time
	attrs := []any{"guard", held.Guard, "reason", held.Why}
	if !held.Until.IsZero() {
		attrs = append(attrs, "until", held.Until.UTC().Format(time.RFC3339))
	}
	if held.Guard != rule.GuardPreflight {
		attrs = append(attrs, "then", "headwatch resume "+c.Monitor)
	}
	l.logger.Error("a person has to see to this node; nothing is restarted until then", attrs...)
}

// needAgain is how often a person is called.
const needAgain = time.Hour

// levelOf is the level of a check's verdict: what is done, or would be but for a
// guard, is shown to those who read warnings only.
func levelOf(v rule.Verdict) slog.Level {
	if v.Kind == rule.Act || v.Guard != "" {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func verdictAttrs(v rule.Verdict) []any {
	attrs := []any{"verdict", string(v.Kind)}
	if v.Rule != "" {
		attrs = append(attrs, "rule", v.Rule)
	}
	if held := heldBy(v); held != nil {
		attrs = append(attrs, "why", held.Why)
	}
	return attrs
}

// Observed follows the starts of the target.
func (l *LogObserver) Observed(o Observation) {
	target, ok := o.Seen.(rule.Target)
	if !ok || !l.starts.add(target.StartedAt, o.At) {
		return
	}
	attrs := []any{"starts", crashLoopStarts, "within", crashLoopPer}
	if target.ExitCode != nil {
		attrs = append(attrs, "exit_code", *target.ExitCode)
	}
	l.logger.Warn("the target starts again and again, and not by headwatch", attrs...)
}

// A target that was started so often within such a time, and not by headwatch, is
// in a crash loop.
const (
	crashLoopStarts = 4
	crashLoopPer    = 15 * time.Minute
)

// starts follows the starts of a target.
type starts struct {
	last time.Time
	at   []time.Time
	// acted says that the next start is by headwatch; said that the loop was told.
	acted, said bool
}

// add notes a start; it says whether that makes a crash loop, once a loop.
func (s *starts) add(started, now time.Time) bool {
	if started.IsZero() || started.Equal(s.last) {
		return false
	}
	first := s.last.IsZero()
	s.last = started
	if first || s.acted {
		s.acted = false
		return false
	}
	s.at = append(s.at, now)
	s.at = slices.DeleteFunc(s.at, func(at time.Time) bool { return now.Sub(at) > crashLoopPer })
	said := s.said
	s.said = len(s.at) >= crashLoopStarts
	return s.said && !said
}

// blindText changes only when a monitor goes blind or sees again.
func blindText(v rule.Verdict) string {
	if v.Blind() {
		return "blind"
	}
	return ""
}

// Acted says what became of an act.
func (l *LogObserver) Acted(a Act) {
	switch attrs := resultAttrs(a.Result); a.Result.Outcome {
	case sdk.Done:
		l.starts.acted = true
		l.logger.Warn("the target was restarted", attrs...)
	case sdk.NotDone:
		l.logger.Warn("the target was not restarted", attrs...)
	case sdk.Failed:
		l.logger.Error("the target could not be restarted", attrs...)
	default:
		l.logger.Error("it is not known whether the target was restarted", attrs...)
	}
}

// resultAttrs are the attributes of a result, for the log.
func resultAttrs(r sdk.Result) []any {
	attrs := []any{slog.String("detail", r.Detail)}
	if r.StopTook > 0 {
		attrs = append(attrs, slog.Duration("stop_took", r.StopTook.Round(time.Millisecond)))
	}
	// Without an exit code it is not known how the run ended.
	if r.ExitCode != nil {
		attrs = append(attrs, slog.Int("exit_code", *r.ExitCode), slog.Bool("killed", r.Killed))
	}
	return attrs
}

// news is a text that is said when it changes.
type news string

// changes says whether text is to be said: it differs from the last one and is
// not empty.
func (n *news) changes(text string) bool {
	changed := string(*n) != text
	*n = news(text)
	return changed && text != ""
}
