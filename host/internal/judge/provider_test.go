package judge

import "testing"

func TestProvider(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://polkadot-rpc.dwellir.com/key": "dwellir.com", "wss://rpc.example.co.uk": "example.co.uk", "https://RPC.IBP.network:443/x": "ibp.network",
		"http://127.0.0.1:9933": "127.0.0.1:9933", "http://[::1]:8545": "[::1]:8545", "http://node:8545": "node:8545", "http://localhost:1": "localhost:1",
		"": "source", "not a url": "source", "https://com": "com",
	} {
		if got := Provider("source", endpoint); got != want {
			t.Errorf("%q is of %q, want %q", endpoint, got, want)
		}
	}
}
