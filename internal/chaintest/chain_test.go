package chaintest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

// start starts a chain on a real socket.
func start(t *testing.T, options chaintest.Options) *chaintest.Chain {
	t.Helper()
	chain, err := chaintest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chain.Close)
	return chain
}

// post sends a call and returns the status and the body of the answer.
func post(t *testing.T, client *http.Client, url, call string) (int, string) {
	t.Helper()
	response, err := client.Post(url, "application/json", strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestHTTP(t *testing.T) {
	chain := start(t, chaintest.Options{Height: 0xc783bb, FinalityLag: 2})
	chain.SetHeadMade(0xc783bb, time.Unix(0x11223344, 0))
	tests := []struct{ name, call, want string }{
		{"header", `{"id":1,"method":"chain_getHeader","params":[]}`, `"number":"0xc783bb"`},
		{"slot", `{"id":1,"method":"chain_getHeader"}`, `"0x0661757261204433221100000000"`},
		{"id", `{"id":"x","method":"chain_getHeader"}`, `"id":"x"`},
		{"genesis", `{"id":1,"method":"chain_getBlockHash","params":[0]}`, chaintest.Genesis},
		{"block of the future", `{"id":1,"method":"chain_getBlockHash","params":[99999999]}`, `"result":null`},
		{"unknown hash", `{"id":1,"method":"chain_getHeader","params":["0x00"]}`, `"result":null`},
		{"health", `{"id":1,"method":"system_health"}`, `"isSyncing":false`},
		{"subscription", `{"id":1,"method":"chain_subscribeNewHeads"}`, `-32601`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, got := post(t, http.DefaultClient, chain.URL(), test.call); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want it to contain %s", got, test.want)
			}
		})
	}
}

func TestFinalizedHeadLeadsToItsHeader(t *testing.T) {
	chain := start(t, chaintest.Options{Height: 100, FinalityLag: 2})
	_, body := post(t, http.DefaultClient, chain.URL(), `{"id":1,"method":"chain_getFinalizedHead"}`)
	var head struct{ Result string }
	if err := json.Unmarshal([]byte(body), &head); err != nil {
		t.Fatal(err)
	}
	_, body = post(t, http.DefaultClient, chain.URL(), `{"id":2,"method":"chain_getHeader","params":["`+head.Result+`"]}`)
	if want := `"number":"0x62"`; !strings.Contains(body, want) {
		t.Errorf("got %s, want it to contain %s", body, want)
	}
}

func TestFaultUntilHealed(t *testing.T) {
	chain := start(t, chaintest.Options{RetryAfter: "7"})
	chain.Fail("chain_getHeader", chaintest.TooManyRequests)
	status, body := post(t, http.DefaultClient, chain.URL(), `{"id":1,"method":"chain_getHeader"}`)
	if status != http.StatusTooManyRequests || body != `{"message":"API rate limit exceeded"}` {
		t.Errorf("got %d %s", status, body)
	}
	chain.Heal()
	if status, _ = post(t, http.DefaultClient, chain.URL(), `{"id":1,"method":"chain_getHeader"}`); status != http.StatusOK {
		t.Errorf("got status %d after Heal, want 200", status)
	}
	if got := chain.Calls()["chain_getHeader"]; got != 2 {
		t.Errorf("got %d calls, want 2", got)
	}
}

func TestSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := endpointtest.New(t)
		chain := start(t, chaintest.Options{Listener: network.Listen("chain.test"), Height: 9})
		client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}}
		conn, _, err := websocket.Dial(t.Context(), chain.WSURL(), &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		call := `{"id":1,"method":"chain_subscribeNewHeads"}`
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(call)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go chain.Run(ctx, time.Second)
		for _, want := range []string{`"result":"sub-NewHeads"`, `"number":"0x9"`, `"number":"0xa"`, `"number":"0xb"`} {
			_, got, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got), want) {
				t.Errorf("got %s, want it to contain %s", got, want)
			}
		}
	})
}
