package substraterpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// endpoint is one address that is asked for the head.
type endpoint struct {
	address      address
	client       *http.Client
	poller       *poller
	timeout      time.Duration
	slotDuration time.Duration
	genesis      string
	log          *slog.Logger

	gate     gate
	turn     chan struct{} // held by the one request in flight
	verified atomic.Int64  // when the genesis was last found right, in Unix nanoseconds
	live     *subscription // nil at an address that is polled, and while unused
}

// lateError says that no answer came in time.
type lateError struct {
	doing string
	after time.Duration
}

func (e *lateError) Error() string {
	return fmt.Sprintf("%s: no answer within %v", e.doing, e.after.Round(time.Millisecond))
}

func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

func newEndpoint(a address, c *Config, transport http.RoundTripper, log *slog.Logger) *endpoint {
	client := newClient(transport)
	return &endpoint{
		address:      a,
		client:       client,
		poller:       &poller{address: a.polled(), client: client},
		timeout:      c.Timeout,
		slotDuration: c.SlotDuration,
		genesis:      strings.ToLower(c.Genesis),
		log:          log,
		turn:         make(chan struct{}, 1),
	}
}

// begin starts the subscription of an address that has one.
func (e *endpoint) begin(ctx context.Context) {
	if e.address.socket() && e.live == nil {
		e.live = subscribe(ctx, e)
	}
}

// rest ends the subscription while another endpoint is in use.
func (e *endpoint) rest() {
	if e.live != nil {
		e.live.close()
		e.live = nil
	}
}

// head is the newest block as this endpoint knows it. begin must have been
// called.
func (e *endpoint) head(ctx context.Context) (sdk.Head, error) {
	if e.live == nil {
		return e.poll(ctx, e.poller)
	}
	h := e.await(ctx)
	if h.fresh() {
		return e.report(e.address, *h.best, h.finalized), nil
	}
	failure := h.failure
	if h.session != nil {
		head, err := e.pollSession(ctx, h)
		if err == nil {
			return head, nil
		}
		failure = err
	}
	if failure == nil {
		failure = errors.New("not up yet")
	}
	if err := e.gate.check(); err != nil {
		return sdk.Head{}, err
	}
	head, err := e.poll(ctx, e.poller)
	if err != nil {
		return sdk.Head{}, fmt.Errorf("subscription: %w; polling: %w", failure, err)
	}
	return head, nil
}

// await waits for the subscription, at most half of the time that is left.
func (e *endpoint) await(ctx context.Context) heard {
	ctx, cancel := share(ctx, 2)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, e.timeout)
	defer stop()
	return e.live.await(ctx)
}

// pollSession asks over the open WebSocket what it has not told of late.
func (e *endpoint) pollSession(ctx context.Context, h heard) (sdk.Head, error) {
	ctx, cancel := share(ctx, 2)
	defer cancel()
	head, err := e.poll(ctx, h.session)
	if err == nil && h.overtaken(block{number: head.Best}) {
		h.session.close(errors.New("fell silent while the chain went on"))
	}
	return head, err
}

// poll asks for the newest block and the newest finalized one. The first is
// worth an answer without the second.
func (e *endpoint) poll(ctx context.Context, via caller) (sdk.Head, error) {
	if err := e.verify(ctx, via, false); err != nil {
		return sdk.Head{}, err
	}
	best, err := e.header(ctx, via)
	if err != nil {
		return sdk.Head{}, err
	}
	ctx, cancel := share(ctx, 2)
	defer cancel()
	finalized, err := e.finalized(ctx, via)
	if err != nil {
		e.log.Debug("finalized head is not known", "endpoint", via.at().String(), "error", err)
	}
	return e.report(via.at(), best, finalized), nil
}

func (e *endpoint) header(ctx context.Context, via caller, params ...any) (block, error) {
	result, err := e.ask(ctx, via, "chain_getHeader", params...)
	if err != nil {
		return block{}, err
	}
	b, err := parseBlock(via.at(), result)
	if err != nil {
		return block{}, fmt.Errorf("chain_getHeader: %w", err)
	}
	return b, nil
}

func (e *endpoint) finalized(ctx context.Context, via caller) (*block, error) {
	hash, err := e.hash(ctx, via, "chain_getFinalizedHead")
	if err != nil {
		return nil, err
	}
	b, err := e.header(ctx, via, hash)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

func (e *endpoint) hash(ctx context.Context, via caller, method string, params ...any) (string, error) {
	result, err := e.ask(ctx, via, method, params...)
	if err != nil {
		return "", err
	}
	var hash string
	if json.Unmarshal(result, &hash) != nil || !hashForm.MatchString(hash) {
		return "", fmt.Errorf("%s: answered no hash: %s", method, via.at().quote(result))
	}
	return strings.ToLower(hash), nil
}

// verify compares the genesis where one is configured. What was found holds for
// a while, but not for a new connection, which may lead to another server.
func (e *endpoint) verify(ctx context.Context, via caller, anew bool) error {
	if e.genesis == "" || !anew && time.Since(time.Unix(0, e.verified.Load())) < quarantine {
		return nil
	}
	got, err := e.hash(ctx, via, "chain_getBlockHash", 0)
	if err != nil {
		return err
	}
	if got != e.genesis {
		err := &chainError{got: got, want: e.genesis}
		e.gate.note(err)
		e.log.Error("endpoint is of another chain and is not used", "endpoint", via.at().String(), "got", got, "want", e.genesis)
		return err
	}
	e.verified.Store(time.Now().UnixNano())
	return nil
}

// ask makes one call, when it is this call's turn and the gate is open.
func (e *endpoint) ask(ctx context.Context, via caller, method string, params ...any) (json.RawMessage, error) {
	began := time.Now()
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, &lateError{doing: "wait for the call before " + method, after: time.Since(began)}
	}
	if err := e.gate.check(); err != nil {
		return nil, err
	}
	calling, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	result, err := via.call(calling, method, params...)
	if err == nil {
		return result, nil
	}
	if calling.Err() != nil {
		return nil, &lateError{doing: method, after: time.Since(began)}
	}
	var answered *callError
	if errors.As(err, &answered) && answered.limited() {
		err = &pauseError{text: answered.Error(), pause: defaultPause}
	}
	e.gate.note(err)
	return nil, fmt.Errorf("%s: %w", method, err)
}

// report makes a head of what is known. A finalized block is a block of the
// network, whatever an endpoint of several servers says is its best.
func (e *endpoint) report(from address, best block, finalized *block) sdk.Head {
	if finalized != nil && finalized.number > best.number {
		best = *finalized
	}
	head := sdk.Head{Best: best.number, Hash: best.hash, Time: best.made(e.slotDuration), Endpoint: from.String()}
	if finalized != nil {
		head.Finalized = &finalized.number
	}
	return head
}

// share is a context with one of the parts that the time left is cut into.
func share(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}
