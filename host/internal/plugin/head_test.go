package plugin

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

func TestMonitorsShareACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := &sharedHead{getHead: func(context.Context) (sdk.Head, error) {
			calls++
			time.Sleep(time.Second)
			return sdk.Head{Best: uint64(calls)}, nil
		}}
		ask := func(n int) (heads []uint64) {
			var asking sync.WaitGroup
			heads = make([]uint64, n)
			for i := range n {
				asking.Go(func() {
					head, err := s.GetHead(t.Context())
					if err != nil {
						t.Error(err)
					}
					heads[i] = head.Best
				})
			}
			asking.Wait()
			return heads
		}
		for _, best := range ask(3) {
			if best != 1 {
				t.Errorf("head %d, want that of the first call", best)
			}
		}
		time.Sleep(shareFor)
		if got := ask(1)[0]; got != 1 {
			t.Errorf("head %d, want the answer of just now", got)
		}
		time.Sleep(time.Millisecond)
		if got := ask(1)[0]; got != 2 {
			t.Errorf("head %d, want that of a second call", got)
		}
	})
}

// A monitor that ends does not take the call with it that others wait for.
func TestCallGoesOnWithoutTheMonitorThatBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sharedHead{getHead: func(ctx context.Context) (sdk.Head, error) {
			time.Sleep(time.Minute)
			return sdk.Head{Best: 7}, ctx.Err()
		}}
		first, end := context.WithCancel(t.Context())
		go s.GetHead(first)
		synctest.Wait()
		end()
		if head, err := s.GetHead(t.Context()); err != nil || head.Best != 7 {
			t.Errorf("head %d, error %v", head.Best, err)
		}
		s.wait()
	})
}

// The pause that a source asks for is kept, and said meanwhile.
func TestPauseIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := &sharedHead{getHead: func(context.Context) (sdk.Head, error) {
			if calls++; calls == 1 {
				return sdk.Head{}, sdk.RateLimited(errors.New("429 Too Many Requests"), time.Minute)
			}
			return sdk.Head{Best: 7}, nil
		}}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{0, "429 Too Many Requests"},
			{10 * time.Second, "not asked for another 50s, as it wished: 429 Too Many Requests"},
			{49 * time.Second, "not asked for another 1s, as it wished: 429 Too Many Requests"},
		} {
			time.Sleep(step.after)
			if _, err := s.GetHead(t.Context()); err == nil || err.Error() != step.want {
				t.Errorf("error %v, want %q", err, step.want)
			}
		}
		if calls != 1 {
			t.Errorf("asked %d times during the pause", calls-1)
		}
		time.Sleep(time.Second)
		if head, err := s.GetHead(t.Context()); err != nil || head.Best != 7 {
			t.Errorf("head %d, error %v after the pause", head.Best, err)
		}
	})
}
