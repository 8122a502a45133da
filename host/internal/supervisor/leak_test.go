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
			if _, stop, err := s.Start(context.Background(), spec); err == nil {
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

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
