package jsonrpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// quarantine is how long an endpoint of another chain goes unasked, and how
// long one of the right chain goes unchecked.
const quarantine = 10 * time.Minute

// server is one endpoint with the questions that it is asked. It is asked for
// one head at a time.
type server struct {
	*endpoint.Endpoint
	questions []question // that for the best block first
	config    *Config
	genesis   time.Time // of slot 0; zero where heads are not dated by it
	log       *slog.Logger

	ids      atomic.Uint64
	verified time.Time        // when the chain was last found right
	missing  map[missing]bool // what was said to be missing
}

// missing is what an answer lacks.
type missing struct {
	question string
	value    value
}

var (
	_ endpoint.Source = (*server)(nil)
	_ io.Closer       = (*server)(nil)
)

// known is what the answers tell.
type known struct {
	best      uint64
	finalized *uint64
	hash      string
	time      time.Time
}

// mostBehind is how many blocks an endpoint may say that it is behind. What it
// does not have is on its way, or nobody has made it.
const mostBehind = 10

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
		if err := s.askQuestion(ctx, q, &k); err != nil {
			return sdk.Head{}, fmt.Errorf("%s: %w", q, err)
		}
	}
	return s.makeHead(k), nil
}

// skips tells whether the answer to a question would change nothing.
func (s *server) skips(q *question) bool {
	switch {
	case q.isHealth(), q.tellsOnly(value.isSync):
		return s.config.AllowSyncing
	case q.tellsOnly(func(v value) bool { return v == valueChain }):
		return s.config.ChainID == "" || time.Since(s.verified) < quarantine
	}
	return false
}

// needs tells whether there is no head without a value.
func (s *server) needs(v value) bool {
	switch {
	case v == valueBest:
		return true
	case v.isSync():
		return !s.config.AllowSyncing
	case v == valueChain:
		return s.config.ChainID != ""
	}
	return false
}

func (s *server) isNeeded(q *question) bool { return q.isHealth() || q.tells(s.needs) }

// askQuestion asks a question and adds what the answer tells.
func (s *server) askQuestion(ctx context.Context, q *question, k *known) error {
	needed := s.isNeeded(q)
	if !needed {
		var cancel context.CancelFunc
		ctx, cancel = endpoint.Share(ctx, 2)
		defer cancel()
	}
	quote := s.quoter(q, k.best)
	found, err := s.send(ctx, q, k.best, quote)
	if err == nil {
		return s.readValues(q, found, k, quote)
	}
	if needed {
		return s.withHint(q, err)
	}
	for _, p := range q.places {
		s.logMissing(q, p.value, err)
	}
	return nil
}

// readValues reads the values of an answer. Of those that tell how far the endpoint
// itself is, one is enough: not every version of a node says all of them.
func (s *server) readValues(q *question, found any, k *known, quote answer.Quote) error {
	var unsaid error
	said := false
	for _, p := range q.places {
		err := s.readValue(q, p, found, k, quote)
		switch absent := (*absence)(nil); {
		case p.value.isSync() && err == nil:
			said = true
		case p.value.isSync() && errors.As(err, &absent):
			unsaid = cmp.Or(unsaid, err)
		case err == nil || !s.needs(p.value):
			s.logMissing(q, p.value, err)
		default:
			if errors.As(err, &absent) {
				return answer.Refused(found, err)
			}
			return err
		}
	}
	if unsaid != nil && !said && !s.config.AllowSyncing {
		return s.withHint(q, unsaid)
	}
	return nil
}

// withHint adds the way out to an error of a question that tells nothing but how
// far the endpoint is.
func (s *server) withHint(q *question, err error) error {
	var pause *endpoint.PauseError
	var failure *answer.Error
	var absent *absence
	switch {
	case errors.As(err, &pause) || !q.isHealth() && !q.tells(value.isSync):
	case errors.As(err, &absent), errors.As(err, &failure) && failure.Code == unknownMethod:
		return fmt.Errorf("%w (allow_syncing = true takes its head all the same)", err)
	}
	return err
}

// unknownMethod is the code of JSON-RPC for a method that is not there.
const unknownMethod = -32601

// quoter quotes an answer without what it may repeat of the question's address.
func (s *server) quoter(q *question, best uint64) answer.Quote {
	if below, err := s.Address().At(fillMarks(q.path, best)); err == nil {
		return below.Quote
	}
	return s.Address().Quote
}

func (s *server) send(ctx context.Context, q *question, best uint64, quote answer.Quote) (any, error) {
	id := s.ids.Add(1)
	request, err := q.request(id, best)
	if err != nil {
		return nil, err
	}
	text, err := s.Ask(ctx, request)
	if err != nil {
		return nil, err
	}
	found, err := q.readAnswer(text, id, quote)
	s.KeepPause(err)
	return found, err
}

// absence says that an answer does not hold a value.
type absence struct{ error }

// readValue reads one value of an answer.
func (s *server) readValue(q *question, p place, whole any, k *known, quote answer.Quote) error {
	found, err := q.find(p.path, whole, quote)
	if err != nil {
		return &absence{fmt.Errorf("%s: %w", p.value, err)}
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
		k.time, err = madeAt(found, quote)
	case valueChain:
		err = s.judgeChain(found, quote)
	default:
		err = s.judgeSync(p.value, found, k.best, quote)
	}
	var behind answer.SyncError
	if err != nil && !errors.As(err, &behind) {
		return fmt.Errorf("%s: %s %w", p.value, p.path, err)
	}
	return err
}

// judgeSync reads how far the endpoint itself is.
func (s *server) judgeSync(v value, found any, best uint64, quote answer.Quote) error {
	if v == valueSyncing {
		behind, err := syncing(found, quote)
		if err == nil && behind && !s.config.AllowSyncing {
			return answer.SyncError("syncing itself")
		}
		return err
	}
	behind, err := answer.Integer(found, quote)
	if v == valueHighest {
		behind -= min(behind, best)
	}
	if err == nil && behind > mostBehind && !s.config.AllowSyncing {
		return answer.SyncError(fmt.Sprintf("%d blocks behind", behind))
	}
	return err
}

// judgeChain sets an endpoint of another chain aside.
func (s *server) judgeChain(found any, quote answer.Quote) error {
	if s.config.ChainID == "" {
		return nil
	}
	got, err := chainOf(found, quote)
	if err != nil {
		return err
	}
	if !sameChain(got, s.config.ChainID) {
		err := sdk.Invalid(fmt.Errorf("is of another chain: %s, want %q", quote([]byte(got)), s.config.ChainID))
		s.SetAside(quarantine, err)
		s.log.Error("endpoint is of another chain and is not used", "endpoint", s.String(), "got", quote([]byte(got)), "want", s.config.ChainID)
		return err
	}
	s.verified = time.Now()
	return nil
}

// logMissing says in the log what is missing beside the height: aloud when it begins,
// since a head without its time cannot be told to be old.
func (s *server) logMissing(q *question, v value, err error) {
	key := missing{q.String(), v}
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

// makeHead makes a head of what is known. A finalized block is a block of the
// network, whatever an endpoint of several servers says is its best.
func (s *server) makeHead(k known) sdk.Head {
	head := sdk.Head{Best: k.best, Finalized: k.finalized, Hash: k.hash, Time: k.time, Endpoint: s.String()}
	if k.finalized != nil && *k.finalized > k.best {
		head.Best, head.Hash, head.Time = *k.finalized, "", time.Time{}
	}
	if head.Time.IsZero() {
		head.Time = s.slotTime(head.Best)
	}
	return head
}

// slotTime is when a slot was; zero where slots are not dated, or where the
// configuration cannot be that of this chain.
func (s *server) slotTime(slot uint64) time.Time {
	const most = uint64(1<<63 - 1)
	if s.genesis.IsZero() || slot > most/uint64(s.config.SlotDuration) {
		return time.Time{}
	}
	at, err := s.genesis.Add(time.Duration(slot)*s.config.SlotDuration), error(nil)
	if !endpoint.IsBlockTime(at, time.Now()) {
		at, err = time.Time{}, fmt.Errorf("genesis_time and slot_duration make %s of slot %d: they do not fit this chain", at.Format(time.RFC3339), slot)
	}
	s.logMissing(&s.questions[0], valueTime, err)
	return at
}
