package substraterpc

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
)

const syncs = "says that it is syncing itself, and so does not know the network's head"

// The head of an endpoint that syncs itself is not the network's, over either
// transport.
func TestAnEndpointThatSyncsHasNoHead(t *testing.T) {
	for _, url := range []string{"http://node.test", "ws://node.test"} {
		t.Run(url, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sleepInto2025()
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
				chain.SetSyncing(true)
				s, _ := net.source(t, Config{URL: url})
				for range 3 {
					chain.Advance(1)
					time.Sleep(time.Second)
					wantError(t, s, url+": "+syncs)
				}
				if got := chain.Calls()["system_health"]; got != 3 {
					t.Errorf("it was asked %d times in 3 checks whether it still syncs", got)
				}
				chain.SetSyncing(false)
				wantHead(t, s, 8)
			})
		})
	}
}

func TestAnotherEndpointStandsInForOneThatSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		net.chain(t, "first.test", chaintest.Options{Height: 5}).SetSyncing(true)
		net.chain(t, "other.test", chaintest.Options{Height: 9})
		s, _ := net.source(t, Config{URLs: []string{"http://first.test", "http://other.test"}})
		wantHead(t, s, 9)
	})
}

// An endpoint is asked every five minutes while its heads are young and rise, and
// at each check while they are old or stand still.
func TestHealthIsAskedOnDoubt(t *testing.T) {
	tests := []struct {
		name  string
		slots time.Duration
		check func(chain *chaintest.Chain)
		fault chaintest.Fault
		want  int // of 21 checks in ten minutes
	}{
		{name: "well", check: func(c *chaintest.Chain) { c.Advance(1) }, want: 3},
		{name: "old", check: func(c *chaintest.Chain) { c.SetHeadMade(c.Head()+1, time.Now().Add(-2*time.Minute)) }, want: 21},
		{name: "undated and still", slots: undated, check: func(*chaintest.Chain) {}, want: 21 - 2},
		{name: "not served", slots: undated, check: func(*chaintest.Chain) {}, fault: chaintest.RPCError, want: 3},
		{name: "no health", slots: undated, check: func(*chaintest.Chain) {}, fault: chaintest.Null, want: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sleepInto2025()
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
				chain.Fail("system_health", test.fault)
				s, _ := net.source(t, Config{URL: "http://node.test", SlotDuration: test.slots})
				for range 21 {
					test.check(chain)
					wantHead(t, s, chain.Head())
					time.Sleep(30 * time.Second)
				}
				if got := chain.Calls()["system_health"]; got != test.want {
					t.Errorf("asked %d times, want %d", got, test.want)
				}
			})
		})
	}
}

// The chain is asked for once at an endpoint, and now and then where it is not told.
func TestChainIsAskedOnce(t *testing.T) {
	for _, test := range []struct {
		fault chaintest.Fault
		chain string
		want  int // of 21 checks in ten minutes and a half
	}{{chaintest.Healthy, chaintest.Genesis, 1}, {chaintest.RPCError, "", 2}, {chaintest.Hang, "", 2}} {
		synctest.Test(t, func(t *testing.T) {
			sleepInto2025()
			net := newNetwork(t)
			chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
			chain.Fail("chain_getBlockHash", test.fault)
			s, _ := net.source(t, Config{URL: "http://node.test"})
			for range 21 {
				chain.Advance(1)
				if head := wantHead(t, s, chain.Head()); head.Chain != test.chain {
					t.Errorf("%v: got chain %q", test.fault, head.Chain)
				}
				time.Sleep(32 * time.Second)
			}
			if got := chain.Calls()["chain_getBlockHash"]; got != test.want {
				t.Errorf("%v: asked %d times, want %d", test.fault, got, test.want)
			}
		})
	}
}

// The node behind an endpoint is asked about itself at each check: no answer about
// its health takes its height away.
func TestNodeThatSaysLittle(t *testing.T) {
	for _, fault := range []chaintest.Fault{chaintest.Null, chaintest.RPCError, chaintest.HTML, chaintest.Hang} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(t)
			chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
			for _, method := range []string{"system_health", "chain_getFinalizedHead", "chain_getBlockHash"} {
				chain.Fail(method, fault)
			}
			s, _ := net.source(t, Config{URL: "ws://node.test"})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			head, err := s.GetNode(ctx)
			if err != nil || head.Best != 5 || head.Syncing != nil || head.Peers != nil || head.Chain != "" {
				t.Errorf("%v: got %+v, %v", fault, head, err)
			}
		})
	}
}
