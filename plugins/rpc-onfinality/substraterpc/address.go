package substraterpc

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// What a text from outside is cut to before it is quoted: enough to tell a
// proxy's page from a provider's complaint.
const (
	quoteRead = 4096
	quoteMost = 120
)

// The lengths under which a part of a path and a value of a query are not taken
// for a secret of their own: a "public" or a "1" would go missing from every
// text.
const (
	shortestPart  = 8
	shortestValue = 4
)

// address is where an endpoint is, with what has to be kept from view. The
// zero address has no secrets.
type address struct {
	url     *url.URL
	header  http.Header
	secrets []string
}

// newAddress takes the path, the query and the user info of a URL for secrets.
func newAddress(u *url.URL) address {
	a := address{url: u, header: http.Header{}}
	if len(u.Path) > 1 {
		a.hide(u.Path, u.EscapedPath())
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= shortestPart {
			a.hide(part)
		}
	}
	a.hide(u.RawQuery)
	for _, values := range u.Query() {
		for _, value := range values {
			if len(value) >= shortestValue {
				a.hide(value)
			}
		}
	}
	if password, ok := u.User.Password(); ok {
		a.hide(password)
	}
	a.hide(u.User.Username())
	return a
}

// hide adds secrets in the forms that they are repeated in. The longest come
// first, so that none is broken by another that is part of it.
func (a *address) hide(secrets ...string) {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		a.secrets = append(a.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret))
	}
	slices.SortFunc(a.secrets, func(x, y string) int { return len(y) - len(x) })
}

// withKey is the same address with a header that carries a key.
func (a address) withKey(header, key string) address {
	a.header = a.header.Clone()
	a.header.Set(header, key)
	a.secrets = append([]string{}, a.secrets...)
	a.hide(key)
	return a
}

// String is the scheme and the host, which is all that may be shown.
func (a address) String() string {
	return a.url.Scheme + "://" + a.url.Host
}

// socket tells whether the address is for a WebSocket.
func (a address) socket() bool {
	return a.url.Scheme == "ws" || a.url.Scheme == "wss"
}

// polled is where to poll what the address subscribes to. Substrate nodes
// serve both at one place; OnFinality has a path for each.
func (a address) polled() address {
	twin := *a.url
	twin.Scheme = strings.Replace(twin.Scheme, "ws", "http", 1)
	if strings.HasSuffix(twin.Hostname(), ".onfinality.io") {
		switch twin.Path {
		case "/public-ws":
			twin.Path = "/public"
		case "/ws":
			twin.Path = "/rpc"
		}
	}
	a.url = &twin
	return a
}

// scrub takes the secrets out of a text.
func (a address) scrub(text string) string {
	for _, secret := range a.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// quote makes what came from outside fit for one line of a log: short, without
// secrets, and without anything that a terminal would obey.
func (a address) quote(text []byte) string {
	return fmt.Sprintf("%q", a.clean(string(text[:min(len(text), quoteRead)])))
}

func (a address) clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, a.scrub(text))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > quoteMost {
		return string(runes[:quoteMost]) + "…"
	}
	return text
}

// say turns an error of net/http or of the WebSocket into a text without the
// address that they put into theirs.
func (a address) say(err error) error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	return errors.New(a.clean(err.Error()))
}
