package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

func ask(t *testing.T, network *endpointtest.Network, url string, r endpoint.Request) ([]byte, error) {
	t.Helper()
	a, err := endpoint.ParseAddress(url, "http")
	if err != nil {
		t.Fatal(err)
	}
	e := endpoint.New(a, endpoint.Options{Timeout: 10 * time.Second, Dial: network.Dial})
	t.Cleanup(func() { _ = e.Close() })
	return e.Ask(t.Context(), r)
}

func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := endpointtest.New(t)
		network.Serve("node.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %q %q %q %v", r.Method, r.RequestURI, r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), body, err)
		}))
		got, err := ask(t, network, "http://node.test/key?k=v", endpoint.Request{Method: "POST", Body: []byte("{}")})
		if want := `POST /key?k=v "application/json" "" "{}" <nil>`; err != nil || string(got) != want {
			t.Errorf("got %q, error %v; want %q", got, err, want)
		}
		got, err = ask(t, network, "http://node.test/key?k=v", endpoint.Request{Method: "GET", Path: "/status?x=1"})
		if want := `GET /key/status?k=v&x=1 "" "" "" <nil>`; err != nil || string(got) != want {
			t.Errorf("got %q, error %v; want %q", got, err, want)
		}
		if _, err := ask(t, network, "http://node.test", endpoint.Request{Method: "GET", Path: "status"}); err == nil || err.Error() != "build the request: is no path" {
			t.Errorf("got error %v", err)
		}
	})
}

func TestAnswerAtTheLimit(t *testing.T) {
	for _, size := range []int{endpoint.Limit, endpoint.Limit + 1} {
		synctest.Test(t, func(t *testing.T) {
			network := endpointtest.New(t)
			network.Serve("node.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, strings.Repeat("x", size))
			}))
			got, err := ask(t, network, "http://node.test", endpoint.Request{Method: "GET"})
			if fits := size <= endpoint.Limit; fits != (err == nil) || fits && len(got) != size {
				t.Errorf("got %d bytes of %d, error %v", len(got), size, err)
			}
		})
	}
}

func TestStatusIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := endpointtest.New(t)
		network.Serve("node.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "unwell", http.StatusTeapot)
		}))
		_, err := ask(t, network, "http://node.test", endpoint.Request{Method: "GET"})
		var status *endpoint.StatusError
		if !errors.As(err, &status) || status.Status != http.StatusTeapot || string(status.Body) != "unwell\n" {
			t.Errorf("got error %#v", err)
		}
	})
}

// The pause of an endpoint is kept for as long as the server asked, within
// bounds, whatever form it wrote that in.
func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name, header string
		want         time.Duration
	}{
		{"seconds", "7", 7 * time.Second},
		{"none", "", endpoint.DefaultPause},
		{"garbage", "soon", endpoint.DefaultPause},
		{"negative", "-5", endpoint.DefaultPause},
		{"zero", "0", time.Second},
		{"a date", "Sat, 01 Jan 2000 00:00:42 GMT", 42 * time.Second}, // a bubble begins in 2000
		{"a date gone by", "Fri, 31 Dec 1999 00:00:00 GMT", time.Second},
		{"a year", "31536000", time.Hour},
		{"more than fits", "99999999999999999999", endpoint.DefaultPause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, asked := endpointtest.New(t), 0
				network.Serve("node.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if asked++; asked == 1 {
						w.Header().Set("Retry-After", test.header)
						w.WriteHeader(http.StatusTooManyRequests)
					}
				}))
				a, err := endpoint.ParseAddress("http://node.test", "http")
				if err != nil {
					t.Fatal(err)
				}
				e := endpoint.New(a, endpoint.Options{Timeout: time.Minute, Dial: network.Dial})
				defer e.Close()
				get := func() error { _, err := e.Ask(t.Context(), endpoint.Request{Method: "GET"}); return err }
				var pause *endpoint.PauseError
				if err := get(); !errors.As(err, &pause) || pause.Pause != test.want {
					t.Fatalf("got error %v, want a pause of %v", err, test.want)
				}
				time.Sleep(test.want - time.Millisecond)
				if err := get(); err == nil || err.Error() != "waits another 1s: answered status 429 Too Many Requests" || e.Ready() == nil || asked != 1 {
					t.Errorf("got error %v after %d requests", err, asked)
				}
				time.Sleep(time.Millisecond)
				if err := get(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := endpointtest.New(t)
		network.Serve("node.test", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		began := time.Now()
		_, err := ask(t, network, "http://node.test", endpoint.Request{Method: "GET"})
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "no answer within 10s" || time.Since(began) != 10*time.Second {
			t.Errorf("got error %v after %v", err, time.Since(began))
		}
	})
}
