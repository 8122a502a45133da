package dockerrestart

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

var _ sdk.TargetSource = (*plugin)(nil)

// WatchTargets tells the engine's containers. The events are opened before the list
// is read, so that nothing is missed in between; each event has the list read anew.
func (p *plugin) WatchTargets(ctx context.Context, noFollow bool, send func(sdk.TargetItem) error) error {
	told := map[string]sdk.FoundTarget{}
	if noFollow {
		if err := p.tellTargets(ctx, told, send); err != nil {
			return err
		}
		return send(sdk.TargetsListed{})
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	happened := make(chan struct{}, 1)
	notice := func() {
		select {
		case happened <- struct{}{}:
		default: // the list is read after it anyway
		}
	}
	p.running.Go(func() {
		cancel(p.observe.Explain(p.observe.Watch(ctx, docker.EventQuery{}, notice, func(docker.Event) { notice() })))
	})
	for listed := false; ; listed = true {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-happened:
		}
		if err := p.tellTargets(ctx, told, send); err != nil {
			return err
		}
		if !listed {
			if err := send(sdk.TargetsListed{}); err != nil {
				return err
			}
		}
	}
}

// tellTargets tells what is different from what was told before.
func (p *plugin) tellTargets(ctx context.Context, told map[string]sdk.FoundTarget, send func(sdk.TargetItem) error) error {
	all, err := p.observe.List(ctx)
	if err != nil {
		return p.observe.Explain(err)
	}
	there := map[string]bool{}
	for _, one := range all {
		found, err := foundTarget(one)
		if err != nil {
			return err
		}
		there[found.ID] = true
		if before, ok := told[found.ID]; ok && reflect.DeepEqual(before, found) {
			continue
		}
		told[found.ID] = found
		if err := send(found); err != nil {
			return err
		}
	}
	for id := range told {
		if there[id] {
			continue
		}
		delete(told, id)
		if err := send(sdk.TargetGone{ID: id}); err != nil {
			return err
		}
	}
	return nil
}

// foundTarget is a container as a target: by its Compose service, which outlives the
// container, else by its name.
func foundTarget(one docker.Listed) (sdk.FoundTarget, error) {
	target := map[string]string{"container": one.Name()}
	if service := one.Labels[labelService]; service != "" && one.Labels[labelOneOff] != "True" {
		target = map[string]string{"service": service}
		if project := one.Labels[labelProject]; project != "" {
			target["project"] = project
		}
	}
	text, err := json.Marshal(target)
	return sdk.FoundTarget{ID: one.ID, Name: one.Name(), Target: string(text), Running: one.Status.Alive(), Labels: one.Labels, Image: one.Image,
		Command: strings.Fields(one.Command)}, err
}
