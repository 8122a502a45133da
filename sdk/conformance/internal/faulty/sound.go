package faulty

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// config is the config block. It has one attribute of every type.
type config struct {
	Greeting  string            `hw:"greeting,required" doc:"what to say"`
	Level     string            `hw:"level" default:"low" oneof:"low high" doc:"how loud"`
	Retries   int               `hw:"retries" default:"3" doc:"how often"`
	Share     float64           `hw:"share" default:"0.5" doc:"how much"`
	Polite    bool              `hw:"polite" default:"true" doc:"whether to say please"`
	Timeout   time.Duration     `hw:"timeout" default:"10s" doc:"how long"`
	APIKey    string            `hw:"api_key,sensitive" doc:"a key"`
	Names     []string          `hw:"names" doc:"whom to greet"`
	Labels    map[string]string `hw:"labels" doc:"what to add"`
	Endpoints []endpoint        `hw:"endpoint" doc:"where to ask"`
	Limits    limits            `hw:"limits" doc:"how much at most"`
}

type endpoint struct {
	URL string `hw:"url,required" doc:"its address"`
}

type limits struct {
	Most int `hw:"most" default:"5" doc:"how many"`
}

// target is the target block.
type target struct {
	Node string `hw:"node,required" doc:"the name of the node"`
}

// theNode is the one node that there is.
const theNode = "node"

// info is that of a plugin of all kinds.
func info() sdk.Info {
	const config = `{"greeting":"hello","api_key":"0123456789abcdef","endpoint":[{"url":"https://a.example"},{"url":"https://b.example"}]}`
	return sdk.Info{
		Name: "sound", Version: "1.0.0", Description: "is what a plugin should be, of all kinds at once",
		Examples: []sdk.Example{
			{Name: "a node", Config: config, Target: `{"node":"` + theNode + `"}`, Disposable: true, Lines: []string{
				"start", "session 7", "far behind", "imported 10", "imported 11", "cause follows", "database is corrupt", "imported 12", "no longer behind",
				"level 0.5", "prepared 13", "sealed 13", "final 12", "cause follows", "equivocation", "noise"}},
			{Name: "no node", Config: `{"greeting":"hello","level":"high"}`, Target: `{"node":"nobody"}`, Missing: true},
		},
	}
}

// head is a head source.
type head struct{ config config }

var (
	_ sdk.HeadSource   = (*head)(nil)
	_ sdk.Configurable = (*head)(nil)
)

// Config is the config block.
func (h *head) Config() any { return &h.config }

// GetHead is always the same.
func (h *head) GetHead(context.Context) (sdk.Head, error) {
	return sdk.Head{Best: 100, Finalized: new(uint64(98)), Hash: "0xabcd", Endpoint: "https://a.example"}, nil
}

// parser is a log parser whose events depend on the lines before.
type parser struct{ config config }

// memory is what it remembers.
type memory struct {
	Cause bool `json:"cause"`
	Best  uint64
}

var (
	_ sdk.LogParser[memory] = (*parser)(nil)
	_ sdk.Configurable      = (*parser)(nil)
)

// Config is the config block.
func (p *parser) Config() any { return &p.config }

var numbered = regexp.MustCompile(`^(session|imported|final|prepared|sealed) ([0-9]{1,18})$`)

// ParseLine reads a line. Of a cause, the next line says what it is.
func (p *parser) ParseLine(m *memory, line sdk.Line, emit func(sdk.Event)) {
	text := string(line.Text)
	if m.Cause {
		m.Cause = false
		emit(sdk.FatalCause{Kind: "cause", Message: fmt.Sprintf("%s after %d", strings.ToValidUTF8(text, "?"), m.Best)})
		return
	}
	switch text {
	case "start":
		emit(sdk.NodeStarted{Version: "1.0"})
	case "far behind", "no longer behind":
		emit(sdk.SyncState{Major: text == "far behind"})
	case "cause follows":
		m.Cause = true
	case "level 0.5":
		emit(sdk.Fact{Name: "level", Value: 0.5})
	}
	found := numbered.FindStringSubmatch(text)
	if found == nil {
		return
	}
	number, err := strconv.ParseUint(found[2], 10, 64)
	if err != nil {
		return
	}
	switch found[1] {
	case "session":
		emit(sdk.SessionStarted{Number: number})
	case "imported":
		m.Best = number
		emit(sdk.BlockImported{Number: number})
	case "final":
		emit(sdk.BlockFinalized{Number: number})
	case "prepared":
		emit(sdk.BlockProduced{Number: number, Step: sdk.Prepared})
	case "sealed":
		emit(sdk.BlockProduced{Number: number, Step: sdk.Sealed})
	}
}

// node is a node that exists in this process only, with its log.
type node struct {
	config config

	mu      sync.Mutex
	started time.Time
	lines   []logLine
	changed chan struct{}
}

// logLine is a line of a run.
type logLine struct {
	run time.Time
	sdk.Line
}

var (
	_ sdk.Action[target]    = (*node)(nil)
	_ sdk.LogSource[target] = (*node)(nil)
	_ sdk.TargetSource      = (*node)(nil)
	_ sdk.Configurable      = (*node)(nil)
)

// newNode is the node as every process begins with it.
func newNode() *node {
	n := &node{started: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC), changed: make(chan struct{})}
	for i := range 9 {
		n.lines = append(n.lines, logLine{n.started, sdk.Line{Time: n.started.Add(time.Duration(i) * time.Second), Text: fmt.Appendf(nil, "line %d", i), Stream: sdk.Stdout}})
	}
	return n
}

// Config is the config block.
func (n *node) Config() any { return &n.config }

// Inspect tells of the one node.
func (n *node) Inspect(_ context.Context, t target) (sdk.State, error) {
	if t.Node != theNode {
		return sdk.State{}, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return sdk.State{Exists: true, Running: true, ID: "id-of-" + theNode, Name: theNode, StartedAt: n.started,
		Hazards: []sdk.Hazard{{ID: "no_volume", Level: sdk.HazardNote, What: "the node keeps its data in memory", Mend: "give it a disk"}}}, nil
}

// Execute begins another run.
func (n *node) Execute(ctx context.Context, t target, r sdk.Request) (sdk.Result, error) {
	state, err := n.Inspect(ctx, t)
	switch {
	case err != nil:
		return sdk.Result{}, err
	case !state.Exists:
		return sdk.Result{Outcome: sdk.NotDone, Detail: "there is no such node"}, nil
	case r.TargetID != "" && r.TargetID != state.ID:
		return sdk.Result{Outcome: sdk.NotDone, Detail: "it is another node"}, nil
	case !r.RunStartedAt.IsZero() && !r.RunStartedAt.Equal(state.StartedAt):
		return sdk.Result{Outcome: sdk.NotDone, Detail: "it is another run"}, nil
	case r.DryRun:
		return sdk.Result{Outcome: sdk.NotDone, Detail: "dry run"}, nil
	case r.Resume:
		return sdk.Result{Outcome: sdk.NotDone, Detail: "nothing was begun"}, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.started = time.Now()
	n.lines = append(n.lines, logLine{n.started, sdk.Line{Time: n.started, Text: []byte("start"), Stream: sdk.Stdout}})
	close(n.changed)
	n.changed = make(chan struct{})
	return sdk.Result{Outcome: sdk.Done, Detail: "restarted", StartedAt: n.started}, nil
}

// pieceOf is how many lines a batch has.
const pieceOf = 2

// ReadLog sends the log in small batches. A cursor is the number of the lines
// that were read.
func (n *node) ReadLog(ctx context.Context, t target, from sdk.ReadFrom, w sdk.LogWriter) error {
	at, err := n.begin(from)
	if err != nil {
		return err
	}
	var run time.Time
	for marked := false; ; {
		lines, changed := n.after(at)
		if t.Node != theNode {
			lines = nil
		}
		for len(lines) > 0 {
			if !lines[0].run.Equal(run) {
				run = lines[0].run
				if err := w.Send(sdk.RunStarted{StartedAt: run}); err != nil {
					return err
				}
			}
			batch := sdk.Lines{}
			for len(lines) > 0 && len(batch.Lines) < pieceOf && lines[0].run.Equal(run) {
				batch.Lines = append(batch.Lines, lines[0].Line)
				lines, at = lines[1:], at+1
			}
			batch.Cursor = strconv.AppendInt(nil, int64(at), 10)
			if err := w.Send(batch); err != nil {
				return err
			}
		}
		if !marked {
			marked = true
			if err := w.Send(sdk.BacklogEnd{}); err != nil || from.NoFollow {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// WatchTargets tells of the one node, which stays.
func (n *node) WatchTargets(ctx context.Context, noFollow bool, send func(sdk.TargetItem) error) error {
	found := sdk.FoundTarget{ID: "id-of-" + theNode, Name: theNode, Target: `{"node":"` + theNode + `"}`, Running: true}
	if err := errors.Join(send(found), send(sdk.TargetsListed{})); err != nil || noFollow {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// begin is where a reading begins.
func (n *node) begin(from sdk.ReadFrom) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if from.Cursor == nil {
		return max(0, len(n.lines)-from.Tail), nil
	}
	at, err := strconv.Atoi(string(from.Cursor))
	if err != nil || at < 0 || at > len(n.lines) {
		return 0, sdk.Invalid(errors.New("the cursor is none of this plugin"))
	}
	return at, nil
}

// after are the lines behind a place, and what is closed when there are more.
func (n *node) after(at int) ([]logLine, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lines[at:], n.changed
}
