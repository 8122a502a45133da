package conformance

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk/conformance/internal/hazard"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

func newRequestID() string { return "headwatch-test-" + rand.Text() }

// inspect asks for the state of an example's target.
func inspect(ctx context.Context, i *subject.Instance, e example) (*pluginv1.TargetState, error) {
	answer, err := ask(ctx, callLimit, i.Action.Inspect, &pluginv1.InspectRequest{TargetJson: e.target.JSON()})
	switch {
	case status.Code(err) == codes.NotFound:
		return nil, wrong(absentHint, "Inspect answered NOT_FOUND")
	case err != nil:
		return nil, failedOrAbsent(i, "Inspect", err)
	case answer.GetState() == nil:
		return nil, wrong("a target that does not exist is a state without exists", "Inspect answers without a state")
	}
	return answer.GetState(), nil
}

const absentHint = "a target that does not exist is an answer, a state without exists; an error says that the state cannot be told"

// checkInspectMissing inspects targets that do not exist.
func (r *run) checkInspectMissing(ctx context.Context) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if !e.Missing {
			return noMissing()
		}
		state, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if state.GetExists() {
			return wrong(absentHint, "Inspect says that the target which is missing exists, as %q", state.GetName())
		}
		return nil
	})
}

// checkInspectRepeat inspects twice: looking changes nothing.
func (r *run) checkInspectRepeat(ctx context.Context) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if e.Missing {
			return skipped("no example has a target that exists")
		}
		before, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		after, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		found := changed(before, after)
		if before.GetName() != after.GetName() {
			found = fmt.Sprintf("the name was %q and is %q", before.GetName(), after.GetName())
		}
		if found != "" {
			return wrong("Inspect changes nothing, and gives the identity and the start of the run as they are, not as of now", "two Inspects in a row differ: %s", found)
		}
		if before.GetExists() && before.GetRunning() && before.GetStartedAt() == nil {
			return wrong("the cooldown is counted from the start of the run", "Inspect gives no started_at of a target that runs")
		}
		return nil
	})
}

// checkInspectHazards looks at the hazards of targets that have any: operators
// allow them by their ids and mend them by their words.
func (r *run) checkInspectHazards(ctx context.Context) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if e.Missing {
			return skipped("no example has a target that exists")
		}
		state, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if len(state.GetHazards()) == 0 {
			return skipped("no target has a hazard")
		}
		seen := map[string]bool{}
		for _, h := range state.GetHazards() {
			if wrongIn := hazard.Wrong(h, seen); wrongIn != "" {
				return wrong("a hazard has an identifier of its own, a level, and words for what it is and how to mend it", "hazard %q: %s", h.GetId(), wrongIn)
			}
			seen[h.GetId()] = true
		}
		return nil
	})
}

// changed says what became of a target between two looks; empty for nothing.
func changed(before, after *pluginv1.TargetState) string {
	switch {
	case before.GetExists() != after.GetExists():
		return fmt.Sprintf("exists was %v and is %v", before.GetExists(), after.GetExists())
	case before.GetId() != after.GetId():
		return fmt.Sprintf("the id was %q and is %q", before.GetId(), after.GetId())
	case !before.GetStartedAt().AsTime().Equal(after.GetStartedAt().AsTime()):
		return fmt.Sprintf("the run began at %s and now at %s", clock(before.GetStartedAt()), clock(after.GetStartedAt()))
	case before.GetRunning() != after.GetRunning():
		return fmt.Sprintf("running was %v and is %v", before.GetRunning(), after.GetRunning())
	}
	return ""
}

func clock(at *timestamppb.Timestamp) string { return at.AsTime().Format(time.RFC3339Nano) }

// eachMissing makes a check for the targets that the plugin has just reported
// missing.
func (r *run) eachMissing(ctx context.Context, do func(e example, i *subject.Instance) error) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if e.Disposable {
			return noMissing()
		}
		state, err := inspect(ctx, i, e)
		switch {
		case err != nil && !isSkip(err):
			return skipped("Inspect does not say that the target is missing: %v", err)
		case err != nil:
			return err
		case state.GetExists():
			return noMissing()
		}
		return do(e, i)
	})
}

// eachDisposable makes a check for the targets that are made for it, in the
// state that they are in.
func (r *run) eachDisposable(ctx context.Context, do func(e example, i *subject.Instance, state *pluginv1.TargetState) error) error {
	return r.eachTarget(ctx, func(e example, i *subject.Instance) error {
		if !e.Disposable {
			return skipped("no example has a target that may be acted on: publish one with Disposable in Info.Examples, or give --config")
		}
		state, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if !state.GetExists() || !state.GetRunning() || state.GetRefuse() != "" {
			return skipped("the target of %s cannot be acted on now (exists: %v, running: %v, refuse: %q)", e, state.GetExists(), state.GetRunning(), state.GetRefuse())
		}
		return do(e, i, state)
	})
}

// request is a request about a target in this state.
func request(e example, state *pluginv1.TargetState) *pluginv1.ExecuteRequest {
	return &pluginv1.ExecuteRequest{TargetJson: e.target.JSON(), RequestId: newRequestID(), Reason: "a conformance test", TargetId: state.GetId(),
		RunStartedAt: state.GetStartedAt(), AskedAt: timestamppb.Now()}
}

// execute asks for an act.
func execute(ctx context.Context, i *subject.Instance, r *pluginv1.ExecuteRequest) (*pluginv1.ExecuteResponse, error) {
	answer, err := ask(ctx, actLimit, i.Action.Execute, r)
	if err != nil {
		return nil, failed(i, "Execute", err)
	}
	return answer, nil
}

// outcome is an outcome in a report.
func outcome(o pluginv1.Outcome) string { return strings.TrimPrefix(o.String(), "OUTCOME_") }

// checkExecuteMissing asks for an act on what does not exist.
func (r *run) checkExecuteMissing(ctx context.Context) error {
	return r.eachMissing(ctx, func(e example, i *subject.Instance) error {
		hint := "say NOT_DONE where nothing was done and nothing will be; any other outcome starts a cooldown"
		asked := request(e, &pluginv1.TargetState{Id: "headwatch-test", StartedAt: timestamppb.Now()})
		answer, err := ask(ctx, actLimit, i.Action.Execute, asked)
		switch code := status.Code(err); {
		case code == codes.NotFound || code == codes.PermissionDenied || code == codes.InvalidArgument:
		case err != nil:
			return instead(hint, failed(i, "Execute on a missing target", err))
		case answer.GetOutcome() != pluginv1.Outcome_OUTCOME_NOT_DONE:
			return wrong(hint, "Execute on a missing target ends with %s: %s", outcome(answer.GetOutcome()), shortened(answer.GetDetail()))
		}
		state, err := inspect(ctx, i, e)
		if err == nil && state.GetExists() {
			return wrong("a target that does not exist is not made", "after Execute the missing target exists")
		}
		return nil
	})
}

// checkExecuteDryRun asks for every check and no act.
func (r *run) checkExecuteDryRun(ctx context.Context) error {
	hint := "with dry_run, check everything and do nothing: the outcome is NOT_DONE, and its detail says what would be done"
	try := func(e example, i *subject.Instance, state *pluginv1.TargetState) error {
		asked := request(e, state)
		asked.DryRun = true
		answer, err := execute(ctx, i, asked)
		if err != nil {
			return err
		}
		if answer.GetOutcome() != pluginv1.Outcome_OUTCOME_NOT_DONE {
			return wrong(hint, "Execute with dry_run ends with %s: %s", outcome(answer.GetOutcome()), shortened(answer.GetDetail()))
		}
		after, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if found := changed(state, after); found != "" {
			return wrong(hint, "after Execute with dry_run %s", found)
		}
		return nil
	}
	err := r.eachDisposable(ctx, try)
	if !isSkip(err) {
		return err
	}
	return r.eachMissing(ctx, func(e example, i *subject.Instance) error { return try(e, i, &pluginv1.TargetState{}) })
}
