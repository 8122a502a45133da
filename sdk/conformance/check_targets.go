package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// checkTargets reads the list of targets of an action that tells them.
func (r *run) checkTargets(ctx context.Context) error {
	if !slices.Contains(r.report.Info.Features, sdk.FeatureTargetSource) {
		return skipped("it does not say that it tells targets")
	}
	return r.eachTarget(ctx, func(_ example, i *subject.Instance) error {
		listed := false
		seen := map[string]bool{}
		err := listTargets(ctx, i, func(item *pluginv1.WatchResponse) error {
			listed = listed || item.GetListed() != nil
			if item.GetFound() == nil {
				return nil
			}
			defer func() { seen[item.GetFound().GetId()] = true }()
			return r.judgeFound(ctx, i, item.GetFound(), seen)
		})
		switch {
		case status.Code(err) == codes.Unimplemented:
			return wrong("say the feature "+sdk.FeatureTargetSource+" only where TargetSource is served", "Watch is not served")
		case err != nil:
			return err
		case !listed:
			return wrong("send TargetsListed after the targets that there are, and end there where no_follow is set", "the list ends without TargetsListed")
		}
		r.note = plural(len(seen), "target")
		return nil
	})
}

// judgeFound judges one target: it is what a monitor's target block may say.
func (r *run) judgeFound(ctx context.Context, i *subject.Instance, found *pluginv1.FoundTarget, seen map[string]bool) error {
	const hint = "a target that is found has an id of its own, a name, and the target block that names it"
	var object map[string]json.RawMessage
	switch {
	case found.GetId() == "" || found.GetName() == "":
		return wrong(hint, "a target has the id %q and the name %q", found.GetId(), found.GetName())
	case seen[found.GetId()]:
		return wrong(hint, "the id %q is told twice in one list", found.GetId())
	case json.Unmarshal(found.GetTargetJson(), &object) != nil || object == nil:
		return wrong(hint, "the target of %q is no JSON object", found.GetName())
	}
	said, err := called(ctx, i, i.Plugin.ValidateConfig, &pluginv1.ValidateConfigRequest{TargetJson: found.GetTargetJson()})
	if err != nil {
		return err
	}
	for _, d := range said.GetDiagnostics() {
		if d.GetSeverity() != pluginv1.Severity_SEVERITY_WARNING {
			return wrong(hint, "ValidateConfig refuses the target that it tells for %q: %s", found.GetName(), shortened(d.GetSummary()))
		}
	}
	return nil
}

// listTargets reads a list to its end.
func listTargets(ctx context.Context, i *subject.Instance, take func(*pluginv1.WatchResponse) error) error {
	ctx, cancel := context.WithTimeout(ctx, backLimit)
	defer cancel()
	stream, err := i.Targets.Watch(ctx, &pluginv1.WatchRequest{NoFollow: true})
	for err == nil {
		var item *pluginv1.WatchResponse
		if item, err = stream.Recv(); err == nil {
			err = take(item)
		}
	}
	var judged *problem
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &judged), status.Code(err) == codes.Unimplemented:
		return err
	case status.Code(err) == codes.DeadlineExceeded && ctx.Err() != nil:
		return wrong("end the stream after TargetsListed where no_follow is set", "Watch with no_follow has not ended within %s", backLimit)
	}
	return failedOrAbsent(i, "Watch", err)
}
