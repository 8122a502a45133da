package jsonrpc

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// echo answers with all that it was sent, in several ways.
func echo(status int, form string) func(http.ResponseWriter, *http.Request, json.RawMessage) bool {
	return func(w http.ResponseWriter, r *http.Request, id json.RawMessage) bool {
		if form == "redirect" {
			w.Header().Set("Location", r.URL.String())
		}
		user, password, _ := r.BasicAuth()
		said := fmt.Sprint("cannot serve ", r.URL, " with ", r.Header, user, password)
		text, err := json.Marshal(said)
		if err != nil {
			return false
		}
		w.WriteHeader(status)
		if form == "json" {
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":%s}}`, id, text)
			return true
		}
		io.WriteString(w, said)
		return true
	}
}

// Whatever goes wrong, nothing of an address but scheme and host leaves the
// plugin: not in an error, not in its log, not in a head.
func TestSecretsStayInside(t *testing.T) {
	const secret = "s3cret-0123456789"
	configs := []struct{ name, config string }{
		{"path", `{"url": "http://node.test/v1/` + secret + `", "method": "height", "best": "result"}`},
		{"query", `{"url": "http://node.test/?key=` + secret + `", "method": "height", "best": "result"}`},
		{"user in the URL", `{"url": "http://` + secret + `@node.test", "method": "height", "best": "result"}`},
		{"password in the URL", `{"url": "http://u:` + secret + `@node.test", "method": "height", "best": "result"}`},
		{"password", `{"user": "u", "password": "` + secret + `", "method": "height", "best": "result"}`},
		{"header", `{"headers": {"x-key": "` + secret + `"}, "method": "height", "best": "result"}`},
		{"bearer", `{"headers": {"authorization": "Bearer ` + secret + `"}, "method": "height", "best": "result"}`},
		{"endpoint block", `{"endpoint": [{"url": "http://node.test/` + secret + `", "headers": {"x-key": "` + secret + `"}}], "method": "height", "best": "result"}`},
		{"path of REST", `{"request": "GET /v1/` + secret + `/height", "best": "height"}`},
		{"query of REST", `{"request": "GET /height?key=` + secret + `", "best": "height"}`},
	}
	faults := map[string]func(http.ResponseWriter, *http.Request, json.RawMessage) bool{
		"none": nil, "hang": hang, "page": echo(200, "text"), "error": echo(200, "json"), "403": echo(403, "text"),
		"404": echo(404, "text"), "429": echo(429, "text"), "redirect": echo(307, "redirect"),
		"reset": func(http.ResponseWriter, *http.Request, json.RawMessage) bool { panic(http.ErrAbortHandler) },
	}
	for _, each := range configs {
		for name, fault := range faults {
			t.Run(each.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := newNode(t, "node.test")
					n.Answers["height []"] = `"result": 7`
					n.Fail(fault)
					s, log := n.source(t, each.config)
					head, err := getHead(t, s)
					shown := log.String() + head.Endpoint
					if err != nil {
						shown += err.Error()
					}
					if strings.Contains(shown, secret) {
						t.Errorf("the secret shows in %q", shown)
					}
					if !strings.Contains(shown, "://node.test") {
						t.Errorf("nothing names the endpoint: %q", shown)
					}
				})
			})
		}
	}
}

// Credentials go to the endpoint that they belong to, and to no other.
func TestCredentialsStayWithTheirEndpoint(t *testing.T) {
	const config = `{"url": "http://first.test", "user": "u", "password": "0123456789", "headers": {"x-key": "abcdefgh"},
		"endpoint": [{"url": "http://other.test", "headers": {"x-key": "other"}}], "method": "height", "best": "result"}`
	synctest.Test(t, func(t *testing.T) {
		first := newNode(t, "first.test")
		other := nodeIn(first.network, "other.test")
		other.Answers["height []"] = `"result": 7`
		s, log := first.source(t, config)
		head, err := getHead(t, s)
		if err != nil || head.Endpoint != "http://other.test" {
			t.Fatalf("got head of %q, error %v", head.Endpoint, err)
		}
		if got := first.LastHeader(); got.Get("Authorization") != "Basic dTowMTIzNDU2Nzg5" || got.Get("X-Key") != "abcdefgh" {
			t.Errorf("the first endpoint got %v", got)
		}
		if got := other.LastHeader(); got.Get("Authorization") != "" || got.Get("X-Key") != "other" {
			t.Errorf("the other endpoint got %v", got)
		}
		if got := strings.Count(log.String(), "credentials travel unencrypted"); got != 2 {
			t.Errorf("got %d warnings, want 2: %s", got, log)
		}
		if !strings.Contains(log.String(), `another endpoint is used" endpoint=http://other.test before=http://first.test error="http://first.test: height: answered status 404`) {
			t.Errorf("got log %s", log)
		}
	})
}
