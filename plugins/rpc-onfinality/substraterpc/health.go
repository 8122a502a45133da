package substraterpc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// healthEvery is how often an endpoint is asked whether it is syncing itself
// while nothing is wrong with its heads.
const healthEvery = 5 * time.Minute

// health is what an endpoint has said of itself, and what its heads tell.
type health struct {
	asked    time.Time // when it was asked last
	unserved bool      // it did not answer then
	syncing  bool      // it said then that it is syncing

	best uint64    // the highest head so far
	rose time.Time // when that came
}

// isDue says whether to ask: now and then, and again while there is doubt,
// because it is syncing, or its head is old or stands still.
func (h *health) isDue(head sdk.Head, now time.Time) bool {
	if head.Best > h.best {
		h.best, h.rose = head.Best, now
	}
	if now.Sub(h.asked) >= healthEvery {
		return true
	}
	old := endpoint.IsBlockTime(head.Time, now) && now.Sub(head.Time) > oldAfter
	return !h.unserved && (h.syncing || old || now.Sub(h.rose) > oldAfter)
}

// judgeHealth is the error of an endpoint that says of itself that it syncs. One
// that does not serve the question is believed.
func (s *server) judgeHealth(ctx context.Context, via caller, head *sdk.Head) error {
	if !s.health.isDue(*head, time.Now()) {
		return nil
	}
	s.askHealth(ctx, via, head)
	s.health.asked, s.health.unserved = time.Now(), head.Syncing == nil
	if head.Syncing == nil {
		return nil
	}
	if s.health.syncing = *head.Syncing; s.health.syncing {
		return answer.SyncError("syncing itself")
	}
	return nil
}

// askHealth asks an endpoint about itself, and adds what it says to the head: nothing
// where it does not serve the question.
func (s *server) askHealth(ctx context.Context, via caller, head *sdk.Head) {
	ctx, cancel := endpoint.Share(ctx, 2)
	defer cancel()
	result, err := s.callInTurn(ctx, via, "system_health")
	if err == nil {
		head.Syncing, head.Peers, err = readHealth(via.at(), result)
	}
	if err != nil {
		s.log.Debug("it is not known whether the endpoint syncs", "endpoint", via.at().String(), "error", err)
	}
}

// readHealth reads whether an endpoint says that it syncs, and how many peers it has;
// nil where it does not say how many.
func readHealth(a endpoint.Address, text json.RawMessage) (syncing *bool, peers *uint64, err error) {
	var said struct {
		IsSyncing *bool           `json:"isSyncing"`
		Peers     json.RawMessage `json:"peers"`
	}
	if json.Unmarshal(text, &said) != nil || said.IsSyncing == nil {
		return nil, nil, errors.New("system_health: answered no health: " + a.Quote(text))
	}
	var count uint64
	if len(said.Peers) > 0 && !isNull(said.Peers) && json.Unmarshal(said.Peers, &count) == nil {
		peers = &count
	}
	return said.IsSyncing, peers, nil
}

// nameChain adds the hash of block 0 to a head. An endpoint is asked once; one that
// does not answer, again after a while.
func (s *server) nameChain(ctx context.Context, via caller, head *sdk.Head) {
	if s.genesis == "" && s.named == "" && time.Since(s.namedAt) >= quarantine {
		ctx, cancel := endpoint.Share(ctx, 2)
		defer cancel()
		var err error
		if s.named, err = s.getHash(ctx, via, "chain_getBlockHash", 0); err != nil {
			s.log.Debug("the endpoint does not name its chain", "endpoint", via.at().String(), "error", err)
		}
		s.namedAt = time.Now()
	}
	head.Chain = cmp.Or(s.genesis, s.named)
}

// Node is the newest block that the node at this endpoint has, with what it says of
// itself. It is polled, also where heads are subscribed to.
func (s *server) Node(ctx context.Context) (sdk.Head, error) {
	via := s.poller
	if err := s.verifyGenesis(ctx, via, false); err != nil {
		return sdk.Head{}, err
	}
	best, err := s.getHeader(ctx, via)
	if err != nil {
		return sdk.Head{}, err
	}
	if best.number > 0 {
		if err := answer.JudgeHeight(best.number); err != nil {
			return sdk.Head{}, fmt.Errorf("answered a head that %w", err)
		}
	}
	said := sdk.Head{}
	s.askHealth(ctx, via, &said)
	finalized := s.tryFinalized(ctx, via)
	head := s.headOf(via, best, finalized)
	head.Syncing, head.Peers = said.Syncing, said.Peers
	s.nameChain(ctx, via, &head)
	return head, nil
}
