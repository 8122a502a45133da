package dockerrestart

import (
	"context"
	"sync"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// answerMargin is how long before the host's deadline it is answered with what
// is known, so that it hears the engine's words.
const answerMargin = time.Second

// beforeDeadline ends a little before ctx does.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(answerMargin, time.Until(deadline)/2)))
}

// works are the acts under way, by request. The zero value is ready.
type works struct {
	mu      sync.Mutex
	byID    map[string]*work
	running sync.WaitGroup
}

// work is one act under way. It goes on until its end or that of the plugin.
type work struct {
	act    *act
	done   chan struct{}
	result sdk.Result
	err    error // valid once done is closed
}

// of returns the act of a request that is under way; nil for none.
func (w *works) of(request string) *work {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.byID[request]
}

// begin carries an act out, or resumes it. unlock is called at its end.
func (w *works) begin(ctx context.Context, a *act, unlock func()) *work {
	one := &work{act: a, done: make(chan struct{})}
	w.mu.Lock()
	if w.byID == nil {
		w.byID = make(map[string]*work)
	}
	w.byID[a.request.ID] = one
	w.mu.Unlock()
	w.running.Go(func() {
		defer unlock()
		defer close(one.done)
		if a.request.Resume {
			one.result, one.err = a.resume(ctx)
		} else {
			one.result, one.err = a.do(ctx)
		}
		w.mu.Lock()
		delete(w.byID, a.request.ID)
		w.mu.Unlock()
	})
	return one
}

// wait returns the outcome, or what is known when ctx is done.
func (w *work) wait(ctx context.Context) (sdk.Result, error) {
	select {
	case <-w.done:
		return w.result, w.err
	case <-ctx.Done():
	}
	if known := w.act.progress.Load(); known != nil {
		return *known, nil
	}
	return sdk.Result{Outcome: sdk.Unknown, Detail: "the act has just begun"}, nil
}
