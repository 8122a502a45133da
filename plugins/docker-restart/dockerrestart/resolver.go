package dockerrestart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
)

// observer answers what there is. It is the reading half of an engine.
type observer interface {
	inspect(ctx context.Context, ref string) (container, error)
	list(ctx context.Context, labels ...string) ([]listed, error)
}

var _ observer = (*engine)(nil)

// errAbsent says that the engine has no such container at present.
var errAbsent = errors.New("no such container")

// resolver finds the container that a target means.
type resolver struct{ from observer }

// resolve returns the container as it is now. Its error is [errAbsent] where
// there is none, an [unansweredError] where the engine knows it and does not
// answer for it, and otherwise that of the call.
func (r resolver) resolve(ctx context.Context, t Target) (container, error) {
	if t.Container == "" {
		return r.byService(ctx, t)
	}
	return r.byRef(ctx, t.Container)
}

// byRef inspects a name or a full id. The engine finds a container by the
// beginning of its id too, so only an exact match counts.
func (r resolver) byRef(ctx context.Context, ref string) (container, error) {
	found, err := r.from.inspect(ctx, ref)
	switch {
	case err == nil && (found.name == ref || found.id == ref):
		return found, nil
	case err == nil, errdefs.IsNotFound(err):
		return container{}, errAbsent
	case errors.Is(err, errNoAnswer), errdefs.IsInternal(err):
		return container{}, r.ask(ctx, ref, err)
	}
	return container{}, err
}

// ask looks into the list after an inspect has failed. A container whose lock
// is held hangs in an inspect, and a name that begins several ids is an
// internal error there.
func (r resolver) ask(ctx context.Context, ref string, failed error) error {
	all, err := r.from.list(ctx)
	if err != nil {
		return failed
	}
	for _, one := range all {
		if one.id == ref || slices.Contains(one.names, ref) {
			return &unansweredError{seen: one, err: failed}
		}
	}
	return errAbsent
}

// unansweredError says that the engine lists a container but does not answer
// an inspect of it.
type unansweredError struct {
	seen listed
	err  error
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("inspect container %s, which the engine lists as %s: %v", shortID(e.seen.id), e.seen.status, e.err)
}

func (e *unansweredError) Unwrap() error { return e.err }

// byService finds the container of a Compose service.
func (r resolver) byService(ctx context.Context, t Target) (container, error) {
	all, err := r.from.list(ctx, t.labels()...)
	if err != nil {
		return container{}, err
	}
	one, err := choose(t, all)
	if err != nil {
		return container{}, err
	}
	return r.byRef(ctx, one.id)
}

// choose picks the one that runs; where none does, the newest, whose state
// then says why. A re-creation leaves the old one stopped for a moment.
func choose(t Target, all []listed) (listed, error) {
	if len(all) == 0 {
		return listed{}, errAbsent
	}
	var running []listed
	for _, one := range all {
		if one.status.alive() {
			running = append(running, one)
		}
	}
	switch len(running) {
	case 0:
		return slices.MaxFunc(all, func(a, b listed) int { return a.createdAt.Compare(b.createdAt) }), nil
	case 1:
		return running[0], nil
	}
	slices.SortFunc(running, func(a, b listed) int { return cmp.Compare(a.name(), b.name()) })
	var names []string
	for _, one := range running {
		names = append(names, one.name())
	}
	return listed{}, fmt.Errorf("find the container of %s: %d run (%s); name one of them, or the project",
		t.String(), len(running), strings.Join(names, ", "))
}

// name is the container's own: links add names with a slash inside.
func (l listed) name() string {
	for _, name := range l.names {
		if !strings.Contains(name, "/") {
			return name
		}
	}
	return shortID(l.id)
}

// shortID is the id as people know it.
func shortID(id string) string { return id[:min(len(id), 12)] }
