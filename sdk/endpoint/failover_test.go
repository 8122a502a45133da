package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// fakeSource answers what it is told to.
type fakeSource struct {
	name  string
	head  sdk.Head
	err   error
	hangs bool
	asked int
}

func (f *fakeSource) String() string { return f.name }

func (f *fakeSource) Head(ctx context.Context) (sdk.Head, error) {
	f.asked++
	if f.hangs {
		<-ctx.Done()
		return sdk.Head{}, ctx.Err()
	}
	return f.head, f.err
}

func failover(t *testing.T, log *strings.Builder, sources ...*fakeSource) *endpoint.Failover {
	t.Helper()
	var all []endpoint.Source
	for _, s := range sources {
		all = append(all, s)
	}
	f := endpoint.NewFailover(t.Context(), all, endpoint.FailoverOptions{OldAfter: time.Minute, Log: slog.New(slog.NewTextHandler(log, nil))})
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func wantBest(t *testing.T, f *endpoint.Failover, want uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	head, err := f.GetHead(ctx)
	if err != nil || head.Best != want {
		t.Fatalf("got head %d, error %v; want %d", head.Best, err, want)
	}
}

func TestFailoverAndReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		first, second := &fakeSource{name: "first", err: errors.New("down")}, &fakeSource{name: "second", head: sdk.Head{Best: 2}}
		f := failover(t, &log, first, second)
		wantBest(t, f, 2)
		if want := `msg="another endpoint is used" endpoint=second before=first error="first: down"`; !strings.Contains(log.String(), want) {
			t.Errorf("got log %s", &log)
		}
		first.err, first.head = nil, sdk.Head{Best: 1}
		time.Sleep(5 * time.Minute)
		wantBest(t, f, 2)
		if first.asked != 1 {
			t.Errorf("the first was asked %d times within five minutes, want 1", first.asked)
		}
		time.Sleep(time.Second)
		wantBest(t, f, 1)
	})
}

func TestOldHeadsArePassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A head's own time counts from 2020 on, and a bubble begins in 2000.
		time.Sleep(time.Until(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)))
		var log strings.Builder
		old := time.Now().Add(-61 * time.Second)
		first := &fakeSource{name: "first", head: sdk.Head{Best: 9, Time: old}}
		second := &fakeSource{name: "second", head: sdk.Head{Best: 2, Time: time.Now()}}
		f := failover(t, &log, first, second)
		wantBest(t, f, 2)
		second.head = sdk.Head{Best: 3, Time: old}
		wantBest(t, f, 9)
		first.err = errors.New("down")
		wantBest(t, f, 3)
	})
}

func TestEachHasItsShareOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := failover(t, &log, &fakeSource{name: "first", hangs: true}, &fakeSource{name: "second", hangs: true}, &fakeSource{name: "third", head: sdk.Head{Best: 3}})
		began := time.Now()
		wantBest(t, f, 3)
		if took := time.Since(began); took != 18*time.Second { // two thirds of nine tenths of 30 s
			t.Errorf("took %v", took)
		}
	})
}

// restingSource counts how often it was let rest.
type restingSource struct {
	fakeSource
	rests int
}

func (r *restingSource) Rest() { r.rests++ }

func TestSourcesOutOfUseRest(t *testing.T) {
	first, second := &restingSource{fakeSource: fakeSource{name: "first"}}, &restingSource{fakeSource: fakeSource{name: "second", head: sdk.Head{Best: 2}}}
	f := endpoint.NewFailover(t.Context(), []endpoint.Source{first, second}, endpoint.FailoverOptions{Log: slog.New(slog.DiscardHandler)})
	first.err = errors.New("down")
	wantBest(t, f, 2)
	if first.rests != 1 || second.rests != 0 {
		t.Errorf("got %d and %d rests, want 1 and 0", first.rests, second.rests)
	}
	if err := f.Close(); err != nil || first.rests != 2 || second.rests != 1 {
		t.Errorf("got %d and %d rests at the end, error %v", first.rests, second.rests, err)
	}
}

func TestCloseEndsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := failover(t, &log, &fakeSource{name: "first", hangs: true})
		done := make(chan error)
		go func() {
			_, err := f.GetHead(t.Context())
			done <- err
		}()
		synctest.Wait()
		go f.Close()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
	})
}

func TestSummarize(t *testing.T) {
	down := errors.New("down")
	pause := func(s int) error {
		return fmt.Errorf("a: %w", &endpoint.PauseError{Err: errors.New("slow down"), Pause: time.Duration(s) * time.Second})
	}
	denied := fmt.Errorf("b: %w", &endpoint.StatusError{Status: 403})
	wrong := fmt.Errorf("c: %w", sdk.Invalid(errors.New("other chain")))
	tests := []struct {
		name     string
		failures []error
		code     codes.Code // OK for a plain error
		pause    time.Duration
	}{
		{"one", []error{down}, codes.OK, 0},
		{"pauses", []error{pause(9), pause(4), pause(7)}, codes.ResourceExhausted, 4 * time.Second},
		{"pauses and one down", []error{pause(9), down}, codes.OK, 0},
		{"refusals", []error{denied, denied}, codes.PermissionDenied, 0},
		{"a refusal and one down", []error{denied, down}, codes.OK, 0},
		{"a pause and a refusal", []error{denied, pause(4)}, codes.ResourceExhausted, 4 * time.Second},
		{"other chains", []error{wrong, wrong}, codes.InvalidArgument, 0},
		{"another chain and one down", []error{wrong, down}, codes.Unavailable, 0},
		{"none", nil, codes.OK, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := endpoint.Summarize(test.failures)
			code, pause := codes.OK, time.Duration(0)
			var e *sdk.Error
			if errors.As(err, &e) {
				code, pause = e.Code(), e.Pause()
			}
			if err == nil || code != test.code || pause != test.pause {
				t.Errorf("got %v with %v: %v; want %v with %v", code, pause, err, test.code, test.pause)
			}
		})
	}
}
