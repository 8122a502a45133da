package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/host/internal/fact"
	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/host/internal/ruleset"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const interval = time.Minute

// serving returns a server that watches the named monitors.
func serving(names ...string) *Server {
	s := New("1.2.3")
	s.Watch(intervals(names...), 30*time.Second)
	return s
}

func intervals(names ...string) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, name := range names {
		all[name] = interval
	}
	return all
}

// verdict is one of a check that was made now, with every fact known.
func verdict() rule.Verdict {
	v := rule.Verdict{Time: time.Now(), Kind: rule.OK, Reason: "Container azero is fine (>100)", Facts: fact.BuiltIn()}
	for i := range v.Facts {
		v.Facts[i].Known, v.Facts[i].Count, v.Facts[i].Number, v.Facts[i].Truth = true, uint64(i), float64(i), true
	}
	return v
}

func blind() rule.Verdict {
	v := rule.Verdict{Time: time.Now(), Kind: rule.Unknown, Rule: rule.RuleEvidence, Reason: "no usable head", Facts: fact.BuiltIn()}
	v.UnknownFor = rule.BlindAfter + time.Second
	return v
}

func get(t *testing.T, s *Server, path string) (code int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// said is a body that names each monitor with its line.
func said(t *testing.T, body string) map[string]string {
	t.Helper()
	var lines map[string]string
	if err := json.Unmarshal([]byte(body), &lines); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return lines
}

func TestHealthAndReadiness(t *testing.T) {
	tests := []struct {
		name           string
		live           func(s *Server)
		health, ready  int
		healthy, trust string
	}{
		{"no check yet", func(*Server) {}, 200, 503, "ok", "no check made yet"},
		{"checked", func(s *Server) { s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()}) }, 200, 200, "ok", "ok"},
		{"unknown for a while", func(s *Server) {
			v := blind()
			v.UnknownFor = rule.BlindAfter
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
		}, 200, 200, "ok", "ok"},
		{"unknown from the start", func(s *Server) {
			v := blind()
			v.UnknownFor = time.Minute
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
		}, 200, 503, "ok", "has never seen a head, nor its log: no usable head"},
		{"may not act", func(s *Server) {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict(), Hold: "state cannot be written"})
		}, 200, 503, "ok", "nothing is restarted: state cannot be written"},
		{"blind", func(s *Server) { s.Checked(monitor.Check{Monitor: "aleph", Verdict: blind()}) }, 200, 503, "ok", "blind for 10m1s: no usable head"},
		{"sees again", func(s *Server) {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: blind()})
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
		}, 200, 200, "ok", "ok"},
		{"late", func(s *Server) {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
			time.Sleep(late*interval + 30*time.Second)
		}, 200, 200, "ok", "ok"},
		{"stuck", func(s *Server) {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
			time.Sleep(late*interval + 31*time.Second)
		}, 503, 503, "no check for 3m31s", "no check for 3m31s"},
		{"stuck from the start", func(*Server) { time.Sleep(time.Hour) }, 503, 503, "no check for 1h0m0s", "no check for 1h0m0s"},
		{"turns again", func(s *Server) { time.Sleep(time.Hour); s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()}) }, 200, 200, "ok", "ok"},
		{"loaded anew", func(s *Server) {
			s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
			time.Sleep(time.Hour)
			s.Watch(intervals("aleph"), 0)
		}, 200, 200, "ok", "ok"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serving("aleph")
				test.live(s)
				code, body := get(t, s, "/healthz")
				if got := said(t, body)["aleph"]; code != test.health || got != test.healthy {
					t.Errorf("/healthz is %d, %q; want %d, %q", code, got, test.health, test.healthy)
				}
				code, body = get(t, s, "/readyz")
				if got := said(t, body)["aleph"]; code != test.ready || got != test.trust {
					t.Errorf("/readyz is %d, %q; want %d, %q", code, got, test.ready, test.trust)
				}
			})
		})
	}
}

func TestOneMonitorInTroubleIsEnough(t *testing.T) {
	s := serving("aleph", "azero")
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
	s.Checked(monitor.Check{Monitor: "azero", Verdict: blind()})
	code, body := get(t, s, "/readyz")
	want := map[string]string{"aleph": "ok", "azero": "blind for 10m1s: no usable head"}
	if diff := cmp.Diff(want, said(t, body)); code != 503 || diff != "" {
		t.Errorf("/readyz is %d (-want +got):\n%s", code, diff)
	}
}

func TestHostWithoutMonitors(t *testing.T) {
	s := New("1.2.3")
	if code, _ := get(t, s, "/healthz"); code != 200 {
		t.Errorf("/healthz is %d, want 200", code)
	}
	if code, _ := get(t, s, "/readyz"); code != 503 {
		t.Errorf("/readyz is %d, want 503", code)
	}
}

func TestStatus(t *testing.T) {
	s := serving("aleph", "new")
	v := verdict()
	v.Steps = []ruleset.Step{{Rule: ruleset.RuleSevere, Result: "no", Saw: "lag 3, threshold 100"}}
	s.Checked(monitor.Check{Monitor: "aleph", Verdict: v})
	code, body := get(t, s, "/status")
	if code != 200 || !strings.Contains(body, "fine (>100)") {
		t.Errorf("/status is %d, %s; want the reason as it is written", code, body)
	}
	var got map[string]*struct {
		Verdict struct {
			Monitor, Verdict string
			Facts            map[string]any
		}
		Steps []ruleset.Step
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if got["new"] != nil || len(got) != 2 {
		t.Errorf("status %v, want null for a monitor without a check", got)
	}
	aleph := got["aleph"]
	if aleph.Verdict.Monitor != "aleph" || aleph.Verdict.Verdict != "ok" || aleph.Verdict.Facts["best"] != 1.0 {
		t.Errorf("verdict %+v", aleph.Verdict)
	}
	if diff := cmp.Diff(v.Steps, aleph.Steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestOtherRequests(t *testing.T) {
	tests := []struct {
		method, path string
		want         int
	}{
		{http.MethodHead, "/healthz", 200},
		{http.MethodPost, "/healthz", 405},
		{http.MethodDelete, "/metrics", 405},
		{http.MethodGet, "/", 404},
		{http.MethodGet, "/debug/pprof/", 404},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			serving("aleph").Handler().ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
			if w.Code != test.want {
				t.Errorf("code %d, want %d", w.Code, test.want)
			}
		})
	}
}

// listen serves until the returned function is called, which returns what Serve
// did.
func listen(t *testing.T, s *Server) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	return listener.Addr().String(), func() error {
		cancel()
		return <-served
	}
}

func TestServe(t *testing.T) {
	address, stop := listen(t, serving("aleph"))
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get("http://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answer %d, %s, %s, error %v", response.StatusCode, response.Header, body, err)
	}
	if err := stop(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the port is still open after the end")
	}
	client.CloseIdleConnections()
}

// stuckWriter is the way to a client that does not read.
type stuckWriter struct {
	http.ResponseWriter
	release chan struct{}
}

func (w stuckWriter) Write(b []byte) (int, error) {
	<-w.release
	return len(b), nil
}

// A client that does not read its answer must not hold up a monitor.
func TestClientThatDoesNotRead(t *testing.T) {
	for _, path := range []string{"/healthz", "/readyz", "/status", "/metrics"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serving("aleph")
				s.Checked(monitor.Check{Monitor: "aleph", Verdict: verdict()})
				client := stuckWriter{httptest.NewRecorder(), make(chan struct{})}
				go s.Handler().ServeHTTP(client, httptest.NewRequest(http.MethodGet, path, nil))
				synctest.Wait()
				if !s.mu.TryLock() {
					t.Error("the answer is written under the lock")
				} else {
					s.mu.Unlock()
				}
				close(client.release)
			})
		})
	}
}

// A client that never ends its request must not hold up the end of the host,
// and is cut off by it.
func TestClientThatDoesNotAsk(t *testing.T) {
	address, stop := listen(t, serving("aleph"))
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET /"); err != nil {
		t.Fatal(err)
	}
	// Connections are accepted in their order: once a later one is answered,
	// this one is the server's.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := stop(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if err := connection.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, connection); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open after the end")
	}
}

func TestServeOnAListenerThatFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := serving("aleph").Serve(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v, want that the listener is closed", err)
	}
}

func TestServeThatIsEndedAtOnce(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := serving("aleph").Serve(ctx, listener); err != nil {
		t.Errorf("Serve returned %v", err)
	}
}
