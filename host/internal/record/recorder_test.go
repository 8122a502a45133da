package record

import (
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/rule"
	"github.com/headwatch/headwatch/sdk"
)

// saying counts what the host said about its recording.
func (w *world) saying(words string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Count(strings.Join(w.told, ""), words)
}

// checkRest: a replay of what was recorded comes to the last verdicts of the
// host, and to all but so many.
func checkRest(t *testing.T, w *world, dir string, missing int) {
	t.Helper()
	got, warnings := replay(t, noParser{t}, recordings(t, dir)...)
	if len(got) == 0 || len(got) < len(w.verdicts)-missing || len(got) >= len(w.verdicts) {
		t.Fatalf("%d of %d checks are recorded, want all but %d", len(got), len(w.verdicts), missing)
	}
	held := map[string]bool{}
	for _, v := range w.verdicts {
		held[v] = true
	}
	for _, v := range got {
		if !held[v] {
			t.Errorf("replayed, and never live: %s", v)
		}
	}
	if diff := cmp.Diff(w.verdicts[len(w.verdicts)-10:], got[len(got)-10:]); diff != "" {
		t.Errorf("the last verdicts differ (-live +replayed):\n%s", diff)
	}
	if all := strings.Join(warnings, "\n"); !strings.Contains(all, "the host could not write them") {
		t.Errorf("the replay does not say that records are missing: %q", all)
	}
}

// A folder that cannot be made: the host watches all the same, says so once, and
// records as soon as it can.
func TestFolderThatCannotBeMade(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(blocked, "trace")
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, 1)
		go w.live(t.Context())
		h := w.host(dir)
		pass(30 * time.Minute)
		if n := w.saying("level=ERROR"); n != 1 || w.saying("the recording cannot be written; watching goes on") != 1 {
			t.Errorf("told %d times, want once: %q", n, w.told)
		}
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		pass(30 * time.Minute)
		h.stop()
		if w.saying("the recording goes on") != 1 || w.saying("level=ERROR") != 1 {
			t.Errorf("told %q", w.told)
		}
	})
	if w.lost == 0 {
		t.Error("nothing is counted as lost")
	}
	checkRest(t, w, dir, 32)
}

// A disk that is full for a while, and tears a line: what was written before
// stays, and the recording goes on when there is room.
func TestDiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, 2)
		go w.live(t.Context())
		h := w.host(dir)
		pass(20 * time.Minute)
		fill(t, recordings(t, dir)[0])
		pass(time.Minute)
		if w.saying("no space left on device") != 1 {
			t.Errorf("told %q", w.told)
		}
		pass(20 * time.Minute)
		h.stop()
	})
	if w.lost == 0 {
		t.Error("nothing is counted as lost")
	}
	checkRest(t, w, dir, 2)
	if files := recordings(t, dir); len(files) != 2 {
		t.Errorf("files %q, want one from before and one from after", files)
	}
}

// fill tears the last line of a file that is being written, and makes its disk
// full.
func fill(t *testing.T, path string) {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no device that is always full: ", err)
	}
	defer full.Close()
	torn, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString(`{"t":"2025-`); err != nil {
		t.Fatal(err)
	}
	torn.Close()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err != nil || to != path {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(link))
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Dup3(int(full.Fd()), fd, unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Skip("the files of this process cannot be seen")
}

// A disk that does not keep up: the monitor is not held up, memory is bounded,
// and what is left out is counted, in the recording too.
func TestDiskThatIsSlow(t *testing.T) {
	w := &world{t: t}
	r := New(Settings{Dir: t.TempDir(), MaxSize: 100e6, MaxAge: time.Hour, Lines: true}, "1.2.3", redact.New(), w, slog.New(slog.NewTextHandler(w.teller(), nil)))
	recording, e := r.Monitor(name, nil), rule.New(settings())
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	line := sdk.Line{Time: now, Text: []byte(strings.Repeat("x", 500<<10))}
	see := func(n int) {
		for range n {
			now = now.Add(time.Second)
			log := rule.Log{Lines: 1, Last: now}
			e.Observe(now, log)
			recording.Observed(monitor.Observation{At: now, Seen: log, Lines: []sdk.Line{line}, Knowledge: monitor.Knowledge{Engine: e, Parser: []byte("7")}})
		}
	}
	see(30)
	if r.queue.waiting > waitTape+1<<20 || w.lost == 0 || w.saying("the disk is too slow for the recording") != 1 {
		t.Errorf("%d bytes wait, %d records are lost, told %q", r.queue.waiting, w.lost, w.told)
	}
	drain := func() {
		for c, ok := r.queue.next(); ok; c, ok = r.queue.next() {
			r.write(c)
			r.queue.written(c)
		}
	}
	drain()
	see(2)
	if recording.Close(); w.saying("the recording goes on") != 1 {
		t.Errorf("told %q", w.told)
	}
	drain()
	r.leave()
	files := recordings(t, r.Dir)
	if len(files) != 2 {
		t.Fatalf("files %q, want one from before and one from after", files)
	}
	_, after, _ := strings.Cut(read(t, files[1]), `"lost":`)
	if got, _, _ := strings.Cut(after, ","); got != strconv.Itoa(w.lost) {
		t.Errorf("the recording says that %s are lost, %d are counted", got, w.lost)
	}
	if r.queue.waiting != 0 || len(r.queue.ofTape) != 0 {
		t.Errorf("%d bytes wait in the end", r.queue.waiting)
	}
}

// Two hosts in one folder: the second says so, and takes over when the first
// has ended.
func TestFolderOfAnotherHost(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		one, two := newWorld(t, 3), newWorld(t, 4)
		go one.live(t.Context())
		go two.live(t.Context())
		first := one.host(dir)
		pass(2 * time.Minute)
		second := two.host(dir)
		pass(5 * time.Minute)
		if two.saying("another host records into this folder") != 1 {
			t.Error("the second host does not say that the folder is another's")
		}
		first.stop()
		if got, _ := replay(t, noParser{t}, recordings(t, dir)...); !cmp.Equal(got, one.verdicts) {
			t.Errorf("%d checks of the first host are recorded, it made %d", len(got), len(one.verdicts))
		}
		pass(5 * time.Minute)
		second.stop()
		if two.lost == 0 || one.lost != 0 {
			t.Errorf("%d records of the second host are lost, and %d of the first", two.lost, one.lost)
		}
		if files := recordings(t, dir); len(files) != 2 || two.saying("the recording goes on") != 1 {
			t.Errorf("files %q, told %q", files, two.told)
		}
	})
}

// The folder stays within its size while the host runs, and the figures are
// those of the folder. A folder that somebody removes is made anew.
func TestFolderKeepsItsSize(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trace")
	const most = 20_000
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 6)
		go w.live(t.Context())
		h := w.host(dir, func(r *Recorder) { r.MaxSize, r.cut = most, 10_000 })
		for range 6 {
			pass(time.Hour)
			size, files := folder(t, dir)
			if size > most+12_000 || size < most/4 {
				t.Errorf("%d bytes in the folder", size)
			}
			w.change(func() {
				if w.stored != size || w.files != files {
					t.Errorf("told of %d bytes in %d files, there are %d in %d", w.stored, w.files, size, files)
				}
			})
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		pass(3 * time.Hour)
		h.stop()
		if size, _ := folder(t, dir); size < most/4 {
			t.Errorf("%d bytes in the folder that was made anew", size)
		}
	})
}

func folder(t *testing.T, dir string) (size int64, files int) {
	t.Helper()
	all, err := listSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		size += f.size
	}
	return size, len(all)
}
