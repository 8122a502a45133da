package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
	"github.com/headwatch/headwatch/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// name is the monitor's, which is not the container's.
const name = "aleph"

// world is a chain, a node in a container and a host that watches it, in a
// synctest bubble. Its node makes a block a second.
type world struct {
	t      *testing.T
	random *rand.Rand

	mu sync.Mutex
	// best is the chain's newest block, synced the node's.
	best, synced uint64
	headErr      error
	headOld      time.Duration
	state        sdk.State
	stateErr     error
	parserErr    error
	saveErr      error
	outcome      sdk.Outcome
	kept         monitor.Kept
	// wedged is a node that imports nothing, mute a log without lines.
	// slow is a log that takes its time to be read.
	wedged, mute, slow bool
	// lines are the log of the run.
	lines []sdk.Line
	feed  chan any

	verdicts []string
	acts     []string
	stored   int64
	files    int
	lost     int
	told     []string
}

// newWorld begins on a day on which blocks may have times of their own.
func newWorld(t *testing.T, seed uint64) *world {
	time.Sleep(time.Until(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)))
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 1)), best: 1_000_000, synced: 1_000_000, outcome: sdk.Done}
	w.state = sdk.State{Exists: true, Running: true, ID: "c1", Name: "azero", StartedAt: time.Now().Add(-time.Hour)}
	w.say("Imported #999990")
	return w
}

func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// say adds a line to the log, and sends it on where the log is followed.
func (w *world) say(format string, args ...any) {
	line := sdk.Line{Time: time.Now(), Text: fmt.Appendf(nil, format, args...)}
	w.change(func() { w.lines = append(w.lines, line) })
	w.send(sdk.Lines{Lines: []sdk.Line{line}, Cursor: []byte("x")})
}

func (w *world) send(item any) {
	w.mu.Lock()
	feed := w.feed
	w.mu.Unlock()
	select {
	case feed <- item:
	default:
	}
}

// restart begins a new run of the container.
func (w *world) restart() {
	w.change(func() {
		w.state.StartedAt, w.state.Running, w.state.ExitCode = time.Now(), true, nil
		w.lines, w.wedged, w.mute = nil, false, false
	})
	w.send(sdk.RunStarted{StartedAt: time.Now()})
	w.say("banner")
	var synced uint64
	w.change(func() { synced = w.synced })
	w.say("Imported #%d", synced)
}

// dice is a number from 0 to n-1.
func (w *world) dice(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(n)
}

// live lets chain and node go on until ctx is done.
func (w *world) live(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var synced uint64
		var silent, wedged bool
		w.change(func() {
			if w.best += 5; !w.wedged {
				w.synced = min(w.best, w.synced+50)
			}
			synced, wedged, silent = w.synced, w.wedged, !w.state.Running || w.mute
		})
		if !silent {
			w.print(synced, wedged)
		}
	}
}

// print is what a node at this block prints.
func (w *world) print(synced uint64, wedged bool) {
	if !wedged {
		w.say("Imported #%d", synced-1)
		w.say("Imported #%d", synced)
	}
	w.say("status: imported #%d, finalized #%d", synced, synced-2)
	if w.dice(180) == 0 {
		w.say("Running session %d", synced/900)
	}
	for _, rare := range []string{"prepared", "sealed", "major", "minor", "peers 12.5", "forget synced", "forget producing"} {
		if w.dice(150) == 0 {
			w.say("%s", rare)
		}
	}
}

var _ monitor.Target = (*world)(nil)

func (w *world) Inspect(context.Context) (sdk.State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state, w.stateErr
}

func (w *world) Execute(ctx context.Context, r sdk.Request) (sdk.Result, error) {
	w.mu.Lock()
	outcome := w.outcome
	w.acts = append(w.acts, fmt.Sprint(outcome, r.Resume))
	w.mu.Unlock()
	time.Sleep(7 * time.Second)
	if outcome == sdk.Unknown {
		return sdk.Result{}, sdk.Unavailable(errDown)
	}
	if outcome == sdk.Done {
		w.restart()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return sdk.Result{Outcome: outcome, Detail: "as told", StartedAt: w.state.StartedAt}, nil
}

func (w *world) GetHead(context.Context) (sdk.Head, error) {
	time.Sleep(time.Duration(time.Now().Unix()%400) * time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	finalized := w.best - 2
	return sdk.Head{Best: w.best, Finalized: &finalized, Hash: fmt.Sprintf("0x%064x", w.best), Time: time.Now().Add(-w.headOld - 300*time.Millisecond),
		Endpoint: "https://rpc.example/secret-path"}, w.headErr
}

// readEnd serves the log's last line.
func (w *world) readEnd(send func(sdk.LogItem) error) error {
	w.mu.Lock()
	end := slices.Clone(w.lines[max(0, len(w.lines)-1):])
	w.mu.Unlock()
	if err := send(sdk.Lines{Lines: end}); err != nil {
		return err
	}
	return send(sdk.BacklogEnd{})
}

// ReadLog serves the log of the run, then what is sent.
func (w *world) ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error {
	if from.NoFollow {
		return w.readEnd(send)
	}
	feed := make(chan any, 10_000)
	w.mu.Lock()
	backlog, started, slow := slices.Clone(w.lines), w.state.StartedAt, w.slow
	w.feed = feed
	w.mu.Unlock()
	if err := send(sdk.RunStarted{StartedAt: started}); err != nil {
		return err
	}
	backlog = backlog[max(0, len(backlog)-50):]
	for half := range slices.Chunk(backlog, 20) {
		if err := send(sdk.Lines{Lines: half, Cursor: []byte("x")}); err != nil {
			return err
		}
		if time.Sleep(100 * time.Millisecond); slow {
			time.Sleep(45 * time.Second)
		}
	}
	if err := send(sdk.BacklogEnd{}); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case next := <-feed:
			if err, failed := next.(error); failed {
				return err
			}
			if err := send(next.(sdk.LogItem)); err != nil {
				return err
			}
		}
	}
}

// Parse is a parser whose state is the number of lines it has read.
func (w *world) Parse(_ context.Context, state []byte, lines []sdk.Line) ([]byte, []nodelog.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.parserErr != nil {
		return nil, nil, w.parserErr
	}
	count := 0
	if state != nil {
		if err := json.Unmarshal(state, &count); err != nil {
			return nil, nil, err
		}
	}
	var events []nodelog.Event
	for _, line := range lines {
		count++
		for _, event := range parse(string(line.Text), count) {
			event.Time = line.Time
			events = append(events, event)
		}
	}
	return fmt.Append(nil, count), events, nil
}

// parse is what a line says, and how many lines were read.
func parse(text string, count int) []nodelog.Event {
	var n, m uint64
	words := strings.Fields(text)
	switch {
	case scan(text, "Imported #%d", &n):
		return []nodelog.Event{{Kind: nodelog.BlockImported, Number: n}}
	case scan(text, "status: imported #%d, finalized #%d", &n, &m):
		return []nodelog.Event{{Kind: nodelog.BlockImported, Number: n}, {Kind: nodelog.BlockFinalized, Number: m}, {Kind: nodelog.FactGiven, Name: "lines", Value: float64(count)}}
	case scan(text, "Running session %d", &n):
		return []nodelog.Event{{Kind: nodelog.SessionStarted, Number: n}}
	case text == "prepared":
		return []nodelog.Event{{Kind: nodelog.BlockPrepared}}
	case text == "sealed":
		return []nodelog.Event{{Kind: nodelog.BlockSealed}}
	case text == "major":
		return []nodelog.Event{{Kind: nodelog.MajorSync}}
	case text == "minor":
		return []nodelog.Event{{Kind: nodelog.NotMajorSync}}
	case text == "banner":
		return []nodelog.Event{{Kind: nodelog.NodeStarted, Text: "15.2"}}
	case words[0] == "forget":
		return []nodelog.Event{{Kind: nodelog.FactUnknown, Name: words[1], Text: "the node forgot"}}
	case words[0] == "fatal":
		return []nodelog.Event{{Kind: nodelog.FatalCause, Name: words[1], Text: text, Cures: words[1] == "panic"}}
	}
	return nil
}

func scan(text, form string, values ...any) bool {
	_, err := fmt.Sscanf(text, form, values...)
	return err == nil
}

func (w *world) Load(string, time.Time) (monitor.Kept, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept, "", nil
}

func (w *world) Save(_ string, state monitor.Kept) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.saveErr != nil {
		return w.saveErr
	}
	if state.Intent != nil {
		intent := *state.Intent
		state.Intent = &intent
	}
	w.kept = state
	return nil
}

func (w *world) Checked(c monitor.Check) {
	v := c.Verdict
	line, err := v.AppendJSON(nil, name)
	w.change(func() { w.verdicts = append(w.verdicts, string(line)) })
	if err != nil {
		w.t.Error(err)
	}
}

func (w *world) Acted(monitor.Act)           {}
func (w *world) Claim(string, string) string { return "" }

var _ Listener = (*world)(nil)

func (w *world) RecordingStored(bytes int64, files int) {
	w.change(func() { w.stored, w.files = bytes, files })
}

func (w *world) RecordingLost(_ string, records int) { w.change(func() { w.lost += records }) }

// settings are those of the drop-in, with a rule over a fact of the parser.
func settings() rule.Settings {
	on := ruleset.Switch{Enabled: true}
	s := rule.Settings{Name: "azero", Interval: time.Minute, MaxAge: 3 * time.Minute}
	s.Severe.Switch, s.SyncStall.Switch, s.FallingBehind.Switch, s.Moderate.Switch = on, on, on, on
	s.Severe.LagAbove, s.SyncStall.LagAbove, s.FallingBehind.LagAbove, s.Moderate.LagAbove = 100, 30, 10, 60
	s.SyncStall.For, s.FallingBehind.Window = 3*time.Minute, 5*time.Minute
	s.Cooldown = rule.Cooldown{AfterAction: 5 * time.Minute, AfterFailure: time.Minute}
	return s
}

// host is one run of a host.
type host struct {
	t         *testing.T
	recorder  *Recorder
	recording *MonitorRecorder
	stop      func()
}

// host starts one that records into dir.
func (w *world) host(dir string, change ...func(*Recorder)) *host {
	h := &host{t: w.t, recorder: New(Settings{Dir: dir, MaxSize: 100e6, MaxAge: 30 * 24 * time.Hour}, "1.2.3", redact.New(), w, slog.New(slog.NewTextHandler(w.teller(), nil)))}
	for _, f := range change {
		f(h.recorder)
	}
	h.recording = h.recorder.Monitor(name, []string{"cooldown: 300s"})
	m := monitor.New(monitor.Config{Name: name, Settings: settings(), Heads: map[string]monitor.HeadSource{"onfinality": w}, Target: w, Log: w, Tail: 50,
		Parser: w, Keeper: w, Observers: []monitor.Observer{h.recording, w}, Claims: w, Logger: slog.New(slog.DiscardHandler)})
	watching, endWatch := context.WithCancel(w.t.Context())
	writing, endWrite := context.WithCancel(w.t.Context())
	var monitoring, recording sync.WaitGroup
	recording.Go(func() { h.recorder.Run(writing) })
	monitoring.Go(func() { m.Run(watching) })
	h.stop = func() {
		endWatch()
		monitoring.Wait()
		if h.recording != nil {
			h.recording.Close()
		}
		endWrite()
		recording.Wait()
	}
	return h
}

// die ends a host without a last word of its recording, as a kill does.
func (h *host) die() {
	h.recording = nil
	h.stop()
}

// teller keeps what the host says about its recording.
func (w *world) teller() io.Writer {
	return tellerFunc(func(s string) { w.change(func() { w.told = append(w.told, s) }) })
}

type tellerFunc func(string)

func (f tellerFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

var errDown = errors.New("connection reset")
