package substraterpc

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/headwatch/headwatch/sdk"
)

func TestValidate(t *testing.T) {
	const good = "https://aleph-zero.api.onfinality.io/public"
	tests := []struct {
		name   string
		config Config
		want   []string // path: summary
	}{
		{"one address", Config{URL: good}, nil},
		{"several", Config{URLs: []string{good, "ws://127.0.0.1:9944", "wss://u:p@h/?k=v", "http://[::1]:80/x"}}, nil},
		{"both", Config{URL: good, URLs: []string{"wss://ws.azero.dev"}}, nil},
		{"none", Config{}, []string{"url: no endpoint is given"}},
		{"no scheme", Config{URL: "aleph-zero.api.onfinality.io/public"}, []string{"url: does not begin with https://, wss://, http:// or ws://"}},
		{"host and port", Config{URL: "localhost:9944"}, []string{"url: does not begin with https://, wss://, http:// or ws://"}},
		{"another scheme", Config{URL: "ftp://host"}, []string{"url: does not begin with https://, wss://, http:// or ws://"}},
		{"no host", Config{URL: "https:///public"}, []string{"url: names no host"}},
		{"port only", Config{URL: "https://:443/"}, []string{"url: names no host"}},
		{"no URL", Config{URL: "https://h\x7f/"}, []string{"url: is no URL"}},
		{"blank", Config{URL: good + " "}, []string{"url: is no URL"}},
		{"fragment", Config{URL: good + "#x"}, []string{"url: has a fragment, which is never sent"}},
		{"twice in the list", Config{URLs: []string{good, good}}, []string{"urls.1: is given twice"}},
		{"twice over both", Config{URL: good, URLs: []string{good}}, []string{"urls.0: is given twice"}},
		{"empty in the list", Config{URLs: []string{good, ""}}, []string{"urls.1: does not begin with https://, wss://, http:// or ws://"}},
		{"timeout", Config{URL: good, Timeout: -1}, []string{"timeout: must be above zero"}},
		{"slot duration", Config{URL: good, SlotDuration: -1}, []string{"slot_duration: must not be negative"}},
		{"genesis", Config{URL: good, Genesis: "0x70255b4d"}, []string{"genesis: is no block hash"}},
		{"key", Config{URL: good, APIKey: "k\n"}, []string{"api_key: cannot be sent in a header"}},
		{"key's header", Config{URL: good, APIKey: "k", APIKeyHeader: "a b"}, []string{"api_key_header: is no name of an HTTP header"}},
		{"all at once", Config{URL: "x", URLs: []string{"y"}, Timeout: -1, Genesis: "z"}, []string{
			"url: does not begin with https://, wss://, http:// or ws://",
			"urls.0: does not begin with https://, wss://, http:// or ws://",
			"timeout: must be above zero",
			"genesis: is no block hash",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.config.Timeout == 0 {
				test.config.Timeout = time.Second
			}
			if test.config.APIKeyHeader == "" {
				test.config.APIKeyHeader = "apikey"
			}
			var got []string
			for _, d := range sdk.Diagnostics(test.config.Validate()) {
				got = append(got, strings.Join(d.Path, ".")+": "+d.Summary)
				if d.Hint == "" {
					t.Errorf("got no hint with %q", d.Summary)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMistakesDoNotRepeatTheAddress(t *testing.T) {
	for _, url := range []string{"htps://u:s3cret@h/", "https://h/s3cret\x7f", "https://s3cret@/", "https://h/#s3cret", "s3cret"} {
		for _, d := range sdk.Diagnostics((&Config{URL: url, Timeout: 1}).Validate()) {
			if strings.Contains(d.Summary+d.Hint, "s3cret") {
				t.Errorf("%q is repeated: %q, %q", url, d.Summary, d.Hint)
			}
		}
	}
}
