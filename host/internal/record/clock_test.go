package record

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClock(t *testing.T) {
	base := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	var shift time.Duration
	c := clock{read: func(now time.Time) time.Time { return now.Add(shift) }}
	c.set(base)
	later := base.Add(time.Minute)
	if got := c.at(later); !got.Equal(later) || c.off(later) != 0 {
		t.Errorf("a minute later it is %s, off by %s", got, c.off(later))
	}
	shift = -time.Hour
	if got := c.at(later); !got.Equal(later) || c.off(later) != -time.Hour {
		t.Errorf("with the host's clock set back it is %s, off by %s", got, c.off(later))
	}
	c.set(later)
	if got, want := c.at(later.Add(time.Second)), later.Add(time.Second-time.Hour); !got.Equal(want) || c.off(later) != 0 {
		t.Errorf("set as well it is %s, want %s", got, want)
	}
	if got, want := c.stamp(later, later.Add(-time.Second)), later.Add(-time.Second-time.Hour); !got.Equal(want) {
		t.Errorf("the stamp of a second ago is %s, want %s", got, want)
	}
	for _, stamp := range []time.Time{{}, later.Add(time.Hour)} {
		if got, want := c.stamp(later, stamp), later.Add(-time.Hour); !got.Equal(want) {
			t.Errorf("the stamp of a line from %s is %s, want %s", stamp, got, want)
		}
	}
}

// The clock of the host is set, forward and far back: the verdicts of the host
// do not see it, and neither do those of a replay, but for the time they bear.
func TestClockThatIsSet(t *testing.T) {
	withoutTime := func(verdicts []string) (rest []string) {
		for _, v := range verdicts {
			rest = append(rest, regexp.MustCompile(`^\{"t":"[^"]*"`).ReplaceAllString(v, `{"t":""`))
		}
		return rest
	}
	dir := t.TempDir()
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, 7)
		// A block's own time and the start of a run are told by the host's clock,
		// which this test cannot set.
		w.headOld = 10 * 365 * 24 * time.Hour
		ctx := t.Context()
		go w.live(ctx)
		var shift atomic.Int64
		h := w.host(dir, func(r *Recorder) {
			r.cut, r.read = 40_000, func(now time.Time) time.Time { return now.Round(0).Add(time.Duration(shift.Load())) }
		})
		for i := range 200 {
			switch i {
			case 30:
				w.change(func() { w.wedged = true })
			case 40:
				shift.Store(int64(5 * time.Hour))
			case 50:
				w.change(func() { w.wedged = false })
			case 90:
				shift.Add(-int64(10 * time.Minute))
			case 91:
				shift.Add(-int64(8 * time.Millisecond)) // too little to be seen
			case 120:
				w.change(func() { w.headErr = errDown })
			case 150:
				shift.Store(-int64(48 * time.Hour))
			}
			pass(time.Minute)
		}
		h.stop()
	})
	files := recordings(t, dir)
	if len(files) < 4 || !strings.Contains(files[0], "20250227T") {
		t.Fatalf("files %q, want some of two days before", files)
	}
	// The order in which they were written is not that of two days ago.
	before, after := earlier(files), files[len(earlier(files)):]
	got, _ := replay(t, noParser{t}, after...)
	rest, _ := replay(t, noParser{t}, before...)
	if diff := cmp.Diff(withoutTime(w.verdicts), withoutTime(append(got, rest...))); diff != "" {
		t.Errorf("verdicts differ (-live +replayed):\n%s", diff)
	}
}

func earlier(files []string) (some []string) {
	for _, file := range files {
		if strings.Contains(file, "20250227T") {
			some = append(some, file)
		}
	}
	return some
}
