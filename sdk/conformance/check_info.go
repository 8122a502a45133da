package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
)

// nameForm is what a plugin may be called: it is a file's name and stands in
// configurations.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// checkInfo judges who the plugin says it is.
func (r *run) checkInfo(context.Context) error {
	if r.infoErr != nil {
		return r.infoErr
	}
	info := r.info
	switch {
	case !nameForm.MatchString(info.GetName()):
		return wrong(`such as "docker-restart": lower-case letters, digits and hyphens`, "GetInfo gives the name %s", excerpt([]byte(info.GetName())))
	case strings.TrimSpace(info.GetVersion()) == "":
		return wrong(`such as "1.4.0"`, "GetInfo gives no version")
	case strings.TrimSpace(info.GetDescription()) == "":
		return wrong("one sentence on what the plugin does; headwatch plugins shows it", "GetInfo gives no description")
	case len(info.GetKinds()) == 0:
		return wrong("head_source, log_source, log_parser or action", "GetInfo gives no kinds")
	}
	known := []string{string(sdk.KindHeadSource), string(sdk.KindLogSource), string(sdk.KindLogParser), string(sdk.KindAction)}
	for i, kind := range info.GetKinds() {
		if !slices.Contains(known, kind) {
			return wrong("the kinds are "+strings.Join(known, ", "), "GetInfo gives the kind %q", kind)
		}
		if slices.Contains(info.GetKinds()[:i], kind) {
			return wrong("", "GetInfo gives the kind %q twice", kind)
		}
	}
	r.note = fmt.Sprintf("%s %s: %s", info.GetName(), info.GetVersion(), strings.Join(info.GetKinds(), ", "))
	return nil
}

// checkHealth asks as the host does every few seconds.
func (r *run) checkHealth(ctx context.Context) error {
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	answer, err := ask(ctx, callLimit, grpc_health_v1.NewHealthClient(instance.Conn).Check, &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
	hint := fmt.Sprintf("serve grpc.health.v1.Health, and say SERVING for the service %q: the host kills a plugin that does not", goplugin.GRPCServiceName)
	switch code := status.Code(err); {
	case code == codes.Unimplemented || code == codes.NotFound:
		return wrong(hint, "Health/Check answered %s", codeName(code))
	case err != nil:
		return failed(instance, "Health/Check", err)
	case answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING:
		return wrong(hint, "it calls itself %s", answer.GetStatus())
	}
	return nil
}

// checkExamples judges what the plugin publishes for tests, or the operator
// gave.
func (r *run) checkExamples(ctx context.Context) error {
	if len(r.examples) == 0 {
		return r.errNoExample()
	}
	instance, err := r.unconfigured(ctx)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, e := range r.examples {
		switch {
		case e.config == nil:
			return wrong("config_json holds a JSON object", "the config of %s is no JSON object: %s", e, excerpt([]byte(e.Config)))
		case e.target == nil:
			return wrong("target_json holds a JSON object", "the target of %s is no JSON object: %s", e, excerpt([]byte(e.Target)))
		case names[e.Name]:
			return wrong("give each example a name of its own", "two examples are called %q", e.Name)
		case e.Missing && e.Disposable:
			return wrong("a target that is missing cannot be acted on", "%s is missing and disposable", e)
		}
		names[e.Name] = true
		if err := r.judgeExample(ctx, instance, e); err != nil {
			return err
		}
	}
	r.note = plural(len(r.examples), "example")
	return nil
}

// judgeExample has the plugin judge an example.
func (r *run) judgeExample(ctx context.Context, instance *subject.Instance, e example) error {
	hint := "an example must be a config that the host would send"
	if found := block.Unfit(r.config, e.config); found != "" {
		return wrong(hint, "the config of %s does not fit the schema: %s", e, found)
	}
	target := e.target
	if e.Target == "" && block.NeedsAnything(r.target) {
		target = nil
	} else if found := block.Unfit(r.target, e.target); found != "" {
		return wrong(hint, "the target of %s does not fit the schema: %s", e, found)
	}
	diagnostics, err := validate(ctx, instance, e.config, target)
	if err != nil {
		return err
	}
	if found := errorsOf(diagnostics); len(found) > 0 {
		return wrong("an example must be a config that the plugin takes; ValidateConfig contacts nothing", "ValidateConfig refuses %s: %s", e, words(found))
	}
	return nil
}
