package dockerrestart

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Target says which container a monitor watches: one by name or id, or the
// one that runs a Compose service.
type Target struct {
	Container string `hw:"container" doc:"name or full id of the container"`
	Service   string `hw:"service" doc:"Compose service whose container it is"`
	Project   string `hw:"project" doc:"Compose project of the service; needed where several have such a service"`
}

// Validate contacts nothing. It refuses names that no container can have,
// since a name becomes part of a request's path.
func (t *Target) Validate() error {
	switch {
	case t.Container == "" && t.Service == "":
		return sdk.AttributeError(errors.New("neither container nor service is given"), "name the container to watch", "container")
	case t.Container != "" && t.Service != "":
		return sdk.AttributeError(errors.New("both container and service are given"), "keep one of them", "service")
	case t.Project != "" && t.Service == "":
		return sdk.AttributeError(errors.New("project is given without service"), "name the service too, or leave the project out", "project")
	}
	var errs []error
	for _, one := range []struct{ attribute, value string }{
		{"container", t.Container}, {"service", t.Service}, {"project", t.Project},
	} {
		if one.value != "" && !isName(one.value) {
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%q is no name of a container", one.value),
				"letters, digits, '_', '.' and '-', the first a letter or digit", one.attribute))
		}
	}
	return errors.Join(errs...)
}

// String is how the target stands in messages.
func (t *Target) String() string {
	switch {
	case t.Container != "":
		return fmt.Sprintf("container %q", t.Container)
	case t.Project != "":
		return fmt.Sprintf("service %q of project %q", t.Service, t.Project)
	}
	return fmt.Sprintf("service %q", t.Service)
}

// labels are those that Compose gives the container of the service.
func (t *Target) labels() []string {
	labels := []string{labelService + "=" + t.Service, labelOneOff + "=False"}
	if t.Project != "" {
		labels = append(labels, labelProject+"="+t.Project)
	}
	return labels
}

// Labels of Compose and Swarm.
const (
	labelService   = "com.docker.compose.service"
	labelProject   = "com.docker.compose.project"
	labelOneOff    = "com.docker.compose.oneoff"
	labelSwarmTask = "com.docker.swarm.task.id"
)

// isName reports whether the engine could have given s as a name: a letter or
// digit, then those and _ . - (so "../images" is none).
func isName(s string) bool {
	const first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return len(s) <= 255 && strings.ContainsAny(s[:1], first) && strings.Trim(s, first+"_.-") == ""
}
