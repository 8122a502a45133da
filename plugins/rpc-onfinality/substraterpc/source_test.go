package substraterpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// network is the chains that a source can reach, by host, inside a bubble.
type network map[string]*chaintest.Pipe

func (n network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	pipe, ok := n[host]
	if !ok {
		return nil, fmt.Errorf("dial %s: no such host", address)
	}
	return pipe.DialContext(ctx, kind, address)
}

// chain starts a chain under a name of the network.
func (n network) chain(t *testing.T, host string, options chaintest.Options) *chaintest.Chain {
	t.Helper()
	pipe := chaintest.NewPipe(host)
	n[host] = pipe
	options.Listener = pipe
	chain, err := chaintest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chain.Close)
	return chain
}

// returnAfter is how long another endpoint than the first is kept to.
const returnAfter = 5 * time.Minute

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// source starts a source in the network; the defaults are those of the config
// block. Its log goes to the logbook.
func (n network) source(t *testing.T, config Config) (*Source, *logbook) {
	t.Helper()
	log := &logbook{}
	s := New()
	s.dial = n.dial
	s.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if config.Timeout == 0 {
		config.Timeout = 10 * time.Second
	}
	if config.SlotDuration == 0 {
		config.SlotDuration = time.Second
	}
	if config.APIKeyHeader == "" {
		config.APIKeyHeader = "apikey"
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	s.config = config
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
func getHead(t *testing.T, s *Source) (sdk.Head, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return s.GetHead(ctx)
}

// wantHead asks for the head and fails unless it is of the wanted height.
func wantHead(t *testing.T, s *Source, best uint64) sdk.Head {
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
func wantError(t *testing.T, s *Source, text string) error {
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
