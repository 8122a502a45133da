package sdk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestDiagnosticsKeepPlaces(t *testing.T) {
	first := AttributeError(errors.New("no such host"), "mend it", "endpoint", "0", "url")
	second := AttributeError(errors.New("too short"), "", "interval")
	tests := []struct {
		name string
		err  error
		want []Diagnostic
	}{
		{"nothing", nil, nil},
		{"plain", errors.New("no"), []Diagnostic{{Summary: "no"}}},
		{"wrapped plain", fmt.Errorf("check: %w", errors.New("no")), []Diagnostic{{Summary: "check: no"}}},
		{"at a place", first, []Diagnostic{{Summary: "no such host", Hint: "mend it", Path: []string{"endpoint", "0", "url"}}}},
		{"wrapped", fmt.Errorf("check: %w", second), []Diagnostic{{Summary: "too short", Path: []string{"interval"}}}},
		{"joined", errors.Join(second, errors.New("no"), first), []Diagnostic{
			{Summary: "too short", Path: []string{"interval"}}, {Summary: "no"}, {Summary: "no such host", Hint: "mend it", Path: []string{"endpoint", "0", "url"}}}},
		{"joined in joined", errors.Join(errors.Join(second, second)), []Diagnostic{
			{Summary: "too short", Path: []string{"interval"}}, {Summary: "too short", Path: []string{"interval"}}}},
		{"a place for what is joined", AttributeError(errors.Join(errors.New("a"), errors.New("b")), "hint", "url"), []Diagnostic{
			{Summary: "a\nb", Hint: "hint", Path: []string{"url"}}}},
		{"no path", AttributeError(errors.New("no"), "hint"), []Diagnostic{{Summary: "no"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Diagnostics(test.err)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusOfAnError(t *testing.T) {
	other := status.Error(codes.NotFound, "of another server")
	ended, end := context.WithCancel(t.Context())
	end()
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		code codes.Code
		text string
	}{
		{"plain", t.Context(), errors.New("no"), codes.Unavailable, "no"},
		{"constructor", t.Context(), Denied(errors.New("no")), codes.PermissionDenied, "no"},
		{"wrapped constructor", t.Context(), fmt.Errorf("open: %w", NotFound(errors.New("no"))), codes.NotFound, "open: no"},
		{"attribute", t.Context(), AttributeError(errors.New("no"), "", "url"), codes.InvalidArgument, "url: no"},
		{"failure that calls itself fine", t.Context(), NewError(codes.OK, errors.New("no"), 0), codes.Unavailable, "no"},
		{"deadline", t.Context(), fmt.Errorf("ask: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "ask: context deadline exceeded"},
		{"call cancelled", ended, context.Canceled, codes.Canceled, "context canceled"},
		{"something else cancelled", t.Context(), context.Canceled, codes.Unavailable, "context canceled"},
		{"status as it is", t.Context(), other, codes.NotFound, "of another server"},
		{"status of another server", t.Context(), fmt.Errorf("ask: %w", other), codes.Unavailable, "ask: rpc error: code = NotFound desc = of another server"},
		{"not UTF-8", t.Context(), errors.New("a\xffb"), codes.Unavailable, "a�b"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := status.Convert(statusOf(test.ctx, test.err))
			if got.Code() != test.code || got.Message() != test.text {
				t.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), test.code, test.text)
			}
		})
	}
	if err := statusOf(t.Context(), nil); err != nil {
		t.Errorf("no error became %v", err)
	}
}

func TestStatusCarriesThePause(t *testing.T) {
	got := status.Convert(statusOf(t.Context(), fmt.Errorf("ask: %w", RateLimited(errors.New("slow down"), 90*time.Second))))
	if len(got.Details()) != 1 {
		t.Fatalf("details = %v, want one", got.Details())
	}
	retry, ok := got.Details()[0].(*errdetails.RetryInfo)
	if !ok || retry.GetRetryDelay().AsDuration() != 90*time.Second || got.Code() != codes.ResourceExhausted {
		t.Errorf("got %v with %v", got.Code(), got.Details())
	}
}

func TestStatusHasAnEnd(t *testing.T) {
	got := status.Convert(statusOf(t.Context(), errors.New(strings.Repeat("ä", 10_000)))).Message()
	if len(got) > maxErrorText+8 || !strings.HasSuffix(got, "…") {
		t.Errorf("text of %d bytes ends with %q", len(got), got[len(got)-8:])
	}
}
