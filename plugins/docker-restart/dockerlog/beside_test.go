package dockerlog

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

// TestStreamThatLacksLines: the stream of an older engine that says nothing, or
// leaves lines out, is opened anew within seconds. No line is lost or comes twice.
func TestStreamThatLacksLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log = []string{fakeLine(1, "one\n")}
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(time.Minute)
		if n := f.openings(); n > 3+int(time.Minute/besideEvery) {
			t.Errorf("a silent log was opened %d times in a minute", n)
		}
		f.do(func() { f.deaf, f.log = true, append(f.log, fakeLine(2, "two\n")) })
		time.Sleep(3 * besideEvery)
		want := []string{"run 2026-11-22T13:13:00Z", "line one", "backlog end", "line two"}
		if diff := cmp.Diff(want, host.Items()); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		// The stream that is open leaves the third line out and gives the fourth.
		f.do(func() {
			f.deaf, f.leftOut, f.log = false, 1, append(f.log, fakeLine(3, "three\n"), fakeLine(4, "four\n"))
		})
		time.Sleep(time.Second)
		f.do(func() { f.deaf, f.log = true, append(f.log, fakeLine(5, "five\n")) })
		time.Sleep(3 * besideEvery)
		if diff := cmp.Diff(append(want, "line four", "line three", "line five"), host.Items()); diff != "" {
			t.Errorf("items of a stream that leaves lines out (-want +got):\n%s", diff)
		}
		_ = stop()
	})
}

// TestSteadyEngineIsNotAskedTwice: newer engines are spared the second reading.
func TestSteadyEngineIsNotAskedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log, f.steady = []string{fakeLine(1, "one\n")}, true
		_, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(silenceLimit - time.Second)
		if n := f.openings(); n != 2 {
			t.Errorf("the log was opened %d times, want once to catch up and once to follow", n)
		}
		_ = stop()
	})
}

// TestFlood: a log that grows by more than the usual overlap while its stream is
// opened is followed all the same.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log, f.flood = []string{fakeLine(1, "one\n")}, 5*overlapTail
		host, stop := f.follow(t, sdk.ReadFrom{Tail: 100})
		time.Sleep(time.Minute)
		if n := logtest.Count(host.Items(), "backlog end"); n != 1 {
			t.Errorf("%d ends of the backlog, want 1", n)
		}
		if n := logtest.Count(host.Items(), "gap"); n != 0 {
			t.Errorf("%d gaps", n)
		}
		_ = stop()
	})
}
