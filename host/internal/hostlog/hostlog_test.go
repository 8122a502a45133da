package hostlog

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/host/internal/redact"
)

// gate is a reader that reads while it is open.
type gate struct {
	mu   sync.Mutex
	text bytes.Buffer
	open chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(p)
}

func newLog(t *testing.T, out io.Writer, format string) *Log {
	t.Helper()
	l, err := New(out, format, slog.LevelInfo, redact.New("hunter2hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLogWritesInOrderAndWithoutSecrets(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		l := newLog(t, &out, format)
		l.Info("behind by 120 blocks (>100)", "error", "ask https://rpc.example/KEY: hunter2hunter2")
		l.With("monitor", "aleph").Warn("second")
		l.Debug("not said")
		l.Close()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "(>100)") || !strings.Contains(lines[0], "https://rpc.example") || !strings.Contains(lines[1], "aleph") {
			t.Errorf("%s: logged %q", format, lines)
		}
		for _, secret := range []string{"KEY", "hunter2"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s: the log holds %q: %s", format, secret, &out)
			}
		}
	}
}

// A reader that does not read stops nobody; what it missed is counted and said.
func TestReaderThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		l := newLog(t, g, "text")
		line := strings.Repeat("x", 1000)
		for range 3000 {
			l.Info(line)
		}
		dropped := l.Dropped()
		if dropped == 0 || dropped > 2500 {
			t.Errorf("%d of 3,000 lines of 1 kB are left out", dropped)
		}
		close(g.open)
		synctest.Wait()
		l.Close()
		written := strings.Count(g.text.String(), line)
		if written+dropped != 3000 {
			t.Errorf("%d lines are written and %d left out, want 3,000 together", written, dropped)
		}
		if !strings.Contains(g.text.String(), "lines of this log were left out: nobody read it") {
			t.Error("nothing says that lines were left out")
		}
	})
}

func TestCloseDoesNotWaitForAReaderThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		l := newLog(t, g, "text")
		l.Info("last words")
		begin := time.Now()
		l.Close()
		if took := time.Since(begin); took != flushFor {
			t.Errorf("Close took %s, want %s", took, flushFor)
		}
		close(g.open)
	})
}

func TestUnknownFormat(t *testing.T) {
	if _, err := New(io.Discard, "xml", slog.LevelInfo, redact.New()); err == nil || !strings.Contains(err.Error(), "text or json") {
		t.Errorf("error %v", err)
	}
}
