package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is all that a monitor sees and touches: a fake of each of its parts,
// behind one lock. It lives in a synctest bubble.
type world struct {
	t *testing.T

	mu sync.Mutex
	// best is what the head source answers.
	best    uint64
	headErr error
	// getHead and inspect replace the fakes' answers where they are set.
	getHead func(ctx context.Context) (sdk.Head, error)
	inspect func(ctx context.Context) (sdk.State, error)

	state      sdk.State
	inspectErr error
	execute    func(ctx context.Context, r sdk.Request) (sdk.Result, error)
	requests   []sdk.Request

	// feed is what the log serves: items, and errors that end the reading.
	feed chan any
	// end are the log's last lines, which are read also where the stream does not
	// deliver them.
	end     []sdk.Line
	tailErr error
	tails   int
	opens   []open

	parserErr   error
	parserTakes time.Duration
	parsed      []string
	states      []string

	kept             map[string]Kept
	aside            string
	loadErr, saveErr error
	saves            []Kept
	saved            func()

	// onCheck is called with each verdict, where it is set.
	onCheck  func(rule.Verdict)
	verdicts []rule.Verdict
	delays   []time.Duration
	acted    []sdk.Outcome
	owner    string
	records  []record

	settings rule.Settings
	rules    []string
	patience time.Duration
}

// open is one opening of the log.
type open struct {
	at     time.Duration
	cursor string
}

// record is a line of the host's log.
type record struct {
	level slog.Level
	text  string
	attrs string
}

// container is the target's name, and begun how long it has run when a world
// begins.
const (
	container = "azero"
	begun     = time.Hour
)

func newWorld(t *testing.T) *world {
	t.Helper()
	now := time.Now()
	w := &world{t: t, best: 1000, feed: make(chan any, 1000), kept: map[string]Kept{}}
	w.state = sdk.State{Exists: true, Running: true, ID: "c1", Name: container, StartedAt: now.Add(-begun)}
	w.execute = w.restart
	on := ruleset.Switch{Enabled: true}
	w.settings = rule.Settings{Name: container, Interval: time.Minute, MaxAge: 3 * time.Minute,
		Severe:    ruleset.BlockLag{Switch: on, Threshold: ruleset.Threshold{LagAbove: 100}},
		SyncStall: ruleset.SyncStall{Switch: on, Threshold: ruleset.Threshold{LagAbove: 100}, For: 3 * time.Minute},
		Cooldown:  rule.Cooldown{AfterAction: 5 * time.Minute, AfterFailure: time.Minute}}
	return w
}

// restart is what an engine does: a new run of the same container begins.
func (w *world) restart(context.Context, sdk.Request) (sdk.Result, error) {
	w.change(func() { w.state.StartedAt = time.Now() })
	w.log(sdk.RunStarted{StartedAt: time.Now()})
	return sdk.Result{Outcome: sdk.Done, StartedAt: time.Now()}, nil
}

func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// log serves items to the monitor.
func (w *world) log(items ...any) {
	for _, item := range items {
		if batch, ok := item.(sdk.Lines); ok {
			w.write(batch.Lines...)
		}
		w.feed <- item
	}
}

// write puts lines at the log's end that the stream does not deliver.
func (w *world) write(lines ...sdk.Line) {
	w.change(func() { w.end = append(w.end, lines...) })
}

// backlog is a first reading of a log that ends with block n.
func (w *world) backlog(n int) []any {
	return []any{sdk.RunStarted{StartedAt: w.state.StartedAt}, block(n), sdk.BacklogEnd{}}
}

func block(n int) sdk.Lines { return lines(fmt.Sprintf("block %d", n)) }

// lines are a batch whose cursor is its last line.
func lines(texts ...string) sdk.Lines {
	batch := sdk.Lines{Cursor: []byte(texts[len(texts)-1])}
	for _, text := range texts {
		batch.Lines = append(batch.Lines, sdk.Line{Time: time.Now(), Text: []byte(text)})
	}
	return batch
}

// host is one run of a monitor.
type host struct {
	monitor *Monitor
	end     context.CancelFunc
	done    chan struct{}
}

// host starts a monitor on this world; the test's end stops it.
func (w *world) host() *host {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	h := &host{end: cancel, done: make(chan struct{}, 1)}
	m := New(w.config("aleph"))
	h.monitor = m
	go func() { m.Run(ctx); h.done <- struct{}{} }()
	w.t.Cleanup(h.end)
	synctest.Wait()
	return h
}

// config is what a monitor on this world is made of.
func (w *world) config(name string) Config {
	return Config{Name: name, Settings: w.settings, Rules: w.rules, Heads: map[string]HeadSource{"onfinality": fakeHead{w}},
		Target: fakeTarget{w}, Log: fakeLog{w, time.Now()}, Tail: 5000, Parser: fakeParser{w}, Keeper: fakeKeeper{w},
		Observers: []Observer{NewLogObserver(slog.New(fakeHandler{w})), fakeObserver{w}}, Claims: fakeClaims{w},
		Logger: slog.New(fakeHandler{w}), Patience: w.patience}
}

// stop ends a host and waits for it.
func (h *host) stop(t *testing.T) {
	t.Helper()
	h.end()
	<-h.done
}

// pass lets time go by, until nothing more happens at the end of it.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// outcomes are those of the checks so far, in short.
func (w *world) outcomes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var short []string
	for _, v := range w.verdicts {
		short = append(short, strings.TrimSpace(string(v.Kind)+" "+v.Rule))
	}
	return short
}

func (w *world) last() rule.Verdict {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.verdicts) == 0 {
		w.t.Fatal("no check was made")
	}
	return w.verdicts[len(w.verdicts)-1]
}

// delay is the delay of the log at the last check.
func (w *world) delay() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.delays[len(w.delays)-1]
}

func (w *world) checks() int { return len(w.outcomes()) }

// told counts the records of a level whose text holds a word.
func (w *world) told(level slog.Level, word string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, r := range w.records {
		if r.level == level && strings.Contains(r.text+" "+r.attrs, word) {
			n++
		}
	}
	return n
}

func (w *world) asked() []sdk.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

func (w *world) stored() Kept {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept["aleph"]
}

type fakeHead struct{ *world }

func (f fakeHead) GetHead(ctx context.Context) (sdk.Head, error) {
	f.mu.Lock()
	replaced, head, err := f.getHead, sdk.Head{Best: f.best}, f.headErr
	f.mu.Unlock()
	if replaced != nil {
		return replaced(ctx)
	}
	return head, err
}

type fakeTarget struct{ *world }

func (f fakeTarget) Inspect(ctx context.Context) (sdk.State, error) {
	f.mu.Lock()
	replaced, state, err := f.inspect, f.state, f.inspectErr
	f.mu.Unlock()
	if replaced != nil {
		return replaced(ctx)
	}
	return state, err
}

func (f fakeTarget) Execute(ctx context.Context, r sdk.Request) (sdk.Result, error) {
	f.mu.Lock()
	f.requests = append(f.requests, r)
	do := f.execute
	f.mu.Unlock()
	return do(ctx, r)
}

type fakeLog struct {
	*world
	since time.Time
}

func (f fakeLog) ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	if from.NoFollow {
		return f.readTail(from.Tail, send)
	}
	f.change(func() { f.opens = append(f.opens, open{time.Since(f.since), string(from.Cursor)}) })
	for {
		var next any
		select {
		case <-ctx.Done():
			return ctx.Err()
		case next = <-f.feed:
		}
		switch next := next.(type) {
		case cleanEnd:
			return nil
		case error:
			return next
		}
		if err := send(next.(sdk.LogItem)); err != nil {
			return err
		}
	}
}

// readTail serves the log's last lines.
func (f fakeLog) readTail(most int, send func(sdk.LogItem) error) error {
	f.mu.Lock()
	f.tails++
	end, err := slices.Clone(f.end[max(0, len(f.end)-most):]), f.tailErr
	f.mu.Unlock()
	if err != nil {
		return err
	}
	if len(end) > 0 {
		if err := send(sdk.Lines{Lines: end}); err != nil {
			return err
		}
	}
	return send(sdk.BacklogEnd{})
}

// cleanEnd makes the fake log end without an error.
type cleanEnd struct{}

// fakeParser reads lines such as "block 7". Its state is the number of lines
// that it has read.
type fakeParser struct{ *world }

func (f fakeParser) Parse(ctx context.Context, state []byte, lines []sdk.Line) ([]byte, []nodelog.Event, error) {
	f.mu.Lock()
	takes := f.parserTakes
	f.mu.Unlock()
	if takes > 0 && !sleep(ctx, takes) {
		return nil, nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.parserErr != nil {
		return nil, nil, f.parserErr
	}
	f.states = append(f.states, string(state))
	n := 0
	fmt.Sscan(string(state), &n)
	var events []nodelog.Event
	for _, line := range lines {
		text := string(line.Text)
		f.parsed = append(f.parsed, text)
		var height uint64
		if _, err := fmt.Sscanf(text, "block %d", &height); err == nil {
			events = append(events, nodelog.Event{Time: line.Time, Kind: nodelog.BlockImported, Number: height})
		}
		if cause, ok := strings.CutPrefix(text, "fatal "); ok {
			events = append(events, nodelog.Event{Time: line.Time, Kind: nodelog.FatalCause, Name: cause, Text: text})
		}
		if trouble, ok := strings.CutPrefix(text, "trouble "); ok {
			events = append(events, nodelog.Event{Time: line.Time, Kind: nodelog.FatalCause, Name: trouble, Text: text, Cures: true})
		}
	}
	return fmt.Append(nil, n+len(lines)), events, nil
}

type fakeKeeper struct{ *world }

func (f fakeKeeper) Load(monitor string, now time.Time) (Kept, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.aside != "" {
		return Kept{LastDone: now}, f.aside, f.loadErr
	}
	return f.kept[monitor], "", f.loadErr
}

func (f fakeKeeper) Save(monitor string, state Kept) error {
	f.mu.Lock()
	if f.saveErr != nil {
		defer f.mu.Unlock()
		return f.saveErr
	}
	if state.Intent != nil {
		intent := *state.Intent
		state.Intent = &intent
	}
	f.kept[monitor] = state
	f.saves = append(f.saves, state)
	saved := f.saved
	f.mu.Unlock()
	if saved != nil {
		saved()
	}
	return nil
}

type fakeObserver struct{ *world }

func (f fakeObserver) Checked(c Check) {
	if f.onCheck != nil {
		f.onCheck(c.Verdict)
	}
	f.change(func() { f.verdicts, f.delays = append(f.verdicts, c.Verdict), append(f.delays, c.LogDelay) })
}

func (f fakeObserver) Acted(a Act) {
	f.change(func() { f.acted = append(f.acted, a.Result.Outcome) })
}

type fakeClaims struct{ *world }

func (f fakeClaims) Claim(string, string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.owner
}

// fakeHandler keeps what is logged.
type fakeHandler struct{ *world }

func (fakeHandler) Enabled(context.Context, slog.Level) bool { return true }

func (f fakeHandler) Handle(_ context.Context, r slog.Record) error {
	var attrs []string
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a.String())
		return true
	})
	f.change(func() { f.records = append(f.records, record{r.Level, r.Message, strings.Join(attrs, " ")}) })
	return nil
}

func (f fakeHandler) WithAttrs([]slog.Attr) slog.Handler { return f }
func (f fakeHandler) WithGroup(string) slog.Handler      { return f }

// died returns a world in which another host finds what this one left behind
// when it was killed: the kept state and the target, and nothing else.
func (w *world) died() *world {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := newWorld(w.t)
	next.best, next.state, next.kept = w.best, w.state, maps.Clone(w.kept)
	next.settings, next.rules = w.settings, w.rules
	return next
}
