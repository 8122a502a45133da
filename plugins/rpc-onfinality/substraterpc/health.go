package substraterpc

import (
	"context"
	"encoding/json"
	"errors"
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
func (s *server) judgeHealth(ctx context.Context, via caller, head sdk.Head) error {
	if !s.health.isDue(head, time.Now()) {
		return nil
	}
	ctx, cancel := endpoint.Share(ctx, 2)
	defer cancel()
	syncing := false
	result, err := s.callInTurn(ctx, via, "system_health")
	if err == nil {
		syncing, err = readHealth(via.at(), result)
	}
	s.health.asked, s.health.unserved = time.Now(), err != nil
	if err != nil {
		s.log.Debug("it is not known whether the endpoint syncs", "endpoint", via.at().String(), "error", err)
		return nil
	}
	if s.health.syncing = syncing; syncing {
		return answer.SyncError("syncing itself")
	}
	return nil
}

// readHealth reads whether an endpoint says that it syncs.
func readHealth(a endpoint.Address, text json.RawMessage) (syncing bool, err error) {
	var said struct {
		IsSyncing *bool `json:"isSyncing"`
	}
	if json.Unmarshal(text, &said) != nil || said.IsSyncing == nil {
		return false, errors.New("system_health: answered no health: " + a.Quote(text))
	}
	return *said.IsSyncing, nil
}
