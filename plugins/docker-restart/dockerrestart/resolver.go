package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

// observer answers what there is. It is the reading half of an engine.
type observer interface {
	Inspect(ctx context.Context, ref string) (docker.Container, error)
	List(ctx context.Context, labels ...string) ([]docker.Listed, error)
}

var _ observer = (*docker.Engine)(nil)

// resolver finds the container that a target means.
type resolver struct{ from observer }

// resolve returns the container as it is now. Its error is [docker.ErrAbsent] where
// there is none, an [unansweredError] where the engine knows it and does not
// answer for it, and otherwise that of the call.
func (r resolver) resolve(ctx context.Context, t Target) (docker.Container, error) {
	if t.Container == "" {
		return r.byService(ctx, t)
	}
	return r.byRef(ctx, t.Container)
}

// byRef inspects a name or a full id. The engine finds a container by the
// beginning of its id too, so only an exact match counts.
func (r resolver) byRef(ctx context.Context, ref string) (docker.Container, error) {
	found, err := r.from.Inspect(ctx, ref)
	switch {
	case err == nil && (found.Name == ref || found.ID == ref):
		return found, nil
	case err == nil && isShortID(ref):
		return docker.Container{}, &shortIDError{ref: ref, found: found}
	case err == nil, errdefs.IsNotFound(err):
		return docker.Container{}, docker.ErrAbsent
	case errors.Is(err, docker.ErrNoAnswer), errdefs.IsInternal(err):
		return docker.Container{}, r.ask(ctx, ref, err)
	}
	return docker.Container{}, err
}

// shortIDLength is how much of an id people are shown.
const shortIDLength = 12

// isShortID says whether a target may be meant as the beginning of an id, such
// as "docker ps" shows it.
func isShortID(ref string) bool {
	return len(ref) >= shortIDLength && strings.Trim(ref, "0123456789abcdef") == ""
}

// shortIDError says that a target is no container's name, but the beginning of
// an id. It is absent to all that act.
type shortIDError struct {
	ref   string
	found docker.Container
}

func (e *shortIDError) Error() string {
	return fmt.Sprintf("container = %q is the beginning of the id of %s: write the name or the whole id", e.ref, e.found.Name)
}

func (e *shortIDError) Unwrap() error { return docker.ErrAbsent }

// ask looks into the list after an inspect has failed. A container whose lock
// is held hangs in an inspect, and a name that begins several ids is an
// internal error there.
func (r resolver) ask(ctx context.Context, ref string, failed error) error {
	all, err := r.from.List(ctx)
	if err != nil {
		return failed
	}
	for _, one := range all {
		if one.ID == ref || slices.Contains(one.Names, ref) {
			return &unansweredError{seen: one, err: failed}
		}
	}
	return docker.ErrAbsent
}

// unansweredError says that the engine lists a container but does not answer
// an inspect of it.
type unansweredError struct {
	seen docker.Listed
	err  error
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("inspect container %s, which the engine lists as %s: %v", docker.ShortID(e.seen.ID), e.seen.Status, e.err)
}

func (e *unansweredError) Unwrap() error { return e.err }

// byService finds the container of a Compose service.
func (r resolver) byService(ctx context.Context, t Target) (docker.Container, error) {
	all, err := r.from.List(ctx, t.labels()...)
	if err != nil {
		return docker.Container{}, err
	}
	one, err := choose(t, all)
	if err != nil {
		return docker.Container{}, err
	}
	return r.byRef(ctx, one.ID)
}

// choose picks the one that runs; where none does, the newest, whose state
// then says why. A re-creation leaves the old one stopped for a moment.
func choose(t Target, all []docker.Listed) (docker.Listed, error) {
	if len(all) == 0 {
		return docker.Listed{}, docker.ErrAbsent
	}
	var running []docker.Listed
	for _, one := range all {
		if one.Status.Alive() {
			running = append(running, one)
		}
	}
	switch len(running) {
	case 0:
		return slices.MaxFunc(all, func(a, b docker.Listed) int { return a.CreatedAt.Compare(b.CreatedAt) }), nil
	case 1:
		return running[0], nil
	}
	slices.SortFunc(running, func(a, b docker.Listed) int { return cmp.Compare(a.Name(), b.Name()) })
	var names []string
	for _, one := range running {
		names = append(names, one.Name())
	}
	return docker.Listed{}, fmt.Errorf("find the container of %s: %d run (%s); name one of them, or the project",
		t.String(), len(running), strings.Join(names, ", "))
}
