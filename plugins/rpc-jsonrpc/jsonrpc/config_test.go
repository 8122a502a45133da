package jsonrpc

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

func TestValidate(t *testing.T) {
	byHand := func(change func(*Config)) Config {
		c := Config{URL: "https://rpc.test/key", Method: "height", Best: "result"}
		change(&c)
		return c
	}
	rest := func(change func(*Config)) Config {
		c := Config{URL: "https://rpc.test/key", Request: "GET /height", Best: "height"}
		change(&c)
		return c
	}
	tests := []struct {
		name   string
		config Config
		want   []string // path: summary
	}{
		{"preset", Config{Preset: "ethereum", URL: "https://rpc.test"}, nil},
		{"preset of slots", Config{Preset: "ethereum-beacon", URL: "https://rpc.test", GenesisTime: "1606824023", ChainID: "1"}, nil},
		{"by hand", byHand(func(*Config) {}), nil},
		{"REST", rest(func(*Config) {}), nil},
		{"endpoints only", Config{Preset: "bitcoin", Endpoints: []Endpoint{{URL: "http://a:1/x"}, {URL: "http://b/", User: "u", Password: "p"}}}, nil},
		{"everything", byHand(func(c *Config) {
			c.Params, c.Hash, c.Time, c.Finalized, c.Syncing, c.Chain, c.ChainID = ` {"a": [1]} `, "result.h", "result.t", ".f", "s", "c", "x"
			c.Also = []Also{{Method: "a.b/c", Params: `["{best_hex}", {best}]`, Finalized: "result"}, {Request: "POST /x?y={best}", Body: `{"n": {best}}`, Hash: "."}}
		}), nil},

		{"no endpoint", Config{Preset: "bitcoin"}, []string{"url: no endpoint is given"}},
		{"credentials without a URL", Config{Preset: "bitcoin", User: "u", Endpoints: []Endpoint{{URL: "http://a"}}}, []string{"url: is not given, and user, password and headers go with it"}},
		{"no scheme", Config{Preset: "bitcoin", URL: "localhost:8332"}, []string{"url: does not begin with https:// or http://"}},
		{"WebSocket", Config{Preset: "bitcoin", URL: "wss://host"}, []string{"url: does not begin with https:// or http://"}},
		{"no host", Config{Preset: "bitcoin", URL: "https:///x"}, []string{"url: names no host"}},
		{"no URL", Config{Preset: "bitcoin", URL: "https://h\x7f/"}, []string{"url: is no URL"}},
		{"fragment", Config{Preset: "bitcoin", URL: "https://h/#x"}, []string{"url: has a fragment, which is never sent"}},
		{"wrong in a block", Config{Preset: "bitcoin", URL: "http://a", Endpoints: []Endpoint{{URL: "http://b"}, {URL: "ftp://c"}}}, []string{"endpoint.1.url: does not begin with https:// or http://"}},
		{"twice", Config{Preset: "bitcoin", URL: "http://a", Endpoints: []Endpoint{{URL: "http://a"}}}, []string{"endpoint.0.url: is given twice"}},
		{"two users", Config{Preset: "bitcoin", URL: "http://u:p@a", User: "u"}, []string{"user: stands beside a user in the URL"}},
		{"colon", Config{Preset: "bitcoin", URL: "http://a", User: "u:v"}, []string{"user: holds a colon, which basic authentication cannot carry"}},
		{"header's name", Config{Preset: "bitcoin", URL: "http://a", Headers: map[string]string{"x key": "v"}}, []string{"headers: holds what is no name of an HTTP header"}},
		{"header's value", Config{Preset: "bitcoin", URL: "http://a", Headers: map[string]string{"x-key": "v\r\ny: z"}}, []string{"headers: holds a value for x-key that cannot be sent"}},
		{"own header", Config{Preset: "bitcoin", URL: "http://a", Headers: map[string]string{"host": "v"}}, []string{"headers: holds host, which is not for you to set"}},

		{"preset and a question", Config{Preset: "bitcoin", URL: "http://a", Method: "m", Best: "x", Also: []Also{{}}}, []string{
			"method: cannot stand beside a preset, which asks a question of its own",
			"best: cannot stand beside a preset, which asks a question of its own",
			"also: cannot stand beside a preset, which asks a question of its own",
		}},
		{"nothing is asked", Config{URL: "http://a", Best: "x"}, []string{"method: nothing is asked"}},
		{"nothing at all", Config{URL: "http://a"}, []string{"method: nothing is asked", "best: is not given"}},
		{"both", byHand(func(c *Config) { c.Request = "GET /" }), []string{"request: cannot stand beside method"}},
		{"no method", byHand(func(c *Config) { c.Method = "GET /status" }), []string{"method: is no name of a JSON-RPC method"}},
		{"params", byHand(func(c *Config) { c.Params = "latest" }), []string{"params: are no JSON list or object"}},
		{"params of one", byHand(func(c *Config) { c.Params = `"latest"` }), []string{"params: are no JSON list or object"}},
		{"params cut", byHand(func(c *Config) { c.Params = `["latest"` }), []string{"params: are no JSON list or object"}},
		{"body of a method", byHand(func(c *Config) { c.Body = `{}` }), []string{"body: cannot stand beside method"}},
		{"best in the first question", byHand(func(c *Config) { c.Params = `[{best}]` }), []string{"params: holds {best}, which this question is there to find"}},
		{"verb", rest(func(c *Config) { c.Request = "DELETE /x" }), []string{"request: is not GET or POST and a path"}},
		{"whole URL", rest(func(c *Config) { c.Request = "GET https://host/x" }), []string{"request: is not GET or POST and a path"}},
		{"other host", rest(func(c *Config) { c.Request = "GET //host/x" }), []string{"request: is not GET or POST and a path"}},
		{"no path", rest(func(c *Config) { c.Request = "GET" }), []string{"request: is not GET or POST and a path"}},
		{"two lines", rest(func(c *Config) { c.Request = "GET /x\r\nHost: y" }), []string{"request: is not GET or POST and a path"}},
		{"bad escape", rest(func(c *Config) { c.Request = "GET /%zz" }), []string{"request: is not GET or POST and a path"}},
		{"fragment of a request", rest(func(c *Config) { c.Request = "GET /x#y" }), []string{"request: is not GET or POST and a path"}},
		{"brace", rest(func(c *Config) { c.Also = []Also{{Request: "GET /{bset}", Hash: "h"}} }), []string{"also.0.request: holds a brace that is neither {best} nor {best_hex}"}},
		{"params of REST", rest(func(c *Config) { c.Params = "[]" }), []string{"params: belong to a JSON-RPC method"}},
		{"body of GET", rest(func(c *Config) { c.Body = "{}" }), []string{"body: goes with a request by POST"}},
		{"body is no JSON", rest(func(c *Config) { c.Request, c.Body = "POST /x", "{" }), []string{"body: is no JSON"}},
		{"paths", byHand(func(c *Config) { c.Best, c.Hash = "result[0]", "a..b" }), []string{
			`best: is no path into an answer: has the key "result[0]"`, "hash: is no path into an answer: has an empty key"}},
		{"mistakes in also", byHand(func(c *Config) {
			c.Also = []Also{{Method: "m"}, {Finalized: "x"}, {Method: "m", Params: "5", Time: "."}}
		}), []string{"also.1.method: nothing is asked", "also.2.params: are no JSON list or object"}},

		{"chain compared with nothing", byHand(func(c *Config) { c.ChainID = "1" }), []string{"chain_id: is compared with nothing"}},
		{"genesis time", Config{Preset: "ethereum-beacon", URL: "http://a", GenesisTime: "long ago"}, []string{"genesis_time: is no time"}},
		{"genesis time without slots", byHand(func(c *Config) { c.GenesisTime = "5" }), []string{"genesis_time: is of no use without slot_duration"}},
		{"slots without a genesis time", byHand(func(c *Config) { c.SlotDuration = time.Second }), []string{"slot_duration: is of no use without genesis_time"}},
		{"timeout", byHand(func(c *Config) { c.Timeout = -1 }), []string{"timeout: must be above zero"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.config.Timeout == 0 {
				test.config.Timeout = time.Second
			}
			var got []string
			for _, d := range sdk.Diagnostics(test.config.Validate()) {
				got = append(got, strings.Join(d.Path, ".")+": "+d.Summary)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMistakesDoNotRepeatSecrets(t *testing.T) {
	const secret = "s3cret"
	for _, c := range []Config{
		{URL: "htps://u:s3cret@h/"}, {URL: "https://h/s3cret\x7f"}, {URL: "s3cret"}, {URL: "https://h/#s3cret"},
		{URL: "http://h", Headers: map[string]string{"a b": secret, "c": secret + "\n"}},
		{URL: "http://h", User: secret + ":", Password: secret}, {URL: "http://s3cret@h", User: "u", Password: secret},
		{URL: "http://s3cret@h", Endpoints: []Endpoint{{URL: "http://s3cret@h"}}},
	} {
		found := sdk.Diagnostics(c.Validate())
		if len(found) == 0 {
			t.Errorf("%+v has no mistake", c)
		}
		for _, d := range found {
			if strings.Contains(d.Summary+d.Hint, secret) {
				t.Errorf("the secret is repeated: %q, %q", d.Summary, d.Hint)
			}
		}
	}
}

// Every preset is a question without a mistake, and a name that the attribute
// allows.
func TestPresets(t *testing.T) {
	if diff := cmp.Diff(presetNames(), slices.Sorted(slices.Values(strings.Fields(tagOf(t, "preset").Get("oneof"))))); diff != "" {
		t.Errorf("presets and the allowed words (-presets +allowed):\n%s", diff)
	}
	for name, preset := range presets() {
		t.Run(name, func(t *testing.T) {
			if _, err := preset.questions(); err != nil {
				t.Error(err)
			}
			if !preset.asksChain() {
				t.Error("chain_id is compared with nothing")
			}
		})
	}
}
