package substraterpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// The times of a subscription.
const (
	// freshFor is how long a head that was heard is answered without asking
	// again. It is short, because a lag of 20 blocks is 20 seconds on Aleph
	// Zero, and asking over the open connection costs next to nothing.
	freshFor = 10 * time.Second
	// silentFor is how long a subscription may be silent before it is pinged.
	// After that time, a newer head that was polled shows that it is dead.
	silentFor = 30 * time.Second
	// finalizedWithin is how long the finalized head of a new subscription is
	// waited for after the best.
	finalizedWithin = time.Second
	// settledAfter is how long a connection must live to be counted a success.
	settledAfter = time.Minute
)

// subscription keeps a WebSocket open and remembers the newest heads.
type subscription struct {
	server  *server
	log     *slog.Logger
	stop    context.CancelFunc
	stopped chan struct{}

	mu    sync.Mutex
	state subscriptionState
	wake  chan struct{} // closed at each change of the state
}

// subscriptionState is what a subscription knows.
type subscriptionState struct {
	session   *session  // nil while the subscription is down
	up        time.Time // when the session came up
	refused   error     // why there will be no notifications on this session
	best      *block
	finalized *block
	at        time.Time // when best was heard
	failure   error     // why the last session ended or none came about
}

// newSubscription starts a subscription, which lives until close.
func newSubscription(ctx context.Context, of *server) *subscription {
	ctx, cancel := context.WithCancel(ctx)
	s := &subscription{
		server:  of,
		log:     of.log,
		stop:    cancel,
		stopped: make(chan struct{}),
		wake:    make(chan struct{}),
	}
	go s.run(ctx)
	return s
}

func (s *subscription) close() {
	s.stop()
	<-s.stopped
}

// run opens one session after another, with a growing pause while they fail.
func (s *subscription) run(ctx context.Context) {
	defer close(s.stopped)
	retry := backoff.NewExponentialBackOff()
	retry.MaxInterval = 30 * time.Second
	for ctx.Err() == nil {
		began := time.Now()
		err := s.session(ctx)
		if ctx.Err() != nil {
			return
		}
		s.server.http.KeepPause(err)
		s.setDown(err)
		if time.Since(began) > settledAfter {
			retry.Reset()
		}
		select {
		case <-ctx.Done():
		case <-time.After(max(retry.NextBackOff(), s.server.http.PauseLeft())):
		}
	}
}

// session opens one session and returns why it ended.
func (s *subscription) session(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, s.server.timeout)
	defer cancel()
	session, err := openSession(opening, s.server.address, s.server.http.Client(), s.handleNotification)
	if errors.Is(err, context.DeadlineExceeded) {
		return &lateError{doing: "open a WebSocket", after: s.server.timeout}
	}
	if err != nil {
		return err
	}
	defer session.close(errors.New("closed"))
	if err := s.server.verifyGenesis(ctx, session, true); err != nil {
		return err
	}
	refused, err := s.subscribe(ctx, session)
	if err != nil {
		return err
	}
	s.update(func(h *subscriptionState) {
		h.session, h.up, h.refused, h.failure = session, time.Now(), refused, nil
	})
	s.log.Info("subscription is up", "endpoint", s.server.address.String())
	return s.awaitEnd(ctx, session)
}

// subscribe asks for notifications. A server that knows no subscriptions can still
// be polled over the session, so its refusal is kept apart from a failure.
func (s *subscription) subscribe(ctx context.Context, via *session) (refused, failure error) {
	for _, method := range []string{"chain_subscribeNewHeads", "chain_subscribeFinalizedHeads"} {
		_, err := s.server.callInTurn(ctx, via, method)
		var answered *answer.Error
		var limited *endpoint.PauseError
		switch {
		case errors.As(err, &limited), err != nil && !errors.As(err, &answered):
			return nil, err
		case err != nil && refused == nil:
			refused = err
		}
	}
	return refused, nil
}

// awaitEnd pings a silent session and returns why it ended.
func (s *subscription) awaitEnd(ctx context.Context, session *session) error {
	ticker := time.NewTicker(silentFor)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-session.done:
			return session.failure()
		case <-ticker.C:
			now, _ := s.snapshot()
			switch {
			case time.Since(now.at) < silentFor:
				continue
			case now.best == nil && now.refused == nil:
				return errors.New("subscribed, but was told no head")
			}
			if err := session.ping(ctx, s.server.timeout); err != nil {
				return err
			}
		}
	}
}

// handleNotification takes a notification. One that cannot be read ends the session: the
// heads after it are no better known.
func (s *subscription) handleNotification(method string, result json.RawMessage) error {
	if method != "chain_newHead" && method != "chain_finalizedHead" {
		return nil
	}
	b, err := parseBlock(s.server.address, result)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	s.update(func(h *subscriptionState) {
		if method == "chain_newHead" {
			h.best, h.at = &b, time.Now()
		} else {
			h.finalized = &b
		}
	})
	return nil
}

// setDown records the end of a session and says so once for each.
func (s *subscription) setDown(err error) {
	was, _ := s.snapshot()
	s.update(func(h *subscriptionState) { *h = subscriptionState{failure: err} })
	if was.session != nil || was.failure == nil {
		s.log.Warn("subscription is down, polling instead", "endpoint", s.server.address.String(), "error", err)
	}
}

func (s *subscription) update(alter func(*subscriptionState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	alter(&s.state)
	close(s.wake)
	s.wake = make(chan struct{})
}

// snapshot is the present state, with a channel that is closed when it changes.
func (s *subscription) snapshot() (subscriptionState, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.wake
}

// await returns the state as soon as it is worth something: a head was heard,
// none will come, or the session failed. It gives up when ctx is done.
func (s *subscription) await(ctx context.Context) subscriptionState {
	for {
		h, wake := s.snapshot()
		if h.settled() {
			return h
		}
		var late <-chan time.Time
		if h.best != nil && h.session != nil {
			late = time.After(finalizedWithin - time.Since(h.up))
		}
		select {
		case <-ctx.Done():
			return h
		case <-late:
		case <-wake:
		}
	}
}

// settled tells whether there is nothing to wait for.
func (h subscriptionState) settled() bool {
	if h.session == nil {
		return h.failure != nil
	}
	return h.refused != nil || h.best != nil && (h.finalized != nil || time.Since(h.up) >= finalizedWithin)
}

// fresh tells whether the head that was heard last can be answered unasked.
func (h subscriptionState) fresh() bool {
	return h.session != nil && h.best != nil && time.Since(h.at) <= freshFor
}

// overtaken tells whether a subscription has kept silent about a newer block
// for so long that no notification can be under way any more.
func (h subscriptionState) overtaken(by block) bool {
	return h.best != nil && by.number > h.best.number && time.Since(h.at) > silentFor
}
