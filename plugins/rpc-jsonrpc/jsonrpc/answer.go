package jsonrpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// readAnswer judges the answer to a question: it must be JSON, and where it is that
// of a JSON-RPC call, one to this call and no error.
func (q *question) readAnswer(text []byte, id uint64, quote answer.Quote) (any, error) {
	whole, err := answer.Decode(text)
	if err != nil {
		return nil, answer.Refused(string(text), fmt.Errorf("answered with no JSON: %s", quote(text)))
	}
	message, isObject := whole.(map[string]any)
	switch failure := message["error"]; failure {
	case nil, "", false:
	default:
		return nil, q.failure(failure, quote)
	}
	if q.method == "" {
		return whole, nil
	}
	result, ok := message["result"]
	switch {
	case !isObject || !ok:
		return nil, answer.Refused(whole, fmt.Errorf("answered with no JSON-RPC: %s", quote(text)))
	case message["id"] != json.Number(strconv.FormatUint(id, 10)):
		return nil, fmt.Errorf("answered another request, want id %d: %s", id, quote(text))
	case q.isHealth():
		return whole, judgeHealth(result, quote)
	}
	return whole, nil
}

// failure is the error that an answer holds. It counts whatever the id, which
// is null where the server could not read the request.
func (q *question) failure(member any, quote answer.Quote) error {
	err := answer.Failure(member, quote)
	// The answer of a node that is asked for its health and is unwell; the code
	// is one that others use for too many requests.
	var pause *endpoint.PauseError
	if q.isHealth() && errors.As(err, &pause) {
		return pause.Err
	}
	return err
}

// judgeHealth says why the result of a question that only has to be answered is
// no good one: some nodes say in it what others say with an error.
func judgeHealth(result any, quote answer.Quote) error {
	text, _ := result.(string)
	switch strings.ToLower(text) {
	case "behind", "unknown", "unhealthy", "syncing":
		return answer.SyncError("not well, but " + quote([]byte(text)))
	}
	return nil
}
