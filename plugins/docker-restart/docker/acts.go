package docker

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"

	dockertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// Restart asks for a restart by full id: seconds for the stop, then SIGKILL.
// The time is always sent, since an engine's default may be none at all. sent
// reports whether the request may have reached the engine.
func (e *Engine) Restart(ctx context.Context, id string, seconds int, signal string) (sent bool, err error) {
	return e.post(ctx, "POST /containers/{id}/restart", func(ctx context.Context, api *client.Client) error {
		return api.ContainerRestart(ctx, id, dockertypes.StopOptions{Timeout: &seconds, Signal: signal})
	})
}

// Stop asks for a stop by full id, and says the time for it as [Engine.Restart]
// does.
func (e *Engine) Stop(ctx context.Context, id string, seconds int, signal string) (sent bool, err error) {
	return e.post(ctx, "POST /containers/{id}/stop", func(ctx context.Context, api *client.Client) error {
		return api.ContainerStop(ctx, id, dockertypes.StopOptions{Timeout: &seconds, Signal: signal})
	})
}

// Start asks for a start by full id. It does no harm to a running container.
func (e *Engine) Start(ctx context.Context, id string) (sent bool, err error) {
	return e.post(ctx, "POST /containers/{id}/start", func(ctx context.Context, api *client.Client) error {
		return api.ContainerStart(ctx, id, dockertypes.StartOptions{})
	})
}

// post calls f and watches whether its request left this process. The client's
// errors do not tell.
func (e *Engine) post(ctx context.Context, endpoint string, f func(context.Context, *client.Client) error) (bool, error) {
	var sent atomic.Bool
	err := e.do(ctx, endpoint, func(ctx context.Context, api *client.Client) error {
		trace := &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}
		return f(httptrace.WithClientTrace(ctx, trace), api)
	})
	return sent.Load(), err
}
