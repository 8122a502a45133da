package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headwatch/headwatch/sdk/wire"
)

// patience bounds every wait of these tests; none takes nearly as long.
const patience = 90 * time.Second

// plugins makes a folder in which the test binary stands under the names of its
// roles.
func plugins(t *testing.T) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for role := range roles() {
		if err := os.Symlink(binary, filepath.Join(dir, role)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sockets is a folder with a path short enough for sockets.
func sockets(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// newSupervisor is a supervisor whose pauses are short, and which waits for a
// handshake as long as it takes on a busy machine.
func newSupervisor(t *testing.T, logger *slog.Logger) *Supervisor {
	t.Helper()
	s, err := New(sockets(t), logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.times.handshake = patience
	s.times.firstPause, s.times.longestPause = 5*time.Millisecond, 50*time.Millisecond
	return s
}

// keep runs a plugin until the test ends.
func keep(t *testing.T, s *Supervisor, spec Spec) (plugin *Plugin, stop func()) {
	t.Helper()
	plugin = s.Keep(spec)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { plugin.Run(ctx) })
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return plugin, stop
}

func spec(dir, role string) Spec {
	return Spec{Block: "block." + role, Position: "monitor.hcl:3", Path: filepath.Join(dir, role), Env: []string{"GORACE"}, ConfigJSON: []byte("{}")}
}

// open opens a plugin and returns its client, and what ends it.
func open(ctx context.Context, s *Supervisor, spec Spec) (*wire.Client, func(), error) {
	p, err := s.Open(ctx, spec)
	if err != nil {
		return nil, nil, err
	}
	return p.opened.client, p.Close, nil
}

// pidOf asks an action plugin for the id of its process; zero where it cannot be
// told at the moment.
func pidOf(p *Plugin) int {
	pid := 0
	_ = p.Do(context.Background(), func(ctx context.Context, c *wire.Client) error {
		state, err := c.Inspect(ctx, []byte("{}"))
		if err == nil {
			pid, err = strconv.Atoi(state.ID)
		}
		return err
	})
	return pid
}

// upPid is the id of the process of a plugin that is up.
func upPid(t *testing.T, p *Plugin) int {
	t.Helper()
	pid := pidOf(p)
	if pid <= 0 {
		t.Fatal("the plugin is not up")
	}
	return pid
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ask() {
		select {
		case <-deadline.C:
			t.Fatalf("waited %s in vain: %s", patience, what)
		case <-tick.C:
		}
	}
}

// awaitGone waits for the end of a process that need not be a child of this one.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(patience.Milliseconds()))
	for errors.Is(err, unix.EINTR) {
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(patience.Milliseconds()))
	}
	if err != nil || n == 0 {
		t.Fatalf("process %d still runs (%v)", pid, err)
	}
}

// records is a log that a test can ask.
type records struct {
	mu    sync.Mutex
	lines []string
}

// newRecords returns the log as a logger and as what it holds: lines of level,
// message and attributes.
func newRecords() (*slog.Logger, *records) {
	r := &records{}
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), r
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSpace(string(p)))
	return len(p), nil
}

// count is how many lines hold all the words.
func (r *records) count(words ...string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, line := range r.lines {
		if holdsAll(line, words) {
			n++
		}
	}
	return n
}

func holdsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func (r *records) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}
