package chaintest

import (
	"context"
	"maps"
	"net/http"
)

// Fault is a way to answer badly.
type Fault int

// The faults. Over a WebSocket, those that are a matter of HTTP become what a
// provider sends there: TooManyRequests an error of code -32029, HTML and Huge
// a message, Reset and Redirect a connection that is cut.
const (
	// Healthy is no fault.
	Healthy Fault = iota
	// Hang never answers.
	Hang
	// Slow answers well, a second late.
	Slow
	// TooManyRequests is status 429 with a body that is not JSON-RPC.
	TooManyRequests
	// Unavailable is status 503.
	Unavailable
	// Forbidden is status 403 with a body that repeats the request's URI and
	// the values of its headers.
	Forbidden
	// Redirect is status 307 to another host.
	Redirect
	// HTML is a page instead of JSON.
	HTML
	// Truncated is half an answer.
	Truncated
	// Null is an answer whose result is null.
	Null
	// Huge is an answer of 4 MiB.
	Huge
	// GzipBomb is a small compressed answer that unpacks to 4 MiB.
	GzipBomb
	// WrongID is an answer to a request that was not made.
	WrongID
	// RPCError is a JSON-RPC error.
	RPCError
	// BadNumber is a header whose number is no hex.
	BadNumber
	// Reset is a connection that is cut instead of an answer.
	Reset
)

// Upgrade is the method that stands for the opening of a WebSocket in [Chain.Fail]
// and [Chain.Calls].
const Upgrade = "upgrade"

// Fail makes each request of a method answer with a fault from now on; the
// empty method stands for all of them but [Upgrade]. The notifications of a
// subscription have methods too, chain_newHead and chain_finalizedHead: Hang
// makes them fail to come.
func (c *Chain) Fail(method string, fault Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults[method] = fault
}

// Heal ends all faults.
func (c *Chain) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.faults)
}

// Calls counts the requests so far, by method.
func (c *Chain) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// MostInFlight is the highest number of requests that were ever being answered
// at the same time.
func (c *Chain) MostInFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// LastHeader is the header of the newest HTTP request.
func (c *Chain) LastHeader() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header.Clone()
}

// DropConnections cuts every WebSocket.
func (c *Chain) DropConnections() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.sockets {
		s.cut()
	}
}

// WaitSubscriptions returns when exactly n subscriptions are open, or with the
// error of ctx.
func (c *Chain) WaitSubscriptions(ctx context.Context, n int) error {
	for {
		open, changed := c.subscriptions()
		if open == n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (c *Chain) subscriptions() (open int, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.sockets {
		open += s.subscriptions
	}
	return open, c.changed
}

// begin counts a request and tells how to answer it. The request is over when
// done is called.
func (c *Chain) begin(method string) (fault Fault, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[method]++
	c.inFlight++
	c.most = max(c.most, c.inFlight)
	fault, ok := c.faults[method]
	if !ok && method != Upgrade {
		fault = c.faults[""]
	}
	return fault, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inFlight--
	}
}
