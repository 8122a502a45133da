// Package pause waits between attempts. It must never wait beyond its context.
package pause

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Doubling doubles from least to most, with jitter.
func Doubling(least, most time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: least, RandomizationFactor: 0.3, Multiplier: 2, MaxInterval: most}
}

// For returns after d, or with an error when ctx is done.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
