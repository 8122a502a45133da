package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is a server whose answers are written down: for JSON-RPC by "METHOD
// PARAMS", the members of the answer beside its id; for REST by "GET /path" or
// "POST /path BODY", the whole answer.
type node struct {
	network *endpointtest.Network
	host    string
	answers map[string]string
	// fault answers in place of the node where it is set and returns true.
	fault func(w http.ResponseWriter, r *http.Request, id json.RawMessage) bool

	mu     sync.Mutex
	counts map[string]int
	header http.Header
}

func newNode(t *testing.T, host string) *node {
	return nodeIn(endpointtest.New(t), host)
}

func nodeIn(network *endpointtest.Network, host string) *node {
	n := &node{network: network, host: host, answers: map[string]string{}, counts: map[string]int{}}
	network.Serve(host, n)
	return n
}

func (n *node) asked(question string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[question]
}

func (n *node) requests() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := 0
	for _, count := range n.counts {
		sum += count
	}
	return sum
}

func (n *node) lastHeader() http.Header {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.header
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var call struct {
		ID     json.RawMessage
		Method string
		Params json.RawMessage
	}
	question := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
	isCall := json.Unmarshal(body, &call) == nil && call.Method != ""
	if isCall {
		var params bytes.Buffer
		if err := json.Compact(&params, call.Params); err != nil {
			panic(err)
		}
		question = call.Method + " " + params.String()
	}
	n.mu.Lock()
	n.counts[question]++
	n.header = r.Header
	answer, ok := n.answers[question]
	fault := n.fault
	n.mu.Unlock()
	switch {
	case fault != nil && fault(w, r, call.ID):
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "no such thing: %s %s", r.Method, r.URL.RequestURI())
	case isCall:
		fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, %s}`, call.ID, answer)
	default:
		io.WriteString(w, answer)
	}
}

// configOf reads a configuration as the host sends it, with url where it has
// none.
func configOf(t *testing.T, text string) Config {
	t.Helper()
	fill := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(text), &fill); err != nil {
		t.Fatal(err)
	}
	c := decodeConfig(t, fill)
	if c.URL == "" && len(c.Endpoints) == 0 {
		c.URL = "http://node.test"
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// decodeConfig fills the attributes that the tests use, as the SDK does.
func decodeConfig(t *testing.T, fill map[string]json.RawMessage) Config {
	t.Helper()
	var c Config
	var slot, old, timeout float64
	into := map[string]any{
		"preset": &c.Preset, "url": &c.URL, "user": &c.User, "password": &c.Password, "headers": &c.Headers,
		"method": &c.Method, "params": &c.Params, "request": &c.Request, "body": &c.Body, "best": &c.Best,
		"finalized": &c.Finalized, "hash": &c.Hash, "time": &c.Time, "syncing": &c.Syncing, "chain": &c.Chain,
		"also": &c.Also, "endpoint": &c.Endpoints, "chain_id": &c.ChainID, "allow_syncing": &c.AllowSyncing,
		"genesis_time": &c.GenesisTime, "slot_duration": &slot, "old_after": &old, "timeout": &timeout,
	}
	for name, raw := range fill {
		if into[name] == nil {
			t.Fatalf("config has %q, which is no attribute", name)
		}
		if err := json.Unmarshal(raw, into[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	c.SlotDuration, c.OldAfter, c.Timeout = seconds(slot), seconds(old), seconds(timeout)
	return c
}

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// source starts a source in the node's network.
func (n *node) source(t *testing.T, config Config) (*Source, *logbook) {
	t.Helper()
	log := &logbook{}
	s := New()
	s.dial = n.network.Dial
	s.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.config = config
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, log
}

// getHead asks with the deadline that a host would set.
func getHead(t *testing.T, s *Source) (sdk.Head, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return s.GetHead(ctx)
}
