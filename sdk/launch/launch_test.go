package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// patience bounds every wait of these tests; none takes nearly as long.
const patience = 90 * time.Second

// TestMain lets the test binary be every program: the name it is started by says
// which.
func TestMain(m *testing.M) {
	if be, ok := roles()[filepath.Base(os.Args[0])]; ok {
		be()
		return
	}
	// The race detector holds every process up for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

func roles() map[string]func() {
	return map[string]func(){
		"source": func() { sdk.ServeHeadSource(sdk.Info{Name: "source", Version: "1.0.0"}, source{}) },
		"silent": untilHostEnds,
		"crash":  func() { fmt.Fprint(os.Stderr, "cannot find the moon"); os.Exit(3) },
		"parent": func() { leaveChild(); untilHostEnds() },
	}
}

type source struct{}

func (source) GetHead(context.Context) (sdk.Head, error) { return sdk.Head{Best: 1}, nil }

// untilHostEnds blocks as long as the host holds the lifeline.
func untilHostEnds() { _, _ = io.Copy(io.Discard, os.NewFile(3, "lifeline")) }

// leaveChild starts a process that keeps standard error open.
func leaveChild() {
	child := exec.Command("sleep", "600")
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		panic(err)
	}
	fmt.Println(child.Process.Pid)
}

// program is the test binary under the name of a role.
func program(t *testing.T, role string) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), role)
	if err := os.Symlink(own, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// folder is one with a path short enough for sockets.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// options are those of a program, with a socket folder that ends with the test.
func options(t *testing.T, role string) Options {
	t.Helper()
	sockets, err := NewSocketDir(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, err := os.ReadDir(sockets.Path); err != nil || len(left) > 0 {
			t.Errorf("the socket folder holds %v, %v", left, err)
		}
		_ = sockets.Remove() // its folder is removed in any case
	})
	return Options{Path: program(t, role), Env: []string{"GORACE=atexit_sleep_ms=0", "PATH=" + os.Getenv("PATH")}, Sockets: sockets}
}

// log keeps what a process logs.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestStart(t *testing.T) {
	before := goleak.IgnoreCurrent()
	thread := NewThread()
	for name, change := range map[string]func(*Options){
		"plain": func(*Options) {}, "with TLS": func(o *Options) { o.MTLS = true }, "from a thread": func(o *Options) { o.Thread = thread },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, "source")
			change(&o)
			p, err := Start(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			info, err := wire.NewClient(p.Conn()).Info(t.Context())
			if err != nil || info.Name != "source" {
				t.Errorf("got %v, %v", info, err)
			}
			if group, err := syscall.Getpgid(p.PID()); err != nil || group != p.PID() {
				t.Errorf("process %d is in group %d, %v", p.PID(), group, err)
			}
			if err := p.Stop(patience); err != nil || p.Result().Error() != "exit status 0" {
				t.Errorf("stopped with %v, %v", err, p.Result())
			}
			if !bytes.HasPrefix(p.Output(), []byte("1|1|unix|"+p.Sockets()+"/")) {
				t.Errorf("output %q", p.Output())
			}
		})
	}
	thread.Close()
	goleak.VerifyNone(t, before)
}

func TestStartFails(t *testing.T) {
	before := goleak.IgnoreCurrent()
	silent := errors.New("too long")
	tests := map[string]struct {
		role string
		want string
		log  string
	}{
		"no program": {role: "nobody", want: "no such file"},
		"crash":      {role: "crash", want: "it ended before it shook hands: exit status 3", log: "cannot find the moon"},
		"silent":     {role: "silent", want: "too long"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o, log := options(t, test.role), &log{}
			o.Log = log
			if test.role == "nobody" {
				o.Path = filepath.Join(t.TempDir(), "nobody")
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), patience, silent)
			if test.role == "silent" {
				cancel()
				ctx, cancel = context.WithTimeoutCause(t.Context(), 100*time.Millisecond, silent)
			}
			defer cancel()
			if _, err := Start(ctx, o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if log.String() != test.log {
				t.Errorf("logged %q, want %q", log, test.log)
			}
		})
	}
	goleak.VerifyNone(t, before)
}

// TestRun starts what does not shake hands.
func TestRun(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for name, end := range map[string]func(*Process) error{
		"killed":                func(p *Process) error { return p.Stop(0) },
		"its host seems gone":   func(p *Process) error { p.CutLifeline(); return nil },
		"a signal to its group": func(p *Process) error { return p.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Run(t.Context(), options(t, "silent"))
			if err != nil {
				t.Fatal(err)
			}
			if p.Gone() {
				t.Error("it is gone already")
			}
			if err := end(p); err != nil {
				t.Error(err)
			}
			p.Wait()
			if !p.Gone() || p.Result() == nil {
				t.Errorf("gone %v, %v", p.Gone(), p.Result())
			}
		})
	}
	goleak.VerifyNone(t, before)
}

func TestSpareGroup(t *testing.T) {
	for _, spare := range []bool{false, true} {
		t.Run(fmt.Sprint(spare), func(t *testing.T) {
			o := options(t, "parent")
			o.SpareGroup = spare
			p, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			<-p.child.stdout.begun
			left, err := unix.PidfdOpen(mustAtoi(t, strings.TrimSpace(string(p.Output()))), 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(left)
			p.CutLifeline()
			<-p.Exited()
			limit := patience // a kill takes its time
			if spare {
				limit = 0
			}
			if spare == ended(t, left, limit) {
				t.Errorf("what the process started has ended: %v, want %v", spare, !spare)
			}
			if err := p.Stop(0); err != nil {
				t.Error(err)
			}
			if !ended(t, left, patience) {
				t.Error("what the process started still runs")
			}
		})
	}
}

// ended waits for the end of a process at most so long.
func ended(t *testing.T, pidfd int, limit time.Duration) bool {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(limit.Milliseconds()))
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			t.Fatal(err)
		}
		return n > 0
	}
}

func mustAtoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKilledBeforeItsStart(t *testing.T) {
	c := newChild(options(t, "silent"))
	if err := c.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err == nil || c.process() != 0 {
		t.Errorf("started process %d, %v", c.process(), err)
	}
}

func FuzzJudgeHandshake(f *testing.F) {
	for _, seed := range []string{"", "1|1|unix|/x|grpc", "1|1|unix|/x|grpc|abc", "1|2|unix|/x|grpc", "a|b|c|d", "1|1|tcp|x|netrpc"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, line string, mtls bool) {
		if err := judgeHandshake(line, mtls); err == nil && !strings.HasPrefix(line, "1|1|") {
			t.Errorf("%q is taken for a handshake", line)
		}
	})
}
