package dockerrestart

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// newBackoff doubles from least to most, with jitter.
func newBackoff(least, most time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: least, RandomizationFactor: 0.3, Multiplier: 2, MaxInterval: most}
}

// wait returns after d, or with an error when ctx is done.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
