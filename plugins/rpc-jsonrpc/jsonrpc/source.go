package jsonrpc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// Source asks its endpoints for the newest block: the one that answered last,
// then the others in their order.
type Source struct {
	config    Config
	dial      func(ctx context.Context, network, address string) (net.Conn, error) // nil for the usual one
	log       *slog.Logger                                                         // nil for slog's default at the start
	endpoints []*endpoint.Endpoint
	heads     *endpoint.Failover
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

// Start makes the endpoints and contacts none.
func (s *Source) Start(ctx context.Context) error {
	if s.log == nil {
		s.log = slog.Default()
	}
	config := s.config.expanded()
	questions, err := config.questions()
	if err != nil {
		return err
	}
	genesis, err := config.genesis()
	if err != nil {
		return err
	}
	var servers []endpoint.Source
	for _, each := range config.endpoints() {
		a, err := each.address()
		if err != nil {
			return err
		}
		if a.HasCredentials() && !a.Encrypted() && !isLoopback(a) {
			s.log.Warn("credentials travel unencrypted", "endpoint", a.String())
		}
		e := endpoint.New(a, endpoint.Options{Timeout: config.Timeout, Dial: s.dial})
		one := &server{endpoint: e, config: &config, genesis: genesis, log: s.log, missing: map[string]bool{}}
		one.questions = one.inOrder(questions)
		s.endpoints, servers = append(s.endpoints, e), append(servers, one)
	}
	s.heads = endpoint.NewFailover(ctx, servers, endpoint.FailoverOptions{OldAfter: config.OldAfter, Log: s.log})
	return nil
}

// inOrder puts the questions without whose answers there is no head before the
// others.
func (s *server) inOrder(questions []question) []question {
	order := slices.Clone(questions)
	slices.SortStableFunc(order[1:], func(a, b question) int {
		switch x, y := s.isNeeded(&a), s.isNeeded(&b); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	return order
}

func isLoopback(a endpoint.Address) bool {
	host := a.URL().Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close ends the read that is under way and closes every connection.
func (s *Source) Close() error {
	if s.heads == nil {
		return nil
	}
	err := s.heads.Close()
	for _, e := range s.endpoints {
		e.Close()
	}
	return err
}

// GetHead is the newest block that an endpoint answers.
func (s *Source) GetHead(ctx context.Context) (sdk.Head, error) {
	if s.heads == nil {
		return sdk.Head{}, errors.New("read the head: the source was not started")
	}
	return s.heads.GetHead(ctx)
}
