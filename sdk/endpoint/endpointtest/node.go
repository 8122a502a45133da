package endpointtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Node is a server whose answers are written down: for JSON-RPC by "METHOD
// PARAMS", the members of the answer beside its id; for REST by "GET /path" or
// "POST /path BODY", the whole answer. One that begins with a line such as
// "HTTP 429" is sent as it stands, with that status and with ID in place of the
// id of the request.
type Node struct {
	// Answers may change while no request is under way.
	Answers map[string]string

	mu     sync.Mutex
	fault  Fault
	counts map[string]int
	header http.Header
}

var _ http.Handler = (*Node)(nil)

// Fault answers in place of a node where it returns true.
type Fault func(w http.ResponseWriter, r *http.Request, id json.RawMessage) bool

// NewNode is a node without answers.
func NewNode() *Node { return &Node{Answers: map[string]string{}, counts: map[string]int{}} }

// Fail has the node misbehave from now on; nil heals it.
func (n *Node) Fail(fault Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = fault
}

// Asked is how often a question was asked.
func (n *Node) Asked(question string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[question]
}

// Requests is how many requests there were.
func (n *Node) Requests() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := 0
	for _, count := range n.counts {
		sum += count
	}
	return sum
}

// LastHeader is the header of the newest request.
func (n *Node) LastHeader() http.Header {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.header
}

// ServeHTTP answers.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
	fault := n.fault
	n.mu.Unlock()
	text, ok := n.Answers[question]
	switch {
	case fault != nil && fault(w, r, call.ID):
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "no such thing: %s %s", r.Method, r.URL.RequestURI())
	case strings.HasPrefix(text, "HTTP "):
		status, raw, _ := strings.Cut(strings.TrimPrefix(text, "HTTP "), "\n")
		code, err := strconv.Atoi(status)
		if err != nil {
			panic(err)
		}
		w.WriteHeader(code)
		fmt.Fprint(w, strings.ReplaceAll(raw, "ID", string(call.ID)))
	case isCall:
		fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, %s}`, call.ID, text)
	default:
		fmt.Fprint(w, text)
	}
}
