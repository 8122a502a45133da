package substraterpc

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"google.golang.org/grpc/codes"
)

func TestPolledHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		chain := net.chain(t, "node.test", chaintest.Options{FinalityLag: 2})
		chain.SetHeadMade(13075387, time.Unix(1761060534, 0))
		time.Sleep(time.Until(time.Unix(1761060540, 0)))
		s, _ := net.source(t, Config{URL: "http://node.test/rpc?apikey=secret"})
		got := wantHead(t, s, 13075387)
		if len(got.Hash) != 66 {
			t.Errorf("got hash %q, want 0x and 64 digits", got.Hash)
		}
		got.Hash = ""
		finalized := uint64(13075385)
		want := sdk.Head{
			Best:      13075387,
			Finalized: &finalized,
			Time:      time.Unix(1761060534, 0).UTC(),
			Endpoint:  "http://node.test",
			Syncing:   new(false),
			Peers:     new(uint64(12)),
			Chain:     chaintest.Genesis,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("head (-want +got):\n%s", diff)
		}
	})
}

func TestUndatedWithoutASlotDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		net.chain(t, "node.test", chaintest.Options{Height: 5})
		s, _ := net.source(t, Config{URL: "http://node.test", SlotDuration: undated})
		if head := wantHead(t, s, 5); !head.Time.IsZero() {
			t.Errorf("got time %v, want none", head.Time)
		}
	})
}

func TestBestWithoutFinalized(t *testing.T) {
	for _, fault := range []chaintest.Fault{chaintest.Hang, chaintest.Null, chaintest.RPCError, chaintest.HTML, chaintest.TooManyRequests} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(t)
			chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
			chain.Fail("chain_getFinalizedHead", fault)
			s, _ := net.source(t, Config{URL: "http://node.test"})
			if head := wantHead(t, s, 5); head.Finalized != nil {
				t.Errorf("got finalized %d, want none", *head.Finalized)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := []struct {
		name, header string
		want         time.Duration
	}{
		{"seconds", "7", 7 * time.Second},
		{"none", "", endpoint.DefaultPause},
		{"garbage", "soon", endpoint.DefaultPause},
		{"negative", "-5", endpoint.DefaultPause},
		{"zero", "0", time.Second},
		{"a date", "Sat, 01 Jan 2000 00:00:42 GMT", 42 * time.Second}, // a bubble begins in 2000
		{"a date gone by", "Fri, 31 Dec 1999 00:00:00 GMT", time.Second},
		{"a year", "31536000", time.Hour},
		{"more than fits", "99999999999999999999", endpoint.DefaultPause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := newNetwork(t)
				chain := net.chain(t, "node.test", chaintest.Options{Height: 5, RetryAfter: test.header})
				chain.Fail("", chaintest.TooManyRequests)
				s, _ := net.source(t, Config{URL: "http://node.test"})
				err := wantError(t, s, "API rate limit exceeded")
				wantStatus(t, err, codes.ResourceExhausted)
				if got := pauseOf(err); got != test.want {
					t.Fatalf("got a pause of %v, want %v", got, test.want)
				}
				chain.Heal()
				time.Sleep(test.want - time.Millisecond)
				wantError(t, s, "waits another 1s: answered status 429")
				if got := chain.Calls()["chain_getHeader"]; got != 1 {
					t.Errorf("got %d requests before the pause was over, want 1", got)
				}
				time.Sleep(time.Millisecond)
				wantHead(t, s, 5)
			})
		})
	}
}

func wantStatus(t *testing.T, err error, want codes.Code) {
	t.Helper()
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code() != want {
		t.Errorf("got error %#v, want status %v", err, want)
	}
}

func TestAnotherChainIsQuarantined(t *testing.T) {
	for _, url := range []string{"http://node.test", "ws://node.test"} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(t)
			chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
			other := "0x" + strings.Repeat("ab", 32)
			chain.SetGenesis(other)
			s, _ := net.source(t, Config{URL: url, Genesis: "0x" + strings.ToUpper(chaintest.Genesis[2:])})
			err := wantError(t, s, "serves another chain: genesis "+other+", want "+chaintest.Genesis)
			wantStatus(t, err, codes.InvalidArgument)
			before := chain.Calls()
			chain.SetGenesis(chaintest.Genesis)
			time.Sleep(quarantine - time.Minute)
			wantError(t, s, "serves another chain")
			if diff := cmp.Diff(before, chain.Calls()); diff != "" {
				t.Errorf("asked in quarantine (-before +after):\n%s", diff)
			}
			time.Sleep(2 * time.Minute)
			wantHead(t, s, 5)
			if got := chain.Calls()["chain_getHeader"]; url == "http://node.test" && got == 0 {
				t.Error("got no request after the quarantine")
			}
		})
	}
}

func TestTheRightChainIsCheckedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
		s, _ := net.source(t, Config{URL: "http://node.test", Genesis: chaintest.Genesis})
		for range 20 {
			wantHead(t, s, 5)
			time.Sleep(time.Minute)
		}
		if got := chain.Calls()["chain_getBlockHash"]; got != 2 {
			t.Errorf("got %d checks of the genesis in 20 minutes, want 2", got)
		}
	})
}

func TestKeyGoesToTheFirstHostOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		first := net.chain(t, "first.test", chaintest.Options{})
		other := net.chain(t, "other.test", chaintest.Options{Height: 5})
		first.Fail("", chaintest.Forbidden)
		s, log := net.source(t, Config{
			URLs:   []string{"http://first.test", "http://other.test"},
			APIKey: "0123456789abcdef", APIKeyHeader: "x-key",
		})
		wantHead(t, s, 5)
		if got := first.LastHeader().Get("X-Key"); got != "0123456789abcdef" {
			t.Errorf("the first host got key %q", got)
		}
		for name, values := range other.LastHeader() {
			if strings.Contains(strings.Join(values, " "), "0123456789abcdef") {
				t.Errorf("the other host got the key in %s", name)
			}
		}
		if want := "the API key travels unencrypted"; !strings.Contains(log.String(), want) {
			t.Errorf("got log %q, want it to contain %q", log, want)
		}
	})
}

func TestOneRequestInFlight(t *testing.T) {
	for _, url := range []string{"http://node.test", "ws://node.test"} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(t)
			chain := net.chain(t, "node.test", chaintest.Options{Height: 5})
			chain.Fail("", chaintest.Slow)
			s, _ := net.source(t, Config{URL: url})
			done := make(chan error)
			for range 10 {
				go func() {
					_, err := s.GetHead(t.Context())
					done <- err
				}()
			}
			for range 10 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			if got := chain.MostInFlight(); got != 1 {
				t.Errorf("got %d requests in flight, want 1", got)
			}
		})
	}
}

func TestIdleConnectionThatTheServerClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(t)
		net.chain(t, "node.test", chaintest.Options{Height: 5})
		s, _ := net.source(t, Config{URL: "http://node.test"})
		wantHead(t, s, 5)
		s.first().http.Close()
		wantHead(t, s, 5)
	})
}
