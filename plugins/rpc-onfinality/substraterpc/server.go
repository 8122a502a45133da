package substraterpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// quarantine is how long an endpoint of another chain goes unasked, and how long
// one of the right chain goes unchecked.
const quarantine = 10 * time.Minute

// chainError says that an endpoint serves another chain.
type chainError struct{ got, want string }

func (e *chainError) Error() string {
	return fmt.Sprintf("serves another chain: genesis %s, want %s", e.got, e.want)
}

// server is one endpoint that is asked for the head.
type server struct {
	address endpoint.Address
	http    *endpoint.Endpoint // where it is polled; its pauses hold for both
	poller  *poller
	timeout time.Duration
	genesis string
	log     *slog.Logger
	running context.Context

	turn     chan struct{} // held by the one request in flight
	verified atomic.Int64  // when the genesis was last found right, in Unix nanoseconds
	live     *subscription // nil at an address that is polled, and while unused
	health   health
	named    string    // the hash of block 0, once the endpoint has told it
	namedAt  time.Time // when that was asked last
	slots    slotCheck
	chain    chainHint
}

var (
	_ endpoint.Source     = (*server)(nil)
	_ endpoint.NodeSource = (*server)(nil)
	_ endpoint.Rester     = (*server)(nil)
	_ io.Closer           = (*server)(nil)
)

// lateError says that no answer came in time.
type lateError struct {
	doing string
	after time.Duration
}

func (e *lateError) Error() string {
	return fmt.Sprintf("%s: no answer within %v", e.doing, e.after.Round(time.Millisecond))
}

func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

func newServer(running context.Context, a endpoint.Address, c *Config, settings endpoint.Settings) *server {
	http := endpoint.New(pollAddress(a), endpoint.Options{Timeout: c.Timeout, Dial: settings.Dial})
	return &server{
		address: a,
		http:    http,
		poller:  &poller{endpoint: http},
		timeout: c.Timeout,
		genesis: strings.ToLower(c.Genesis),
		log:     settings.Log,
		running: running,
		turn:    make(chan struct{}, 1),
		slots:   slotCheck{duration: c.SlotDuration, log: settings.Log},
		chain:   chainHint{log: settings.Log},
	}
}

func (s *server) String() string { return s.address.String() }

// Close closes the connections that are idle.
func (s *server) Close() error { return s.http.Close() }

// startSubscription starts the subscription of an address that has one.
func (s *server) startSubscription() {
	if isSocket(s.address) && s.live == nil {
		s.live = newSubscription(s.running, s)
	}
}

// Rest ends the subscription while another endpoint is in use.
func (s *server) Rest() {
	if s.live != nil {
		s.live.close()
		s.live = nil
	}
}

// Head is the newest block as this endpoint knows it.
func (s *server) Head(ctx context.Context) (sdk.Head, error) {
	if err := s.http.Ready(); err != nil && s.live == nil {
		return sdk.Head{}, err
	}
	s.startSubscription()
	if s.live == nil {
		return s.poll(ctx, s.poller)
	}
	h := s.awaitSubscription(ctx)
	if h.fresh() {
		return s.makeHead(ctx, h.session, *h.best, h.finalized)
	}
	failure := h.failure
	var syncs answer.SyncError
	if h.session != nil {
		head, err := s.pollSession(ctx, h)
		if err == nil || errors.As(err, &syncs) {
			return head, err
		}
		failure = err
	}
	if failure == nil {
		failure = errors.New("not up yet")
	}
	if err := s.http.Ready(); err != nil {
		return sdk.Head{}, err
	}
	head, err := s.poll(ctx, s.poller)
	if err != nil {
		return sdk.Head{}, fmt.Errorf("subscription: %w; polling: %w", failure, err)
	}
	return head, nil
}

// awaitSubscription waits for the subscription, for at most half of the time left.
func (s *server) awaitSubscription(ctx context.Context) subscriptionState {
	ctx, cancel := endpoint.Share(ctx, 2)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, s.timeout)
	defer stop()
	return s.live.await(ctx)
}

// pollSession asks over the open WebSocket, since no head came over it of late.
func (s *server) pollSession(ctx context.Context, h subscriptionState) (sdk.Head, error) {
	ctx, cancel := endpoint.Share(ctx, 2)
	defer cancel()
	head, err := s.poll(ctx, h.session)
	if err == nil && h.overtaken(block{number: head.Best}) {
		h.session.close(errors.New("fell silent while the chain went on"))
	}
	return head, err
}

// poll asks for the newest block and the newest finalized one. The newest block
// alone is an answer too.
func (s *server) poll(ctx context.Context, via caller) (sdk.Head, error) {
	if err := s.verifyGenesis(ctx, via, false); err != nil {
		return sdk.Head{}, err
	}
	best, err := s.getHeader(ctx, via)
	if err != nil {
		return sdk.Head{}, err
	}
	return s.makeHead(ctx, via, best, s.tryFinalized(ctx, via))
}

// tryFinalized is the newest finalized block; nil where it is not known.
func (s *server) tryFinalized(ctx context.Context, via caller) *block {
	ctx, cancel := endpoint.Share(ctx, 2)
	defer cancel()
	finalized, err := s.getFinalized(ctx, via)
	if err != nil {
		s.log.Debug("finalized head is not known", "endpoint", via.at().String(), "error", err)
	}
	return finalized
}

func (s *server) getHeader(ctx context.Context, via caller, params ...any) (block, error) {
	result, err := s.callInTurn(ctx, via, "chain_getHeader", params...)
	if err != nil {
		return block{}, err
	}
	b, err := parseBlock(via.at(), result)
	if err != nil {
		return block{}, fmt.Errorf("chain_getHeader: %w", err)
	}
	return b, nil
}

func (s *server) getFinalized(ctx context.Context, via caller) (*block, error) {
	hash, err := s.getHash(ctx, via, "chain_getFinalizedHead")
	if err != nil {
		return nil, err
	}
	b, err := s.getHeader(ctx, via, hash)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

func (s *server) getHash(ctx context.Context, via caller, method string, params ...any) (string, error) {
	result, err := s.callInTurn(ctx, via, method, params...)
	if err != nil {
		return "", err
	}
	var hash string
	if json.Unmarshal(result, &hash) != nil || !hashForm.MatchString(hash) {
		return "", fmt.Errorf("%s: answered no hash: %s", method, via.at().Quote(result))
	}
	return strings.ToLower(hash), nil
}

// verifyGenesis compares the genesis where one is configured. The result is kept
// for a while, but not for a new connection, which may lead to another server.
func (s *server) verifyGenesis(ctx context.Context, via caller, anew bool) error {
	if s.genesis == "" || !anew && time.Since(time.Unix(0, s.verified.Load())) < quarantine {
		return nil
	}
	got, err := s.getHash(ctx, via, "chain_getBlockHash", 0)
	if err != nil {
		return err
	}
	if got != s.genesis {
		err := sdk.Invalid(&chainError{got: got, want: s.genesis})
		s.http.SetAside(quarantine, err)
		s.log.Error("endpoint is of another chain and is not used", "endpoint", via.at().String(), "got", got, "want", s.genesis)
		return err
	}
	s.verified.Store(time.Now().UnixNano())
	return nil
}

// callInTurn makes one call, when it is this call's turn and the gate is open.
func (s *server) callInTurn(ctx context.Context, via caller, method string, params ...any) (json.RawMessage, error) {
	began := time.Now()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, &lateError{doing: "wait for the call before " + method, after: time.Since(began)}
	}
	if err := s.http.Ready(); err != nil {
		return nil, err
	}
	calling, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	result, err := via.call(calling, method, params...)
	if err == nil {
		return result, nil
	}
	if calling.Err() != nil {
		return nil, &lateError{doing: method, after: time.Since(began)}
	}
	s.http.KeepPause(err)
	return nil, fmt.Errorf("%s: %w", method, err)
}

// makeHead makes a head of what is known. Block 0 is no head, nor is that of an
// endpoint that says that it syncs.
func (s *server) makeHead(ctx context.Context, via caller, best block, finalized *block) (sdk.Head, error) {
	head := s.headOf(via, best, finalized)
	if err := answer.JudgeHeight(head.Best); err != nil {
		return sdk.Head{}, fmt.Errorf("answered a head that %w", err)
	}
	if err := s.judgeHealth(ctx, via, &head); err != nil {
		return sdk.Head{}, err
	}
	s.nameChain(ctx, via, &head)
	return head, nil
}

// headOf is a head of what is known. A finalized block is a block of the network,
// whatever an endpoint of several servers says is its best.
func (s *server) headOf(via caller, best block, finalized *block) sdk.Head {
	if finalized != nil && finalized.number > best.number {
		best = *finalized
	}
	s.chain.sayOnce(best, via.at().String())
	made := s.slots.date(best, via.at().String(), time.Now())
	head := sdk.Head{Best: best.number, Hash: best.hash, Time: made, Endpoint: via.at().String()}
	if finalized != nil {
		head.Finalized = &finalized.number
	}
	return head
}
