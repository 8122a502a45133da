package jsonrpc

import (
	"cmp"
	"context"
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
	verified time.Time        // when the chain was last found right, or was asked last
	chain    string           // what the endpoint has called it
	missing  map[missing]bool // what was said to be missing
}

// missing is what an answer lacks.
type missing struct {
	question string
	value    value
}

var (
	_ endpoint.Source     = (*server)(nil)
	_ endpoint.NodeSource = (*server)(nil)
	_ io.Closer           = (*server)(nil)
)

// known is what the answers tell.
type known struct {
	// own says that the node at the endpoint is asked about itself.
	own       bool
	best      uint64
	finalized *uint64
	hash      string
	time      time.Time
	syncing   *bool
	peers     *uint64
	progress  *uint64
}

// says notes whether the endpoint syncs: it does where anything that it says means so.
func (k *known) says(syncing bool) {
	syncing = syncing || k.syncing != nil && *k.syncing
	k.syncing = &syncing
}

// mostBehind is how many blocks an endpoint may say that it is behind. What it
// does not have is on its way, or nobody has made it.
const mostBehind = 10

// Head is the newest block as this endpoint knows it: the height, and all else
// that it tells. What is missing beside the height is said in the log, but
// that the endpoint is syncing itself, or of another chain, is an error.
func (s *server) Head(ctx context.Context) (sdk.Head, error) { return s.ask(ctx, known{}) }

// Node is the newest block that the node at this endpoint has, with what it says of
// itself. Only without a height, and of another chain than the configured, it is an
// error.
func (s *server) Node(ctx context.Context) (sdk.Head, error) { return s.ask(ctx, known{own: true}) }

func (s *server) ask(ctx context.Context, k known) (sdk.Head, error) {
	for i := range s.questions {
		q := &s.questions[i]
		if s.skips(q, &k) {
			continue
		}
		if err := s.askQuestion(ctx, q, &k); err != nil {
			return sdk.Head{}, fmt.Errorf("%s: %w", q, err)
		}
	}
	return s.makeHead(k), nil
}

// skips tells whether the answer to a question would change nothing. The chain is
// asked for now and then where it is configured, else until it is told.
func (s *server) skips(q *question, k *known) bool {
	switch {
	case q.isHealth(), q.tellsOnly(value.isSync):
		return s.config.AllowSyncing && !k.own
	case q.tellsOnly(func(v value) bool { return v == valuePeers }):
		return !k.own
	case q.tellsOnly(func(v value) bool { return v == valueChain }):
		return s.config.ChainID == "" && s.chain != "" || time.Since(s.verified) < quarantine
	}
	return false
}

// needs tells whether there is no head without a value.
func (s *server) needs(v value, own bool) bool {
	switch {
	case v == valueBest:
		return true
	case v.isSync():
		return !s.config.AllowSyncing && !own
	case v == valueChain:
		return s.config.ChainID != ""
	}
	return false
}

func (s *server) isNeeded(q *question, own bool) bool {
	return q.isHealth() && !own || q.tells(func(v value) bool { return s.needs(v, own) })
}

// askQuestion asks a question and adds what the answer tells.
func (s *server) askQuestion(ctx context.Context, q *question, k *known) error {
	needed := s.isNeeded(q, k.own)
	if !needed {
		var cancel context.CancelFunc
		ctx, cancel = endpoint.Share(ctx, 2)
		defer cancel()
	}
	quote := s.quoter(q, k.best)
	found, err := s.send(ctx, q, k.best, quote)
	if q.isHealth() && (k.own || err == nil) {
		k.hear(err)
		return nil
	}
	if err == nil {
		return s.readValues(q, found, k, quote)
	}
	if needed {
		return s.withHint(q, err)
	}
	for _, p := range q.places {
		if p.value == valueChain {
			s.verified = time.Now() // it is asked again, after a while
		}
		s.logMissing(q, p.value, err)
	}
	return nil
}

// hear takes the answer of a node that was asked for its health. Of its errors only
// that it is behind says that it syncs.
func (k *known) hear(err error) {
	var syncs answer.SyncError
	var failure *answer.Error
	switch {
	case err == nil:
		k.says(false)
	case errors.As(err, &syncs), errors.As(err, &failure) && strings.Contains(strings.ToLower(failure.Message), "behind"):
		k.says(true)
	}
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
		case err == nil || !s.needs(p.value, k.own):
			s.logMissing(q, p.value, err)
		default:
			if errors.As(err, &absent) {
				return answer.Refused(found, err)
			}
			return err
		}
	}
	if unsaid != nil && !said && s.needs(valueSyncing, k.own) {
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
		k.best, err = k.height(found, quote)
	case valueFinalized:
		var n uint64
		if n, err = height(found, quote); err == nil {
			k.finalized = &n
		}
	case valueHash:
		k.hash, err = hashOf(found, quote)
	case valueTime:
		k.time, err = madeAt(found, quote)
	case valuePeers:
		var n uint64
		if n, err = answer.Integer(found, quote); err == nil {
			k.peers = &n
		}
	case valueChain:
		err = s.judgeChain(found, quote)
	default:
		err = s.judgeSync(p.value, found, k, quote)
	}
	var behind answer.SyncError
	if err != nil && !errors.As(err, &behind) {
		return fmt.Errorf("%s: %s %w", p.value, p.path, err)
	}
	return err
}

// height reads the height. Block 0 is no head of a network, but a node may have no
// other.
func (k *known) height(found any, quote answer.Quote) (uint64, error) {
	if n, err := answer.Integer(found, quote); k.own && err == nil && n == 0 {
		return 0, nil
	}
	return height(found, quote)
}

// judgeSync reads how far the endpoint itself is. That it syncs is an error, unless
// it is the node that is asked about itself, or the operator takes it all the same.
func (s *server) judgeSync(v value, found any, k *known, quote answer.Quote) error {
	if v == valueSyncing {
		behind, err := syncing(found, quote)
		if stages, ok := found.(map[string]any); ok && k.own && behind {
			k.progress = new(progress(stages, quote))
		}
		return s.takeSync(behind, "syncing itself", err, k)
	}
	behind, err := answer.Integer(found, quote)
	if v == valueHighest {
		behind -= min(behind, k.best)
	}
	return s.takeSync(behind > mostBehind, answer.SyncError(fmt.Sprintf("%d blocks behind", behind)), err, k)
}

func (s *server) takeSync(behind bool, words answer.SyncError, err error, k *known) error {
	switch {
	case err != nil, s.config.AllowSyncing && !k.own:
		return err
	case behind && !k.own:
		return words
	}
	k.says(behind)
	return nil
}

// judgeChain sets an endpoint of another chain than the configured aside.
func (s *server) judgeChain(found any, quote answer.Quote) error {
	got, err := chainOf(found, quote)
	if err != nil {
		return err
	}
	if s.config.ChainID != "" && !sameChain(got, s.config.ChainID) {
		err := sdk.Invalid(fmt.Errorf("is of another chain: %s, want %q", quote([]byte(got)), s.config.ChainID))
		s.SetAside(quarantine, err)
		s.log.Error("endpoint is of another chain and is not used", "endpoint", s.String(), "got", quote([]byte(got)), "want", s.config.ChainID)
		return err
	}
	s.verified, s.chain = time.Now(), got
	return nil
}

// logMissing says in the log what is missing beside the height: aloud when it begins,
// since a head without its time cannot be told to be old. What an endpoint does not
// tell about itself is said quietly: many serve no such question.
func (s *server) logMissing(q *question, v value, err error) {
	key := missing{q.String(), v}
	if err == nil {
		delete(s.missing, key)
		return
	}
	level := slog.LevelWarn
	if s.missing[key] || v.isSync() || v == valuePeers || v == valueChain {
		level = slog.LevelDebug
	}
	s.missing[key] = true
	s.log.Log(context.Background(), level, "the head lacks something", "endpoint", s.String(), "what", string(v), "question", q.String(), "error", err)
}

// makeHead makes a head of what is known. A finalized block is a block of the
// network, whatever an endpoint of several servers says is its best.
func (s *server) makeHead(k known) sdk.Head {
	head := sdk.Head{Best: k.best, Finalized: k.finalized, Hash: k.hash, Time: k.time, Endpoint: s.String(),
		Syncing: k.syncing, Peers: k.peers, Chain: s.chain, Progress: k.progress}
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
