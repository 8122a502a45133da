package progress

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/host/internal/trace"
)

func TestProgress(t *testing.T) {
	var b strings.Builder
	p := &Line{out: &b}
	wall, begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	show := func(after time.Duration, percent int64, virtual time.Duration) {
		p.Show(wall.Add(after), trace.Progress{Read: percent * 10, Size: 1000, Time: begin.Add(virtual)})
	}
	p.Show(wall, trace.Progress{Size: 1000}) // no record so far
	show(0, 1, 0)
	show(999*time.Millisecond, 2, time.Hour) // a short replay shows nothing
	p.Clear()
	show(time.Second, 10, 72*time.Hour)
	show(1100*time.Millisecond, 11, 80*time.Hour) // too soon after
	show(2*time.Second, 20, 24*time.Hour)
	p.Clear()
	p.Clear()
	want := "\r 10 %  2025-03-04 12:00  3.0 days a second\x1b[K" + "\r 20 %  2025-03-02 12:00  12.0 hours a second\x1b[K" + "\r\x1b[K"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

// Where there is no terminal there is no progress, and nothing to clear.
func TestNoProgress(t *testing.T) {
	p := New(&strings.Builder{})
	if p != nil {
		t.Fatal("progress is shown where there is no terminal")
	}
	p.Show(time.Now(), trace.Progress{Size: 1, Time: time.Now()})
	p.Clear()
}
