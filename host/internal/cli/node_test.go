package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/internal/enginetest/nodesim"
)

// mode is what a node's endpoint does.
type mode string

const (
	well    mode = "well"
	wedged  mode = "wedged"
	syncing mode = "syncing"
	lying   mode = "lying"
	hanging mode = "hanging"
	down    mode = "down"
)

// standIn is a network and a node in it, which answer as those of a preset do.
type standIn struct {
	preset string
	epoch  time.Time

	mu    sync.Mutex
	mode  mode
	since time.Time
}

func (s *standIn) set(m mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.since = m, time.Now()
}

// network is the newest block of the network, of which there are 20 a second.
func (s *standIn) network(at time.Time) uint64 {
	return 1_000_000 + uint64(20*at.Sub(s.epoch).Seconds())
}

// node is what the node has, and whether it syncs.
func (s *standIn) node() (m mode, height uint64, syncs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch s.mode {
	case wedged:
		return s.mode, s.network(s.since), false
	case syncing:
		return s.mode, s.network(s.since) - 20_000 + uint64(100*now.Sub(s.since).Seconds()), true
	case lying:
		return s.mode, 5, false
	}
	return s.mode, s.network(now), false
}

// ServeHTTP answers for the network at /network and for the node at /node.
func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		ID     json.RawMessage
		Method string
	}
	body, err := io.ReadAll(r.Body) // a server notices a client that has gone only after that
	if err != nil {
		return
	}
	height, syncs := s.network(time.Now()), false
	if strings.HasPrefix(r.URL.Path, "/node") {
		var m mode
		switch m, height, syncs = s.node(); m {
		case hanging:
			<-r.Context().Done()
			return
		case down:
			http.Error(w, "bad gateway", http.StatusBadGateway)
			return
		}
	}
	if json.Unmarshal(body, &call) != nil {
		fmt.Fprint(w, s.rest(filepath.Base(r.URL.Path), height, syncs))
		return
	}
	fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, %s}`, call.ID, s.rpc(call.Method, height, syncs))
}

// rest is what a CometBFT node answers.
func (s *standIn) rest(path string, height uint64, syncs bool) string {
	if path == "net_info" {
		return `{"result": {"listening": true, "n_peers": "12"}}`
	}
	return fmt.Sprintf(`{"result": {"node_info": {"network": "cosmoshub-4"}, "sync_info": {"latest_block_hash": "3E0A", "latest_block_height": "%d", "latest_block_time": %q, "catching_up": %v}}}`,
		height, time.Now().UTC().Format(time.RFC3339Nano), syncs)
}

func (s *standIn) rpc(method string, height uint64, syncs bool) string {
	switch method {
	case "eth_getBlockByNumber":
		return fmt.Sprintf(`"result": {"number": "0x%x", "hash": "0x01", "timestamp": "0x%x"}`, height, time.Now().Unix())
	case "eth_syncing":
		if syncs {
			return fmt.Sprintf(`"result": {"startingBlock": "0x0", "currentBlock": "0x%x", "highestBlock": "0x%x"}`, height, height+1000)
		}
		return `"result": false`
	case "eth_chainId":
		return `"result": "0x1"`
	case "net_peerCount":
		return `"result": "0xc"`
	case "getblockchaininfo":
		return fmt.Sprintf(`"result": {"chain": "main", "blocks": %d, "headers": %d, "bestblockhash": "00ff", "initialblockdownload": %v}`, height, height, syncs)
	case "getnetworkinfo":
		return `"result": {"connections": 12}`
	case "getSlot":
		return fmt.Sprintf(`"result": %d`, height)
	case "getHealth":
		if syncs {
			return `"error": {"code": -32005, "message": "Node is behind by 789 slots", "data": {"numSlotsBehind": 789}}`
		}
		return `"result": "ok"`
	case "getGenesisHash":
		return `"result": "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"`
	}
	return `"error": {"code": -32601, "message": "Method not found"}`
}

// chains are the same for Substrate: simulated chains that follow the stand-in until the
// test ends.
func (s *standIn) chains(t *testing.T) (network, node string) {
	chains := map[string]*chaintest.Chain{}
	for _, name := range []string{"network", "node"} {
		chain, err := chaintest.New(chaintest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		chains[name] = chain
	}
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			m, height, syncs := s.node()
			chains["network"].SetHead(s.network(time.Now()))
			chains["node"].SetHead(height)
			chains["node"].SetSyncing(syncs)
			chains["node"].Fail("", map[mode]chaintest.Fault{hanging: chaintest.Hang, down: chaintest.Unavailable}[m])
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		<-over
		chains["network"].Close()
		chains["node"].Close()
	})
	return chains["network"].URL(), chains["node"].URL()
}

// byNodeAlone is a monitor without a parser, its rules and guards in seconds.
const byNodeAlone = `
head_source "network" {
  plugin = "%[1]s"
  config {
    url = "%[3]s"
    %[2]s
  }
}
head_source "own" {
  plugin  = "%[1]s"
  timeout = "1s"
  config {
    url = "%[4]s"
    %[2]s
  }
}
action "restart" {
  plugin = "docker-restart"
  env    = ["DOCKER_HOST"]
}
monitor "node" {
  interval = "1s"
  heads    = [head_source.network]
  node     = head_source.own
  action   = action.restart
  target { container = env("CONTAINER_NAME") }
  block_lag "severe" {
    lag_above = 60
    for       = "2s"
  }
  block_lag "moderate" { enabled = false }
  sync_stall {
    lag_above = 40
    for       = "4s"
  }
  falling_behind { enabled = false }
  cooldown { after_action = "3s" }
  head { quorum = 1 }
  catching_up {
    window   = "4s"
    patience = "3s"
  }
}
`

// A node of each preset is watched by its RPC alone: its endpoint may lie, hang or be
// down, and it may sync; only a wedge is restarted, and once.
func TestNodeByItsRPCAlone(t *testing.T) {
	t.Parallel()
	for _, preset := range []string{"ethereum", "cometbft", "bitcoin", "solana", "substrate"} {
		t.Run(preset, func(t *testing.T) {
			if testing.Short() && preset != "ethereum" {
				t.Skip("it takes a minute, and runs in make test-long")
			}
			t.Parallel()
			s := &standIn{preset: preset, epoch: time.Now(), mode: well, since: time.Now()}
			w := s.world(t)
			w.startNode("-simple")
			host := w.startHost()
			host.see(verdictOK, 3)
			for _, trouble := range []struct {
				mode mode
				says string
			}{{lying, "it is not believed"}, {well, ""}, {hanging, "verdict=unknown"}, {well, ""}, {down, "verdict=unknown"}, {well, ""}, {syncing, "catching_up: not restarted"}, {well, ""}} {
				s.set(trouble.mode)
				said := trouble.says
				if trouble.mode == well {
					said = verdictOK
				}
				host.see(said, host.log.count(said)+3)
			}
			if got := host.log.count(restarted); got != 0 {
				t.Fatalf("restarted %d times without a wedge", got)
			}
			s.set(wedged)
			host.see(restarted, 1)
			s.set(well)
			host.see(verdictOK, host.log.count(verdictOK)+6)
			if got := host.log.count(restarted); got != 1 {
				t.Errorf("restarted %d times, want once", got)
			}
		})
	}
}

// world is a container beside the stand-in, and a host with its configuration.
func (s *standIn) world(t *testing.T) *world {
	engine := enginetest.Start(t, enginetest.Options{})
	engine.AddImage("simnode", nodesim.Run)
	w := newWorld(t, shipped(t), enginetest.Client(t, engine), engine.Host(), "simnode")
	text := ""
	if s.preset == "substrate" {
		network, node := s.chains(t)
		text = fmt.Sprintf(byNodeAlone, "rpc-onfinality", "slot_duration = 0", network, node)
	} else {
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		text = fmt.Sprintf(byNodeAlone, "rpc-jsonrpc", fmt.Sprintf("preset = %q", s.preset), server.URL+"/network", server.URL+"/node")
	}
	w.config = filepath.Join(t.TempDir(), "monitor.hcl")
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}
