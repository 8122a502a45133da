package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// callWithin bounds one question, logWithin the reading of the log's end with all
// that its parser reads in it.
const (
	callWithin = 20 * time.Second
	logWithin  = 40 * time.Second
)

// examination is one look at everything.
type examination struct {
	monitor.Config
	mu    sync.Mutex
	heads []headAnswer

	// node is what the node's own endpoint said; nil where it is not asked.
	node     *headAnswer
	state    sdk.State
	stateErr error
	log      logSeen
}

// headAnswer is what a head source said.
type headAnswer struct {
	source string
	head   sdk.Head
	at     time.Time
	took   time.Duration
	err    error
}

// Examine asks heads, target and log of a monitor at the same time, and says what was
// found. What was kept of earlier acts is not looked at: the first verdict is that of
// a host which has never acted.
func Examine(ctx context.Context, m monitor.Config) []Finding {
	e := &examination{Config: m}
	var asked sync.WaitGroup
	for name, source := range m.Heads {
		asked.Go(func() { e.askHead(ctx, name, source) })
	}
	if m.Node != nil {
		asked.Go(func() { e.node = new(ask(ctx, m.NodeName, m.Node)) })
	}
	asked.Go(func() {
		e.state, e.stateErr = within(ctx, callWithin, m.Target.Inspect)
		if e.stateErr == nil && e.state.Exists {
			e.readLog(ctx)
		}
	})
	asked.Wait()
	slices.SortFunc(e.heads, func(a, b headAnswer) int { return strings.Compare(a.source, b.source) })
	engine := e.engine(time.Now())
	var found findings
	e.judgeTarget(&found)
	e.judgeHeads(&found, engine)
	e.judgeNode(&found)
	e.judgeLog(&found)
	e.judgeVerdict(&found, engine)
	return found
}

// within makes a call that has a deadline, also where what is called does not heed
// it.
func within[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() { // it ends when the callee does; nobody waits for one that hangs
		value, err := call(ctx)
		answered <- answer{value, err}
	}()
	select {
	case a := <-answered:
		if errors.Is(a.err, context.DeadlineExceeded) && ctx.Err() != nil {
			a.err = fmt.Errorf("no answer within %s", limit)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("no answer within %s", limit)
	}
}

func (e *examination) askHead(ctx context.Context, name string, source monitor.HeadSource) {
	answer := ask(ctx, name, source)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heads = append(e.heads, answer)
}

func ask(ctx context.Context, name string, source monitor.HeadSource) headAnswer {
	began := time.Now()
	head, err := within(ctx, callWithin, source.GetHead)
	return headAnswer{source: name, head: head, at: time.Now(), took: time.Since(began), err: err}
}

// engine is one that has seen everything that was seen here.
func (e *examination) engine(now time.Time) *rule.Engine {
	engine := rule.New(e.Settings)
	if e.stateErr != nil {
		engine.Observe(now, rule.Target{Error: e.stateErr.Error()})
	} else {
		engine.Observe(now, observe.Target(e.state))
	}
	for _, a := range e.heads {
		if a.err != nil {
			engine.Observe(now, rule.HeadError{Source: a.source, Error: a.err.Error()})
		} else {
			engine.Observe(now, observe.Head(a.source, a.head))
		}
	}
	switch {
	case e.node == nil:
	case e.node.err != nil:
		engine.Observe(now, rule.NodeError{Source: e.node.source, Error: e.node.err.Error()})
	default:
		engine.Observe(now, rule.Node(observe.Head(e.node.source, e.node.head)))
	}
	switch {
	case e.log.err != nil:
		engine.Observe(now, rule.LogError{Error: e.log.err.Error()})
	case e.log.read:
		engine.Observe(now, rule.Log{Lines: e.log.lines, Last: e.log.last, Events: e.log.events})
	}
	return engine
}
