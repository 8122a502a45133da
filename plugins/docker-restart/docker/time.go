package docker

import (
	"context"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"
)

// ClockAhead is how far the engine's clock is ahead of this machine's, give or
// take spread; known is false before its first answer.
func (e *Engine) ClockAhead() (by, spread time.Duration, known bool) { return e.clock.ahead() }

// SawStamp learns the engine's clock from the stamp of a line that has just
// arrived.
func (e *Engine) SawStamp(stamp, arrived time.Time) { e.clock.sawStamp(stamp, arrived) }

// LearnClock asks the engine for its exact time. Where that is not allowed, the
// clock is known to the second, from the dates of other answers.
func (e *Engine) LearnClock(ctx context.Context) error {
	err := e.answer(ctx, "GET /info", func(ctx context.Context, api *client.Client) error {
		asked := time.Now()
		info, err := api.Info(ctx)
		if err != nil {
			return err
		}
		if at := engineTime(info.SystemTime); !at.IsZero() {
			e.clock.read(at, asked, time.Now())
		}
		return nil
	})
	if errdefs.IsPermissionDenied(err) || errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
