package substraterpc

import (
	"context"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// oldAfter is the age of a head at which another endpoint is asked: the age
// that distrusts a provider on a chain of one-second blocks.
const oldAfter = time.Minute

// newSource is a head source that has yet to be configured and started.
func newSource() *endpoint.HeadSource[Config] {
	return &endpoint.HeadSource[Config]{Sources: newServers}
}

// newServers makes the endpoints and begins the subscription of the first.
func newServers(ctx context.Context, config *Config, settings endpoint.Settings) ([]endpoint.Source, time.Duration, error) {
	addresses, err := config.addresses()
	if err != nil {
		return nil, 0, err
	}
	var servers []endpoint.Source
	for i, a := range addresses {
		if len(a.Header()) > 0 && !a.Encrypted() {
			settings.Log.Warn("the API key travels unencrypted", "endpoint", a.String())
		}
		one := newServer(ctx, a, config, settings)
		if i == 0 {
			one.startSubscription()
		}
		servers = append(servers, one)
	}
	return servers, oldAfter, nil
}
