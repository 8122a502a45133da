package jsonrpc

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// newSource is a head source that has yet to be configured and started.
func newSource() *endpoint.HeadSource[Config] {
	return &endpoint.HeadSource[Config]{Sources: newServers}
}

// newServers makes the endpoints, and contacts none.
func newServers(_ context.Context, block *Config, settings endpoint.Settings) ([]endpoint.Source, time.Duration, error) {
	config := block.expanded()
	questions, err := config.questions()
	if err != nil {
		return nil, 0, err
	}
	genesis, err := config.genesis()
	if err != nil {
		return nil, 0, err
	}
	var servers []endpoint.Source
	for _, each := range config.endpoints() {
		a, err := each.address()
		if err != nil {
			return nil, 0, err
		}
		if a.HasCredentials() && !a.Encrypted() && !isLoopback(a) {
			settings.Log.Warn("credentials travel unencrypted", "endpoint", a.String())
		}
		e := endpoint.New(a, endpoint.Options{Timeout: config.Timeout, Dial: settings.Dial})
		one := &server{Endpoint: e, config: &config, genesis: genesis, log: settings.Log, missing: map[missing]bool{}}
		one.questions = one.inOrder(questions)
		servers = append(servers, one)
	}
	return servers, config.OldAfter, nil
}

// inOrder puts the questions without whose answers there is no head before the
// others.
func (s *server) inOrder(questions []question) []question {
	order := slices.Clone(questions)
	slices.SortStableFunc(order[1:], func(a, b question) int {
		switch x, y := s.isNeeded(&a, false), s.isNeeded(&b, false); {
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
