package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// fake are monitors that note what they are told.
type fake struct {
	names []string
	told  chan string
	err   error
}

func (f fake) Names() []string { return f.names }

func (f fake) Do(_ context.Context, name string, c monitor.Command) (monitor.Answer, error) {
	text := name + " checks"
	if c.Pause != nil {
		text = fmt.Sprintf("%s by %s for %s: %s", name, c.Pause.By, c.Pause.For, c.Pause.Reason)
	}
	f.told <- text
	return monitor.Answer{Text: text, Verdict: &rule.Verdict{}}, f.err
}

// longDir is a folder whose path is longer than that of a socket may be.
func longDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func serveIn(t *testing.T, dir string, f fake) *Server {
	t.Helper()
	s, err := Serve(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestAsk(t *testing.T) {
	tests := []struct {
		name, what string
		request    Request
		want       string // what the monitors were told, or the error
	}{
		{"pause", Pause, Request{Monitor: "a", For: time.Hour, Reason: "disk", By: "kim"}, "a by kim for 1h0m0s: disk"},
		{"pause by nobody named", Pause, Request{Monitor: "a", For: time.Hour, Reason: "disk"}, fmt.Sprintf("a by uid %d for 1h0m0s: disk", os.Geteuid())},
		{"a reason with a line end and an escape", Pause, Request{Monitor: "a", For: time.Hour, Reason: "a\nb\x1b[31m", By: "kim\r\n"}, "a by kim for 1h0m0s: a b [31m"},
		{"the longest pause", Pause, Request{Monitor: "a", For: 168 * time.Hour, Reason: "x", By: "k"}, "a by k for 168h0m0s: x"},
		{"a longer one", Pause, Request{Monitor: "a", For: 168*time.Hour + 1, Reason: "x"}, "seven days"},
		{"no time", Pause, Request{Monitor: "a", Reason: "x"}, "--for"},
		{"a time that is gone", Pause, Request{Monitor: "a", For: -time.Hour, Reason: "x"}, "--for"},
		{"no reason", Pause, Request{Monitor: "a", For: time.Hour, Reason: " \n"}, "--reason"},
		{"no such monitor", Check, Request{Monitor: "c"}, "the running host has a, b"},
		{"one and all", Check, Request{Monitor: "a", All: true}, "--all"},
		{"resume", Resume, Request{Monitor: "b", By: "kim", For: time.Hour, Reason: "left out"}, "b by kim for 0s: "},
		{"check", Check, Request{Monitor: "b"}, "b checks"},
		{"no such thing", "restart", Request{Monitor: "b"}, "404"},
	}
	dir := longDir(t)
	f := fake{names: []string{"a", "b"}, told: make(chan string, 2)}
	serveIn(t, dir, f)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply, err := Ask(t.Context(), dir, test.what, test.request)
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
				return
			}
			if got := <-f.told; got != test.want || len(reply.Monitors) != 1 || reply.Monitors[0].Text != got {
				t.Errorf("told %q, reply %+v; want %q", got, reply, test.want)
			}
		})
	}
}

func TestAskAll(t *testing.T) {
	dir := longDir(t)
	serveIn(t, dir, fake{names: []string{"a", "b"}, told: make(chan string, 2), err: errors.New("cannot be kept")})
	reply, err := Ask(t.Context(), dir, Check, Request{All: true})
	want := []Told{{"a", "a checks", "cannot be kept"}, {"b", "b checks", "cannot be kept"}}
	if diff := cmp.Diff(want, reply.Monitors); diff != "" || err != nil {
		t.Errorf("error %v, reply (-want +got):\n%s", err, diff)
	}
}

// The socket of a host that died is replaced; without a host there is an error that
// says so.
func TestSocketOfADeadHost(t *testing.T) {
	dir := longDir(t)
	if _, err := Ask(t.Context(), dir, Check, Request{All: true}); !errors.Is(err, ErrNoHost) {
		t.Errorf("before a host: %v", err)
	}
	left, err := listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	left.Close()
	if _, err := Ask(t.Context(), dir, Check, Request{All: true}); !errors.Is(err, ErrNoHost) {
		t.Errorf("after a host: %v", err)
	}
	s := serveIn(t, dir, fake{names: []string{"a"}, told: make(chan string, 1)})
	if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, error %v; want 0600", info, err)
	}
	if _, err := Ask(t.Context(), dir, Check, Request{All: true}); err != nil {
		t.Error(err)
	}
	s.Close()
	if _, err := os.Stat(filepath.Join(dir, socketName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after its end: %v", err)
	}
}

func TestServeWithoutAFolder(t *testing.T) {
	if s, err := Serve(filepath.Join(t.TempDir(), "gone"), fake{}); err == nil {
		s.Close()
		t.Error("no error")
	}
}

// What is no request gets an answer that says so.
func TestForeignRequests(t *testing.T) {
	dir := longDir(t)
	serveIn(t, dir, fake{names: []string{"a"}, told: make(chan string, 1)})
	for _, request := range []string{"GET /v1/pause HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{{{", "\x00\x01\r\n\r\n"} {
		c, err := dial(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 12)
		if n, err := c.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 4") {
			t.Errorf("%q is answered %q, error %v", request, answer[:n], err)
		}
		c.Close()
	}
}

// peers are told by the engine of the machine, not by what they say.
func TestPeer(t *testing.T) {
	dir := longDir(t)
	l, err := listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed := make(chan net.Conn, 1)
	go func() {
		c, _ := dial(context.Background(), dir)
		dialed <- c
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	defer func() { (<-dialed).Close() }()
	if uid, err := peer(c); err != nil || uid != os.Geteuid() {
		t.Errorf("uid %d, error %v", uid, err)
	}
}
