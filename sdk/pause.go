package sdk

import (
	"errors"
	"time"
)

// PauseOf is how long an error asks the host to wait before it asks again; zero
// where it does not say. See [RateLimited].
func PauseOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.pause
	}
	return 0
}
