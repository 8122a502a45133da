package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long an endpoint is left alone.
const (
	// DefaultPause follows a refusal that names no time.
	DefaultPause = 30 * time.Second
	// longestPause bounds what a server may ask for, lest one odd header take
	// an endpoint out of use for good.
	longestPause = time.Hour
)

// PauseError says that the server wants no request for a while. [Endpoint]
// makes it of status 429 and keeps the pause; package answer makes it of an
// answer that says the same in words, and a plugin hands that to
// [Endpoint.KeepPause].
type PauseError struct {
	// Err is what the server said.
	Err error
	// Pause is how long it is left alone.
	Pause time.Duration
}

// Error is what the server said.
func (e *PauseError) Error() string { return e.Err.Error() }

// Unwrap returns what the server said.
func (e *PauseError) Unwrap() error { return e.Err }

// Pause is a pause that a server asks for in the words of an answer; zero stands
// for [DefaultPause].
func Pause(err error, length time.Duration) *PauseError {
	if length == 0 {
		length = DefaultPause
	}
	return &PauseError{Err: err, Pause: bounded(length)}
}

func bounded(pause time.Duration) time.Duration {
	return min(max(pause, time.Second), longestPause)
}

// gate keeps the time before which a server must not be asked.
type gate struct {
	mu     sync.Mutex
	until  time.Time
	reason error
}

// check is the error of a server that must not be asked now.
func (g *gate) check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := time.Until(g.until)
	var pause *PauseError
	switch {
	case left <= 0:
		return nil
	case errors.As(g.reason, &pause):
		return &PauseError{Err: fmt.Errorf("waits another %v: %w", roundUp(left), pause.Err), Pause: left}
	}
	return g.reason
}

// wait is how long the gate stays closed.
func (g *gate) wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.until), 0)
}

func (g *gate) close(length time.Duration, reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(length); until.After(g.until) {
		g.until, g.reason = until, reason
	}
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// retryAfter reads the header's two forms, seconds and a date.
func retryAfter(text string, now time.Time) time.Duration {
	pause := DefaultPause
	if seconds, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		pause = at.Sub(now)
	}
	return bounded(pause)
}
