package dockerlog

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"
	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// fakeLog is an engine with one container, for tests in virtual time. Its
// fields are changed with its lock held, by do.
type fakeLog struct {
	mu      sync.Mutex
	changed chan struct{}

	c       docker.Container
	log     []string // frames
	fail    error    // of every call
	deaf    bool     // streams that are open say nothing more
	hangs   bool     // streams that follow give nothing
	cut     []int    // after how many bytes the next streams break; -1 for never
	damaged string   // what a reading of old lines ends with
	opened  int
	flood   int       // how many lines are written while a stream is opened
	leftOut int       // how many lines streams that follow leave out next
	steady  bool      // the engine's streams are known not to stand still
	newest  time.Time // stamp that arrived while it was followed
}

var (
	_ logOpener = (*fakeLog)(nil)
	_ versioned = (*fakeLog)(nil)
)

// Supports is for versions from which on streams do not stand still.
func (f *fakeLog) Supports(context.Context, string) (bool, string, error) { return f.steady, "", nil }

func newFakeLog() *fakeLog {
	return &fakeLog{changed: make(chan struct{}), c: docker.Container{
		ID: "cafe", Name: "node", Status: docker.Running, StartedAt: engineTime("2026-11-22T13:13:00Z"), LogDriver: "json-file",
	}}
}

// SawStamp keeps what the reading learned of the engine's clock.
func (f *fakeLog) SawStamp(stamp, _ time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = stamp
}

// do changes the engine and wakes its streams.
func (f *fakeLog) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fakeLog) openings() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened
}

func (f *fakeLog) find(context.Context) (docker.Container, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.c, f.fail
}

func (f *fakeLog) Inspect(ctx context.Context, _ string) (docker.Container, error) {
	return f.find(ctx)
}

func (f *fakeLog) Logs(ctx context.Context, _ string, q docker.LogQuery) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	if f.fail != nil {
		return nil, f.fail
	}
	s := &fakeStream{f: f, ctx: ctx, cut: -1, run: f.c.StartedAt, quit: make(chan struct{})}
	s.follow = q.Follow && f.c.Status == docker.Running
	if len(f.cut) > 0 {
		s.cut, f.cut = f.cut[0], f.cut[1:]
	}
	for n := 0; s.follow && n < f.flood; n++ {
		f.log = append(f.log, fakeLine(2+len(f.log), "noise\n"))
	}
	s.next = max(0, len(f.log)-q.Tail)
	if q.Tail == docker.TailAll {
		s.next = 0
	}
	s.until = len(f.log)
	if f.damaged != "" && s.next < len(f.log) {
		s.rest = []byte(frame(frameError, f.damaged))
	}
	return s, nil
}

// fakeStream is an open log.
type fakeStream struct {
	f           *fakeLog
	ctx         context.Context
	follow      bool
	next, until int
	run         time.Time
	rest        []byte
	cut         int // bytes until it breaks; negative for never
	quit        chan struct{}
	once        sync.Once
}

func (s *fakeStream) Close() error {
	s.once.Do(func() { close(s.quit) })
	return nil
}

func (s *fakeStream) Read(p []byte) (int, error) {
	for {
		if s.cut == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		n, wait, err := s.some(p)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-wait:
		case <-s.quit:
			return 0, io.ErrClosedPipe
		}
	}
}

// some gives what there is, or what to wait for.
func (s *fakeStream) some(p []byte) (int, <-chan struct{}, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for len(s.rest) == 0 {
		switch {
		case s.follow && s.f.hangs:
			return 0, s.f.changed, nil
		case s.follow && !s.f.deaf && s.f.leftOut > 0 && s.next < len(s.f.log):
			s.next, s.f.leftOut = s.next+s.f.leftOut, 0
			continue
		case s.next < len(s.f.log) && (s.follow && !s.f.deaf || s.next < s.until):
			s.rest = []byte(s.f.log[s.next])
			s.next++
		case !s.follow, s.f.c.Status != docker.Running, !s.f.c.StartedAt.Equal(s.run):
			return 0, nil, io.EOF
		default:
			return 0, s.f.changed, nil
		}
	}
	n := copy(p, s.rest)
	if s.cut > 0 {
		n = min(n, s.cut)
		s.cut -= n
	}
	s.rest = s.rest[n:]
	return n, nil, nil
}

// fakeLine is a frame with a line of the k-th second.
func fakeLine(k int, text string) string {
	stamp := engineTime("2026-11-22T13:13:00Z").Add(time.Duration(k)*time.Second + 1)
	return frame(byte(1+k%2), stamp.Format("2006-01-02T15:04:05.000000000Z")+" "+text)
}

// follow runs a follower in a bubble until the returned function is called.
func (f *fakeLog) follow(t *testing.T, from sdk.ReadFrom) (*logtest.Recorder, func() error) {
	t.Helper()
	host := logtest.NewRecorder()
	fl, err := NewFollower(f.find, f, from, host)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- fl.Run(ctx) }()
	return host, func() error {
		cancel()
		return <-ended
	}
}

// TestCutAtEachByte breaks the reading of the past and the followed stream
// after each number of bytes. No line may be lost or come twice.
func TestCutAtEachByte(t *testing.T) {
	piece := strings.Repeat("x", 40)
	log := []string{
		fakeLine(1, "one\n"), fakeLine(2, "two\n"),
		fakeLine(3, piece), fakeLine(4, "four\n"), fakeLine(3, "three\n"), // pieces with another stream's line between
		fakeLine(5, "five\n"),
	}
	want := []string{"one", "two", "four", piece + "three", "five"}
	size := len(strings.Join(log, ""))
	for n := 0; n <= size; n += 1 {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeLog()
			f.log, f.cut = log, []int{n, -1, n, -1, n}
			host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
			time.Sleep(30 * time.Second)
			f.do(func() { f.log = append(f.log[:len(log):len(log)], fakeLine(40, "later\n")) })
			time.Sleep(5 * time.Minute)
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			if diff := cmp.Diff(append(want[:len(want):len(want)], "later"), logtest.Only(host.Items(), "line ")); diff != "" {
				t.Errorf("cut after %d bytes (-want +got):\n%s", n, diff)
			}
			if gaps := logtest.Count(host.Items(), "gap"); gaps != 0 {
				t.Errorf("cut after %d bytes: %d gaps", n, gaps)
			}
		})
		if t.Failed() {
			return
		}
	}
}

func TestSilentStreamIsOpenedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.steady = true
		f.log = []string{fakeLine(1, "one\n")}
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(10 * time.Second)
		f.do(func() { f.deaf, f.log = true, append(f.log, fakeLine(2, "two\n")) })
		time.Sleep(silenceLimit + 10*time.Second)
		want := []string{"run 2026-11-22T13:13:00Z", "line one", "backlog end", "line two"}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		_ = stop()
	})
}

// TestBacklogEndsOnceTheStreamDelivers opens a followed log that says nothing,
// as one does behind a proxy that keeps it.
func TestBacklogEndsOnceTheStreamDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log, f.hangs = []string{fakeLine(1, "one\n")}, true
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(time.Minute)
		want := []string{"run 2026-11-22T13:13:00Z", "line one", "unreadable: read log: " + errHangs.Error()}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items of a stream that hangs (-want +got):\n%s", diff)
		}
		f.do(func() { f.hangs = false })
		time.Sleep(time.Minute)
		f.do(func() { f.log = append(f.log, fakeLine(2, "two\n")) })
		time.Sleep(time.Minute)
		if diff := cmp.Diff(append(want, "backlog end", "line two"), host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		_ = stop()
		if at := engineTime("2026-11-22T13:13:02.000000001Z"); !f.newest.Equal(at) {
			t.Errorf("the newest stamp is %s, want that of the line that arrived, %s", f.newest, at)
		}
	})
}

func TestEngineAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log = []string{fakeLine(1, "one\n")}
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(10 * time.Second)
		f.do(func() { f.fail, f.c.Status = errors.New("connection refused"), docker.Exited }) // the stream ends
		before := f.openings()
		time.Sleep(time.Hour)
		if n := f.openings() - before; n > 0 {
			t.Errorf("the log was opened %d times on an engine that is away", n)
		}
		f.do(func() { f.fail, f.c.Status, f.log = nil, docker.Running, append(f.log, fakeLine(3600, "two\n")) })
		time.Sleep(6 * time.Second)
		want := []string{"run 2026-11-22T13:13:00Z", "line one", "backlog end", "unreadable: connection refused", "line two", "backlog end"}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		_ = stop()
	})
}

// TestPace counts how often the log is opened in an hour of each trouble; that of an
// older engine is looked at beside its stream too.
func TestPace(t *testing.T) {
	t.Run("steady", func(t *testing.T) { testPace(t, true, 0) })
	t.Run("older", func(t *testing.T) { testPace(t, false, 4*60) })
}

func testPace(t *testing.T, steady bool, more int) {
	for name, test := range map[string]struct {
		trouble func(*fakeLog)
		most    int
	}{
		"streams hang": {func(f *fakeLog) { f.hangs, f.c.StartedAt = true, f.c.StartedAt.Add(time.Minute) }, 2*2*60 + 20},

		"stopped":             {func(f *fakeLog) { f.c.Status = docker.Exited }, 5},
		"restarting":          {func(f *fakeLog) { f.c.Status = docker.Restarting }, 5},
		"silent":              {func(*fakeLog) {}, 2*60 + 10},
		"streams end at once": {func(f *fakeLog) { f.cut = make([]int, 100_000) }, 3600},
		"damaged log":         {func(f *fakeLog) { f.damaged = "bad file" }, 2*60 + 20},
		"removed":             {func(f *fakeLog) { f.fail = errdefs.ErrNotFound }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeLog()
				f.steady = steady
				f.log = []string{fakeLine(1, "one\n")}
				_, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
				time.Sleep(time.Minute)
				f.do(func() { test.trouble(f) })
				before := f.openings()
				time.Sleep(time.Hour)
				if n := f.openings() - before; n > test.most+more {
					t.Errorf("opened %d times in an hour, want at most %d", n, test.most+more)
				}
				_ = stop()
			})
		})
	}
}

func TestDamagedLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log, f.damaged = []string{fakeLine(1, "one\n")}, "invalid character"
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(10 * time.Second)
		f.do(func() { f.log = append(f.log, fakeLine(2, "two\n")) })
		time.Sleep(10 * time.Second)
		want := []string{"gap: the engine says: invalid character", "run 2026-11-22T13:13:00Z", "backlog end", "line two"}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		_ = stop()
	})
}

// TestUnfinishedLastLine ends a run in the middle of a line.
func TestUnfinishedLastLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log = []string{fakeLine(1, "one\n"), fakeLine(3, "panic")}
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(10 * time.Second)
		if got := logtest.Count(host.Items(), "line panic"); got != 0 {
			t.Error("half a line of a run that goes on was delivered")
		}
		f.do(func() { f.c.Status, f.c.FinishedAt = docker.Exited, f.c.StartedAt.Add(4*time.Second) })
		time.Sleep(10 * time.Second)
		if got := logtest.Count(host.Items(), "line panic"); got != 1 {
			t.Error("the last line of a run that is over was not delivered")
		}
		f.do(func() {
			f.c.Status, f.c.StartedAt = docker.Running, f.c.StartedAt.Add(10*time.Second)
		})
		time.Sleep(10 * time.Second)
		f.do(func() { f.log = append(f.log, fakeLine(12, "two\n"), fakeLine(13, "three\n")) })
		time.Sleep(10 * time.Second)
		want := []string{"run 2026-11-22T13:13:00Z", "line one", "backlog end", "line panic", "run 2026-11-22T13:13:10Z", "line two", "line three"}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		_ = stop()
	})
}
