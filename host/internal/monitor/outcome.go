package monitor

import (
	"errors"

	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// known says whether it is clear what became of an act.
func known(o sdk.Outcome) bool { return o == sdk.Done || o == sdk.NotDone || o == sdk.Failed }

// observed is an outcome as the engine takes it.
func observed(o sdk.Outcome) rule.Outcome {
	switch o {
	case sdk.Done:
		return rule.Done
	case sdk.NotDone:
		return rule.NotDone
	case sdk.Failed:
		return rule.Failed
	}
	return rule.Unclear
}

// outcomeOf is what an error of Execute says about the act. Only an error that
// was given before anything was begun says that nothing was done; a plugin that
// is down may have gone in the middle of it.
func outcomeOf(err error) sdk.Outcome {
	switch sdk.FailureOf(err) {
	case sdk.FailureInvalid, sdk.FailureNotFound, sdk.FailureNotReady:
		return sdk.NotDone
	case sdk.FailureDenied, sdk.FailureUnsupported:
		return sdk.Failed
	}
	if errors.Is(err, errBusy) {
		return sdk.NotDone
	}
	return sdk.Unknown
}

// absent says that the plugin or the engine behind it could not be asked.
func absent(err error) bool {
	return err != nil && (errors.Is(err, ErrPluginDown) || sdk.FailureOf(err) == sdk.FailureUnavailable)
}
