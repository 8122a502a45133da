package substraterpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// message is anything that a JSON-RPC server sends.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// request is the text of a call.
func request(id uint64, method string, params []any) ([]byte, error) {
	if params == nil {
		params = []any{}
	}
	text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return text, nil
}

// parseMessage reads one message. The address tells what must not be quoted.
func parseMessage(a endpoint.Address, text []byte) (message, error) {
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return message{}, refused(text, fmt.Errorf("answered with no JSON-RPC: %s", a.Quote(text)))
	}
	return m, nil
}

// refused makes err a pause where the text asks for one.
func refused(text []byte, err error) error {
	if whole, decodeErr := answer.Decode(text); decodeErr == nil {
		return answer.Refused(whole, err)
	}
	return answer.Refused(string(text), err)
}

// answer is the result of a call, or the error that the message holds. An
// error counts whatever its id, which is null where the server could not read
// the request.
func (m message) answer(a endpoint.Address, id uint64, text []byte) (json.RawMessage, error) {
	if m.Error != nil && !isNull(m.Error) {
		member, err := answer.Decode(m.Error)
		if err != nil {
			return nil, err
		}
		return nil, answer.Failure(member, a.Quote)
	}
	if m.Result == nil {
		return nil, refused(text, fmt.Errorf("answered without a result: %s", a.Quote(text)))
	}
	if string(m.ID) != strconv.FormatUint(id, 10) {
		return nil, fmt.Errorf("answered another request: id %s, want %d", a.Quote(m.ID), id)
	}
	return m.Result, nil
}

// notified is the result that a notification carries.
func (m message) notified(a endpoint.Address) (json.RawMessage, error) {
	var params struct {
		Result json.RawMessage `json:"result"`
	}
	if json.Unmarshal(m.Params, &params) != nil || params.Result == nil {
		return nil, fmt.Errorf("notified without a result: %s", a.Quote(m.Params))
	}
	return params.Result, nil
}

func isNull(text json.RawMessage) bool {
	return bytes.Equal(bytes.TrimSpace(text), []byte("null"))
}
