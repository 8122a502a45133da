package substraterpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// The times of fail-over.
const (
	// returnAfter is how long another endpoint than the first is kept to.
	returnAfter = 5 * time.Minute
	// oldAfter is the age of a head at which another endpoint is asked: the
	// age that distrusts a provider on a chain of one-second blocks.
	oldAfter = time.Minute
)

// dialFunc opens a connection, as in [http.Transport].
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Source asks its endpoints for the newest block: the one that answered last,
// then the others in their order.
type Source struct {
	config    Config
	dial      dialFunc     // nil for the usual one
	log       *slog.Logger // nil for slog's default at the start
	transport *http.Transport
	endpoints []*endpoint
	running   context.Context
	stop      context.CancelFunc

	turn     chan struct{} // held by the GetHead that is under way
	current  int
	returnAt time.Time
}

var (
	_ sdk.HeadSource   = (*Source)(nil)
	_ sdk.Configurable = (*Source)(nil)
	_ sdk.Starter      = (*Source)(nil)
	_ io.Closer        = (*Source)(nil)
)

// New is a source that has yet to be configured and started.
func New() *Source { return &Source{turn: make(chan struct{}, 1)} }

// Config is the config block; see [Config].
func (s *Source) Config() any { return &s.config }

// Start makes the endpoints and begins the subscription of the first.
func (s *Source) Start(ctx context.Context) error {
	addresses, err := s.config.addresses()
	if err != nil {
		return err
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.transport = newTransport(s.dial)
	s.running, s.stop = context.WithCancel(ctx)
	for _, a := range addresses {
		if len(a.header) > 0 && (a.url.Scheme == "http" || a.url.Scheme == "ws") {
			s.log.Warn("the API key travels unencrypted", "endpoint", a.String())
		}
		s.endpoints = append(s.endpoints, newEndpoint(a, &s.config, s.transport, s.log))
	}
	s.endpoints[0].begin(s.running)
	return nil
}

// Close ends every subscription and connection.
func (s *Source) Close() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	for _, e := range s.endpoints {
		e.rest()
	}
	s.transport.CloseIdleConnections()
	return nil
}

// GetHead is the newest block that an endpoint answers. An endpoint whose head
// is a minute old is passed over where another has a younger one; where none
// has, the highest of the old heads is the answer, and its time tells.
func (s *Source) GetHead(ctx context.Context) (sdk.Head, error) {
	if len(s.endpoints) == 0 {
		return sdk.Head{}, errors.New("read the head: the source was not started")
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return sdk.Head{}, fmt.Errorf("wait for the read before: %w", ctx.Err())
	}
	ctx, cancel := s.leave(ctx)
	defer cancel()
	var failures []error
	var old *sdk.Head
	order := s.order(time.Now())
	for i, index := range order {
		head, err := s.ask(ctx, s.endpoints[index], len(order)-i)
		switch {
		case err != nil:
			failures = append(failures, err)
		case isOld(head, time.Now()):
			if old == nil || head.Best > old.Best {
				old = &head
			}
		default:
			s.settle(index, failures)
			return head, nil
		}
	}
	if old != nil {
		return *old, nil
	}
	return sdk.Head{}, summarize(failures)
}

// leave keeps a tenth of the time, so that an error that says what happened
// reaches the host before its own deadline does. It also ends with the source.
func (s *Source) leave(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(s.running, cancel)
	stop := cancel
	if deadline, ok := ctx.Deadline(); ok {
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*9/10)
	}
	return ctx, func() { unlink(); cancel(); stop() }
}

// ask asks one endpoint, which may take its share of the time that is left.
func (s *Source) ask(ctx context.Context, e *endpoint, parts int) (sdk.Head, error) {
	if err := e.gate.check(); err != nil && e.live == nil {
		return sdk.Head{}, fmt.Errorf("%s: %w", e.address, err)
	}
	ctx, cancel := share(ctx, parts)
	defer cancel()
	e.begin(s.running)
	head, err := e.head(ctx)
	if err != nil {
		return sdk.Head{}, fmt.Errorf("%s: %w", e.address, err)
	}
	return head, nil
}

// order is the order of asking: the endpoint in use, then the others, but from
// the first on when it is time to return to it.
func (s *Source) order(now time.Time) []int {
	first := s.current
	if now.After(s.returnAt) {
		first = 0
	}
	order := []int{first}
	for i := range s.endpoints {
		if i != first {
			order = append(order, i)
		}
	}
	return order
}

// settle makes an endpoint the one in use.
func (s *Source) settle(index int, failures []error) {
	if index != s.current {
		s.log.Warn("another endpoint is used", "endpoint", s.endpoints[index].address.String(), "before", s.endpoints[s.current].address.String(), "error", inOneLine(failures))
	}
	if index != 0 && (index != s.current || time.Now().After(s.returnAt)) {
		s.returnAt = time.Now().Add(returnAfter)
	}
	s.current = index
	for i, e := range s.endpoints {
		if i != index {
			e.rest()
		}
	}
}

// isOld tells whether a head's own time is well past. A time that the host
// would take for none is none here too.
func isOld(head sdk.Head, now time.Time) bool {
	return head.Time.Year() >= 2020 && now.Sub(head.Time) > oldAfter
}

// summarize makes one error of those of all endpoints, with the status that
// they have in common.
func summarize(failures []error) error {
	err := inOneLine(failures)
	pauses, chains := 0, 0
	var shortest time.Duration
	for _, failure := range failures {
		var pause *pauseError
		var chain *chainError
		if errors.As(failure, &chain) {
			chains++
		} else if errors.As(failure, &pause) {
			if pauses == 0 || pause.pause < shortest {
				shortest = pause.pause
			}
			pauses++
		}
	}
	switch {
	case chains == len(failures):
		return sdk.Invalid(err)
	case pauses > 0 && pauses+chains == len(failures):
		return sdk.RateLimited(err, shortest)
	}
	return err
}

// inOneLine joins errors for a log of one line each; nil where there is none.
func inOneLine(failures []error) error {
	var err error
	for _, failure := range failures {
		if err == nil {
			err = failure
		} else {
			err = fmt.Errorf("%w; %w", err, failure)
		}
	}
	return err
}
