package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
)

// longestPause bounds what a plugin may ask for: a pause of years is a mistake.
const longestPause = 24 * time.Hour

// failure turns a gRPC status into an error of the SDK. An end of ctx stays
// one, so that a caller can tell its own deadline.
func failure(ctx context.Context, err error) error {
	s := status.Convert(err)
	switch s.Code() {
	case codes.DeadlineExceeded:
		return sdk.NewError(s.Code(), ended(s, context.DeadlineExceeded), 0)
	case codes.Canceled:
		if ctx.Err() == nil {
			// The call ended from the other side.
			return sdk.NewError(codes.Unavailable, errors.New(text(s.Message())), 0)
		}
		return sdk.NewError(s.Code(), ended(s, ctx.Err()), 0)
	}
	var pause time.Duration
	for _, detail := range s.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().IsValid() {
			pause = min(max(0, retry.GetRetryDelay().AsDuration()), longestPause)
		}
	}
	return sdk.NewError(s.Code(), errors.New(text(s.Message())), pause)
}

// ended is the end of a context in the plugin's words, where it has any beyond
// the context's own.
func ended(s *status.Status, cause error) error {
	words := strings.TrimSuffix(strings.TrimSuffix(text(s.Message()), cause.Error()), ": ")
	if words == "" {
		words = "no answer in time"
	}
	return fmt.Errorf("%s: %w", words, cause)
}

// malformed says that a plugin's answer cannot be right.
func malformed(what string, err error) error {
	return sdk.NewError(codes.Internal, fmt.Errorf("read %s: %w", what, err), 0)
}
