// Package monitor runs the loop of one watched node: it asks the heads, follows
// the log, inspects the target, gives what it saw to the engine of package rule
// at every check, and carries out what the engine decides. It decides nothing
// itself, and it acts on nothing without a written intent.
package monitor

import (
	"context"
	"log/slog"
	"time"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/store"
	"github.com/headwatch/headwatch/sdk"
)

// HeadSource is asked for the network's head.
type HeadSource interface {
	GetHead(ctx context.Context) (sdk.Head, error)
}

// Target is what a monitor inspects and acts on.
type Target interface {
	Inspect(ctx context.Context) (sdk.State, error)
	Execute(ctx context.Context, request sdk.Request) (sdk.Result, error)
}

// LogSource follows the target's log until ctx is done or reading fails.
type LogSource interface {
	ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error
}

// Parser turns a batch of lines into what they say, in their order.
type Parser interface {
	Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []rule.Event, err error)
}

// Keeper keeps what must survive a restart of the host.
type Keeper interface {
	Load(monitor string, now time.Time) (state store.State, aside string, err error)
	Save(monitor string, state store.State) error
}

// Listener is told what a monitor does. Its methods return at once.
type Listener interface {
	// Checked is called after each check.
	Checked(monitor string, v rule.Verdict)
	// Acted is called after each action.
	Acted(monitor string, request sdk.Request, result sdk.Result)
}

// Claims gives each target to one monitor only.
type Claims interface {
	// Claim says which other monitor has the target of this id; empty for none.
	Claim(monitor, targetID string) (owner string)
}

// Config is what a monitor is made of.
type Config struct {
	Name     string
	Settings rule.Settings
	// Heads are the head sources by name.
	Heads  map[string]HeadSource
	Target Target
	Log    LogSource
	Tail   int
	Parser Parser
	// Keeper may be nil where no state can be kept: then nothing is done to the
	// target, and Unkept says why.
	Keeper   Keeper
	Unkept   string
	Listener Listener
	Claims   Claims
	Logger   *slog.Logger
}

// Timings of a monitor that no one needs to set.
const (
	// reopenFirst and reopenMost bound the pause before a log is opened again.
	reopenFirst = 250 * time.Millisecond
	reopenMost  = 30 * time.Second
	// parseAgain is the pause before lines are given to a parser again.
	parseAgain = time.Second
	// actGrace is how long an act that is under way may go on after the host
	// was asked to end; what becomes of it then is settled at the next start.
	// Docker gives a container 10 s to stop.
	actGrace = 8 * time.Second
	// settleFor is how long an act whose end was not seen is asked after.
	settleFor = 10 * time.Minute
	// unreachableFor is how long an engine may refuse the connection before the
	// host ends, for a supervisor to start it anew: the file of a socket that
	// was mounted into a container goes stale when the engine makes a new one.
	unreachableFor = 10 * time.Minute
)

// Monitor is one watched node.
type Monitor struct {
	Config
	engine *rule.Engine
	state  store.State

	// live says that the log's backlog has been read and the log is followed.
	live bool
	// streamRun is the run that the lines of the stream belong to.
	streamRun time.Time
	// parserState is the parser's memory of that run.
	parserState []byte
	// waiting are lines that the parser has not taken yet.
	waiting []sdk.Line

	targetID string
	notes    map[string]bool
	said     said
	// unreachable is since when the engine has refused the connection.
	unreachable time.Time
}

// said is what was already told, so that it is told once.
type said struct {
	blind, cause, trouble string
	logState              string
}

// New returns a monitor that has not begun.
func New(c Config) *Monitor {
	return &Monitor{Config: c, engine: rule.New(c.Settings), notes: map[string]bool{}}
}

// Run watches until ctx is done, and then returns nil. An act that is under way
// is finished first, within a grace time. It returns [ErrUnreachable] when the
// engine has refused the connection for ten minutes.
func (m *Monitor) Run(ctx context.Context) error {
	m.restore()
	items := make(chan sdk.LogItem)
	followed := make(chan struct{})
	follow, stop := context.WithCancel(ctx)
	go func() {
		defer close(followed)
		m.follow(follow, items)
	}()
	defer func() {
		stop()
		<-followed
	}()
	m.engine.Observe(time.Now(), rule.LogError{Error: "log not read yet"})
	m.observeTarget(ctx)
	return m.loop(ctx, items)
}

// loop checks as soon as the log's backlog is read, or after one interval, and
// every interval from there.
func (m *Monitor) loop(ctx context.Context, items <-chan sdk.LogItem) error {
	tick := time.NewTimer(m.Settings.Interval)
	defer tick.Stop()
	checked := false
	for {
		in, again := items, (<-chan time.Time)(nil)
		if len(m.waiting) > 0 {
			// What the parser has not taken yet must not be overtaken.
			in, again = nil, time.After(parseAgain)
		}
		select {
		case <-ctx.Done():
			return nil
		case item := <-in:
			m.takeItem(ctx, item)
			if checked || !m.live {
				continue
			}
		case <-again:
			m.parse(ctx)
			continue
		case <-tick.C:
			m.drain(ctx, items)
		}
		checked = true
		next := time.Now().Add(m.Settings.Interval)
		if err := m.check(ctx); err != nil {
			return err
		}
		tick.Reset(max(0, time.Until(next)))
	}
}

// drain takes the items that are there already, so that a check rests on all
// that has come.
func (m *Monitor) drain(ctx context.Context, items <-chan sdk.LogItem) {
	for len(m.waiting) == 0 {
		select {
		case item := <-items:
			m.takeItem(ctx, item)
		default:
			return
		}
	}
}
