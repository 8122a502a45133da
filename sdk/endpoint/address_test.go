package endpoint

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func address(t *testing.T, text string) Address {
	t.Helper()
	a, err := ParseAddress(text, "https", "http")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParseAddress(t *testing.T) {
	tests := []struct{ text, want string }{
		{"https://host/path?q=1", ""},
		{"http://[::1]:80/x", ""},
		{"https://u:p@host", ""},
		{"host/path", "does not begin with https:// or http://"},
		{"localhost:9944", "does not begin with https:// or http://"},
		{"127.0.0.1:9944", "does not begin with https:// or http://"},
		{"'http://host'", "does not begin with https:// or http://"},
		{"HTTP://host", ""},
		{"https://host:65535", ""},
		{"https://host:", ""},
		{"https://host:65536", "names a port that is not from 1 to 65535"},
		{"https://host:0", "names a port that is not from 1 to 65535"},
		{"https://ho st/", "is no URL"},
		{"wss://host", "does not begin with https:// or http://"},
		{"ftp://host", "does not begin with https:// or http://"},
		{"https:///path", "names no host"},
		{"https://:443/", "names no host"},
		{"https://h\x7f/", "is no URL"},
		{"https://host ", "is no URL"},
		{"https://host/#x", "has a fragment, which is never sent"},
		{"", "does not begin with https:// or http://"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got := ""
			if _, err := ParseAddress(test.text, "https", "http"); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseAddressOfManySchemes(t *testing.T) {
	_, err := ParseAddress("ftp://host", "https", "wss", "http", "ws")
	if want := "does not begin with https://, wss://, http:// or ws://"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestTo(t *testing.T) {
	a := address(t, "https://user:pass@h/key%2F1?k=v").To("wss", "/public")
	if got := a.URL().String(); got != "wss://user:pass@h/public?k=v" {
		t.Errorf("got %q", got)
	}
	if got := a.Quote([]byte("/key/1")); got != `"***"` {
		t.Errorf("got %s", got)
	}
}

func TestQuote(t *testing.T) {
	a := address(t, "https://user5678:pw@h/v1/0123456789?key=abc%2Fdef&v=1").WithHeader("apikey", "kk").WithHeader("Authorization", "Bearer token-of-mine")
	tests := []struct{ name, text, want string }{
		{"plain", "no access", `"no access"`},
		{"path", "POST /v1/0123456789 failed", `"POST *** failed"`},
		{"part of the path", "key 0123456789 is unknown", `"key *** is unknown"`},
		{"decoded query", "key abc/def", `"key ***"`},
		{"raw query", "?key=abc%2Fdef&v=1", `"?***"`},
		{"short value of a query", "error 1", `"error 1"`},
		{"user", "user5678:pw", `"***:***"`},
		{"header", "kk", `"***"`},
		{"credentials of a header", "token-of-mine", `"***"`},
		{"control characters", "a\x1b[31m\r\n\tb\x00", `"a[31m b"`},
		{"not UTF-8", "a\xffb", `"ab"`},
		{"long", strings.Repeat("x", 200), `"` + strings.Repeat("x", quoteMost) + `…"`},
		{"secret at the cut", strings.Repeat("x", quoteMost-4) + "0123456789", `"` + strings.Repeat("x", quoteMost-4) + `***"`},
		{"empty", "", `""`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := a.Quote([]byte(test.text)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if got := a.String(); got != "https://h" {
		t.Errorf("got %q", got)
	}
}

func TestRedactDropsTheURL(t *testing.T) {
	err := &url.Error{Op: "Post", URL: "https://h/key", Err: errors.New("connection refused")}
	if got := address(t, "https://h/key").Redact(err).Error(); got != "connection refused" {
		t.Errorf("got %q", got)
	}
}

func TestAt(t *testing.T) {
	tests := []struct{ base, below, want string }{
		{"https://h", "/status", "https://h/status"},
		{"https://h/", "/status?x=1", "https://h/status?x=1"},
		{"https://h/key/", "/status", "https://h/key/status"},
		{"https://h/key?k=v", "/status?x=1", "https://h/key/status?k=v&x=1"},
		{"https://h/?k=v", "/status", "https://h/status?k=v"},
		{"https://h/a%2Fb", "/c%2Fd/", "https://h/a%2Fb/c%2Fd/"},
		{"https://h/key", "/../x", "https://h/key/../x"},
		{"https://h", "//other/x", ""},
		{"https://h", "http://other/x", ""},
		{"https://h", "status", ""},
		{"https://h", "", ""},
		{"https://h", "/%zz", ""},
	}
	for _, test := range tests {
		t.Run(test.base+" "+test.below, func(t *testing.T) {
			a, err := address(t, test.base).At(test.below)
			got := ""
			if err == nil {
				got = a.URL().String()
			}
			if got != test.want {
				t.Errorf("got %q, error %v; want %q", got, err, test.want)
			}
		})
	}
}

// A secret stays with the address that it was given to.
func TestAddressesAreValues(t *testing.T) {
	a := address(t, "https://h/")
	b := a.WithHeader("x-key", "secret-b")
	c := b.WithHeader("x-key", "secret-c").Hiding("more")
	if a.HasCredentials() || !b.HasCredentials() || b.header.Get("x-key") != "secret-b" || c.header.Get("x-key") != "secret-c" {
		t.Errorf("got headers %v, %v, %v", a.header, b.header, c.header)
	}
	if got := b.Quote([]byte("secret-c more")); got != `"secret-c more"` {
		t.Errorf("got %s", got)
	}
}

// FuzzQuote: what is quoted is one line that any log can take, and the secret
// is not in it.
func FuzzQuote(f *testing.F) {
	f.Add("a\x1b[31m\r\nb", "secret-of-mine")
	f.Add("\xff\xfe secret-of-mine", "secret-of-mine")
	f.Fuzz(func(t *testing.T, text, secret string) {
		a := Address{}.Hiding(secret)
		got := a.Quote([]byte(text))
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b") || len(got) > 8*quoteMost {
			t.Errorf("got %q", got)
		}
		if len(secret) > 3 && !strings.Contains("***", secret) && utf8.ValidString(text) && !strings.ContainsAny(text, "\n\r\t \\\"") && strings.Contains(text, secret) && strings.Contains(got, secret) && isPlain(text) {
			t.Errorf("the secret %q shows in %q", secret, got)
		}
	})
}

func isPlain(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' || r == '*' {
			return false
		}
	}
	return true
}
