package conformance

import (
	"context"
	"errors"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	"github.com/headwatch/headwatch/sdk/wire"
)

// checkTargets reads the list of targets of an action that tells them, as the host does.
func (r *run) checkTargets(ctx context.Context) error {
	if !slices.Contains(r.report.Info.Features, sdk.FeatureTargetSource) {
		return skipped("it does not say that it tells targets")
	}
	return r.eachTarget(ctx, func(_ example, i *subject.Instance) error {
		ctx, cancel := context.WithTimeout(ctx, backLimit)
		defer cancel()
		client, seen := wire.NewClient(i.Conn), map[string]bool{}
		err := client.WatchTargets(ctx, true, func(item sdk.TargetItem) error {
			found, ok := item.(sdk.FoundTarget)
			if !ok {
				return nil
			}
			said, err := client.ValidateConfig(ctx, nil, []byte(found.Target))
			if err != nil || found.ID == "" || found.Name == "" || seen[found.ID] || slices.ContainsFunc(said, func(d sdk.Diagnostic) bool { return !d.Warning }) {
				return wrong("a target that is found has an id of its own, a name, and a target block that ValidateConfig takes",
					"it tells of a target with the id %q, the name %q and the block %s", found.ID, found.Name, shortened(found.Target))
			}
			seen[found.ID] = true
			return nil
		})
		r.note = plural(len(seen), "target")
		if err == nil || errors.As(err, new(*problem)) {
			return err
		}
		return absent("Watch: %s", shortened(err.Error()))
	})
}
