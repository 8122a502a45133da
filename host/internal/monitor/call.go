package monitor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// heed is how long a call may take to return once its context is done.
const heed = time.Second

// heedAct is how much longer than its plugin says an act may take.
const heedAct = 15 * time.Second

// errBusy says that a call was not made, for the one before it has not ended.
var errBusy = errors.New("an earlier call has not ended yet")

// callee is something that is called one call at a time.
type callee struct{ busy atomic.Bool }

// answer is what a call returned.
type answer[T any] struct {
	value T
	err   error
}

// call makes a call of at most limit (0 for no limit) and returns when it ends.
// A call that does not heed its context is given up, so that no check and no
// end of the host waits for it; until it ends by itself, other calls of the
// same callee are refused with errBusy.
func call[T any](ctx context.Context, c *callee, limit time.Duration, f func(context.Context) (T, error)) (T, error) {
	var none T
	if !c.busy.CompareAndSwap(false, true) {
		return none, errBusy
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	answers := make(chan answer[T], 1)
	go func() {
		value, err := recovered(ctx, f)
		c.busy.Store(false)
		answers <- answer[T]{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
	}
	late := time.NewTimer(heed)
	defer late.Stop()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-late.C:
		return none, fmt.Errorf("give up a call that does not end: %w", ctx.Err())
	}
}

// recovered makes the call; a panic in it is its error, so that it costs one call
// and not the host.
func recovered[T any](ctx context.Context, f func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if broke := recover(); broke != nil {
			err = fmt.Errorf("panic: %v\n%s", broke, debug.Stack())
		}
	}()
	return f(ctx)
}
