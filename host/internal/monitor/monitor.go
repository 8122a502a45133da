// Package monitor runs the loop of one watched node: it asks the heads, follows
// the log, inspects the target, gives what it saw to the engine of package rule
// at every check, and carries out what the engine decides. It decides nothing
// itself, and it acts on nothing without a written intent.
package monitor

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/rule"
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

// LogSource follows the target's log until ctx is done or reading fails. What
// it sends is the monitor's from then on.
type LogSource interface {
	ReadLog(ctx context.Context, from sdk.ReadFrom, send func(sdk.LogItem) error) error
}

// Parser turns a batch of lines into what they say, in their order.
type Parser interface {
	Parse(ctx context.Context, state []byte, lines []sdk.Line) (next []byte, events []nodelog.Event, err error)
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
	// Rules are those of the settings, in words.
	Rules []string
	// Heads are the head sources by name.
	Heads map[string]HeadSource
	// Node asks the node's own endpoint, NodeName is what it is called; nil for
	// none. Without Log the log is not read.
	Node     HeadSource
	NodeName string
	Target   Target
	Log      LogSource
	Tail     int
	Parser   Parser
	Keeper   Keeper
	// Patience is longer than the deadline of any call to a plugin: a call that
	// takes longer does not heed its deadline and is given up. Zero is an hour.
	Patience time.Duration
	// Observers are told in this order.
	Observers []Observer
	Claims    Claims
	Logger    *slog.Logger
}

// Timings of a monitor that no one needs to set.
const (
	// reopenFirst and reopenMost bound the pause before a log is opened again. A
	// reading that lasted longer than reopenMost makes it short again.
	reopenFirst = 250 * time.Millisecond
	reopenMost  = 30 * time.Second
	// parseAgain is the pause before lines are given to a parser again, and
	// parseTries how often that is done where the parser itself breaks on them.
	parseAgain = time.Second
	parseTries = 10
	// drainFor bounds how long a check waits for a log that never pauses.
	drainFor = time.Second
	// patience is what Config.Patience is by default.
	patience = time.Hour
	// actGrace is how long an act that is under way may go on after the host was
	// asked to end, at least: longer where the target takes longer to stop, and
	// then stopGrace more. What becomes of it then is settled at the next start.
	actGrace  = 8 * time.Second
	stopGrace = 10 * time.Second
	// settleFor is how long a plugin that answers may not know what became of
	// an act.
	settleFor = 10 * time.Minute
	// refusedMost is how long an engine may refuse the connection before that is
	// said.
	refusedMost = 10 * time.Minute
)

// Monitor is one watched node.
type Monitor struct {
	Config
	engine *rule.Engine
	calls  calls
	// orders are the commands of people; ended is closed at the end of Run.
	orders chan order
	ended  chan struct{}

	state Kept
	// restored says that state is what was kept, and unsaved that it is not yet.
	restored, unsaved bool
	// unrestored says why state is not what was kept.
	unrestored string
	// doneBefore is when an act was last done before the one of the intent.
	doneBefore time.Time
	// asking is since when the plugin has not known what became of an act.
	asking time.Time

	// live says that the log's backlog has been read and the log is followed.
	live bool
	// streamRun is the run that the lines of the stream belong to.
	streamRun time.Time
	// parserState is the parser's memory of that run.
	parserState []byte
	// waiting are lines that the parser has not taken yet, and broken is how
	// often it broke on them.
	waiting []sdk.Line
	broken  int

	// items are what the log's reading delivers; reopen ends the reading, for it to
	// begin anew.
	items    chan sdk.LogItem
	reopen   atomic.Value // context.CancelCauseFunc
	delivery delivery

	targetID string
	// clockAhead is how far the engine's clock is ahead of this machine's; nil
	// while that is not known. actTakes is the longest that an act may take.
	clockAhead *time.Duration
	// ahead is the same where it counts, else zero.
	ahead time.Duration
	// stopTakes is how long of that the target may take to stop.
	actTakes, stopTakes time.Duration
	notes               map[string]bool
	said                said
	// refused is since when the engine has refused the connection, in Unix
	// nanoseconds; 0 while it does not.
	refused atomic.Int64
}

// calls are the callees of a monitor.
type calls struct {
	inspect, execute, log, tail, parse, node callee
	heads                                    map[string]*callee
}

// said is what was already told, so that it is told once.
type said struct {
	refused, logState, store, engine, clock news
}

// New returns a monitor that has not begun.
func New(c Config) *Monitor {
	if c.Patience == 0 {
		c.Patience = patience
	}
	m := &Monitor{Config: c, engine: rule.New(c.Settings), notes: map[string]bool{}, orders: make(chan order), ended: make(chan struct{})}
	m.delivery.delay = -1
	m.calls.heads = map[string]*callee{}
	for name := range c.Heads {
		m.calls.heads[name] = &callee{}
	}
	return m
}

// Run watches until ctx is done. An act that is under way is finished first,
// within a grace time. Run is called once.
func (m *Monitor) Run(ctx context.Context) {
	defer close(m.ended)
	due := time.Now().Add(m.Settings.Interval)
	m.items = make(chan sdk.LogItem)
	if m.Log == nil {
		due = time.Now() // there is no backlog to wait for
	} else {
		defer m.startFollowing(ctx)()
	}
	m.restore()
	m.settle(ctx)
	if m.Log != nil {
		m.observe(time.Now(), rule.LogError{Error: "log not read yet"})
	}
	m.observeTarget(ctx)
	m.loop(ctx, due)
}

// startFollowing follows the log until end is called, which waits for it.
func (m *Monitor) startFollowing(ctx context.Context) (end func()) {
	followed := make(chan struct{})
	follow, stop := context.WithCancel(ctx)
	go func() {
		defer close(followed)
		m.follow(follow, m.items)
	}()
	return func() {
		stop()
		<-followed
	}
}

// loop checks as soon as the log's backlog is read, or when the first check is
// due without it, and every interval from there.
func (m *Monitor) loop(ctx context.Context, due time.Time) {
	tick := time.NewTimer(time.Until(due))
	defer tick.Stop()
	checked := false
	for ctx.Err() == nil {
		in, again := m.items, (<-chan time.Time)(nil)
		if len(m.waiting) > 0 {
			// What the parser has not taken yet must not be overtaken.
			in, again = nil, time.After(parseAgain)
		}
		select {
		case <-ctx.Done():
			return
		case item := <-in:
			m.takeItem(ctx, item)
			if !m.live || checked && !m.delivery.judgeAgain {
				continue
			}
			due = time.Now()
		case <-again:
			m.parse(ctx)
			continue
		case o := <-m.orders:
			m.obey(ctx, o)
			continue
		case <-tick.C:
			m.parse(ctx)
			m.drain(ctx)
		}
		checked, m.delivery.judgeAgain = true, false
		m.check(ctx)
		due = after(due, m.Settings.Interval)
		tick.Reset(time.Until(due))
	}
}

// after is the next time of a schedule that has not gone by: a check that took
// longer than the interval makes the ones it missed fall out.
func after(due time.Time, interval time.Duration) time.Time {
	late := max(0, time.Since(due))
	return due.Add(late.Truncate(interval) + interval)
}

// drain takes the items that are there already, so that a check rests on all
// that has come, but waits for no end of a log that never pauses.
func (m *Monitor) drain(ctx context.Context) {
	for begun := time.Now(); len(m.waiting) == 0 && time.Since(begun) < drainFor; {
		select {
		case item := <-m.items:
			m.takeItem(ctx, item)
		default:
			return
		}
	}
}
