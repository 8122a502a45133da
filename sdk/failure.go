package sdk

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
)

// Failure is the kind of an error, as the table of [Error] lists them.
type Failure string

// The kinds of failures.
const (
	// FailureUnavailable: it did not work this time.
	FailureUnavailable Failure = "unavailable"
	// FailureDeadline: no answer came in time.
	FailureDeadline Failure = "deadline"
	// FailureRateLimited: the other side asks for a pause.
	FailureRateLimited Failure = "rate limited"
	// FailureNotFound: what was asked for does not exist at present.
	FailureNotFound Failure = "not found"
	// FailureDenied: it is not allowed.
	FailureDenied Failure = "denied"
	// FailureUnsupported: it cannot work here, now or later.
	FailureUnsupported Failure = "unsupported"
	// FailureInvalid: the request or the configuration is wrong.
	FailureInvalid Failure = "invalid"
	// FailureNotReady: the plugin is not configured.
	FailureNotReady Failure = "not ready"
	// FailurePanic: the plugin broke on the call.
	FailurePanic Failure = "panic"
	// FailureOther: the other side was reached, and failed.
	FailureOther Failure = "other"
)

// FailureOf is the kind of an error; FailureOther where it does not say.
func FailureOf(err error) Failure {
	var e *Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded):
		return FailureDeadline
	default:
		return FailureOther
	}
	switch e.code {
	case codes.Unavailable:
		return FailureUnavailable
	case codes.DeadlineExceeded:
		return FailureDeadline
	case codes.ResourceExhausted:
		return FailureRateLimited
	case codes.NotFound:
		return FailureNotFound
	case codes.PermissionDenied:
		return FailureDenied
	case codes.Unimplemented:
		return FailureUnsupported
	case codes.InvalidArgument:
		return FailureInvalid
	case codes.FailedPrecondition:
		return FailureNotReady
	case codes.Internal:
		return FailurePanic
	}
	return FailureOther
}
