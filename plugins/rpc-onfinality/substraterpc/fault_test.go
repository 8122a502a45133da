package substraterpc

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
)

// Every fault over both transports: an error that says what came, and no head.
// Over a WebSocket the fault meets the subscription first, then the polling
// that stands in for it.
func TestFaults(t *testing.T) {
	tests := []struct {
		name    string
		fault   chaintest.Fault
		http    string // in the error of polling
		ws      string // in the error of the subscription
		timeout bool
		pause   time.Duration
	}{
		{name: "hang", fault: chaintest.Hang, http: "chain_getHeader: no answer within", ws: "chain_subscribeNewHeads: no answer within 10s", timeout: true},
		{name: "429", fault: chaintest.TooManyRequests, http: `answered status 429 Too Many Requests, "{\"message\":\"API rate limit exceeded\"}"`, ws: `answered with error -32029, "Too Many Requests, slow down"`, pause: 7 * time.Second},
		{name: "503", fault: chaintest.Unavailable, http: `answered status 503 Service Unavailable, "no healthy upstream"`, ws: "lost the connection", pause: 7 * time.Second},
		{name: "403", fault: chaintest.Forbidden, http: "answered status 403 Forbidden", ws: "lost the connection"},
		{name: "redirect", fault: chaintest.Redirect, http: `answered status 307 Temporary Redirect: a redirect to "http://elsewhere.invalid", which is not followed`, ws: "lost the connection"},
		{name: "HTML", fault: chaintest.HTML, http: `answered with no JSON-RPC: "<html><head><title>502 Bad Gateway`, ws: `answered with no JSON-RPC: "<html>`},
		{name: "truncated", fault: chaintest.Truncated, http: `answered with no JSON-RPC: "{\"jsonrpc\":\"2.0\",\"id\":"`, ws: "answered with no JSON-RPC"},
		{name: "null", fault: chaintest.Null, http: "answered null, want a header", ws: "answered null, want a header"},
		{name: "huge", fault: chaintest.Huge, http: "answered more than 1 MiB", ws: "sent more than 1 MiB in one message"},
		{name: "gzip bomb", fault: chaintest.GzipBomb, http: `answered in content encoding "gzip"`, ws: "lost the connection"},
		{name: "wrong id", fault: chaintest.WrongID, http: `answered another request: id "987654", want `, ws: `answered another request: id "987654", want 1`},
		{name: "JSON-RPC error", fault: chaintest.RPCError, http: `answered with error -32603, "Internal error: state pruned"`, ws: "answered with error -32603"},
		{name: "number is none", fault: chaintest.BadNumber, http: `answered a header whose number is no whole number, zero or more: "twelve"`, ws: `whose number is no whole number, zero or more: "twelve"`},
		{name: "reset", fault: chaintest.Reset, http: "EOF", ws: "lost the connection"},
	}
	for _, test := range tests {
		t.Run(test.name+" over http", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 7, RetryAfter: "7"})
				chain.Fail("", test.fault)
				s, _ := net.source(t, Config{URL: "http://node.test"})
				err := wantError(t, s, "http://node.test: ")
				wantError(t, s, test.http)
				checkStatus(t, err, test.timeout, test.pause)
				chain.Heal()
				time.Sleep(test.pause)
				wantHead(t, s, 7)
			})
		})
		t.Run(test.name+" over ws", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 7, RetryAfter: "7"})
				chain.Fail("", test.fault)
				chain.Fail("chain_newHead", test.fault)
				s, log := net.source(t, Config{URL: "ws://node.test"})
				head, err := getHead(t, s)
				if err == nil {
					t.Fatalf("got head %d, want an error", head.Best)
				}
				if !strings.Contains(err.Error()+log.String(), test.ws) {
					t.Errorf("got error %q and log %q, want %q in either", err, log, test.ws)
				}
				chain.Heal()
				time.Sleep(time.Minute)
				wantHead(t, s, 7)
				if got := chain.Calls()[chaintest.Upgrade]; got < 1 {
					t.Errorf("got %d connections, want at least one", got)
				}
			})
		})
	}
}

func checkStatus(t *testing.T, err error, timeout bool, pause time.Duration) {
	t.Helper()
	if got := errors.Is(err, context.DeadlineExceeded); got != timeout {
		t.Errorf("got deadline exceeded %v, want %v: %v", got, timeout, err)
	}
	if got := pauseOf(err); got != pause {
		t.Errorf("got a pause of %v, want %v: %v", got, pause, err)
	}
}

// A fault that the notifications have ends the subscription; a fault that only
// the opening has leaves polling.
func TestFaultsOfASubscription(t *testing.T) {
	tests := []struct {
		name, method string
		fault        chaintest.Fault
		want         string // in the log
	}{
		{"null notified", "chain_newHead", chaintest.Null, "chain_newHead: answered null, want a header"},
		{"bad number notified", "chain_newHead", chaintest.BadNumber, "chain_newHead: answered a header whose number is no whole number"},
		{"huge notification", "chain_newHead", chaintest.Huge, "sent more than 1 MiB"},
		{"upgrade hangs", chaintest.Upgrade, chaintest.Hang, "open a WebSocket: no answer within 10s"},
		{"upgrade is refused", chaintest.Upgrade, chaintest.Forbidden, "open a WebSocket: answered status 403 Forbidden"},
		{"upgrade is answered with a page", chaintest.Upgrade, chaintest.HTML, "open a WebSocket: answered status 200 OK"},
		{"upgrade is redirected", chaintest.Upgrade, chaintest.Redirect, "open a WebSocket: answered status 307 Temporary Redirect: a redirect to"},
		{"upgrade is cut", chaintest.Upgrade, chaintest.Reset, "open a WebSocket: EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 7})
				chain.Fail(test.method, test.fault)
				s, log := net.source(t, Config{URL: "ws://node.test"})
				if head := wantHead(t, s, 7); head.Endpoint != "http://node.test" {
					t.Errorf("got a head of %q, want one that was polled", head.Endpoint)
				}
				time.Sleep(time.Second)
				if !strings.Contains(log.String(), test.want) {
					t.Errorf("got log %q, want it to contain %q", log, test.want)
				}
				chain.Heal()
				time.Sleep(2 * time.Minute)
				chain.Advance(1)
				synctest.Wait()
				if head := wantHead(t, s, 8); head.Endpoint != "ws://node.test" {
					t.Errorf("got a head of %q, want one of the subscription", head.Endpoint)
				}
			})
		})
	}
}
