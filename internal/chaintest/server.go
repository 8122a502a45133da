package chaintest

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serve answers one HTTP request.
func (c *Chain) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.header = r.Header.Clone()
	c.mu.Unlock()
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		c.upgrade(w, r)
		return
	}
	var call request
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost || json.Unmarshal(body, &call) != nil {
		http.Error(w, "used for JSON-RPC over POST", http.StatusMethodNotAllowed)
		return
	}
	fault, done := c.begin(call.Method)
	defer done()
	if !c.misbehave(w, r, fault) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(c.respond(call, fault))
	}
}

// misbehave carries out a fault of HTTP; false says that it is none.
func (c *Chain) misbehave(w http.ResponseWriter, r *http.Request, fault Fault) bool {
	switch fault {
	case Slow:
		c.delay(r.Context())
		return false
	case Hang:
		select {
		case <-r.Context().Done():
		case <-c.done:
		}
	case Reset:
		panic(http.ErrAbortHandler)
	case TooManyRequests:
		c.refuse(w, http.StatusTooManyRequests, `{"message":"API rate limit exceeded"}`)
	case Unavailable:
		c.refuse(w, http.StatusServiceUnavailable, "no healthy upstream")
	case Forbidden:
		c.refuse(w, http.StatusForbidden, "no access for "+r.RequestURI+" with "+strings.Join(headerValues(r.Header), " "))
	case Redirect:
		http.Redirect(w, r, "http://elsewhere.invalid"+r.RequestURI, http.StatusTemporaryRedirect)
	case GzipBomb:
		explode(w)
	default:
		return false
	}
	return true
}

// delay waits a second.
func (c *Chain) delay(ctx context.Context) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	case <-c.done:
	}
}

func headerValues(h http.Header) []string {
	var values []string
	for _, v := range h {
		values = append(values, v...)
	}
	slices.Sort(values)
	return values
}

func (c *Chain) refuse(w http.ResponseWriter, status int, body string) {
	if c.options.RetryAfter != "" && status != http.StatusForbidden {
		w.Header().Set("Retry-After", c.options.RetryAfter)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// explode writes 4 MiB of blanks, compressed whether that was asked for or not.
func explode(w http.ResponseWriter) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", "application/json")
	packed := gzip.NewWriter(w)
	defer packed.Close()
	blanks := []byte(strings.Repeat(" ", 1<<20))
	for range 4 {
		if _, err := packed.Write(blanks); err != nil {
			return
		}
	}
}
