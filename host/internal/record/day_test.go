package record

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/trace"
	"github.com/headwatch/headwatch/sdk"
)

// traceParser is the world's parser in a replay.
type traceParser struct{ w *world }

func (p traceParser) Parse(ctx context.Context, state []byte, lines []trace.Line) ([]byte, [][]nodelog.Event, error) {
	said := make([][]nodelog.Event, len(lines))
	for i, line := range lines {
		var err error
		if state, said[i], err = p.w.Parse(ctx, state, []sdk.Line{{Time: line.Time, Text: line.Text}}); err != nil {
			return nil, nil, err
		}
	}
	return state, said, nil
}

// noParser fails the test when it is asked.
type noParser struct{ t *testing.T }

func (p noParser) Parse(context.Context, []byte, []trace.Line) ([]byte, [][]nodelog.Event, error) {
	p.t.Error("the replay asked the parser")
	return nil, nil, io.ErrUnexpectedEOF
}

// replay drives the engine over recordings, and returns the verdicts as JSON.
func replay(t *testing.T, parser trace.Parser, files ...string) (verdicts, warnings []string) {
	t.Helper()
	var sources []trace.Source
	for _, file := range files {
		source, err := trace.FileSource(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, source)
	}
	r := trace.Replay{
		Monitors: []trace.Monitor{{Name: name, Settings: settings(), Sources: []string{"onfinality"}, Parser: parser}},
		Warn:     func(w trace.Warning) { warnings = append(warnings, w.String()) },
		Verdict: func(c trace.Checked) error {
			line, err := c.Verdict.AppendJSON(nil, name)
			verdicts = append(verdicts, string(line))
			if c.Recorded != nil && (c.Recorded.Verdict != c.Verdict.Kind || c.Recorded.Rule != c.Verdict.Rule || c.Recorded.Guard != c.Verdict.Guard) {
				t.Errorf("recorded is %+v, replayed %s", *c.Recorded, line)
			}
			return err
		},
	}
	if err := r.Run(t.Context(), sources...); err != nil {
		t.Fatal(err)
	}
	return verdicts, warnings
}

func recordings(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, name+"-*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("find recordings: %v, %d files", err, len(files))
	}
	return files
}

// trouble is what happens to a world, now and then.
func trouble(w *world) []func() {
	set := func(f func()) func() { return func() { w.change(f) } }
	return []func(){
		set(func() { w.wedged = true }), set(func() { w.wedged = true }), set(func() { w.wedged = true }), set(func() { w.mute = true }),
		set(func() { w.headErr = errDown }), set(func() { w.headOld = 10 * time.Minute }),
		set(func() { w.parserErr = sdk.Unavailable(errDown) }), set(func() { w.parserErr = sdk.Invalid(errDown) }),
		set(func() { w.stateErr = errDown }), set(func() { w.saveErr = errDown; w.wedged = true }), set(func() { w.slow = true }),
		set(func() { w.outcome = sdk.Failed; w.wedged = true }), set(func() { w.outcome = sdk.NotDone; w.wedged = true }),
		set(func() { w.outcome = sdk.Unknown; w.wedged = true }),
		set(func() { code := 137; w.state.Running, w.state.ExitCode = false, &code }),
		set(func() { w.state.Refuse = "monitor second watches the same target" }),
		func() { w.say("fatal panic") }, func() { w.say("fatal equivocation") },
		func() { w.send(sdk.Gap{Reason: "rotated"}) }, func() { w.send(sdk.Unreadable{Reason: "no driver"}) },
		func() { w.send(errDown) }, w.restart,
	}
}

// heal ends all that lasts but a wedged node: that is the host's to end.
func (w *world) heal() {
	w.change(func() {
		w.headErr, w.headOld, w.parserErr, w.stateErr, w.saveErr, w.outcome, w.slow, w.mute = nil, 0, nil, nil, nil, sdk.Done, false, false
		w.state.Running, w.state.ExitCode, w.state.Refuse = true, nil, ""
	})
}

// TestDay: whatever happens in a day, a replay of its recording comes to the
// same, check by check and word by word: of the whole recording, and of each of
// its files by itself.
func TestDay(t *testing.T) {
	var verdicts []string
	for _, mode := range []struct {
		name  string
		lines bool
		seed  uint64
	}{{"events", false, 1}, {"events again", false, 2}, {"lines", true, 3}} {
		t.Run(mode.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "trace")
			var w *world
			synctest.Test(t, func(t *testing.T) { w = eventfulDay(t, dir, mode.lines, mode.seed) })
			w.t = t
			if verdicts = append(verdicts, w.verdicts...); len(w.verdicts) < minutes*9/10 || len(w.acts) < 5 {
				t.Errorf("%d checks and %d acts in the day", len(w.verdicts), len(w.acts))
			}
			var parser trace.Parser = noParser{t}
			if mode.lines {
				parser = traceParser{w}
			}
			w.parserErr = nil
			files := recordings(t, dir)
			got, warnings := replay(t, parser, files...)
			if diff := cmp.Diff(w.verdicts, got); diff != "" {
				t.Fatalf("verdicts differ (-live +replayed):\n%s", diff)
			}
			if len(warnings) > 0 || w.lost > 0 {
				t.Errorf("%d records are lost, warnings %q", w.lost, warnings)
			}
			checkAlone(t, w, parser, files)
		})
	}
	checkVariety(t, strings.Join(verdicts, "\n"))
}

// minutes is how long an eventful day is.
const minutes = 10 * 60

func eventfulDay(t *testing.T, dir string, lines bool, seed uint64) *world {
	w := newWorld(t, seed)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	go w.live(ctx)
	few := func(r *Recorder) { r.Lines, r.cut = lines, 30_000 }
	h := w.host(dir, few)
	events := trouble(w)
	for minute := range minutes {
		pass(time.Minute + time.Duration(w.dice(2000))*time.Millisecond)
		switch w.dice(8) {
		case 0:
			events[w.dice(len(events))]()
		case 1:
			w.heal()
		}
		if minute%120 == 119 {
			if minute%240 == 239 {
				h.die()
			} else {
				h.stop()
			}
			pass(time.Duration(w.dice(90)) * time.Second)
			h = w.host(dir, few)
		}
	}
	h.stop()
	return w
}

// checkVariety makes sure that the days were worth the while.
func checkVariety(t *testing.T, verdicts string) {
	t.Helper()
	for _, want := range []string{`"verdict":"ok"`, `"verdict":"act"`, `"rule":"cooldown"`, `"rule":"target"`, `"rule":"evidence"`, `"rule":"cause"`,
		`"rule":"block_lag.severe"`, `"falling_behind":true`, `"guard":"state cannot be written"`, `"major_sync":true`, "log not read yet",
		"parser: ", "not known yet", "(max_age ", `"fact.lines"`} {
		if !strings.Contains(verdicts, want) {
			t.Errorf("no verdict of the days has %s", want)
		}
	}
}

// checkAlone replays each file by itself.
func checkAlone(t *testing.T, w *world, parser trace.Parser, files []string) {
	t.Helper()
	if len(files) < 8 {
		t.Errorf("%d files of a day, want more for this to mean something", len(files))
	}
	from := 0
	for _, file := range files {
		got, warnings := replay(t, parser, file)
		to := min(from+len(got), len(w.verdicts))
		if diff := cmp.Diff(w.verdicts[from:to], got, cmpopts.EquateEmpty()); diff != "" || len(warnings) > 0 {
			t.Fatalf("%s by itself: warnings %q, verdicts differ (-live +replayed):\n%s", filepath.Base(file), warnings, diff)
		}
		from = to
	}
	if from != len(w.verdicts) {
		t.Errorf("the files have %d checks together, want %d", from, len(w.verdicts))
	}
}

// What is written is what others read: a target in each file, no path of an
// endpoint, and nothing that a reader complains of.
func TestWhatIsWritten(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5)
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go w.live(ctx)
		h := w.host(dir, func(r *Recorder) { r.cut = 20_000 })
		pass(2 * time.Hour)
		h.stop()
	})
	files := recordings(t, dir)
	for _, file := range files {
		text := read(t, file)
		if !strings.HasSuffix(file, ".jsonl.gz") || !strings.HasPrefix(text, `{"t":"2025-03-01T0`) {
			t.Errorf("%s begins with %.60s", file, text)
		}
		if n := strings.Count(text, `"target":{"exists":true,"running":true,"started_at":"2025-02-28T23:00:00Z","name":"azero"}}`+"\n"); n != 1 {
			t.Errorf("%s names the target %d times, want once", file, n)
		}
		if strings.Contains(text, "secret") || !strings.Contains(text, `"endpoint":"https://rpc.example"`) {
			t.Errorf("%s has an endpoint with its path", file)
		}
	}
	if len(files) < 2 {
		t.Errorf("%d files, want several", len(files))
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	in, err := trace.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(in); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
