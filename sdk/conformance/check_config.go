package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
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
func validate(ctx context.Context, i *Instance, config, target object) ([]*pluginv1.Diagnostic, error) {
	request := &pluginv1.ValidateConfigRequest{}
	if config != nil {
		request.ConfigJson = config.json()
	}
	if target != nil {
		request.TargetJson = target.json()
	}
	answer, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ValidateConfigResponse, error) {
		return i.plugin.ValidateConfig(ctx, request)
	})
	if err != nil {
		return nil, failed(i, "ValidateConfig", err)
	}
	return answer.GetDiagnostics(), nil
}

// mistake is a block with one thing wrong in it.
type mistake struct {
	what  string
	block object
	path  []string
}

// judged demands that ValidateConfig finds a mistake, and that Configure does
// not take it.
func (r *run) judged(ctx context.Context, mistakes []mistake) error {
	for n, m := range mistakes {
		instance, err := r.unconfigured(ctx)
		if err != nil {
			return err
		}
		found, err := validate(ctx, instance, m.block, nil)
		if err != nil {
			return err
		}
		if err := m.demand("ValidateConfig", found, false); err != nil {
			return err
		}
		if n > 0 {
			continue // one shows that Configure looks too
		}
		answer, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ConfigureResponse, error) {
			return instance.plugin.Configure(ctx, &pluginv1.ConfigureRequest{ConfigJson: m.block.json()})
		})
		if err != nil {
			return failed(instance, "Configure", err)
		}
		if err := m.demand("Configure", answer.GetDiagnostics(), false); err != nil {
			return err
		}
	}
	r.note = plural(len(mistakes), "mistake")
	return nil
}

// demand says whether diagnostics name the mistake at its place.
func (m mistake) demand(method string, found []*pluginv1.Diagnostic, inTarget bool) error {
	refused := errorsOf(found)
	if len(refused) == 0 {
		return wrong(diagnosticHint, "%s takes %s", method, m.what)
	}
	for _, d := range refused {
		if slices.Equal(d.GetPath(), m.path) && d.GetInTarget() == inTarget {
			if strings.TrimSpace(d.GetSummary()) == "" {
				return wrong(diagnosticHint, "%s refuses %s without a word", method, m.what)
			}
			return nil
		}
	}
	place := fmt.Sprintf("path %q, in_target %v", m.path, inTarget)
	return wrong(diagnosticHint, "%s refuses %s, but not at its place (%s): %s (path %q, in_target %v)", method, m.what, place,
		shortened(refused[0].GetSummary()), refused[0].GetPath(), refused[0].GetInTarget())
}

// base is a config to make mistakes in.
func (r *run) base() (object, error) {
	if examples := r.usable(); len(examples) > 0 {
		return examples[0].config, nil
	}
	return nil, r.errNoExample()
}

// unknown is a word that no schema has.
const unknown = "no_such_attribute_zq"

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
	mistakes := slices.Concat(unknownIn(r.target, target, nil), wrongTypesIn(r.target, target, nil), missingIn(r.target, target, nil))
	for _, m := range mistakes {
		found, err := validate(ctx, instance, nil, m.block)
		if err != nil {
			return err
		}
		if err := m.demand("ValidateConfig of a target", found, true); err != nil {
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

// checkConfigUnknown gives attributes that the schema does not have.
func (r *run) checkConfigUnknown(ctx context.Context) error {
	base, err := r.base()
	if err != nil {
		return err
	}
	return r.judged(ctx, unknownIn(r.config, base, nil))
}

// unknownIn adds an attribute to a block, and to each block in it.
func unknownIn(s sdk.Schema, o object, path []string) []mistake {
	all := []mistake{{what: "an attribute that the schema does not have", block: o.with(unknown, "x"), path: under(path, unknown)}}
	return append(all, nested(s, o, path, unknownIn)...)
}

func under(path []string, names ...string) []string { return append(slices.Clone(path), names...) }

// nested makes mistakes in the blocks within a block.
func nested(s sdk.Schema, o object, path []string, within func(sdk.Schema, object, []string) []mistake) []mistake {
	var all []mistake
	for _, b := range s.Blocks {
		list, isList := o[b.Name].([]any)
		if isList && len(list) > 0 {
			inner, _ := list[0].(map[string]any)
			for _, m := range within(b.Schema, inner, under(path, b.Name, "0")) {
				changed := append([]any{map[string]any(m.block)}, list[1:]...)
				all = append(all, mistake{what: m.what, block: o.with(b.Name, changed), path: m.path})
			}
		}
		if inner, ok := o[b.Name].(map[string]any); ok {
			for _, m := range within(b.Schema, inner, under(path, b.Name)) {
				all = append(all, mistake{what: m.what, block: o.with(b.Name, map[string]any(m.block)), path: m.path})
			}
		}
	}
	return all
}

// checkConfigType gives values of the wrong type.
func (r *run) checkConfigType(ctx context.Context) error {
	base, err := r.base()
	if err != nil {
		return err
	}
	mistakes := wrongTypesIn(r.config, base, nil)
	if len(mistakes) == 0 {
		return skipped("the config has no attribute")
	}
	return r.judged(ctx, mistakes)
}

func wrongTypesIn(s sdk.Schema, o object, path []string) []mistake {
	var all []mistake
	for _, a := range s.Attributes {
		value := any("not of this type")
		if a.Type == sdk.TypeString {
			value = 5
		}
		all = append(all, mistake{what: fmt.Sprintf("%s that is not of type %s", a.Name, a.Type), block: o.with(a.Name, value), path: under(path, a.Name)})
		if len(a.Allowed) > 0 {
			value = "not " + strings.Join(a.Allowed, "")
			if a.Type == sdk.TypeStringList {
				value = []any{value}
			}
			all = append(all, mistake{what: fmt.Sprintf("%s with a value that is not allowed", a.Name), block: o.with(a.Name, value), path: under(path, a.Name)})
		}
	}
	for _, b := range s.Blocks {
		all = append(all, mistake{what: fmt.Sprintf("%s that is no block", b.Name), block: o.with(b.Name, 5), path: under(path, b.Name)})
	}
	return append(all, nested(s, o, path, wrongTypesIn)...)
}

// checkConfigRequired leaves out what must be given.
func (r *run) checkConfigRequired(ctx context.Context) error {
	base, err := r.base()
	if err != nil {
		return err
	}
	mistakes := missingIn(r.config, base, nil)
	if len(mistakes) == 0 {
		return skipped("nothing in the config is required")
	}
	return r.judged(ctx, mistakes)
}

func missingIn(s sdk.Schema, o object, path []string) []mistake {
	var all []mistake
	leaveOut := func(name string) {
		all = append(all, mistake{what: "a config without " + name, block: o.with(name, nil), path: under(path, name)})
	}
	for _, a := range s.Attributes {
		if a.Required {
			leaveOut(a.Name)
		}
	}
	for _, b := range s.Blocks {
		if b.Required {
			leaveOut(b.Name)
		}
	}
	return append(all, nested(s, o, path, missingIn)...)
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
		validated, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ValidateConfigResponse, error) {
			return instance.plugin.ValidateConfig(ctx, &pluginv1.ValidateConfigRequest{ConfigJson: []byte(text)})
		})
		if err := refusal(instance, "ValidateConfig", text, validated.GetDiagnostics(), err); err != nil {
			return err
		}
		configured, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ConfigureResponse, error) {
			return instance.plugin.Configure(ctx, &pluginv1.ConfigureRequest{ConfigJson: []byte(text)})
		})
		if err := refusal(instance, "Configure", text, configured.GetDiagnostics(), err); err != nil {
			return err
		}
	}
	return nil
}

// refusal demands that a text was refused, by a diagnostic or as an invalid
// argument.
func refusal(i *Instance, method, text string, found []*pluginv1.Diagnostic, err error) error {
	hint := "answer with a diagnostic, or with INVALID_ARGUMENT"
	switch code := status.Code(err); {
	case code == codes.InvalidArgument:
		return nil
	case err != nil:
		p := failed(i, fmt.Sprintf("%s of the config %s", method, excerpt([]byte(text))), err).(*problem)
		return &problem{text: p.text, hint: hint}
	case len(errorsOf(found)) == 0:
		return wrong(hint, "%s takes the config %s, which is no JSON object", method, excerpt([]byte(text)))
	}
	return nil
}
