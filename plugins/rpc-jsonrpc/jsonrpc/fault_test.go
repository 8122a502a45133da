package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

const (
	rpcConfig  = `{"method": "height", "best": "result"}`
	restConfig = `{"request": "GET /height", "best": "height"}`
)

// reply answers whatever was asked.
func reply(status int, header map[string]string, body string) func(http.ResponseWriter, *http.Request, json.RawMessage) bool {
	return func(w http.ResponseWriter, _ *http.Request, id json.RawMessage) bool {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, strings.ReplaceAll(body, "ID", string(id)))
		return true
	}
}

// Every fault is an error that says what came, with the status that tells the
// host what to do, and never a head.
func TestFaults(t *testing.T) {
	huge := `{"result": "` + strings.Repeat("x", 1<<20) + `"}`
	tests := []struct {
		name   string
		config string
		fault  func(http.ResponseWriter, *http.Request, json.RawMessage) bool
		want   string
		code   codes.Code // OK for an error without one
		pause  time.Duration
	}{
		{"401", rpcConfig, reply(401, nil, ""), "answered status 401 Unauthorized", codes.PermissionDenied, 0},
		{"403", rpcConfig, reply(403, nil, "<html>no\naccess</html>"), `answered status 403 Forbidden, "<html>no access</html>"`, codes.PermissionDenied, 0},
		{"404", restConfig, reply(404, nil, "not here"), `answered status 404 Not Found, "not here"`, codes.OK, 0},
		{"429", rpcConfig, reply(429, nil, "slow down"), `answered status 429 Too Many Requests, "slow down"`, codes.ResourceExhausted, 30 * time.Second},
		{"429 with Retry-After", rpcConfig, reply(429, map[string]string{"Retry-After": "7"}, ""), "answered status 429 Too Many Requests", codes.ResourceExhausted, 7 * time.Second},
		{"500 with an error", rpcConfig, reply(500, nil, `{"result":null,"error":{"code":-28,"message":"Loading"},"id":ID}`), `answered status 500 Internal Server Error, "{\"result\":null,\"error\":{\"code\":-28`, codes.OK, 0},
		{"503", rpcConfig, reply(503, nil, "no healthy upstream"), `answered status 503 Service Unavailable, "no healthy upstream"`, codes.OK, 0},
		{"503 with Retry-After", rpcConfig, reply(503, map[string]string{"Retry-After": "9"}, ""), "answered status 503", codes.ResourceExhausted, 9 * time.Second},
		{"redirect", restConfig, reply(302, map[string]string{"Location": "http://elsewhere.test/key"}, ""), `answered status 302 Found: a redirect to "http://elsewhere.test", which is not followed`, codes.OK, 0},
		{"no content", restConfig, reply(204, nil, ""), "answered status 204 No Content", codes.OK, 0},
		{"page", rpcConfig, reply(200, nil, "<html><body>Sign in</body></html>"), `answered with no JSON: "<html><body>Sign in`, codes.OK, 0},
		{"nothing", rpcConfig, reply(200, nil, ""), `answered with no JSON: ""`, codes.OK, 0},
		{"cut", rpcConfig, reply(200, nil, `{"jsonrpc":"2.0","id":ID,"result":`), "answered with no JSON", codes.OK, 0},
		{"two answers", rpcConfig, reply(200, nil, `{"id":ID,"result":5}{"id":ID,"result":5}`), "answered with no JSON", codes.OK, 0},
		{"batch", rpcConfig, reply(200, nil, `[{"id":ID,"result":5}]`), "answered with no JSON-RPC", codes.OK, 0},
		{"no result", rpcConfig, reply(200, nil, `{"id":ID}`), "answered with no JSON-RPC", codes.OK, 0},
		{"other JSON", rpcConfig, reply(200, nil, `{"message":"API rate limit exceeded"}`), `answered with no JSON-RPC: "{\"message\":\"API rate limit exceeded\"}"`, codes.ResourceExhausted, 30 * time.Second},
		{"null", rpcConfig, reply(200, nil, `{"id":ID,"result":null}`), "height: best: result is no number: it is null", codes.OK, 0},
		{"wrong id", rpcConfig, reply(200, nil, `{"id":999,"result":5}`), "answered another request, want id 1", codes.OK, 0},
		{"id as text", rpcConfig, reply(200, nil, `{"id":"ID","result":5}`), "answered another request, want id 1", codes.OK, 0},
		{"error", rpcConfig, reply(200, nil, `{"id":ID,"error":{"code":-32603,"message":"state\u001b[31m pruned"}}`), `height: answered with error -32603, "state[31m pruned"`, codes.OK, 0},
		{"error beside a result", rpcConfig, reply(200, nil, `{"id":ID,"result":5,"error":{"code":-1,"message":"x"}}`), "answered with error -1", codes.OK, 0},
		{"error in words", rpcConfig, reply(200, nil, `{"error":"busy"}`), `answered with an error: it is the text "busy"`, codes.OK, 0},
		{"error of REST", restConfig, reply(200, nil, `{"error":{"code":5,"message":"pruned"}}`), `answered with error 5, "pruned"`, codes.OK, 0},
		{"limit as an error", rpcConfig, reply(200, nil, `{"id":ID,"error":{"code":-32005,"message":"limit exceeded"}}`), "answered with error -32005", codes.ResourceExhausted, 30 * time.Second},
		{"huge", restConfig, reply(200, nil, huge), "answered more than 1 MiB", codes.OK, 0},
		{"compressed", restConfig, reply(200, map[string]string{"Content-Encoding": "gzip"}, "\x1f\x8b"), `answered in content encoding "gzip", which was not asked for`, codes.OK, 0},
		{"negative", restConfig, reply(200, nil, `{"height":-5}`), `best: height is no whole number, zero or more: "-5"`, codes.OK, 0},
		{"fraction", restConfig, reply(200, nil, `{"height":5.0}`), "best: height is no whole number", codes.OK, 0},
		{"too large", restConfig, reply(200, nil, `{"height":1e30}`), "best: height is no whole number", codes.OK, 0},
		{"elsewhere", restConfig, reply(200, nil, `{"block":{"height":5}}`), `best: no height in the answer: it has "block"`, codes.OK, 0},
		{"cut off", rpcConfig, func(http.ResponseWriter, *http.Request, json.RawMessage) bool { panic(http.ErrAbortHandler) }, "EOF", codes.OK, 0},
		{"silence", rpcConfig, hang, "height: no answer within 10s", codes.DeadlineExceeded, 0},
		{"drip", restConfig, drip, "GET for best: no answer within 10s", codes.DeadlineExceeded, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNode(t, "node.test")
				n.Answers["height []"], n.Answers["GET /height"] = `"result": 7`, `{"height": 7}`
				n.Fail(test.fault)
				s, _ := n.source(t, test.config)
				head, err := getHead(t, s)
				if err == nil || !strings.HasPrefix(err.Error(), "http://node.test: ") || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got head %d, error %v; want error %q", head.Best, err, test.want)
				}
				checkStatus(t, err, test.code, test.pause)
				n.Fail(nil)
				checkPause(t, n, s, test.pause)
				if head, err := getHead(t, s); err != nil || head.Best != 7 {
					t.Errorf("got head %d, error %v after the fault; want 7", head.Best, err)
				}
			})
		})
	}
}

// hang answers nothing.
func hang(_ http.ResponseWriter, r *http.Request, _ json.RawMessage) bool {
	<-r.Context().Done()
	return true
}

// drip sends a byte a second.
func drip(w http.ResponseWriter, r *http.Request, _ json.RawMessage) bool {
	for r.Context().Err() == nil {
		fmt.Fprint(w, " ")
		if err := http.NewResponseController(w).Flush(); err != nil {
			break
		}
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
	}
	return true
}

func checkStatus(t *testing.T, err error, code codes.Code, pause time.Duration) {
	t.Helper()
	var e *sdk.Error
	got, gotPause := codes.OK, time.Duration(0)
	if errors.As(err, &e) {
		got, gotPause = e.Code(), e.Pause()
	} else if errors.Is(err, context.DeadlineExceeded) {
		got = codes.DeadlineExceeded
	}
	if got != code || gotPause != pause {
		t.Errorf("got status %v with a pause of %v, want %v with %v: %v", got, gotPause, code, pause, err)
	}
}

// checkPause sleeps for the pause; until then nothing must be asked.
func checkPause(t *testing.T, n *node, s sdk.HeadSource, pause time.Duration) {
	t.Helper()
	if pause == 0 {
		return
	}
	before := n.Requests()
	time.Sleep(pause - time.Millisecond)
	if _, err := getHead(t, s); err == nil || !strings.Contains(err.Error(), "waits another 1s: answered ") {
		t.Errorf("got error %v in the pause", err)
	}
	if got := n.Requests(); got != before {
		t.Errorf("got %d requests in the pause", got-before)
	}
	time.Sleep(time.Millisecond)
}

// An endpoint that cannot be reached is named by scheme and host.
func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "node.test")
		s, _ := n.source(t, `{"preset": "bitcoin", "url": "https://u:pass@other.test/key"}`)
		_, err := getHead(t, s)
		if want := "https://other.test: getblockchaininfo: dial other.test:443: no such host"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	})
}

// The height alone is worth an answer; what is missing is said once.
func TestTheRestMayBeMissing(t *testing.T) {
	const config = `{"method": "tip", "best": "result.n", "hash": "result.hash", "time": "result.time", "finalized": "result.final",
		"also": [{"method": "final", "finalized": "result"}]}`
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "node.test")
		n.Answers["tip []"] = `"result": {"n": 7, "hash": 12, "time": "soon"}`
		s, log := n.source(t, config)
		for range 3 {
			head, err := getHead(t, s)
			if err != nil || head.Best != 7 || head.Hash != "" || !head.Time.IsZero() || head.Finalized != nil {
				t.Errorf("got %+v, error %v", head, err)
			}
		}
		for _, what := range []string{"hash", "time", "finalized"} {
			if got := strings.Count(log.String(), `level=WARN msg="the head lacks something" endpoint=http://node.test what=`+what+" question=tip"); got != 1 {
				t.Errorf("%s was said to be missing %d times aloud, want once:\n%s", what, got, log)
			}
		}
	})
}

// A question of which nothing depends takes half of the time at most.
func TestSlowFinality(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "node.test")
		n.Answers["tip []"] = `"result": 7`
		n.Fail(func(w http.ResponseWriter, r *http.Request, id json.RawMessage) bool {
			return n.Asked("final []") > 0 && hang(w, r, id)
		})
		s, _ := n.source(t, `{"method": "tip", "best": "result", "also": [{"method": "final", "finalized": "result"}]}`)
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		head, err := s.GetHead(ctx)
		if err != nil || head.Best != 7 || head.Finalized != nil {
			t.Errorf("got %+v, error %v", head, err)
		}
	})
}

// The chain is asked for at the first use and every ten minutes; an endpoint of
// another one is left alone for as long.
func TestChainIsChecked(t *testing.T) {
	const config = `{"method": "tip", "best": "result", "chain_id": "1", "also": [{"method": "chain", "chain": "result"}]}`
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "node.test")
		n.Answers["tip []"], n.Answers["chain []"] = `"result": 7`, `"result": "0x1"`
		s, _ := n.source(t, config)
		for range 20 {
			if _, err := getHead(t, s); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got := n.Asked("chain []"); got != 2 {
			t.Errorf("the chain was asked for %d times in 20 minutes, want 2", got)
		}
		n.Answers["chain []"] = `"result": "0x5"`
		_, err := getHead(t, s)
		checkStatus(t, err, codes.InvalidArgument, 0)
		before := n.Requests()
		n.Answers["chain []"] = `"result": "0x1"`
		time.Sleep(quarantine - time.Second)
		if _, err := getHead(t, s); err == nil || !strings.Contains(err.Error(), `is of another chain: "0x5", want "1"`) {
			t.Errorf("got error %v", err)
		}
		if got := n.Requests(); got != before {
			t.Errorf("got %d requests in quarantine", got-before)
		}
		time.Sleep(time.Second)
		if _, err := getHead(t, s); err != nil {
			t.Error(err)
		}
	})
}

// An endpoint that is asked for its chain and does not tell has no head.
func TestChainThatIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "node.test")
		n.Answers["tip []"] = `"result": {"n": 7, "chain": null}`
		s, _ := n.source(t, `{"method": "tip", "best": "result.n", "chain": "result.chain", "chain_id": "1"}`)
		if head, err := getHead(t, s); err == nil || !strings.Contains(err.Error(), "tip: chain: result.chain names no chain: it is null") {
			t.Errorf("got head %d, error %v", head.Best, err)
		}
	})
}
