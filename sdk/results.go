package sdk

import (
	"context"
	"errors"
	"slices"
	"sync"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// keptResults is how many outcomes are remembered. A host asks again only for
// its newest request of a target.
const keptResults = 1000

// results answers a repeated request with the outcome of the first.
type results struct {
	mu    sync.Mutex
	byID  map[string]*result
	order []string
}

// result is one request, answered or under way.
type result struct {
	done     chan struct{}
	response *pluginv1.ExecuteResponse
	err      error
}

func newResults() *results { return &results{byID: map[string]*result{}} }

// once runs act for the first request of an id and gives its outcome to all.
// An outcome that is unknown is not final: a request that resumes asks anew.
func (s *results) once(ctx context.Context, request Request, act func() (*pluginv1.ExecuteResponse, error)) (*pluginv1.ExecuteResponse, error) {
	if request.DryRun {
		return act()
	}
	s.mu.Lock()
	first, repeated := s.byID[request.ID]
	if repeated && request.Resume && first.open() {
		repeated = false
	}
	if !repeated {
		first = &result{done: make(chan struct{})}
		s.keep(request.ID, first)
	}
	s.mu.Unlock()
	if !repeated {
		defer close(first.done)
		first.err = errors.New("the first request with this id ended in a panic")
		first.response, first.err = act()
		return first.response, first.err
	}
	select {
	case <-first.done:
		return first.response, first.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// open says that the request was answered, and that the answer was not final.
func (r *result) open() bool {
	return r.answered() && (r.err != nil || r.response.GetOutcome() == pluginv1.Outcome_OUTCOME_UNKNOWN)
}

func (r *result) answered() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// keep remembers a request and forgets the oldest one that is answered.
func (s *results) keep(id string, r *result) {
	if _, known := s.byID[id]; !known {
		s.order = append(s.order, id)
	}
	s.byID[id] = r
	if len(s.order) <= keptResults {
		return
	}
	oldest := slices.IndexFunc(s.order, func(id string) bool { return s.byID[id].answered() })
	if oldest >= 0 {
		delete(s.byID, s.order[oldest])
		s.order = slices.Delete(s.order, oldest, oldest+1)
	}
}
