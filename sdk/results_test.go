package sdk

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// counted answers with how often it was asked, and an outcome.
type counted struct {
	calls   int
	outcome pluginv1.Outcome
	err     error
}

func (c *counted) act() (*pluginv1.ExecuteResponse, error) {
	c.calls++
	if c.err != nil {
		return nil, c.err
	}
	return &pluginv1.ExecuteResponse{Outcome: c.outcome, Detail: strconv.Itoa(c.calls)}, nil
}

func TestOnceActsOnceForAnID(t *testing.T) {
	failed := errors.New("no")
	tests := []struct {
		name    string
		outcome pluginv1.Outcome
		err     error
		second  Request
		want    int
	}{
		{"done", pluginv1.Outcome_OUTCOME_DONE, nil, Request{ID: "a"}, 1},
		{"another id", pluginv1.Outcome_OUTCOME_DONE, nil, Request{ID: "b"}, 2},
		{"done, resumed", pluginv1.Outcome_OUTCOME_DONE, nil, Request{ID: "a", Resume: true}, 1},
		{"not done, resumed", pluginv1.Outcome_OUTCOME_NOT_DONE, nil, Request{ID: "a", Resume: true}, 1},
		{"failed, resumed", pluginv1.Outcome_OUTCOME_FAILED, nil, Request{ID: "a", Resume: true}, 1},
		{"unknown, asked again", pluginv1.Outcome_OUTCOME_UNKNOWN, nil, Request{ID: "a"}, 1},
		{"unknown, resumed", pluginv1.Outcome_OUTCOME_UNKNOWN, nil, Request{ID: "a", Resume: true}, 2},
		{"error, asked again", 0, failed, Request{ID: "a"}, 1},
		{"error, resumed", 0, failed, Request{ID: "a", Resume: true}, 2},
		{"dry run after an act", pluginv1.Outcome_OUTCOME_DONE, nil, Request{ID: "a", DryRun: true}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, s := &counted{outcome: test.outcome, err: test.err}, newResults()
			first, firstErr := s.once(t.Context(), Request{ID: "a"}, c.act)
			second, secondErr := s.once(t.Context(), test.second, c.act)
			if c.calls != test.want {
				t.Errorf("acted %d times, want %d", c.calls, test.want)
			}
			if test.want == 1 && (first != second || !errors.Is(secondErr, firstErr)) {
				t.Errorf("answers differ: %v, %v and %v, %v", first, firstErr, second, secondErr)
			}
		})
	}
}

func TestOnceForgetsDryRuns(t *testing.T) {
	c, s := &counted{outcome: pluginv1.Outcome_OUTCOME_DONE}, newResults()
	s.once(t.Context(), Request{ID: "a", DryRun: true}, c.act)
	got, err := s.once(t.Context(), Request{ID: "a"}, c.act)
	if err != nil || got.GetDetail() != "2" {
		t.Errorf("got %v, %v; want the second answer", got, err)
	}
}

func TestOnceGivesOneOutcomeToAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := &counted{outcome: pluginv1.Outcome_OUTCOME_DONE}, newResults()
		slow := func() (*pluginv1.ExecuteResponse, error) {
			time.Sleep(time.Minute)
			return c.act()
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if got, err := s.once(t.Context(), Request{ID: "a", Resume: true}, slow); err != nil || got.GetDetail() != "1" {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		all.Wait()
	})
}

func TestOnceWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := newResults(), make(chan struct{})
		go s.once(t.Context(), Request{ID: "a"}, func() (*pluginv1.ExecuteResponse, error) {
			<-release
			return &pluginv1.ExecuteResponse{}, nil
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.once(ctx, Request{ID: "a"}, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
		close(release)
	})
}

func TestOnceSurvivesAPanic(t *testing.T) {
	s := newResults()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		s.once(t.Context(), Request{ID: "a"}, func() (*pluginv1.ExecuteResponse, error) { panic("oh") })
	}()
	c := &counted{outcome: pluginv1.Outcome_OUTCOME_DONE}
	if _, err := s.once(t.Context(), Request{ID: "a"}, c.act); err == nil || c.calls != 0 {
		t.Errorf("a repeated request got %v after %d acts, want an error and none", err, c.calls)
	}
	if got, err := s.once(t.Context(), Request{ID: "a", Resume: true}, c.act); err != nil || got.GetDetail() != "1" {
		t.Errorf("a request that resumes got %v, %v", got, err)
	}
}

func TestOnceForgetsTheOldestAnswered(t *testing.T) {
	s, c := newResults(), &counted{outcome: pluginv1.Outcome_OUTCOME_DONE}
	started, release, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.once(t.Context(), Request{ID: "under way"}, func() (*pluginv1.ExecuteResponse, error) {
			close(started)
			<-release
			return &pluginv1.ExecuteResponse{}, nil
		})
	}()
	<-started
	for i := range keptResults {
		s.once(t.Context(), Request{ID: strconv.Itoa(i)}, c.act)
	}
	if len(s.byID) != keptResults || len(s.order) != keptResults {
		t.Errorf("%d and %d are remembered, want %d", len(s.byID), len(s.order), keptResults)
	}
	if s.byID["under way"] == nil || s.byID["0"] != nil || s.byID["1"] == nil {
		t.Error("want the request under way and all answered but the oldest")
	}
	close(release)
	<-ended
}
