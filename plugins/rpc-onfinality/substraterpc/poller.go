package substraterpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// The times of a connection. A request gives up at its own deadline; these end
// what it leaves behind.
const (
	connectTimeout = 10 * time.Second
	idleTimeout    = 90 * time.Second
)

// caller sends one JSON-RPC call and waits for its answer.
type caller interface {
	call(ctx context.Context, method string, params ...any) (json.RawMessage, error)
	// at is the address that answers.
	at() address
}

// newTransport is the one all endpoints share. It asks for no compression: a
// header is a kilobyte, and what unpacks to more than it seems is a danger.
func newTransport(dial dialFunc) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// newClient follows no redirect: the next host must get neither the key nor
// the trust that the operator put in the first.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// poller calls over HTTP.
type poller struct {
	address address
	client  *http.Client
	ids     atomic.Uint64
}

var _ caller = (*poller)(nil)

func (p *poller) at() address { return p.address }

func (p *poller) call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	id := p.ids.Add(1)
	body, err := request(id, method, params)
	if err != nil {
		return nil, err
	}
	text, err := p.post(ctx, body)
	if err != nil {
		return nil, err
	}
	m, err := parseMessage(p.address, text)
	if err != nil {
		return nil, err
	}
	return m.answer(p.address, id, text)
}

// post sends a request and returns the body of the answer.
func (p *poller) post(ctx context.Context, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("build the request: the address cannot be used")
	}
	r.Header = p.address.header.Clone()
	r.Header.Set("Content-Type", "application/json")
	// Every call only reads, so the transport may send it again on a fresh
	// connection when the server has just closed an idle one. The empty value
	// says so and is not sent.
	r.Header["Idempotency-Key"] = []string{}
	response, err := p.client.Do(r)
	if err != nil {
		return nil, p.address.say(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, statusError(p.address, response.StatusCode, response.Header, text)
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", p.address.say(err))
	case len(text) > limit:
		return nil, fmt.Errorf("answered more than 1 MiB: %s", p.address.quote(text))
	case response.Header.Get("Content-Encoding") != "":
		return nil, fmt.Errorf("answered in content encoding %s, which was not asked for",
			p.address.quote([]byte(response.Header.Get("Content-Encoding"))))
	}
	return text, nil
}
