package supervisor

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestSupervisorLeavesNothingOpen(t *testing.T) {
	dir := plugins(t)
	before, files := goleak.IgnoreCurrent(), openFiles(t)
	s, err := New(sockets(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, mtls := range []bool{false, true} {
		for _, role := range []string{"action", "crash", "foreign"} {
			spec := spec(dir, role)
			spec.MTLS = mtls
			if _, stop, err := open(context.Background(), s, spec); err == nil {
				stop()
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
	eventually(t, "the end of the connections", func() bool { return openFiles(t) <= files })
}

func TestPluginLeavesNothingOpen(t *testing.T) {
	dir := plugins(t)
	before, files := goleak.IgnoreCurrent(), openFiles(t)
	s := newSupervisor(t, slog.New(slog.DiscardHandler))
	p, stop := keep(t, s, spec(dir, "action"))
	pid := upPid(t, p)
	for range 3 {
		pid = replaced(t, p, pid)
	}
	stop()
	awaitGone(t, pid)
	if left, err := os.ReadDir(s.sockets.Path); err != nil || len(left) > 0 {
		t.Errorf("the socket folder holds %v, %v", left, err)
	}
	// The supervisor's own goroutine and the lock on its folder remain.
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/headwatch/headwatch/sdk/launch.(*Thread).serve"))
	eventually(t, "the end of the connections", func() bool { return openFiles(t) <= files+1 })
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
