package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

func TestFailureOf(t *testing.T) {
	plain := errors.New("no")
	tests := []struct {
		err  error
		want sdk.Failure
	}{
		{sdk.Unavailable(plain), sdk.FailureUnavailable},
		{sdk.RateLimited(plain, time.Minute), sdk.FailureRateLimited},
		{sdk.NotFound(plain), sdk.FailureNotFound},
		{sdk.Denied(plain), sdk.FailureDenied},
		{sdk.Unsupported(plain), sdk.FailureUnsupported},
		{sdk.Invalid(plain), sdk.FailureInvalid},
		{sdk.NewError(codes.FailedPrecondition, plain, 0), sdk.FailureNotReady},
		{sdk.NewError(codes.Internal, plain, 0), sdk.FailurePanic},
		{sdk.NewError(codes.DeadlineExceeded, plain, 0), sdk.FailureDeadline},
		{context.DeadlineExceeded, sdk.FailureDeadline},
		{sdk.NewError(codes.Unknown, plain, 0), sdk.FailureOther},
		{plain, sdk.FailureOther},
		{fmt.Errorf("head source %q: %w", "onfinality", sdk.Denied(plain)), sdk.FailureDenied},
	}
	for _, test := range tests {
		if got := sdk.FailureOf(test.err); got != test.want {
			t.Errorf("FailureOf(%v) is %q, want %q", test.err, got, test.want)
		}
	}
}
