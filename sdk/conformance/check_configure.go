package conformance

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// checkUnconfigured calls a plugin that has no config yet. One that needs
// nothing may work by its defaults.
func (r *run) checkUnconfigured(ctx context.Context) error {
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	hint := "answer every call of the kinds with FAILED_PRECONDITION until Configure was called: the host then configures the plugin and asks again"
	made := 0
	for _, s := range r.samples(instance, r.anyExample()) {
		_, err := timed(ctx, backLimit, s.call)
		made++
		if status.Code(err) != codes.FailedPrecondition {
			r.forgetUnconfigured()
		}
		switch code := status.Code(err); {
		case code == codes.FailedPrecondition:
		case code == codes.Unimplemented:
			return wrong("GetInfo names the kinds that the plugin serves: serve them all", "%s answered UNIMPLEMENTED: %s", s.method, shortened(status.Convert(err).Message()))
		case err == nil && block.NeedsAnything(r.config):
			return wrong(hint, "%s answered before Configure, although the config needs values", s.method)
		case err == nil:
		case code == codes.Internal || code == codes.Unknown || block.NeedsAnything(r.config):
			return instead(hint, failed(instance, s.method+" before Configure", err))
		default:
			if _, gone := instance.Ended(err); gone {
				return failed(instance, s.method, err)
			}
		}
	}
	r.note = plural(made, "call")
	return nil
}

// anyExample is an example for calls that need a target.
func (r *run) anyExample() example {
	examples := r.usable()
	for _, e := range examples {
		if e.Missing {
			return e
		}
	}
	if len(examples) > 0 {
		return examples[0]
	}
	return example{config: block.Object{}, target: block.Object{}, made: true}
}

// checkConfigure has the plugin take every example.
func (r *run) checkConfigure(ctx context.Context) error {
	err := r.eachExample(func(e example) error {
		instance, err := r.start(ctx)
		if err != nil {
			return err
		}
		if err := configure(ctx, instance, e); err != nil {
			return err
		}
		if old := r.ready[e.index]; old == nil {
			r.ready[e.index] = instance
		}
		return nil
	})
	if err == nil {
		r.note = plural(len(r.usable()), "example")
	}
	return err
}

// checkConfigureTwice gives the same config again, which the host does when it
// lost an answer.
func (r *run) checkConfigureTwice(ctx context.Context) error {
	hint := "answer a config that is in use already as the first time; another one may be refused with FAILED_PRECONDITION"
	return r.eachExample(func(e example) error {
		instance, err := r.configured(ctx, e)
		if err != nil {
			return err
		}
		answer, err := called(ctx, instance, instance.Plugin.Configure, &pluginv1.ConfigureRequest{ConfigJson: e.config.JSON()})
		if err != nil {
			return instead(hint, wrong("", "with the same config again, %v", err))
		}
		if found := errorsOf(answer.GetDiagnostics()); len(found) > 0 {
			return wrong(hint, "Configure refuses the config that it took: %s", words(found))
		}
		return nil
	})
}
