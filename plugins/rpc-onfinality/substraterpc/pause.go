package substraterpc

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long an endpoint is left alone.
const (
	// defaultPause follows a refusal that names no time.
	defaultPause = 30 * time.Second
	// longestPause bounds what a server may ask for, lest one odd header
	// take an endpoint out of use for good.
	longestPause = time.Hour
	// quarantine is how long an endpoint of another chain goes unasked, and
	// how long one of the right chain goes unchecked.
	quarantine = 10 * time.Minute
)

// pauseError says that the other side wants no request for a while.
type pauseError struct {
	text  string
	pause time.Duration
}

func (e *pauseError) Error() string { return e.text }

// chainError says that an endpoint serves another chain.
type chainError struct{ got, want string }

func (e *chainError) Error() string {
	return fmt.Sprintf("serves another chain: genesis %s, want %s", e.got, e.want)
}

// gate keeps the times before which an endpoint must not be asked.
type gate struct {
	mu     sync.Mutex
	until  time.Time
	reason error
}

// check is the error of an endpoint that must not be asked now.
func (g *gate) check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := time.Until(g.until)
	var pause *pauseError
	switch {
	case left <= 0:
		return nil
	case errors.As(g.reason, &pause):
		return &pauseError{text: fmt.Sprintf("waits another %v: %s", roundUp(left), pause.text), pause: left}
	}
	return g.reason
}

// wait is how long the gate stays closed.
func (g *gate) wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.until), 0)
}

// note closes the gate where an error asks for that.
func (g *gate) note(err error) {
	var pause *pauseError
	var chain *chainError
	switch {
	case errors.As(err, &pause):
		g.close(pause.pause, pause)
	case errors.As(err, &chain):
		g.close(quarantine, chain)
	}
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

// statusError is what an HTTP status other than the wanted one means.
func statusError(a address, status int, header http.Header, body []byte) error {
	text := fmt.Sprintf("answered status %d %s", status, http.StatusText(status))
	if status >= 300 && status < 400 {
		return fmt.Errorf("%s: a redirect to %s, which is not followed", text, redirectTarget(a, header))
	}
	if len(body) > 0 {
		text += ", " + a.quote(body)
	}
	retry := header.Get("Retry-After")
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && retry != "" {
		return &pauseError{text: text, pause: parseRetryAfter(retry, time.Now())}
	}
	return errors.New(text)
}

// redirectTarget is the scheme and host that a redirect leads to.
func redirectTarget(a address, header http.Header) string {
	location, err := url.Parse(header.Get("Location"))
	if err != nil {
		return "an unreadable address"
	}
	location = a.url.ResolveReference(location)
	return a.quote([]byte(location.Scheme + "://" + location.Host))
}

// parseRetryAfter reads the header's two forms, seconds and a date.
func parseRetryAfter(text string, now time.Time) time.Duration {
	pause := defaultPause
	if seconds, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		pause = at.Sub(now)
	}
	return min(max(pause, time.Second), longestPause)
}
