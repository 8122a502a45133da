package substraterpc

import (
	"context"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
)

// The rest of the tests run over pipes in memory; this one shows that real
// sockets are no different, and goleak that nothing is left of them.
func TestRealSockets(t *testing.T) {
	chain, err := chaintest.New(chaintest.Options{Height: 41, FinalityLag: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer chain.Close()
	for _, url := range []string{chain.URL(), chain.WSURL()} {
		s := newSource()
		s.Block = Config{URL: url, Timeout: 5 * time.Second, SlotDuration: time.Second, Genesis: chaintest.Genesis}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		chain.SetHead(42)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		head, err := s.GetHead(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if head.Best < 41 || head.Best > 42 || head.Finalized == nil || head.Endpoint != url {
			t.Errorf("got %+v from %s", head, url)
		}
		if age := time.Since(head.Time); age < -time.Second || age > 5*time.Second {
			t.Errorf("got a head %v old, want one of now", age)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
