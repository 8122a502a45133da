// Package chaintest is a simulated Substrate chain for tests and for the demo:
// it serves JSON-RPC over HTTP POST and WebSocket on one listener, moves when
// it is told to, and misbehaves on demand.
//
// It answers only what a head source asks for. Its hashes are made up, and it
// never produces a block of its own accord.
package chaintest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Genesis is the hash of block 0 of a new [Chain]: that of Aleph Zero.
const Genesis = "0x70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e"

// Options describe a new [Chain]. The zero value is a chain at block 0 on a
// free port of the loopback.
type Options struct {
	// Listener is where the chain is served; the chain closes it.
	Listener net.Listener
	// Height is the number of the first head.
	Height uint64
	// Slot is how long an aura slot lasts; one second where it is zero.
	Slot time.Duration
	// FinalityLag is how many blocks the finalized head is behind the best.
	FinalityLag uint64
	// RetryAfter is the header that goes with [TooManyRequests] and
	// [Unavailable]; none where it is empty.
	RetryAfter string
}

// Chain is a simulated chain. Its methods may be called at any time and from
// any goroutine.
type Chain struct {
	options  Options
	listener net.Listener
	server   *http.Server
	done     chan struct{}
	running  sync.WaitGroup

	mu       sync.Mutex
	height   uint64
	made     time.Time
	frozen   bool
	genesis  string
	syncing  bool
	faults   map[string]Fault
	calls    map[string]int
	inFlight int
	most     int
	header   http.Header
	sockets  map[*socket]struct{}
	changed  chan struct{}
}

// New starts a chain. Close ends it.
func New(options Options) (*Chain, error) {
	if options.Slot == 0 {
		options.Slot = time.Second
	}
	if options.Listener == nil {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listen for the simulated chain: %w", err)
		}
		options.Listener = listener
	}
	c := &Chain{
		options:  options,
		listener: options.Listener,
		done:     make(chan struct{}),
		height:   options.Height,
		made:     time.Now(),
		genesis:  Genesis,
		faults:   map[string]Fault{},
		calls:    map[string]int{},
		sockets:  map[*socket]struct{}{},
		changed:  make(chan struct{}),
	}
	c.server = &http.Server{Handler: http.HandlerFunc(c.serve), ReadHeaderTimeout: time.Minute}
	c.running.Go(func() { _ = c.server.Serve(c.listener) })
	return c, nil
}

// Close ends the chain and every connection to it.
func (c *Chain) Close() {
	c.change(func() { close(c.done) })
	_ = c.server.Close()
	c.DropConnections()
	c.running.Wait()
}

// URL is the address for JSON-RPC over HTTP.
func (c *Chain) URL() string { return "http://" + c.listener.Addr().String() }

// WSURL is the address for JSON-RPC over WebSocket.
func (c *Chain) WSURL() string { return "ws://" + c.listener.Addr().String() }

// Head is the number of the best block.
func (c *Chain) Head() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.height
}

// SetHead makes n the best block, made now, and tells the subscribers. It may
// be lower than the one before.
func (c *Chain) SetHead(n uint64) { c.SetHeadMade(n, time.Now()) }

// SetHeadMade makes n the best block, made at the given time.
func (c *Chain) SetHeadMade(n uint64, made time.Time) {
	c.change(func() {
		c.height = n
		if !c.frozen {
			c.made = made
		}
	})
}

// Advance adds n blocks, the last of them made now.
func (c *Chain) Advance(n uint64) {
	c.change(func() {
		c.height += n
		if !c.frozen {
			c.made = time.Now()
		}
	})
}

// Run adds a block at each interval until ctx is done.
func (c *Chain) Run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.Advance(1)
		}
	}
}

// FreezeSlot makes all blocks from now on carry the slot of the present head.
func (c *Chain) FreezeSlot() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = true
}

// SetGenesis makes it another chain.
func (c *Chain) SetGenesis(hash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.genesis = hash
}

// SetSyncing makes the chain say of itself that it is syncing.
func (c *Chain) SetSyncing(syncing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.syncing = syncing
}

// change alters the state and wakes everyone who waits for a change.
func (c *Chain) change(alter func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	alter()
	close(c.changed)
	c.changed = make(chan struct{})
}

// snapshot is the state that answers are made from.
type snapshot struct {
	height, finalized uint64
	slot              uint64
	genesis           string
	syncing           bool
	changed           <-chan struct{}
}

func (c *Chain) snapshot() snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return snapshot{
		height:    c.height,
		finalized: c.height - min(c.height, c.options.FinalityLag),
		slot:      uint64(max(c.made.UnixNano(), 0)) / uint64(c.options.Slot),
		genesis:   c.genesis,
		syncing:   c.syncing,
		changed:   c.changed,
	}
}

// hash makes up the hash of block n.
func (s snapshot) hash(n uint64) string {
	if n == 0 {
		return s.genesis
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.genesis, n))
	return "0x" + hex.EncodeToString(sum[:])
}

// number finds the block with a hash that the chain has told.
func (s snapshot) number(hash string) (uint64, bool) {
	for back := range min(s.height, 1000) + 1 {
		if n := s.height - back; s.hash(n) == hash {
			return n, true
		}
	}
	return 0, hash == s.genesis
}
