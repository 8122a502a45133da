package substraterpc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// oldAfter is the age of a head at which another endpoint is asked: the age
// that distrusts a provider on a chain of one-second blocks.
const oldAfter = time.Minute

// dialFunc opens a connection, as in [http.Transport].
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Source asks its endpoints for the newest block: the one that answered last,
// then the others in their order.
type Source struct {
	config  Config
	dial    dialFunc     // nil for the usual one
	log     *slog.Logger // nil for slog's default at the start
	servers []*server
	heads   *endpoint.Failover
	stop    context.CancelFunc
}

var (
	_ sdk.HeadSource   = (*Source)(nil)
	_ sdk.Configurable = (*Source)(nil)
	_ sdk.Starter      = (*Source)(nil)
	_ io.Closer        = (*Source)(nil)
)

// New is a source that has yet to be configured and started.
func New() *Source { return &Source{} }

// Config is the config block; see [Config].
func (s *Source) Config() any { return &s.config }

// Start makes the endpoints and begins the subscription of the first.
func (s *Source) Start(ctx context.Context) error {
	addresses, err := s.config.addresses()
	if err != nil {
		return err
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	ctx, s.stop = context.WithCancel(ctx)
	var sources []endpoint.Source
	for _, a := range addresses {
		if len(a.Header()) > 0 && !a.Encrypted() {
			s.log.Warn("the API key travels unencrypted", "endpoint", a.String())
		}
		one := newServer(ctx, a, &s.config, s.dial, s.log)
		s.servers, sources = append(s.servers, one), append(sources, one)
	}
	s.servers[0].begin()
	s.heads = endpoint.NewFailover(ctx, sources, endpoint.FailoverOptions{OldAfter: oldAfter, Log: s.log})
	return nil
}

// Close ends every subscription and connection.
func (s *Source) Close() error {
	if s.heads == nil {
		return nil
	}
	s.stop()
	err := s.heads.Close()
	for _, one := range s.servers {
		one.http.Close()
	}
	return err
}

// GetHead is the newest block that an endpoint answers. An endpoint whose head
// is a minute old is passed over where another has a younger one; where none
// has, the highest of the old heads is the answer, and its time tells.
func (s *Source) GetHead(ctx context.Context) (sdk.Head, error) {
	if s.heads == nil {
		return sdk.Head{}, errors.New("read the head: the source was not started")
	}
	return s.heads.GetHead(ctx)
}
