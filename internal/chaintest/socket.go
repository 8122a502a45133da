package chaintest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// socket is one WebSocket connection.
type socket struct {
	chain         *Chain
	conn          *websocket.Conn
	cut           context.CancelFunc
	streams       sync.WaitGroup
	subscriptions int // guarded by the chain's mutex
}

// notification is a head as a subscriber gets it.
type notification struct {
	Version string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  struct {
		Subscription string `json:"subscription"`
		Result       any    `json:"result"`
	} `json:"params"`
}

// upgrade serves a WebSocket until either side ends it.
func (c *Chain) upgrade(w http.ResponseWriter, r *http.Request) {
	fault, done := c.begin(Upgrade)
	bad := c.misbehave(w, r, fault)
	done()
	if bad {
		return
	}
	if fault != Healthy {
		_, _ = w.Write(c.respond(request{}, fault))
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &socket{chain: c, conn: conn, cut: cancel}
	defer cancel()
	defer conn.CloseNow()
	if !c.add(s) {
		return
	}
	defer c.running.Done()
	s.run(ctx)
	cancel()
	s.streams.Wait()
	c.change(func() { delete(c.sockets, s) })
}

// add registers a connection, unless the chain has been closed. It makes Close
// wait for it, since the server forgets a connection that was taken over.
func (c *Chain) add(s *socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return false
	default:
	}
	c.sockets[s] = struct{}{}
	c.running.Add(1)
	return true
}

// run answers requests one after another.
func (s *socket) run(ctx context.Context) {
	for {
		_, message, err := s.conn.Read(ctx)
		if err != nil {
			return
		}
		var call request
		if json.Unmarshal(message, &call) != nil {
			continue
		}
		if !s.answer(ctx, call) {
			return
		}
	}
}

// answer answers one request; false says that the connection is over.
func (s *socket) answer(ctx context.Context, call request) bool {
	fault, done := s.chain.begin(call.Method)
	defer done()
	switch fault {
	case Slow:
		s.chain.delay(ctx)
	case Hang:
		<-ctx.Done()
		return false
	case Reset, Redirect, Unavailable, Forbidden, GzipBomb:
		return false
	}
	kind, ok := strings.CutPrefix(call.Method, "chain_subscribe")
	if ok && fault == Healthy {
		return s.subscribe(ctx, call, kind)
	}
	return s.conn.Write(ctx, websocket.MessageText, s.chain.respond(call, fault)) == nil
}

// subscribe starts a stream of heads; the current one comes first.
func (s *socket) subscribe(ctx context.Context, call request, kind string) bool {
	var n notification
	n.Version = "2.0"
	n.Params.Subscription = "sub-" + kind
	switch kind {
	case "NewHeads":
		n.Method = "chain_newHead"
	case "FinalizedHeads":
		n.Method = "chain_finalizedHead"
	default:
		return s.conn.Write(ctx, websocket.MessageText, s.chain.respond(call, Healthy)) == nil
	}
	text := encode(answer{"2.0", call.ID, n.Params.Subscription})
	if s.conn.Write(ctx, websocket.MessageText, text) != nil {
		return false
	}
	s.chain.change(func() { s.subscriptions++ })
	s.streams.Go(func() { s.stream(ctx, n) })
	return true
}

// stream sends a head at every change of it.
func (s *socket) stream(ctx context.Context, n notification) {
	defer s.cut()
	for last := ""; ; {
		now := s.chain.snapshot()
		head := now.header(now.height)
		if n.Method == "chain_finalizedHead" {
			head = now.header(now.finalized)
		}
		if key := head.Number + head.Digest.Logs[0]; key != last {
			last = key
			if !s.notify(ctx, n, head) {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-now.changed:
		}
	}
}

// notify sends one head, with the fault that is set under the notification's
// method; false says that the connection is over.
func (s *socket) notify(ctx context.Context, n notification, head header) bool {
	n.Params.Result = head
	switch s.chain.faultOf(n.Method) {
	case Hang:
		return true
	case Null:
		n.Params.Result = nil
	case BadNumber:
		head.Number = "twelve"
		n.Params.Result = head
	case Huge:
		n.Params.Result = strings.Repeat("x", 4<<20)
	case Reset:
		return false
	}
	return s.conn.Write(ctx, websocket.MessageText, encode(n)) == nil
}

func (c *Chain) faultOf(method string) Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults[method]
}
