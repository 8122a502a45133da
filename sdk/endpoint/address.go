package endpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Bounds on a text from outside before it is quoted: enough to tell a proxy's
// page from a provider's complaint.
const (
	quoteRead = 4096
	quoteMost = 120
)

// The lengths under which a part of a path, and a value of a query or a user's
// name, are not taken for a secret of their own: a "public" or a "1" would go
// missing from every text.
const (
	shortestPart  = 8
	shortestValue = 4
	// Paths that a plugin asks for are mostly words of an API.
	shortestPartBelow = 16
)

// Address is where a server is, with what has to be kept from view. The zero
// Address has no secrets and leads nowhere.
type Address struct {
	url     *url.URL
	header  http.Header
	secrets []string
}

// ParseAddress reads a URL of one of the schemes. Its error does not repeat the
// text, which may hold a key. Path, query and user info are secrets.
func ParseAddress(text string, schemes ...string) (Address, error) {
	u, err := url.Parse(text)
	scheme, _, _ := strings.Cut(text, "://")
	switch {
	case strings.TrimSpace(text) != text:
		return Address{}, errors.New("is no URL")
	case !slices.Contains(schemes, strings.ToLower(scheme)):
		return Address{}, fmt.Errorf("does not begin with %s", oneOf(schemes))
	case err != nil:
		return Address{}, errors.New("is no URL")
	case u.Hostname() == "":
		return Address{}, errors.New("names no host")
	case !isPort(u.Port()):
		return Address{}, errors.New("names a port that is not from 1 to 65535")
	case u.Fragment != "":
		return Address{}, errors.New("has a fragment, which is never sent")
	}
	a := Address{url: u, header: http.Header{}}
	a = a.hidingPath(u, shortestPart).hidingQuery(u)
	if password, ok := u.User.Password(); ok {
		a = a.Hiding(password)
	}
	return a.hidingUser(u.User.Username()), nil
}

// isPort says whether a port can be connected to; none given is one.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// hidingUser hides what may be a key in place of a name.
func (a Address) hidingUser(user string) Address {
	if len(user) < shortestValue {
		return a
	}
	return a.Hiding(user)
}

// oneOf lists schemes as one says them.
func oneOf(schemes []string) string {
	var b strings.Builder
	for i, scheme := range schemes {
		switch {
		case i == 0:
		case i == len(schemes)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(scheme + "://")
	}
	return b.String()
}

func (a Address) hidingPath(u *url.URL, shortest int) Address {
	if len(u.Path) > 1 {
		a = a.Hiding(u.Path, u.EscapedPath())
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= shortest {
			a = a.Hiding(part)
		}
	}
	return a
}

func (a Address) hidingQuery(u *url.URL) Address {
	a = a.Hiding(u.RawQuery)
	for _, values := range u.Query() {
		for _, value := range values {
			if len(value) >= shortestValue {
				a = a.Hiding(value)
			}
		}
	}
	return a
}

// Hiding is the same address with more secrets, which are taken out of every
// text in the forms that they are repeated in.
func (a Address) Hiding(secrets ...string) Address {
	a.secrets = slices.Clone(a.secrets)
	for _, secret := range secrets {
		if secret != "" {
			a.secrets = append(a.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret))
		}
	}
	// The longest come first, so that none is broken by another that is part
	// of it.
	slices.SortFunc(a.secrets, func(x, y string) int { return len(y) - len(x) })
	return a
}

// WithHeader is the same address with a header that goes with each request; its
// value is a secret.
func (a Address) WithHeader(name, value string) Address {
	a.header = a.header.Clone()
	a.header.Set(name, value)
	// "Bearer KEY" may be repeated as KEY.
	if _, credentials, _ := strings.Cut(value, " "); len(credentials) >= shortestValue {
		a = a.Hiding(credentials)
	}
	return a.Hiding(value)
}

// WithUser is the same address with basic authentication.
func (a Address) WithUser(user, password string) Address {
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return a.WithHeader("Authorization", "Basic "+pair).Hiding(password).hidingUser(user)
}

// At is the address of a path and a query below this one, such as
// "/status?verbose=1". Both queries are sent.
func (a Address) At(reference string) (Address, error) {
	below, err := url.ParseRequestURI(reference)
	if err != nil || !strings.HasPrefix(reference, "/") || strings.HasPrefix(reference, "//") {
		return Address{}, errors.New("is no path")
	}
	joined := *a.url
	// Set both forms: an escaped slash in either must stay one.
	joined.RawPath = strings.TrimSuffix(a.url.EscapedPath(), "/") + below.EscapedPath()
	joined.Path = strings.TrimSuffix(a.url.Path, "/") + below.Path
	switch {
	case joined.RawQuery == "":
		joined.RawQuery = below.RawQuery
	case below.RawQuery != "":
		joined.RawQuery += "&" + below.RawQuery
	}
	a = a.hidingPath(below, shortestPartBelow).hidingQuery(below)
	a.url = &joined
	return a, nil
}

// To is an address of the same server with another scheme and path, which is
// asked with the same query and headers.
func (a Address) To(scheme, path string) Address {
	other := *a.url
	other.Scheme, other.Path, other.RawPath = scheme, path, ""
	a.url = &other
	return a
}

// Header is what goes with each request, secrets included.
func (a Address) Header() http.Header { return a.header.Clone() }

// URL is the whole URL, secrets included.
func (a Address) URL() *url.URL {
	u := *a.url
	return &u
}

// Encrypted tells whether what is sent is kept from those in between.
func (a Address) Encrypted() bool { return a.url.Scheme == "https" || a.url.Scheme == "wss" }

// HasCredentials tells whether a request carries user info or a header of its
// own.
func (a Address) HasCredentials() bool { return len(a.header) > 0 || a.url.User != nil }

// String is the scheme and the host, which is all that may be shown.
func (a Address) String() string {
	if a.url == nil {
		return ""
	}
	return a.url.Scheme + "://" + a.url.Host
}

// Quote makes what came from outside fit for one line of a log: short, quoted,
// without secrets, and without anything that a terminal would obey.
func (a Address) Quote(text []byte) string {
	return fmt.Sprintf("%q", a.clean(string(text[:min(len(text), quoteRead)])))
}

func (a Address) clean(text string) string {
	for _, secret := range a.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > quoteMost {
		return string(runes[:quoteMost]) + "…"
	}
	return text
}

// Redact turns an error of net/http into one without the address that it puts
// into its text.
func (a Address) Redact(err error) error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	return errors.New(a.clean(err.Error()))
}
