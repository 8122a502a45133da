package monitor

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

func TestLinesWaitForAParserThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		w.change(func() { w.parserErr = ErrPluginDown })
		for n := range 5 {
			w.log(block(991 + n))
		}
		pass(3 * time.Minute)
		if got := w.last(); got.Rule != rule.RuleEvidence || !strings.Contains(got.Reason, "parser: plugin is down") {
			t.Errorf("rule %s, reason %q; want the log to be unreadable for the parser", got.Rule, got.Reason)
		}
		if n := w.told(slog.LevelWarn, "the log cannot be parsed"); n != 1 {
			t.Errorf("the parser's absence was told %d times, want once", n)
		}
		w.change(func() { w.parserErr = nil })
		pass(time.Minute)
		h.stop(t)
		want := []string{"block 990", "block 991", "block 992", "block 993", "block 994", "block 995"}
		if diff := cmp.Diff(want, w.parsed); diff != "" {
			t.Errorf("parsed lines (-want +got):\n%s", diff)
		}
		if got := w.last(); got.Kind != rule.OK || got.Facts.Get("synced").Count != 995 {
			t.Errorf("verdict %s with synced %v, want ok with 995", got.Kind, got.Facts.Get("synced"))
		}
	})
}

func TestParserThatIsDownAtTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.parserErr = ErrPluginDown
		w.log(w.backlog(990)...)
		h := w.host()
		pass(5 * time.Second)
		if n := w.checks(); n != 0 {
			t.Errorf("%d checks before the backlog was parsed", n)
		}
		w.change(func() { w.parserErr = nil })
		pass(parseAgain)
		if diff := cmp.Diff([]string{"ok"}, w.outcomes()); diff != "" {
			t.Errorf("verdicts once the parser is up (-want +got):\n%s", diff)
		}
		h.stop(t)
	})
}

// With an interval as short as the pause before lines are parsed again, checks
// must not keep the parser from getting them.
func TestShortIntervalDoesNotStarveTheParser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.settings.Interval = parseAgain / 2
		w.log(w.backlog(990)...)
		h := w.host()
		w.change(func() { w.parserErr = ErrPluginDown })
		w.log(block(1000))
		pass(10 * time.Second)
		w.change(func() { w.parserErr = nil })
		pass(parseAgain)
		h.stop(t)
		if got := w.last().Facts.Get("synced"); got.Count != 1000 {
			t.Errorf("synced is %v, want 1000", got)
		}
	})
}

func TestLinesThatBreakTheParserAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		w.change(func() { w.parserErr = sdk.NewError(codes.Internal, errors.New("panic: index out of range"), 0) })
		w.log(lines("poison"))
		pass(20 * time.Second)
		w.change(func() { w.parserErr = nil })
		pass(40 * time.Second)
		if got := w.last(); got.Rule != rule.RuleEvidence || !strings.Contains(got.Reason, "the parser broke on 1 lines") {
			t.Errorf("rule %s, reason %q; want a gap", got.Rule, got.Reason)
		}
		if n := w.told(slog.LevelError, "lines are left out"); n != 1 {
			t.Errorf("told %d times that lines are left out, want once", n)
		}
		w.log(block(1000))
		pass(time.Minute)
		h.stop(t)
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s) after the next block, want ok", got.Kind, got.Reason)
		}
	})
}

func TestLogIsOpenedAgainWithItsCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		for range 12 {
			w.log(errors.New("connection reset"))
		}
		pass(10 * time.Minute)
		var pauses []time.Duration
		for i, o := range w.opens {
			if want := "block 990"; i > 0 && o.cursor != want {
				t.Errorf("opened the log from %q, want %q", o.cursor, want)
			}
			if i > 0 {
				pauses = append(pauses, o.at-w.opens[i-1].at)
			}
		}
		if len(pauses) != 12 {
			t.Fatalf("opened the log %d times again, want 12", len(pauses))
		}
		for i, want := 0, 2*reopenFirst; i < len(pauses); i, want = i+1, min(2*want, reopenMost) {
			if pauses[i] < want/2 || pauses[i] >= want {
				t.Errorf("pause %d was %s, want from %s to %s", i, pauses[i], want/2, want)
			}
		}
		if got := w.last(); got.Rule != rule.RuleEvidence || !strings.Contains(got.Reason, "connection reset") {
			t.Errorf("rule %s, reason %q before the backlog is read again", got.Rule, got.Reason)
		}
		if n := w.told(slog.LevelWarn, "the log cannot be read"); n != 1 {
			t.Errorf("told %d times that the log cannot be read, want once", n)
		}
		w.log(block(1000), sdk.BacklogEnd{})
		pass(time.Minute)
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s) once the log is read again, want ok", got.Kind, got.Reason)
		}
		opens := len(w.opens)
		w.log(errors.New("connection reset"))
		pass(reopenFirst)
		if len(w.opens) != opens+1 {
			t.Error("the pause was not short again after a reading that lasted")
		}
		h.stop(t)
	})
}

func TestLogThatCanNeverBeReadIsTriedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for range 100 {
			w.log(sdk.Unsupported(errors.New("log driver none")))
		}
		h := w.host()
		pass(10 * time.Minute)
		h.stop(t)
		if n := len(w.opens); n < 20 || n > 41 {
			t.Errorf("opened %d times in ten minutes, want every 15 to 30 s", n)
		}
		if n := w.told(slog.LevelWarn, "log driver none"); n != 1 {
			t.Errorf("told %d times, want once", n)
		}
	})
}

// A source that ends without an error has ended all the same.
func TestLogThatEndsCleanlyIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		w.log(cleanEnd{})
		pass(time.Second)
		h.stop(t)
		if n := len(w.opens); n != 2 {
			t.Errorf("opened %d times, want 2", n)
		}
		if n := w.told(slog.LevelWarn, "the log source ended"); n != 1 {
			t.Errorf("told %d times that the source ended, want once", n)
		}
	})
}

func TestLogWithoutCursorsHasAGapWhereItIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bare := func(n int) sdk.Lines {
			l := block(n)
			l.Cursor = nil
			return l
		}
		w.log(bare(990), sdk.BacklogEnd{})
		h := w.host()
		for range 3 {
			w.log(errors.New("connection reset"))
		}
		w.log(sdk.BacklogEnd{})
		pass(time.Minute)
		if got := w.last(); got.Rule != rule.RuleEvidence || !strings.Contains(got.Reason, "gave no cursor") {
			t.Errorf("rule %s, reason %q; want synced to be unknown", got.Rule, got.Reason)
		}
		if n := w.told(slog.LevelWarn, "lines of the log are missing"); n != 1 {
			t.Errorf("the gap was told %d times, want once", n)
		}
		w.log(bare(995))
		pass(time.Minute)
		h.stop(t)
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s) after the next block, want ok", got.Kind, got.Reason)
		}
	})
}

func TestNoCheckSeesHalfABacklogAfterABreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(950)...)
		h := w.host()
		w.log(sdk.Unreadable{Reason: "engine is away"})
		pass(time.Minute)
		w.change(func() { w.best = 1500 })
		w.log(block(951)) // of a backlog that goes on to 1500
		pass(time.Minute)
		if got := w.last(); got.Kind != rule.Unknown {
			t.Errorf("verdict %s (%s) on half a backlog", got.Kind, got.Reason)
		}
		w.log(block(1500), sdk.BacklogEnd{})
		pass(time.Minute)
		h.stop(t)
		if got := w.last(); got.Kind != rule.OK {
			t.Errorf("verdict %s (%s), want ok", got.Kind, got.Reason)
		}
		if n := len(w.asked()); n != 0 {
			t.Errorf("%d acts", n)
		}
	})
}

func TestGapMakesWhatWasReadUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(block(500), sdk.Gap{Reason: "rotated away"}, sdk.BacklogEnd{})
		h := w.host()
		pass(3 * time.Minute)
		h.stop(t)
		if got := w.last(); got.Rule != rule.RuleEvidence || !strings.Contains(got.Reason, "rotated away") {
			t.Errorf("rule %s, reason %q; want the gap", got.Rule, got.Reason)
		}
	})
}

// The log says first that a new run has begun: its lines count at once.
func TestNewRunSeenByTheLogFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		pass(30 * time.Second)
		started := time.Now()
		w.log(sdk.RunStarted{StartedAt: started}, block(700))
		pass(time.Second)
		w.change(func() { w.state.StartedAt = started })
		pass(29 * time.Second)
		h.stop(t)
		if got := w.last(); got.Rule != rule.RuleCooldown || got.Facts.Get("synced").Count != 700 {
			t.Errorf("rule %s, synced %v; want the cooldown of the new run, and its 700", got.Rule, got.Facts.Get("synced"))
		}
		if diff := cmp.Diff([]string{"", ""}, w.states); diff != "" {
			t.Errorf("states that the parser was given (-want +got):\n%s", diff)
		}
	})
}

// An inspection says first that a new run has begun: what the log still brings
// of the old one says nothing any more.
func TestNewRunSeenByInspectFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		pass(30 * time.Second)
		started := time.Now()
		w.change(func() { w.state.StartedAt = started })
		pass(30 * time.Second)
		if got := w.last(); got.Rule != rule.RuleCooldown || got.Facts.Get("synced").Known {
			t.Errorf("rule %s, synced %v; want the cooldown of the new run, of which nothing was read", got.Rule, got.Facts.Get("synced"))
		}
		w.log(block(999), lines("fatal equivocation"), sdk.RunStarted{StartedAt: started}, block(700))
		pass(time.Minute)
		if got := w.last(); got.Facts.Get("synced").Count != 700 || got.Fetched != 1 {
			t.Errorf("synced %v of %d lines; want 700 of the new run's one line", got.Facts.Get("synced"), got.Fetched)
		}
		pass(10 * time.Minute)
		h.stop(t)
		if n := w.told(slog.LevelError, "equivocation"); n != 0 {
			t.Error("a line of an old run was taken for one of this")
		}
	})
}

// A source that is opened again names the run that goes on; the parser keeps
// its memory of it.
func TestRunThatIsNamedAgainGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		w.log(errors.New("connection reset"))
		pass(time.Second)
		w.log(sdk.RunStarted{StartedAt: w.state.StartedAt}, block(995), sdk.BacklogEnd{})
		pass(time.Minute)
		h.stop(t)
		if diff := cmp.Diff([]string{"", "1"}, w.states); diff != "" {
			t.Errorf("states that the parser was given (-want +got):\n%s", diff)
		}
	})
}

// A container that is made anew under its name is another target with the same
// cooldown.
func TestTargetThatIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(990)...)
		h := w.host()
		pass(30 * time.Second)
		started := time.Now()
		w.change(func() { w.state.ID, w.state.StartedAt = "c2", started })
		w.log(sdk.RunStarted{StartedAt: started}, block(500))
		pass(4 * time.Minute)
		if got := w.last(); got.Rule != rule.RuleCooldown {
			t.Errorf("rule %s, want the cooldown of the start", got.Rule)
		}
		pass(2 * time.Minute)
		h.stop(t)
		asked := w.asked()
		if len(asked) != 1 || asked[0].TargetID != "c2" || !asked[0].RunStartedAt.Equal(started) {
			t.Errorf("acts %+v, want one on c2 and its run", asked)
		}
	})
}

func TestEndSaysNothingOfWhatItBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log(w.backlog(1000)...)
		h := w.host()
		w.change(func() { w.parserTakes = time.Minute })
		w.log(block(1000))
		pass(0)
		h.stop(t)
		for _, r := range w.records {
			if r.level > slog.LevelInfo {
				t.Errorf("logged at the end: %s %s", r.text, r.attrs)
			}
		}
	})
}
