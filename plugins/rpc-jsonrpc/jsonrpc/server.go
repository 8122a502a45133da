package jsonrpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// quarantine is how long an endpoint of another chain goes unasked, and how
// long one of the right chain goes unchecked.
const quarantine = 10 * time.Minute

// server is one endpoint with the questions that it is asked. It is asked for
// one head at a time.
type server struct {
	endpoint  *endpoint.Endpoint
	questions []question // that for the best block first
	config    *Config
	genesis   time.Time // of slot 0; zero where heads are not dated by it
	log       *slog.Logger

	ids      atomic.Uint64
	verified time.Time       // when the chain was last found right
	missing  map[string]bool // what was said to be missing
}

var _ endpoint.Source = (*server)(nil)

// known is what the answers tell.
type known struct {
	best      uint64
	finalized *uint64
	hash      string
	time      time.Time
}

// errSyncing is the error of an endpoint whose head is not the network's.
var errSyncing = errors.New("says that it is syncing itself, and so does not know the network's head")

func (s *server) String() string { return s.endpoint.String() }

// Head is the newest block as this endpoint knows it: the height, and all else
// that it tells. What is missing beside the height is said in the log, but
// that the endpoint is syncing itself, or of another chain, is an error.
func (s *server) Head(ctx context.Context) (sdk.Head, error) {
	var k known
	for i := range s.questions {
		q := &s.questions[i]
		if s.skips(q) {
			continue
		}
		if err := s.ask(ctx, q, &k); err != nil {
			return sdk.Head{}, fmt.Errorf("%s: %w", q, err)
		}
	}
	return s.report(k), nil
}

// skips tells whether the answer to a question would change nothing.
func (s *server) skips(q *question) bool {
	switch {
	case q.isHealth(), q.tellsOnly(valueSyncing):
		return s.config.AllowSyncing
	case q.tellsOnly(valueChain):
		return s.config.ChainID == "" || time.Since(s.verified) < quarantine
	}
	return false
}

// needs tells whether there is no head without a value.
func (s *server) needs(v value) bool {
	switch v {
	case valueBest:
		return true
	case valueSyncing:
		return !s.config.AllowSyncing
	case valueChain:
		return s.config.ChainID != ""
	}
	return false
}

func (s *server) isNeeded(q *question) bool {
	return q.isHealth() || slices.ContainsFunc(q.places, func(p place) bool { return s.needs(p.value) })
}

// ask asks a question and adds what the answer tells.
func (s *server) ask(ctx context.Context, q *question, k *known) error {
	needed := s.isNeeded(q)
	if !needed {
		var cancel context.CancelFunc
		ctx, cancel = endpoint.Share(ctx, 2)
		defer cancel()
	}
	quote := s.quoter(q, k.best)
	answer, err := s.call(ctx, q, k.best, quote)
	if err != nil {
		if needed {
			return err
		}
		for _, p := range q.places {
			s.note(q, p.value, err)
		}
		return nil
	}
	for _, p := range q.places {
		if err := s.take(p, answer, k, quote); err == nil || !s.needs(p.value) {
			s.note(q, p.value, err)
		} else {
			return err
		}
	}
	return nil
}

// quoter quotes an answer without what it may repeat of the question's address.
func (s *server) quoter(q *question, best uint64) quoteFunc {
	if below, err := s.endpoint.Address().At(fill(q.path, best)); err == nil {
		return below.Quote
	}
	return s.endpoint.Address().Quote
}

func (s *server) call(ctx context.Context, q *question, best uint64, quote quoteFunc) (any, error) {
	id := s.ids.Add(1)
	request, err := q.request(id, best)
	if err != nil {
		return nil, err
	}
	text, err := s.endpoint.Ask(ctx, request)
	if err != nil {
		return nil, err
	}
	answer, err := q.read(text, id, quote)
	s.endpoint.Leave(err)
	return answer, err
}

// take reads one value of an answer.
func (s *server) take(p place, answer any, k *known, quote quoteFunc) error {
	found, err := p.path.find(answer, quote)
	if err != nil {
		return fmt.Errorf("%s: %w", p.value, err)
	}
	switch p.value {
	case valueBest:
		k.best, err = height(found, quote)
	case valueFinalized:
		var n uint64
		if n, err = height(found, quote); err == nil {
			k.finalized = &n
		}
	case valueHash:
		k.hash, err = hashOf(found, quote)
	case valueTime:
		k.time, err = moment(found, quote)
	case valueSyncing:
		err = s.judgeSyncing(found, quote)
	case valueChain:
		err = s.judgeChain(found, quote)
	}
	if err != nil && !errors.Is(err, errSyncing) {
		return fmt.Errorf("%s: %s %w", p.value, p.path, err)
	}
	return err
}

func (s *server) judgeSyncing(found any, quote quoteFunc) error {
	behind, err := syncing(found, quote)
	if err == nil && behind && !s.config.AllowSyncing {
		return errSyncing
	}
	return err
}

// judgeChain sets an endpoint of another chain aside.
func (s *server) judgeChain(found any, quote quoteFunc) error {
	if s.config.ChainID == "" {
		return nil
	}
	got, err := chainOf(found, quote)
	if err != nil {
		return err
	}
	if !sameChain(got, s.config.ChainID) {
		err := sdk.Invalid(fmt.Errorf("is of another chain: %s, want %q", quote([]byte(got)), s.config.ChainID))
		s.endpoint.SetAside(quarantine, err)
		s.log.Error("endpoint is of another chain and is not used", "endpoint", s.String(), "got", quote([]byte(got)), "want", s.config.ChainID)
		return err
	}
	s.verified = time.Now()
	return nil
}

// note says in the log what is missing beside the height: aloud when it begins,
// since a head without its time cannot be told to be old.
func (s *server) note(q *question, v value, err error) {
	key := q.String() + " " + string(v)
	if err == nil {
		delete(s.missing, key)
		return
	}
	level := slog.LevelWarn
	if s.missing[key] {
		level = slog.LevelDebug
	}
	s.missing[key] = true
	s.log.Log(context.Background(), level, "the head lacks something", "endpoint", s.String(), "what", string(v), "question", q.String(), "error", err)
}

// report makes a head of what is known. A finalized block is a block of the
// network, whatever an endpoint of several servers says is its best.
func (s *server) report(k known) sdk.Head {
	head := sdk.Head{Best: k.best, Finalized: k.finalized, Hash: k.hash, Time: k.time, Endpoint: s.String()}
	if k.finalized != nil && *k.finalized > k.best {
		head.Best, head.Hash, head.Time = *k.finalized, "", time.Time{}
	}
	if head.Time.IsZero() {
		head.Time = s.slotTime(head.Best)
	}
	return head
}

// slotTime is when a slot was; zero where slots are not dated.
func (s *server) slotTime(slot uint64) time.Time {
	const most = uint64(1<<63 - 1)
	if s.genesis.IsZero() || slot > most/uint64(s.config.SlotDuration) {
		return time.Time{}
	}
	return s.genesis.Add(time.Duration(slot) * s.config.SlotDuration)
}
