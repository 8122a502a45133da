package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// diagnosticHint says what is demanded of an answer to a wrong config.
const diagnosticHint = "answer with a diagnostic of severity ERROR whose path leads from the block to the attribute; the host shows it with file and line"

// errorsOf are the diagnostics that refuse a config.
func errorsOf(all []*pluginv1.Diagnostic) []*pluginv1.Diagnostic {
	return slices.DeleteFunc(slices.Clone(all), func(d *pluginv1.Diagnostic) bool { return d.GetSeverity() == pluginv1.Severity_SEVERITY_WARNING })
}

func words(all []*pluginv1.Diagnostic) string {
	var said []string
	for _, d := range all {
		said = append(said, strings.Join(append(slices.Clone(d.GetPath()), shortened(d.GetSummary())), ": "))
	}
	return strings.Join(said, "; ")
}

// validate has the plugin judge a config and a target; nil asks nothing.
func validate(ctx context.Context, i *subject.Instance, config, target block.Object) ([]*pluginv1.Diagnostic, error) {
	request := &pluginv1.ValidateConfigRequest{}
	if config != nil {
		request.ConfigJson = config.JSON()
	}
	if target != nil {
		request.TargetJson = target.JSON()
	}
	answer, err := called(ctx, i, i.Plugin.ValidateConfig, request)
	return answer.GetDiagnostics(), err
}

// checkMistakes is the check of one kind of mistake in a config. Where none can
// be made it is skipped, for this reason.
func checkMistakes(made func(sdk.Schema, block.Object) []block.Mistake, none string) func(*run, context.Context) error {
	return func(r *run, ctx context.Context) error {
		examples := r.usable()
		if len(examples) == 0 {
			return r.errNoExample()
		}
		mistakes := made(r.config, examples[0].config)
		if len(mistakes) == 0 {
			return skipped("%s", none)
		}
		return r.demandRefusal(ctx, mistakes)
	}
}

// demandRefusal demands that ValidateConfig finds a mistake, and that Configure does
// not take it.
func (r *run) demandRefusal(ctx context.Context, mistakes []block.Mistake) error {
	for n, m := range mistakes {
		instance, err := r.unconfigured(ctx)
		if err != nil {
			return err
		}
		found, err := validate(ctx, instance, m.Block, nil)
		if err == nil {
			err = demand(m, "ValidateConfig", found, false)
		}
		if err != nil {
			return err
		}
		if n > 0 {
			continue // one shows that Configure looks too
		}
		answer, err := called(ctx, instance, instance.Plugin.Configure, &pluginv1.ConfigureRequest{ConfigJson: m.Block.JSON()})
		if err == nil {
			err = demand(m, "Configure", answer.GetDiagnostics(), false)
		}
		if err != nil {
			return err
		}
	}
	r.note = plural(len(mistakes), "mistake")
	return nil
}

// demand says whether diagnostics name a mistake at its place.
func demand(m block.Mistake, method string, found []*pluginv1.Diagnostic, inTarget bool) error {
	refused := errorsOf(found)
	if len(refused) == 0 {
		return wrong(diagnosticHint, "%s takes %s", method, m.What)
	}
	for _, d := range refused {
		switch {
		case !slices.Equal(d.GetPath(), m.Path) || d.GetInTarget() != inTarget:
		case strings.TrimSpace(d.GetSummary()) == "":
			return wrong(diagnosticHint, "%s refuses %s without a word", method, m.What)
		default:
			return nil
		}
	}
	return wrong(diagnosticHint, "%s refuses %s, but not at its place (path %q, in_target %v): %s (path %q, in_target %v)", method, m.What, m.Path, inTarget,
		shortened(refused[0].GetSummary()), refused[0].GetPath(), refused[0].GetInTarget())
}

// checkTarget makes every kind of mistake in a target.
func (r *run) checkTarget(ctx context.Context) error {
	examples := slices.DeleteFunc(r.usable(), func(e example) bool { return e.Target == "" })
	if len(examples) == 0 {
		return noTarget()
	}
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	target := examples[0].target
	mistakes := slices.Concat(block.Unknown(r.target, target), block.WrongTypes(r.target, target), block.Missing(r.target, target))
	for _, m := range mistakes {
		found, err := validate(ctx, instance, nil, m.Block)
		if err == nil {
			err = demand(m, "ValidateConfig of a target", found, true)
		}
		if err != nil {
			return err
		}
	}
	r.note = plural(len(mistakes), "mistake")
	return nil
}

// noTarget is for checks that need a target.
func noTarget() error {
	return skipped("no example has a target: publish one in Info.Examples, or give --config")
}

// garbage are texts that are no JSON object.
func garbage() []string {
	return []string{"{", "[]", `"text"`, "5", "\xff\x00", `{"a":`}
}

// checkConfigGarbage gives what is no JSON object.
func (r *run) checkConfigGarbage(ctx context.Context) error {
	for _, text := range garbage() {
		instance, err := r.unconfigured(ctx)
		if err != nil {
			return err
		}
		validated, err := ask(ctx, callLimit, instance.Plugin.ValidateConfig, &pluginv1.ValidateConfigRequest{ConfigJson: []byte(text)})
		if err := refusal(instance, "ValidateConfig", text, validated.GetDiagnostics(), err); err != nil {
			return err
		}
		configured, err := ask(ctx, callLimit, instance.Plugin.Configure, &pluginv1.ConfigureRequest{ConfigJson: []byte(text)})
		if err := refusal(instance, "Configure", text, configured.GetDiagnostics(), err); err != nil {
			return err
		}
	}
	return nil
}

// refusal demands that a text was refused, by a diagnostic or as an invalid
// argument.
func refusal(i *subject.Instance, method, text string, found []*pluginv1.Diagnostic, err error) error {
	const hint = "answer with a diagnostic, or with INVALID_ARGUMENT"
	switch code := status.Code(err); {
	case code == codes.InvalidArgument:
		return nil
	case err != nil:
		return instead(hint, failed(i, fmt.Sprintf("%s of the config %s", method, excerpt([]byte(text))), err))
	case len(errorsOf(found)) == 0:
		return wrong(hint, "%s takes the config %s, which is no JSON object", method, excerpt([]byte(text)))
	}
	return nil
}
