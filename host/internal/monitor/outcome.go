package monitor

import (
	"errors"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// outcomeOf is what an error of Execute says about the act. Only an error that
// was given before anything was begun says that nothing was done.
func outcomeOf(err error) sdk.Outcome {
	switch code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition:
		return sdk.NotDone
	case codes.PermissionDenied, codes.Unimplemented:
		return sdk.Failed
	}
	if errors.Is(err, ErrPluginDown) {
		return sdk.NotDone
	}
	return sdk.Unknown
}
