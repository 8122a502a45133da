package substraterpc

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// network is the chains that a source can reach, by host, inside a bubble.
type network struct{ *endpointtest.Network }

func newNetwork(t *testing.T) network { return network{endpointtest.New(t)} }

// chain starts a chain under a name of the network.
func (n network) chain(t *testing.T, host string, options chaintest.Options) *chaintest.Chain {
	t.Helper()
	options.Listener = n.Listen(host)
	chain, err := chaintest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chain.Close)
	return chain
}

// sleepInto2025 leaves the time at which a bubble begins, which dates no head.
func sleepInto2025() { time.Sleep(time.Until(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))) }

// returnAfter is how long another endpoint than the first is kept to.
const returnAfter = 5 * time.Minute

// undated is the slot_duration 0, since zero stands for the default here.
const undated = -1

// testSource is a source with the endpoints that it made.
type testSource struct {
	*endpoint.HeadSource[Config]
	servers []endpoint.Source
}

func (s *testSource) first() *server { return s.servers[0].(*server) }

// source starts a source in the network; the defaults are those of the config
// block.
func (n network) source(t *testing.T, config Config) (*testSource, *endpointtest.Log) {
	t.Helper()
	s := &testSource{HeadSource: newSource()}
	s.Sources = func(ctx context.Context, c *Config, settings endpoint.Settings) (made []endpoint.Source, old time.Duration, err error) {
		s.servers, old, err = newServers(ctx, c, settings)
		return s.servers, old, err
	}
	s.Dial = n.Dial
	var log *endpointtest.Log
	s.Log, log = endpointtest.NewLog()
	if config.Timeout == 0 {
		config.Timeout = 10 * time.Second
	}
	switch config.SlotDuration {
	case 0:
		config.SlotDuration = time.Second
	case undated:
		config.SlotDuration = 0
	}
	if config.APIKeyHeader == "" {
		config.APIKeyHeader = "apikey"
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	s.Block = config
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
func getHead(t *testing.T, s *testSource) (sdk.Head, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return s.GetHead(ctx)
}

// wantHead asks for the head and fails unless it is of the wanted height.
func wantHead(t *testing.T, s *testSource, best uint64) sdk.Head {
	t.Helper()
	head, err := getHead(t, s)
	if err != nil {
		t.Fatalf("got error %v, want head %d", err, best)
	}
	if head.Best != best {
		t.Fatalf("got head %d, want %d", head.Best, best)
	}
	return head
}

// wantError asks for the head and fails unless the error holds the text.
func wantError(t *testing.T, s *testSource, text string) error {
	t.Helper()
	head, err := getHead(t, s)
	if err == nil {
		t.Fatalf("got head %d, want an error with %q", head.Best, text)
	}
	if !strings.Contains(err.Error(), text) {
		t.Fatalf("got error %q, want it to contain %q", err, text)
	}
	return err
}

// pauseOf is the pause that an error asks the host for.
func pauseOf(err error) time.Duration {
	var e *sdk.Error
	if errors.As(err, &e) {
		return e.Pause()
	}
	return 0
}
