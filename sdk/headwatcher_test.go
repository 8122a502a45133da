package sdk

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// watched is a head source whose watch a test plays.
type watched struct {
	asked, watches atomic.Int64
	watch          func(ctx context.Context, call int64, report func(Head)) error
}

var (
	_ HeadSource  = (*watched)(nil)
	_ HeadWatcher = (*watched)(nil)
)

func (w *watched) GetHead(context.Context) (Head, error) {
	w.asked.Add(1)
	return Head{Best: 1}, nil
}

func (w *watched) WatchHeads(ctx context.Context, report func(Head)) error {
	return w.watch(ctx, w.watches.Add(1), report)
}

// startWatched starts a source inside a bubble; stop ends it, and so does the end
// of the test.
func startWatched(t *testing.T, w *watched, log *bytes.Buffer) (s *headSourceServer, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := headSourcePlugin(Info{Name: "watched"}, w)
	p.ctx, p.logger = ctx, slog.New(slog.NewTextHandler(log, nil))
	stop = func() {
		cancel()
		p.close()
	}
	t.Cleanup(stop)
	return newHeadSourceServer(p, w), stop
}

func best(t *testing.T, s *headSourceServer) uint64 {
	t.Helper()
	r, err := s.GetHead(t.Context(), &pluginv1.GetHeadRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return r.GetBest()
}

func TestWatchedHeadAnswersWhileFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watched{watch: func(ctx context.Context, _ int64, report func(Head)) error {
			time.Sleep(time.Minute)
			report(Head{Best: 42})
			<-ctx.Done()
			return ctx.Err()
		}}
		s, _ := startWatched(t, w, &bytes.Buffer{})
		if got := best(t, s); got != 1 {
			t.Errorf("before anything is reported: %d", got)
		}
		time.Sleep(time.Minute + time.Millisecond)
		if got := best(t, s); got != 42 || w.asked.Load() != 1 {
			t.Errorf("reported just now: %d, asked %d times", got, w.asked.Load())
		}
		time.Sleep(FreshFor)
		if got := best(t, s); got != 1 {
			t.Errorf("reported too long ago: %d", got)
		}
	})
}

func TestWatchIsBegunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watched{watch: func(_ context.Context, call int64, report func(Head)) error {
			switch {
			case call == 3:
				panic("the third")
			case call > 3:
				report(Head{Best: 42})
			}
			return errors.New("the line is dead")
		}}
		var log bytes.Buffer
		s, stop := startWatched(t, w, &log)
		got := best(t, s)
		// A pause may be longer than a report stays fresh.
		for range 90 {
			time.Sleep(time.Second)
			if got = best(t, s); got == 42 {
				break
			}
		}
		if got != 42 {
			t.Errorf("after the watch came back: %d", got)
		}
		if got := w.watches.Load(); got < 4 || got > 100 {
			t.Errorf("%d watches", got)
		}
		// The watch writes to the log as long as it goes on.
		stop()
		if got := strings.Count(log.String(), "it is begun again"); got == 0 || got > 100 {
			t.Errorf("said %d times:\n%s", got, &log)
		}
	})
}

func TestWatchEndsWithThePlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		w := &watched{watch: func(ctx context.Context, _ int64, _ func(Head)) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = true
			return ctx.Err()
		}}
		ctx, stop := context.WithCancel(t.Context())
		p := headSourcePlugin(Info{Name: "watched"}, w)
		p.ctx = ctx
		if err := p.ready(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		p.close()
		if !ended {
			t.Error("the plugin was closed while its watch was going on")
		}
	})
}

func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, asked := time.Now(), 0
		var heads []uint64
		err := Poll(t.Context(), time.Minute, func(ctx context.Context) (Head, error) {
			if asked++; asked == 4 {
				<-ctx.Done()
				return Head{}, ctx.Err()
			}
			return Head{Best: uint64(asked)}, nil
		}, func(h Head) { heads = append(heads, h.Best) })
		if !errors.Is(err, context.DeadlineExceeded) || len(heads) != 3 || time.Since(begun) != 4*time.Minute {
			t.Errorf("got %v after %s, %v", heads, time.Since(begun), err)
		}
	})
}
