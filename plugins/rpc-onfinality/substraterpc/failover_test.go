package substraterpc

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
	"google.golang.org/grpc/codes"
)

// threeChains are endpoints of which each is one block higher than the one
// before, so that a head tells who answered.
func threeChains(t *testing.T, config Config) (*testSource, []*chaintest.Chain) {
	t.Helper()
	net := newNetwork(t)
	var chains []*chaintest.Chain
	for i, host := range []string{"a.test", "b.test", "c.test"} {
		chains = append(chains, net.chain(t, host, chaintest.Options{Height: uint64(i) + 1, RetryAfter: "120"}))
		config.URLs = append(config.URLs, "http://"+host)
	}
	s, _ := net.source(t, config)
	return s, chains
}

func TestFailOverIsStickyAndReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chains := threeChains(t, Config{SlotDuration: time.Hour}) // no head is old
		wantHead(t, s, 1)
		chains[0].Fail("", chaintest.HTML)
		chains[1].Fail("", chaintest.Reset)
		wantHead(t, s, 3)
		chains[0].Heal()
		chains[1].Heal()
		time.Sleep(returnAfter - time.Second)
		wantHead(t, s, 3)
		if got := chains[1].Calls()["chain_getHeader"]; got != 1 {
			t.Errorf("got %d requests at the second endpoint, want 1", got)
		}
		time.Sleep(2 * time.Second)
		wantHead(t, s, 1)
	})
}

func TestEndpointInUseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chains := threeChains(t, Config{})
		chains[0].Fail("", chaintest.RPCError)
		wantHead(t, s, 2)
		chains[1].Fail("", chaintest.RPCError)
		chains[0].Heal()
		wantHead(t, s, 1)
	})
}

func TestHangingEndpointsLeaveTimeForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chains := threeChains(t, Config{Timeout: time.Minute})
		chains[0].Fail("", chaintest.Hang)
		chains[1].Fail("", chaintest.Hang)
		wantHead(t, s, 3)
	})
}

func TestLimitedEndpointIsNotAskedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chains := threeChains(t, Config{SlotDuration: time.Hour})
		for _, chain := range chains[:2] {
			chain.Fail("", chaintest.TooManyRequests)
		}
		wantHead(t, s, 3)
		chains[2].Fail("", chaintest.RPCError)
		wantError(t, s, "error -32603")
		time.Sleep(30 * time.Second)
		chains[2].Fail("", chaintest.TooManyRequests)
		err := wantError(t, s, "http://a.test: waits another 1m30s: answered status 429")
		wantStatus(t, err, codes.ResourceExhausted)
		if got := pauseOf(err); got != 90*time.Second {
			t.Errorf("got a pause of %v, want that of the first to be ready, 90s", got)
		}
		if got := chains[0].Calls()["chain_getHeader"]; got != 1 {
			t.Errorf("got %d requests at the first endpoint, want 1", got)
		}
		chains[0].Heal()
		time.Sleep(90 * time.Second)
		wantHead(t, s, 1)
	})
}

func TestFrozenEndpointIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(25 * 365 * 24 * time.Hour) // the bubble's year 2000 is no time of a block
		s, chains := threeChains(t, Config{})
		wantHead(t, s, 1)
		chains[0].FreezeSlot()
		time.Sleep(2 * time.Minute)
		chains[1].SetHead(20)
		wantHead(t, s, 20)
		time.Sleep(2 * time.Minute)
		head := wantHead(t, s, 20)
		if age := time.Since(head.Time); age < 2*time.Minute {
			t.Errorf("got a head %v old, want the old one with its time", age)
		}
		for _, chain := range chains {
			chain.Fail("", chaintest.HTML)
		}
		wantError(t, s, "http://a.test: ")
	})
}

func TestOneWrongChainAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, chains := threeChains(t, Config{Genesis: chaintest.Genesis})
		chains[0].SetGenesis("0x" + chaintest.Genesis[4:] + "00")
		wantHead(t, s, 2)
		chains[1].Fail("", chaintest.HTML)
		chains[2].Fail("", chaintest.HTML)
		err := wantError(t, s, "http://a.test: serves another chain")
		if got := pauseOf(err); got != 0 {
			t.Errorf("got a pause of %v, want none: the others may answer", got)
		}
	})
}
