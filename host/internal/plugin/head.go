package plugin

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// shareFor is how long an answer of a head source serves other monitors: a check
// rests on a head as fresh as itself, and no block is made faster.
const shareFor = 500 * time.Millisecond

// HeadSource is the plugin as a head source. Monitors that use it share its calls.
func (p *Plugin) HeadSource() monitor.HeadSource { return p.head }

// NodeSource is the plugin as one that asks the node's own endpoint.
func (p *Plugin) NodeSource() monitor.HeadSource { return (*nodeSource)(p) }

// nodeSource asks a head source about the node itself. It shares nothing: a node is
// one monitor's.
type nodeSource Plugin

// GetHead is what the node says of itself.
func (n *nodeSource) GetHead(ctx context.Context) (head sdk.Head, err error) {
	err = (*Plugin)(n).do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		head, err = c.GetNode(ctx)
		return err
	})
	return head, err
}

// sharedHead is a head source whose monitors share one call.
type sharedHead struct {
	getHead func(context.Context) (sdk.Head, error)

	mu   sync.Mutex
	call *headCall
	// pausedUntil is until when the source has asked not to be asked, in the words
	// of paused.
	pausedUntil time.Time
	paused      error
	calls       sync.WaitGroup
}

// headCall is one call, under way or answered.
type headCall struct {
	done chan struct{}
	at   time.Time
	head sdk.Head
	err  error
}

var _ monitor.HeadSource = (*sharedHead)(nil)

func newSharedHead(p *Plugin) *sharedHead {
	return &sharedHead{getHead: func(ctx context.Context) (head sdk.Head, err error) {
		err = p.do(ctx, func(ctx context.Context, c *wire.Client) (err error) {
			head, err = c.GetHead(ctx)
			return err
		})
		return head, err
	}}
}

// GetHead joins a call that is under way or has just been answered. While the
// source rests because it asked for a pause, it is not asked.
func (s *sharedHead) GetHead(ctx context.Context) (sdk.Head, error) {
	call, err := s.current(ctx)
	if err != nil {
		return sdk.Head{}, err
	}
	select {
	case <-call.done:
		return call.head, call.err
	case <-ctx.Done():
		return sdk.Head{}, ctx.Err()
	}
}

// current is the call to wait for. It is not one monitor's: it goes on when the
// one that began it ends, up to its own deadline.
func (s *sharedHead) current(ctx context.Context) (*headCall, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := time.Until(s.pausedUntil); left > 0 {
		return nil, fmt.Errorf("not asked for another %s, as it wished: %w", left.Round(time.Second), s.paused)
	}
	if s.call == nil || s.call.stale(time.Now()) {
		call := &headCall{done: make(chan struct{})}
		s.call = call
		s.calls.Go(func() { s.answer(context.WithoutCancel(ctx), call) })
	}
	return s.call, nil
}

func (s *sharedHead) answer(ctx context.Context, call *headCall) {
	call.head, call.err = s.getHead(ctx)
	call.at = time.Now()
	s.keepPause(call)
	close(call.done)
}

// keepPause keeps to the pause that a source asks for.
func (s *sharedHead) keepPause(call *headCall) {
	if pause := sdk.PauseOf(call.err); pause > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pausedUntil, s.paused = call.at.Add(pause), call.err
	}
}

// wait returns when no call is under way.
func (s *sharedHead) wait() {
	if s != nil {
		s.calls.Wait()
	}
}

func (c *headCall) stale(now time.Time) bool {
	select {
	case <-c.done:
		return now.Sub(c.at) > shareFor
	default:
		return false
	}
}
