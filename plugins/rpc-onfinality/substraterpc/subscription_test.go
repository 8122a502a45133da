package substraterpc

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// subscribed starts a chain and a source that is subscribed to it.
func subscribed(t *testing.T, config Config) (*testSource, *chaintest.Chain) {
	t.Helper()
	net := newNetwork(t)
	chain := net.chain(t, "node.test", chaintest.Options{Height: 100, FinalityLag: 2})
	config.URL = "ws://node.test"
	s, _ := net.source(t, config)
	if err := chain.WaitSubscriptions(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return s, chain
}

func TestHeadThatWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sleepInto2025()
		s, chain := subscribed(t, Config{})
		for range 50 {
			chain.Advance(1)
			time.Sleep(time.Second)
		}
		got := wantHead(t, s, 150)
		got.Hash = ""
		finalized := uint64(148)
		want := sdk.Head{Best: 150, Finalized: &finalized, Time: time.Now().Add(-time.Second).UTC(), Endpoint: "ws://node.test",
			Syncing: new(false), Peers: new(uint64(12)), Chain: chaintest.Genesis}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("head (-want +got):\n%s", diff)
		}
		calls := map[string]int{chaintest.Upgrade: 1, "chain_subscribeNewHeads": 1, "chain_subscribeFinalizedHeads": 1, "system_health": 1, "chain_getBlockHash": 1}
		if diff := cmp.Diff(calls, chain.Calls()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestFinalizedHeadIsWaitedForBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		chain := net.chain(t, "node.test", chaintest.Options{Height: 100})
		chain.Fail("chain_finalizedHead", chaintest.Hang)
		s, _ := net.source(t, Config{URL: "ws://node.test"})
		began := time.Now()
		if head := wantHead(t, s, 100); head.Finalized != nil || head.Endpoint != "ws://node.test" {
			t.Errorf("got %+v, want the best head that was heard", head)
		}
		if took := time.Since(began); took != finalizedWithin {
			t.Errorf("took %v, want %v", took, finalizedWithin)
		}
	})
}

func TestSilentSubscriptionIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		time.Sleep(freshFor + time.Second)
		if head := wantHead(t, s, 100); head.Endpoint != "ws://node.test" {
			t.Errorf("got a head of %q, want one asked for over the WebSocket", head.Endpoint)
		}
		if got := chain.Calls()["chain_getHeader"]; got != 2 {
			t.Errorf("got %d requests, want 2 (best and finalized)", got)
		}
	})
}

// A server may keep the connection and its pongs up and send no heads any more.
func TestSubscriptionThatFellSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		chain.Fail("chain_newHead", chaintest.Hang)
		chain.Advance(40)
		time.Sleep(silentFor + time.Second)
		wantHead(t, s, 140)
		chain.Heal()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := chain.Calls()[chaintest.Upgrade]; got != 2 {
			t.Errorf("got %d connections, want a second one", got)
		}
		wantHead(t, s, 140)
	})
}

func TestConnectionThatIsHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		chain.Fail("chain_getHeader", chaintest.Hang)
		time.Sleep(freshFor + time.Second)
		wantError(t, s, "subscription: chain_getHeader: no answer within")
		chain.Heal()
		time.Sleep(time.Minute)
		chain.Advance(1)
		synctest.Wait()
		if head := wantHead(t, s, 101); head.Endpoint != "ws://node.test" {
			t.Errorf("got a head of %q, want one of a new subscription", head.Endpoint)
		}
	})
}

func TestSubscriptionDropsAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		chain.Fail(chaintest.Upgrade, chaintest.Unavailable)
		chain.DropConnections()
		synctest.Wait()
		for range 30 {
			chain.Advance(60)
			if head := wantHead(t, s, chain.Head()); head.Endpoint != "http://node.test" {
				t.Fatalf("got a head of %q, want one that was polled", head.Endpoint)
			}
			time.Sleep(time.Minute)
		}
		if got := chain.Calls()[chaintest.Upgrade]; got < 40 || got > 150 {
			t.Errorf("got %d attempts in half an hour, want one every 15 to 45 seconds", got)
		}
		chain.Heal()
		time.Sleep(time.Minute)
		polled := chain.Calls()["chain_getHeader"]
		chain.Advance(1)
		synctest.Wait()
		wantHead(t, s, chain.Head())
		if got := chain.Calls()["chain_getHeader"]; got != polled {
			t.Errorf("got %d requests more, want the head that was heard", got-polled)
		}
	})
}

func TestServerThatKnowsNoSubscriptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		chain := net.chain(t, "node.test", chaintest.Options{Height: 9})
		chain.Fail("chain_subscribeNewHeads", chaintest.RPCError)
		chain.Fail("chain_subscribeFinalizedHeads", chaintest.RPCError)
		s, _ := net.source(t, Config{URL: "ws://node.test"})
		for range 10 {
			if head := wantHead(t, s, 9); head.Endpoint != "ws://node.test" {
				t.Errorf("got a head of %q, want one asked for over the WebSocket", head.Endpoint)
			}
			time.Sleep(time.Minute)
		}
		if got := chain.Calls()[chaintest.Upgrade]; got != 1 {
			t.Errorf("got %d connections, want 1", got)
		}
	})
}

func TestLimitedSubscriptionWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		chain := net.chain(t, "node.test", chaintest.Options{Height: 9})
		chain.Fail("chain_subscribeNewHeads", chaintest.TooManyRequests)
		s, _ := net.source(t, Config{URL: "ws://node.test"})
		err := wantError(t, s, "answered with error -32029")
		if got := pauseOf(err); got != endpoint.DefaultPause {
			t.Errorf("got a pause of %v, want %v", got, endpoint.DefaultPause)
		}
		chain.Heal()
		time.Sleep(endpoint.DefaultPause - time.Second)
		if got := chain.Calls(); got["chain_getHeader"] != 0 || got[chaintest.Upgrade] != 1 {
			t.Errorf("got calls %v, want none in the pause", got)
		}
		time.Sleep(2 * time.Second)
		wantHead(t, s, 9)
	})
}

// A head that is fresh needs no request, so a pause does not hold it back.
func TestFreshHeadDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		s.first().http.KeepPause(&endpoint.PauseError{Err: errors.New("slow down"), Pause: time.Minute})
		chain.Advance(1)
		synctest.Wait()
		wantHead(t, s, 101)
		time.Sleep(freshFor + time.Second)
		wantError(t, s, "waits another 49s: slow down")
	})
}

func TestReorganisationIsBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chain := subscribed(t, Config{})
		chain.SetHead(99)
		synctest.Wait()
		wantHead(t, s, 99)
	})
}

func TestFailOverEndsTheSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		first := net.chain(t, "first.test", chaintest.Options{Height: 1})
		second := net.chain(t, "second.test", chaintest.Options{Height: 2})
		s, _ := net.source(t, Config{URLs: []string{"ws://first.test", "ws://second.test"}})
		wantHead(t, s, 1)
		first.Fail("", chaintest.HTML)
		first.Fail(chaintest.Upgrade, chaintest.Forbidden)
		first.DropConnections()
		synctest.Wait()
		wantHead(t, s, 2)
		before := first.Calls()
		time.Sleep(returnAfter - time.Second)
		if diff := cmp.Diff(before, first.Calls()); diff != "" {
			t.Errorf("the resting endpoint was asked (-before +after):\n%s", diff)
		}
		first.Heal()
		time.Sleep(2 * time.Second)
		wantHead(t, s, 1)
		if err := second.WaitSubscriptions(t.Context(), 0); err != nil {
			t.Error(err)
		}
	})
}
