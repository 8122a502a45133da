package substraterpc

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

// Whatever goes wrong, nothing of an address but scheme and host leaves the
// plugin: not in an error, not in its log, not in a head.
func TestSecretsStayInside(t *testing.T) {
	const secret = "s3cret-0123456789"
	addresses := []struct{ name, url, key string }{
		{"path", "://node.test/v1/" + secret + "/rpc", ""},
		{"query", "://node.test/?apikey=" + secret, ""},
		{"user", "://" + secret + "@node.test/", ""},
		{"password", "://u:" + secret + "@node.test/", ""},
		{"header", "://node.test/", secret},
	}
	faults := []chaintest.Fault{
		chaintest.Healthy, chaintest.Hang, chaintest.TooManyRequests, chaintest.Unavailable, chaintest.Forbidden,
		chaintest.Redirect, chaintest.HTML, chaintest.Reset, chaintest.RPCError, chaintest.BadNumber, chaintest.WrongID,
	}
	for _, scheme := range []string{"http", "ws"} {
		for _, address := range addresses {
			t.Run(scheme+" "+address.name, func(t *testing.T) {
				for _, fault := range faults {
					synctest.Test(t, func(t *testing.T) {
						net := newNetwork(t)
						chain := net.chain(t, "node.test", chaintest.Options{})
						chain.Fail("", fault)
						chain.Fail(chaintest.Upgrade, fault)
						s, log := net.source(t, Config{URL: scheme + address.url, APIKey: address.key})
						checkSecret(t, s, log, secret)
					})
				}
			})
			t.Run(scheme+" "+address.name+" unreachable", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, log := newNetwork(t).source(t, Config{URL: scheme + address.url, APIKey: address.key})
					checkSecret(t, s, log, secret)
				})
			})
		}
	}
}

func checkSecret(t *testing.T, s *testSource, log *endpointtest.Log, secret string) {
	t.Helper()
	head, err := getHead(t, s)
	synctest.Wait()
	shown := log.String() + head.Endpoint
	if err != nil {
		shown += err.Error()
	}
	if strings.Contains(shown, secret) {
		t.Errorf("the secret shows in %q", shown)
	}
	if !strings.Contains(shown, "://node.test") {
		t.Errorf("nothing names the endpoint: %q", shown)
	}
}

func TestPolledAddress(t *testing.T) {
	tests := []struct{ from, want string }{
		{"wss://node.test/path?q=1", "https://node.test/path?q=1"},
		{"ws://127.0.0.1:9944", "http://127.0.0.1:9944"},
		{"wss://aleph-zero.api.onfinality.io/public-ws", "https://aleph-zero.api.onfinality.io/public"},
		{"wss://aleph-zero.api.onfinality.io/ws?apikey=x", "https://aleph-zero.api.onfinality.io/rpc?apikey=x"},
		{"wss://onfinality.io.test/ws", "https://onfinality.io.test/ws"},
		{"https://node.test/ws", "https://node.test/ws"},
	}
	for _, test := range tests {
		a, err := parseAddress(test.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := pollAddress(a).URL().String(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.from, got, test.want)
		}
	}
}
