package docker

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"
)

const (
	// answerTimeout bounds a call that the engine answers from memory. A
	// healthy engine needs milliseconds.
	answerTimeout = 5 * time.Second
	// openTimeout bounds the wait for the first byte of a stream.
	openTimeout = 10 * time.Second
)

// Engine is a Docker Engine. Its methods may be called from any goroutine.
type Engine struct {
	to    Connection
	clock clock

	mu  sync.Mutex
	api *client.Client // nil before the first call
}

// NewEngine makes an engine. It contacts nothing.
func NewEngine(to Connection) *Engine { return &Engine{to: to} }

// Explain puts an error of this engine into the class that tells the host what
// to do.
func (e *Engine) Explain(err error) error { return e.to.explain(err) }

// connect returns a client that has agreed with the engine on a version.
func (e *Engine) connect(ctx context.Context) (*client.Client, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.api != nil {
		return e.api, nil
	}
	api, err := e.negotiate(ctx)
	if err != nil {
		return nil, err
	}
	e.api = api
	return api, nil
}

func (e *Engine) negotiate(ctx context.Context) (*client.Client, error) {
	api, err := e.to.open(&e.clock)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	ping, err := api.Ping(ctx)
	if err != nil {
		return nil, &callError{endpoint: "HEAD or GET /_ping", err: err}
	}
	api.NegotiateAPIVersionPing(ping)
	return api, nil
}

// renew replaces a client whose version the engine refuses, as happens when
// the engine was upgraded or went back: a negotiated version never changes by
// itself. It reports whether another version came of it.
func (e *Engine) renew(ctx context.Context, old *client.Client) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.api != old {
		return true
	}
	api, err := e.negotiate(ctx)
	if err != nil || api.ClientVersion() == old.ClientVersion() {
		return false
	}
	e.api = api
	return true
}

// do calls f, a second time where the engine refused the version.
func (e *Engine) do(ctx context.Context, endpoint string, f func(context.Context, *client.Client) error) error {
	api, err := e.connect(ctx)
	if err != nil {
		return err
	}
	err = f(ctx, api)
	if errdefs.IsInvalidArgument(err) && e.renew(ctx, api) {
		if api, err = e.connect(ctx); err == nil {
			err = f(ctx, api)
		}
	}
	if err != nil {
		return &callError{endpoint: endpoint, err: err}
	}
	return nil
}

// answer is do with a deadline for calls that need no waiting.
func (e *Engine) answer(ctx context.Context, endpoint string, f func(context.Context, *client.Client) error) error {
	return e.do(ctx, endpoint, func(ctx context.Context, api *client.Client) error {
		ctx, cancel := context.WithTimeoutCause(ctx, answerTimeout, ErrNoAnswer)
		defer cancel()
		if err := f(ctx, api); err != nil {
			return causeOf(ctx, err)
		}
		return nil
	})
}

// ErrNoAnswer says that the engine did not answer in time.
var ErrNoAnswer = errors.New("no answer in time")

// causeOf puts the reason of a context's end in the place of its error.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Supports reports whether the engine speaks this version of the API or a
// newer one.
func (e *Engine) Supports(ctx context.Context, version string) (bool, string, error) {
	api, err := e.connect(ctx)
	if err != nil {
		return false, "", err
	}
	return versions.GreaterThanOrEqualTo(api.ClientVersion(), version), api.ClientVersion(), nil
}

// Inspect asks for one container by name or full id. The engine also answers
// to the beginning of an id: the caller must compare what came.
func (e *Engine) Inspect(ctx context.Context, ref string) (Container, error) {
	var found Container
	err := e.answer(ctx, "GET /containers/{id}/json", func(ctx context.Context, api *client.Client) error {
		answer, err := api.ContainerInspect(ctx, ref)
		if err != nil {
			return err
		}
		found, err = fromInspect(answer)
		return err
	})
	return found, err
}

// errNotAContainer says that something else than an engine answered.
var errNotAContainer = errors.New("the answer describes no container")

func fromInspect(in dockertypes.InspectResponse) (Container, error) {
	if in.ContainerJSONBase == nil || in.ID == "" || in.State == nil {
		return Container{}, errNotAContainer
	}
	c := Container{
		ID:         in.ID,
		Name:       strings.TrimPrefix(in.Name, "/"),
		Status:     statusOf(in.State),
		CreatedAt:  engineTime(in.Created),
		StartedAt:  engineTime(in.State.StartedAt),
		Restarts:   in.RestartCount,
		FinishedAt: engineTime(in.State.FinishedAt),
		ExitCode:   in.State.ExitCode,
		OOMKilled:  in.State.OOMKilled,
		Program:    in.Path,
		Args:       in.Args,
		Mounts:     mountsOf(in.Mounts),
		ImageID:    in.Image,
	}
	if h := in.HostConfig; h != nil {
		c.LogDriver, c.AutoRemove, c.RestartPolicy = h.LogConfig.Type, h.AutoRemove, string(h.RestartPolicy.Name)
		c.LogUncached = h.LogConfig.Config["cache-disabled"] == "true"
		c.Init = h.Init != nil && *h.Init
	}
	if in.Config != nil {
		c.TTY, c.Env, c.Labels, c.Image = in.Config.Tty, in.Config.Env, in.Config.Labels, in.Config.Image
		c.StopTimeout, c.StopSignal = in.Config.StopTimeout, in.Config.StopSignal
	}
	return c, nil
}

func mountsOf(in []dockertypes.MountPoint) (all []Mount) {
	for _, m := range in {
		all = append(all, Mount{Type: string(m.Type), Name: m.Name, Source: m.Source, Destination: m.Destination, Writable: m.RW})
	}
	return all
}

// statusOf reads the flags in the engine's own order of precedence: a paused
// and a restarting container are running too.
func statusOf(s *dockertypes.State) Status {
	switch {
	case s.Paused:
		return Paused
	case s.Restarting:
		return Restarting
	case s.Running:
		return Running
	case s.Dead:
		return Dead
	}
	return Status(s.Status)
}

// engineTime reads a time of the engine's, for which year 1 is none.
func engineTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t.UTC()
}

// List asks for all containers that carry the labels, running or not.
func (e *Engine) List(ctx context.Context, labels ...string) ([]Listed, error) {
	args := filters.NewArgs()
	for _, label := range labels {
		args.Add("label", label)
	}
	var all []Listed
	err := e.answer(ctx, "GET /containers/json", func(ctx context.Context, api *client.Client) error {
		answer, err := api.ContainerList(ctx, dockertypes.ListOptions{All: true, Filters: args})
		if err != nil {
			return err
		}
		all = all[:0]
		for _, one := range answer {
			all = append(all, fromSummary(one))
		}
		return nil
	})
	return all, err
}

func fromSummary(in dockertypes.Summary) Listed {
	out := Listed{ID: in.ID, Status: Status(in.State), CreatedAt: time.Unix(in.Created, 0).UTC(), Labels: in.Labels, Mounts: mountsOf(in.Mounts),
		Image: in.Image, Command: in.Command}
	for _, name := range in.Names {
		out.Names = append(out.Names, strings.TrimPrefix(name, "/"))
	}
	return out
}

// Logs opens a container's log with stamps. The reader ends with io.EOF only
// where the engine ended the stream; the caller closes it.
func (e *Engine) Logs(ctx context.Context, id string, q LogQuery) (io.ReadCloser, error) {
	options := dockertypes.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: q.Follow, Tail: "all"}
	if q.Tail != TailAll {
		options.Tail = strconv.Itoa(q.Tail)
	}
	if !q.Since.IsZero() {
		options.Since = q.Since.UTC().Format(time.RFC3339Nano)
	}
	var body io.ReadCloser
	err := e.do(ctx, "GET /containers/{id}/logs", func(ctx context.Context, api *client.Client) error {
		var err error
		body, err = openInTime(ctx, func(ctx context.Context) (io.ReadCloser, error) {
			return api.ContainerLogs(ctx, id, options)
		})
		return err
	})
	return body, err
}

// openInTime opens a stream whose beginning has a deadline and whose length
// has none.
func openInTime(ctx context.Context, open func(context.Context) (io.ReadCloser, error)) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(openTimeout, func() { cancel(ErrNoAnswer) })
	body, err := open(ctx)
	if !timer.Stop() && err == nil {
		_ = body.Close()
		err = ErrNoAnswer
	}
	if err != nil {
		err = causeOf(ctx, err)
		cancel(nil)
		return nil, err
	}
	return &stream{ReadCloser: body, cancel: cancel}, nil
}

// stream ends its request when it is closed.
type stream struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (s *stream) Close() error {
	s.cancel(nil)
	return s.ReadCloser.Close()
}

// connectionFailed says that the engine could not be reached at all.
func connectionFailed(err error) bool { return client.IsErrConnectionFailed(err) }
