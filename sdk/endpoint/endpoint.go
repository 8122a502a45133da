package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// The times of a connection. A request ends at its own deadline; these end the
// connection that it leaves open.
const (
	connectTimeout = 10 * time.Second
	idleTimeout    = 90 * time.Second
)

// Limit is the size that no answer may exceed, in bytes.
const Limit = 1 << 20

// Options are the settings of an [Endpoint].
type Options struct {
	// Timeout is how long one request may take.
	Timeout time.Duration
	// Dial opens a connection, as in [http.Transport]; nil for the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Endpoint asks one server. It may be used by several goroutines at a time.
type Endpoint struct {
	address   Address
	timeout   time.Duration
	transport *http.Transport
	client    *http.Client
	gate      gate
}

// New is an endpoint at an address.
func New(a Address, o Options) *Endpoint {
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	// It asks for no compression: answers are small, and what unpacks to more
	// than it seems is a danger.
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            o.Dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	// It follows no redirect: the next host must get neither the credentials
	// nor the trust that the operator put in this one.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Endpoint{address: a, timeout: o.Timeout, transport: transport, client: &http.Client{Transport: transport, CheckRedirect: stay}}
}

// Address is where the endpoint is.
func (e *Endpoint) Address() Address { return e.address }

// String is the scheme and the host.
func (e *Endpoint) String() string { return e.address.String() }

// Close closes the connections that are idle. Its error is always nil.
func (e *Endpoint) Close() error {
	e.transport.CloseIdleConnections()
	return nil
}

// KeepPause has no request sent for as long as a [PauseError] says. It ignores any
// other error.
func (e *Endpoint) KeepPause(err error) {
	var pause *PauseError
	if errors.As(err, &pause) {
		e.gate.close(pause.Pause, pause)
	}
}

// SetAside keeps the endpoint unused for a while, with the error that each
// request then has.
func (e *Endpoint) SetAside(length time.Duration, reason error) { e.gate.close(length, reason) }

// PauseLeft is how long the endpoint must not be asked; zero where it may be.
func (e *Endpoint) PauseLeft() time.Duration { return e.gate.wait() }

// Client is the HTTP client of the endpoint, for what is more than one request
// and its answer, such as a WebSocket.
func (e *Endpoint) Client() *http.Client { return e.client }

// Ready is the error of an endpoint that must not be asked now.
func (e *Endpoint) Ready() error { return e.gate.check() }

// Request is one request. It must be one that only reads: it is sent again
// where the server has just closed an idle connection.
type Request struct {
	// Method is GET or POST.
	Method string
	// Path is appended to the path of the address; it may hold a query. Empty
	// for the address as it stands.
	Path string
	// Body is JSON; empty for none.
	Body []byte
}

// StatusError says that the server answered with another status than 200.
type StatusError struct {
	// Status is that of HTTP.
	Status int
	// Body is what came with it, as it came.
	Body []byte
	text string
}

// Error says the status and quotes the beginning of the body.
func (e *StatusError) Error() string { return e.text }

// lateError says that no answer came in time.
type lateError struct {
	after time.Duration
	cause error
}

func (e *lateError) Error() string {
	return fmt.Sprintf("no answer within %v", e.after.Round(time.Millisecond))
}

func (e *lateError) Unwrap() error { return e.cause }

// Ask sends a request and returns the body of an answer with status 200. Its
// errors are a [PauseError] where the server wants a pause or is in one, a
// [StatusError] for another status, one that wraps
// [context.DeadlineExceeded] where no answer came in time, or plain.
func (e *Endpoint) Ask(ctx context.Context, r Request) ([]byte, error) {
	if err := e.gate.check(); err != nil {
		return nil, err
	}
	began := time.Now()
	asking, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	body, err := e.send(asking, r)
	if err != nil && asking.Err() != nil {
		return nil, &lateError{after: time.Since(began), cause: asking.Err()}
	}
	e.KeepPause(err)
	return body, err
}

func (e *Endpoint) send(ctx context.Context, r Request) ([]byte, error) {
	a := e.address
	if r.Path != "" {
		var err error
		if a, err = a.At(r.Path); err != nil {
			return nil, fmt.Errorf("build the request: %w", err)
		}
	}
	request, err := newRequest(ctx, a, r)
	if err != nil {
		return nil, errors.New("build the request: the address cannot be used")
	}
	response, err := e.client.Do(request)
	if err != nil {
		return nil, a.Redact(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, Limit+1))
	encoding := response.Header.Get("Content-Encoding")
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, Refusal(a, response, text)
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", a.Redact(err))
	case len(text) > Limit:
		return nil, fmt.Errorf("answered more than %d MiB: %s", Limit>>20, a.Quote(text))
	case encoding != "":
		return nil, fmt.Errorf("answered in content encoding %s, which was not asked for", a.Quote([]byte(encoding)))
	}
	return text, nil
}

func newRequest(ctx context.Context, a Address, r Request) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, a.url.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if len(r.Body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	// Every request only reads, so the transport may send it again on a fresh
	// connection. The empty value says so and is not sent.
	request.Header["Idempotency-Key"] = []string{}
	for name, values := range a.header {
		request.Header[name] = values
	}
	return request, nil
}

// Refusal is what a status other than the wanted one means, with the beginning
// of the body that came with it: a [StatusError], or a [PauseError] of one.
func Refusal(a Address, response *http.Response, body []byte) error {
	status := response.StatusCode
	text := fmt.Sprintf("answered status %d %s", status, http.StatusText(status))
	switch {
	case status >= 300 && status < 400:
		text += ": a redirect to " + redirectTarget(a, response.Header) + ", which is not followed"
	case len(body) > 0:
		text += ", " + a.Quote(body)
	}
	err := &StatusError{Status: status, Body: body, text: text}
	retry := response.Header.Get("Retry-After")
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && retry != "" {
		return &PauseError{Err: err, Pause: retryAfter(retry, time.Now())}
	}
	return err
}

// redirectTarget is the scheme and host that a redirect leads to.
func redirectTarget(a Address, header http.Header) string {
	location, err := url.Parse(header.Get("Location"))
	if err != nil {
		return "an unreadable address"
	}
	location = a.url.ResolveReference(location)
	return a.Quote([]byte(location.Scheme + "://" + location.Host))
}
