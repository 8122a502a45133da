package conformance

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// checkExecuteOnce acts once, and asks for the same act again and again.
func (r *run) checkExecuteOnce(ctx context.Context) error {
	return r.eachDisposable(ctx, func(e example, i *subject.Instance, before *pluginv1.TargetState) error {
		asked := request(e, before)
		first, err := execute(ctx, i, asked)
		if err != nil {
			return err
		}
		if first.GetOutcome() != pluginv1.Outcome_OUTCOME_DONE {
			return wrong("an act on a target that runs and was made for tests should succeed", "Execute ends with %s: %s", outcome(first.GetOutcome()), shortened(first.GetDetail()))
		}
		after, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if !after.GetStartedAt().AsTime().After(before.GetStartedAt().AsTime()) {
			return wrong("DONE means that the target runs anew: Inspect then gives the start of that run", "Execute says DONE, and the run is still that of %s", clock(after.GetStartedAt()))
		}
		hint := "keep the outcome by request_id, and answer a repeated request with it"
		again := proto.CloneOf(asked)
		again.RunStartedAt = after.GetStartedAt() // so that only the id can tell
		for range 2 {
			second, err := execute(ctx, i, again)
			if err != nil {
				return err
			}
			if second.GetOutcome() != first.GetOutcome() {
				return wrong(hint, "the same request answers %s the second time, and %s the first", outcome(second.GetOutcome()), outcome(first.GetOutcome()))
			}
		}
		now, err := inspect(ctx, i, e)
		if err != nil {
			return err
		}
		if found := changed(after, now); found != "" {
			return wrong(hint, "the same request acts again: %s", found)
		}
		return nil
	})
}

// checkExecuteGuard asks for acts that are about something else.
func (r *run) checkExecuteGuard(ctx context.Context) error {
	cases := []struct {
		what  string
		alter func(*pluginv1.ExecuteRequest)
		hint  string
	}{
		{"of another target", func(r *pluginv1.ExecuteRequest) { r.TargetId = "headwatch-test-another" },
			"compare target_id with what there is before acting: another target may have taken the name"},
		{"about another run", func(r *pluginv1.ExecuteRequest) {
			r.RunStartedAt = timestamppb.New(r.GetRunStartedAt().AsTime().Add(-time.Hour))
		}, "compare run_started_at with the run before acting: somebody else may have restarted the target just now"},
		{"that resumes what was never begun", func(r *pluginv1.ExecuteRequest) { r.Resume = true },
			"with resume, finish what an earlier call with this id began, and begin nothing"},
	}
	return r.eachDisposable(ctx, func(e example, i *subject.Instance, before *pluginv1.TargetState) error {
		for _, c := range cases {
			asked := request(e, before)
			c.alter(asked)
			answer, err := execute(ctx, i, asked)
			if err != nil {
				return err
			}
			if answer.GetOutcome() == pluginv1.Outcome_OUTCOME_DONE {
				return wrong(c.hint, "Execute %s ends with DONE", c.what)
			}
			after, err := inspect(ctx, i, e)
			if err != nil {
				return err
			}
			if found := changed(before, after); found != "" {
				return wrong(c.hint, "Execute %s acts: %s", c.what, found)
			}
		}
		return nil
	})
}
