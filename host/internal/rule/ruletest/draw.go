package ruletest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// Happening is one thing that happens to an engine: an observation, or a check where
// there is none.
type Happening struct {
	At time.Time
	O  rule.Observation
}

// DrawSteps draws what an engine sees in an hour or two: nearly anything, or
// what a host sees that checks every minute.
func DrawSteps(t *rapid.T) []Happening {
	if rapid.Bool().Draw(t, "live") {
		return StepsOf(DrawNight(t, DrawTrouble))
	}
	return drawAnything(t)
}

// drawAnything draws steps of which some go back in time.
func drawAnything(t *rapid.T) []Happening {
	now := Start
	draw := rapid.Custom(func(t *rapid.T) Happening {
		now = now.Add(time.Duration(rapid.IntRange(-2, 120).Draw(t, "seconds")) * time.Second)
		if rapid.Bool().Draw(t, "check") {
			return Happening{At: now}
		}
		return Happening{At: now, O: DrawObservation(t, now)}
	})
	return rapid.SliceOfN(draw, 1, 60).Draw(t, "steps")
}

// DrawObservation draws an observation of any kind.
func DrawObservation(t *rapid.T, now time.Time) rule.Observation {
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return DrawTarget(t, now)
	case 1:
		return rule.HeadError{Source: DrawSource(t), Error: rapid.SampledFrom([]string{"", "refused"}).Draw(t, "error")}
	case 2:
		return rule.LogError{Error: rapid.SampledFrom([]string{"", "stream down"}).Draw(t, "error")}
	case 3:
		return rule.LogGap{Reason: rapid.SampledFrom([]string{"", "rotated"}).Draw(t, "reason")}
	case 4:
		return rule.Action{Outcome: rapid.SampledFrom([]rule.Outcome{rule.Done, rule.NotDone, rule.Failed, rule.Unclear}).Draw(t, "outcome")}
	case 5, 6:
		age := rapid.SampledFrom([]int{-1 << 30, -30, 0, 30, 200}).Draw(t, "age")
		return rule.Head{Source: DrawSource(t), Best: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "best")), BlockTime: now.Add(time.Duration(-age) * time.Second)}
	}
	return DrawLog(t, now)
}

// DrawSource draws the name of a head source.
func DrawSource(t *rapid.T) string {
	return rapid.SampledFrom([]string{"one", "two"}).Draw(t, "source")
}

// DrawTarget draws the state of a target.
func DrawTarget(t *rapid.T, now time.Time) rule.Target {
	started := rapid.SampledFrom([]time.Time{{}, Began, now, now.Add(time.Hour)}).Draw(t, "started")
	flag := func(name string, n int) bool { return OneIn(t, name, n) }
	target := rule.Target{Exists: !flag("absent", 8), Running: !flag("stopped", 5), Paused: flag("paused", 8), Restarting: flag("restarting", 8),
		MayStart: flag("may start", 3), StartedAt: started}
	if flag("error", 8) {
		target.Error = "refused"
	}
	return target
}

// DrawLog draws a reading of the log.
func DrawLog(t *rapid.T, now time.Time) rule.Log {
	event := rapid.Custom(func(t *rapid.T) nodelog.Event {
		return nodelog.Event{
			Time: now.Add(time.Duration(rapid.IntRange(-10, 2).Draw(t, "seconds")) * time.Second),
			Kind: rapid.SampledFrom([]nodelog.EventKind{nodelog.BlockImported, nodelog.BlockImported, nodelog.BlockBest, nodelog.BlockBest, nodelog.NodeStarted, nodelog.BlockFinalized, nodelog.BlockPrepared, nodelog.BlockSealed, nodelog.MajorSync, nodelog.NotMajorSync,
				nodelog.SessionStarted, nodelog.SessionStarted, nodelog.NodeStarted, nodelog.FactGiven, nodelog.FactGiven, nodelog.FactUnknown, nodelog.FatalCause}).Draw(t, "event"),
			Number: 1000 + uint64(rapid.IntRange(0, 300).Draw(t, "number")),
			Name:   rapid.SampledFrom([]string{"synced", "producing", "peers"}).Draw(t, "name"),
			Cures:  !OneIn(t, "cures not", 8), Value: 1.0,
		}
	})
	events := rapid.SliceOfN(event, 0, 6).Draw(t, "events")
	return rule.Log{Lines: len(events), Last: now, Events: events}
}

// Drive lets an engine take what happens, with each act done at once, and returns
// the verdicts.
func Drive(settings rule.Settings, happenings []Happening, each func(*rule.Engine, rule.Verdict)) []rule.Verdict {
	e := rule.New(settings)
	var verdicts []rule.Verdict
	for _, h := range happenings {
		if h.O != nil {
			e.Observe(h.At, h.O)
			continue
		}
		v := e.Check(h.At)
		verdicts = append(verdicts, v)
		each(e, v)
		if v.Kind == rule.Act {
			e.Observe(h.At, rule.Action{Outcome: rule.Done, Assumed: true})
		}
	}
	return verdicts
}

// Look is what a live host sees before one of its checks: what came of the log
// meanwhile, then the heads and the target, asked at the check.
type Look struct {
	At      time.Time
	Log     []Happening
	Asked   []rule.Observation
	Target  rule.Target
	Outcome rule.Outcome
}

// DrawNight draws what a live host sees. piece draws what comes of the log
// between two times.
func DrawNight(t *rapid.T, piece func(t *rapid.T, from, to time.Time) Happening) []Look {
	now, run := Start, Began
	draw := rapid.Custom(func(t *rapid.T) Look {
		before := now
		now = now.Add(time.Duration(rapid.IntRange(30, 90).Draw(t, "seconds")) * time.Second)
		l := Look{At: now, Outcome: rapid.SampledFrom([]rule.Outcome{rule.Done, rule.Done, rule.NotDone, rule.Failed, rule.Unclear}).Draw(t, "outcome")}
		if OneIn(t, "run", 20) {
			run = before.Add(time.Second)
		}
		for range rapid.IntRange(0, 2).Draw(t, "pieces") {
			l.Log = append(l.Log, piece(t, before.Add(2*time.Second), now))
		}
		slices.SortStableFunc(l.Log, func(a, b Happening) int { return a.At.Compare(b.At) })
		l.Asked = []rule.Observation{drawHead(t, "one", now), drawHead(t, "two", now)}
		l.Target = rule.Target{Exists: true, Running: true, StartedAt: run, Paused: OneIn(t, "paused", 20)}
		return l
	})
	return rapid.SliceOfN(draw, 10, 24).Draw(t, "night")
}

// DrawLines draws lines of one moment. They are stamped in their order and never
// ahead of the clock, and nothing is missing: a host that is restarted reads the
// log again, and so may know what a gap or a failure left in doubt.
func DrawLines(t *rapid.T, from, to time.Time) Happening {
	at := from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from)/time.Second)).Draw(t, "stamp")) * time.Second)
	log := DrawLog(t, at)
	for i := range log.Events {
		log.Events[i].Time = at
	}
	log.Lines, log.Last = max(1, log.Lines), at
	return Happening{at, log}
}

// DrawTrouble draws lines, or that some are missing or cannot be read.
func DrawTrouble(t *rapid.T, from, to time.Time) Happening {
	s := DrawLines(t, from, to)
	switch {
	case OneIn(t, "gap", 8):
		s.O = rule.LogGap{Reason: "rotated"}
	case OneIn(t, "unreadable", 16):
		s.O = rule.LogError{Error: "stream down"}
	}
	return s
}

// drawHead draws the answer of a source; now and then that is an error, or a
// head that is too old.
func drawHead(t *rapid.T, source string, now time.Time) rule.Observation {
	age := time.Second
	switch {
	case OneIn(t, "refused", 10):
		return rule.HeadError{Source: source, Error: "refused"}
	case OneIn(t, "old", 10):
		age = 5 * time.Minute
	}
	return rule.Head{Source: source, Best: 1000 + uint64(rapid.IntRange(0, 500).Draw(t, "best")), BlockTime: now.Add(-age)}
}

// OneIn is true now and then: small numbers are drawn more often than large
// ones.
func OneIn(t *rapid.T, what string, n int) bool { return rapid.IntRange(1, n).Draw(t, what) == n }

// StepsOf are those of a night, one by one.
func StepsOf(night []Look) []Happening {
	var all []Happening
	for _, l := range night {
		all = append(all, l.Log...)
		for _, o := range l.Asked {
			all = append(all, Happening{l.At, o})
		}
		all = append(all, Happening{l.At, l.Target}, Happening{At: l.At})
	}
	return all
}
