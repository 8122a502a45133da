package substraterpc

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// caller sends one JSON-RPC call and waits for its answer.
type caller interface {
	call(ctx context.Context, method string, params ...any) (json.RawMessage, error)
	// at is the address that answers.
	at() endpoint.Address
}

// poller calls over HTTP.
type poller struct {
	endpoint *endpoint.Endpoint
	ids      atomic.Uint64
}

var _ caller = (*poller)(nil)

func (p *poller) at() endpoint.Address { return p.endpoint.Address() }

func (p *poller) call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	id := p.ids.Add(1)
	body, err := request(id, method, params)
	if err != nil {
		return nil, err
	}
	text, err := p.endpoint.Ask(ctx, endpoint.Request{Method: http.MethodPost, Body: body})
	if err != nil {
		return nil, err
	}
	m, err := parseMessage(p.at(), text)
	if err != nil {
		return nil, err
	}
	return m.answer(p.at(), id, text)
}
