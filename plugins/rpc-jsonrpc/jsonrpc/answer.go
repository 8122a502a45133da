package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// callError is the error member of an answer.
type callError struct {
	code    int64
	message string // quoted
}

func (e *callError) Error() string {
	return fmt.Sprintf("answered with error %d, %s", e.code, e.message)
}

// limited tells whether the server wants fewer requests, in the codes of the
// providers.
func (e *callError) limited() bool {
	return slices.Contains([]int64{-32029, -32005, -32016, 429}, e.code)
}

// decode reads an answer. Numbers stay as they stand: a float64 would round
// them.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var answer any
	if err := decoder.Decode(&answer); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return answer, nil
}

// read judges the answer to a question: it must be JSON, and where it is that
// of a JSON-RPC call, one to this call and no error.
func (q *question) read(text []byte, id uint64, quote quoteFunc) (any, error) {
	answer, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("answered with no JSON: %s", quote(text))
	}
	message, isObject := answer.(map[string]any)
	switch failure := message["error"]; failure {
	case nil, "", false:
	default:
		return nil, q.failure(failure, quote)
	}
	if q.method == "" {
		return answer, nil
	}
	if _, ok := message["result"]; !isObject || !ok {
		return nil, fmt.Errorf("answered with no JSON-RPC: %s", quote(text))
	}
	if message["id"] != json.Number(strconv.FormatUint(id, 10)) {
		return nil, fmt.Errorf("answered another request, want id %d: %s", id, quote(text))
	}
	return answer, nil
}

// failure is the error that an answer holds. It counts whatever the id, which
// is null where the server could not read the request.
func (q *question) failure(failure any, quote quoteFunc) error {
	object, _ := failure.(map[string]any)
	number, _ := object["code"].(json.Number)
	message, isText := object["message"].(string)
	if !isText {
		return fmt.Errorf("answered with an error: %s", describe(failure, quote))
	}
	code, _ := number.Int64() // 0 where it is none; the message tells more
	err := &callError{code: code, message: quote([]byte(message))}
	// The answer of a node that is asked for its health and is unwell; the code
	// is one that others use for too many requests.
	if err.limited() && !q.isHealth() {
		return &endpoint.PauseError{Err: err, Pause: endpoint.DefaultPause}
	}
	return err
}
