package jsonrpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// value is what a path may lead to, by its attribute's name.
type value string

const (
	valueBest      value = "best"
	valueFinalized value = "finalized"
	valueHash      value = "hash"
	valueTime      value = "time"
	valueSyncing   value = "syncing"
	valueBehind    value = "behind"
	valueHighest   value = "highest"
	valuePeers     value = "peers"
	valueChain     value = "chain"
)

// place is where in an answer a value stands.
type place struct {
	value value
	path  path
}

// question is one request and what its answer tells. The texts may hold {best}
// and {best_hex}, which the height replaces.
type question struct {
	method string // of JSON-RPC; empty for REST
	params string
	verb   string // of HTTP
	path   string
	body   string
	places []place
}

// isSync says whether a value tells how far the endpoint itself is.
func (v value) isSync() bool { return v == valueSyncing || v == valueBehind || v == valueHighest }

// tells says whether the answer holds a value for which this is so, and
// tellsOnly that it holds no other.
func (q *question) tells(is func(value) bool) bool {
	return slices.ContainsFunc(q.places, func(p place) bool { return is(p.value) })
}

func (q *question) tellsOnly(is func(value) bool) bool {
	return !q.isHealth() && !q.tells(func(v value) bool { return !is(v) })
}

// find is the value that a path leads to in an answer. Some nodes leave out the
// result that others put around what they answer by REST.
func (q *question) find(p path, whole any, quote answer.Quote) (any, error) {
	if object, ok := whole.(map[string]any); ok && q.method == "" && len(p) > 1 && p[0] == "result" {
		if _, wrapped := object["result"]; !wrapped {
			p = p[1:]
		}
	}
	return p.find(whole, quote)
}

// isHealth says whether the question only has to be answered.
func (q *question) isHealth() bool { return len(q.places) == 0 }

// String is what an error calls the question: never a path of HTTP, which may
// hold a key.
func (q *question) String() string {
	if q.method != "" {
		return q.method
	}
	if q.isHealth() {
		return q.verb
	}
	return fmt.Sprintf("%s for %s", q.verb, q.places[0].value)
}

// request is the question as it is sent, for a block of the height best.
func (q *question) request(id, best uint64) (endpoint.Request, error) {
	if q.method == "" {
		return endpoint.Request{Method: q.verb, Path: fillMarks(q.path, best), Body: []byte(fillMarks(q.body, best))}, nil
	}
	params := q.params
	if params == "" {
		params = "[]"
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": q.method, "params": json.RawMessage(fillMarks(params, best))})
	if err != nil {
		return endpoint.Request{}, fmt.Errorf("encode the request: %w", err)
	}
	return endpoint.Request{Method: http.MethodPost, Body: body}, nil
}

const (
	bestMark    = "{best}"
	bestHexMark = "{best_hex}"
)

func fillMarks(text string, best uint64) string {
	return strings.NewReplacer(bestMark, strconv.FormatUint(best, 10), bestHexMark, "0x"+strconv.FormatUint(best, 16)).Replace(text)
}

func hasMark(text string) bool {
	return strings.Contains(text, bestMark) || strings.Contains(text, bestHexMark)
}

// questions are the configured ones, that for the best block first; the error
// holds every mistake in them.
func (c *Config) questions() ([]question, error) {
	first, err := c.main().question()
	all, errs := []question{first}, []error{err}
	for i, also := range c.Also {
		q, err := also.written(i).question()
		all, errs = append(all, q), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// asksChain says whether any question has a path to what names the chain.
func (c *Config) asksChain() bool {
	return c.Chain != "" || slices.ContainsFunc(c.Also, func(a Also) bool { return a.Chain != "" })
}

// written is a question as it is configured, with where that is.
type written struct {
	Also
	best string
	main bool
	at   []string
}

func (c *Config) main() written {
	return written{best: c.Best, main: true, Also: Also{Method: c.Method, Params: c.Params, Request: c.Request, Body: c.Body,
		Finalized: c.Finalized, Hash: c.Hash, Time: c.Time, Syncing: c.Syncing, Behind: c.Behind, Highest: c.Highest, Peers: c.Peers, Chain: c.Chain}}
}

func (a Also) written(i int) written {
	return written{Also: a, at: []string{"also", strconv.Itoa(i)}}
}

func (w written) mistake(problem, hint, name string) error {
	return sdk.AttributeError(errors.New(problem), hint, append(slices.Clone(w.at), name)...)
}

var (
	methodForm = regexp.MustCompile(`^[0-9A-Za-z_.:/-]+$`)
	verbForm   = regexp.MustCompile(`^(GET|POST) +(/\S*)$`)
)

func (w written) question() (question, error) {
	q := question{method: w.Method, params: w.Params, body: w.Body}
	var errs []error
	switch {
	case w.Method == "" && w.Request == "":
		hint := `method = "eth_blockNumber" calls by JSON-RPC, request = "GET /status" asks for a path`
		if w.main {
			hint += "; preset asks what a known chain wants"
		}
		errs = append(errs, w.mistake("nothing is asked", hint, "method"))
	case w.Method != "" && w.Request != "":
		errs = append(errs, w.mistake("cannot stand beside method", "one asks by JSON-RPC, the other by REST", "request"))
	case w.Method != "":
		errs = append(errs, w.checkMethod())
	default:
		var err error
		q.verb, q.path, err = w.readRequest()
		errs = append(errs, err)
	}
	errs = append(errs, w.checkJSON())
	var err error
	q.places, err = w.places()
	return q, errors.Join(append(errs, err)...)
}

func (w written) checkMethod() error {
	var errs []error
	if !methodForm.MatchString(w.Method) {
		errs = append(errs, w.mistake("is no name of a JSON-RPC method", `such as "eth_blockNumber"; request = "GET /status" asks for a path`, "method"))
	}
	if w.Body != "" {
		errs = append(errs, w.mistake("cannot stand beside method", "params are the parameters of a JSON-RPC method", "body"))
	}
	return errors.Join(errs...)
}

func (w written) readRequest() (verb, path string, err error) {
	const hint = `such as "GET /status?verbose=1"; the host stands in url`
	parts := verbForm.FindStringSubmatch(w.Request)
	if parts == nil {
		return "", "", w.mistake("is not GET or POST and a path", hint, "request")
	}
	var errs []error
	verb, path = parts[1], parts[2]
	tried := fillMarks(path, 1)
	switch base, err := endpoint.ParseAddress("http://host", "http"); {
	case err != nil:
		errs = append(errs, err)
	case strings.ContainsAny(tried, "{}"):
		errs = append(errs, w.mistake("holds a brace that is neither {best} nor {best_hex}", hint, "request"))
	default:
		if _, err := base.At(tried); err != nil || strings.Contains(tried, "#") {
			errs = append(errs, w.mistake("is not GET or POST and a path", hint, "request"))
		}
	}
	if w.Params != "" {
		errs = append(errs, w.mistake("belong to a JSON-RPC method", "put them into the query of request", "params"))
	}
	if w.Body != "" && verb != http.MethodPost {
		errs = append(errs, w.mistake("goes with a request by POST", "", "body"))
	}
	return verb, path, errors.Join(errs...)
}

// checkJSON judges what is sent as JSON, with a height in place of the marks.
func (w written) checkJSON() error {
	var errs []error
	if text := strings.TrimSpace(fillMarks(w.Params, 1)); text != "" && (!json.Valid([]byte(text)) || text[0] != '[' && text[0] != '{') {
		errs = append(errs, w.mistake("are no JSON list or object", `such as jsonencode(["latest", false]), or "[{best}]"`, "params"))
	}
	if text := fillMarks(w.Body, 1); text != "" && !json.Valid([]byte(text)) {
		errs = append(errs, w.mistake("is no JSON", "jsonencode({ ... }) writes it", "body"))
	}
	if w.main {
		for _, each := range []struct{ name, text string }{{"params", w.Params}, {"request", w.Request}, {"body", w.Body}} {
			if hasMark(each.text) {
				errs = append(errs, w.mistake("holds {best}, which this question is there to find", "only an also block knows it", each.name))
			}
		}
	}
	return errors.Join(errs...)
}

func (w written) places() ([]place, error) {
	var places []place
	var errs []error
	if w.main && w.best == "" {
		errs = append(errs, w.mistake("is not given", `say where the height stands in the answer, such as "result.number"; "." is the whole answer`, "best"))
	}
	for _, each := range []struct {
		value value
		text  string
	}{
		{valueBest, w.best}, {valueFinalized, w.Finalized}, {valueHash, w.Hash},
		{valueTime, w.Time}, {valueSyncing, w.Syncing}, {valueBehind, w.Behind}, {valueHighest, w.Highest}, {valuePeers, w.Peers}, {valueChain, w.Chain},
	} {
		if each.text == "" {
			continue
		}
		p, err := parsePath(each.text)
		if err != nil {
			errs = append(errs, w.mistake("is no path into an answer: "+err.Error(),
				`keys and indexes with dots between them, such as result.blocks.0.number; "a.b" in double quotes is one key`, string(each.value)))
			continue
		}
		places = append(places, place{value: each.value, path: p})
	}
	return places, errors.Join(errs...)
}
