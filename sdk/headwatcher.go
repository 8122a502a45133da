package sdk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// HeadWatcher is an optional interface of a head source that is told of heads,
// by a subscription, or that asks in the background because an answer is slow or
// dear. The host is answered with the head that was reported last as long as
// that is no older than [FreshFor], and by GetHead otherwise: a watch that stands
// still is never taken for a chain that does.
type HeadWatcher interface {
	// WatchHeads is called once the plugin is started, and reports every head
	// that it hears of until ctx is done. Where it returns before, its error is
	// logged, and it is called again after a pause that grows from a second to
	// half a minute.
	WatchHeads(ctx context.Context, report func(Head)) error
}

// FreshFor is how long a head that a [HeadWatcher] reported answers for the
// network. The host cannot tell that it is no newer, so that it is short.
const FreshFor = 10 * time.Second

// The pauses between two calls of WatchHeads.
const (
	shortestPause = time.Second
	longestPause  = 30 * time.Second
)

// Poll is a WatchHeads for a source that has nothing to listen to: it asks at
// once and then again and again, and reports the answers. An answer may take as
// long as lies between two of them. It returns the first error of ask.
func Poll(ctx context.Context, every time.Duration, ask func(context.Context) (Head, error), report func(Head)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		asking, cancel := context.WithTimeout(ctx, every)
		head, err := ask(asking)
		cancel()
		if err != nil {
			return err
		}
		report(head)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// newestHead is what a watch reported last.
type newestHead struct {
	mu   sync.Mutex
	head Head
	at   time.Time
}

func (n *newestHead) report(head Head) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.head, n.at = head, time.Now()
}

// fresh is the head, where it may answer for the network.
func (n *newestHead) fresh() (Head, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.head, !n.at.IsZero() && time.Since(n.at) <= FreshFor
}

// reported says whether anything was reported since t.
func (n *newestHead) reported(t time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.at.Before(t)
}

// watch keeps a watch up until ctx is done.
func (n *newestHead) watch(ctx context.Context, p *plugin, watcher HeadWatcher) {
	pause, well := shortestPause, true
	for {
		begun := time.Now()
		err := watchOnce(ctx, watcher, n.report)
		if ctx.Err() != nil {
			return
		}
		if n.reported(begun) {
			pause, well = shortestPause, true
		}
		if well {
			p.logger.Warn("the watch of heads ended; it is begun again", "error", err)
		}
		well = false
		again := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-ctx.Done():
			again.Stop()
			return
		case <-again.C:
		}
		pause = min(2*pause, longestPause)
	}
}

// watchOnce makes a panic an error: the watch goes on, and so does the plugin.
func watchOnce(ctx context.Context, watcher HeadWatcher, report func(Head)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if err = watcher.WatchHeads(ctx, report); err == nil {
		err = errors.New("it returned")
	}
	return err
}
