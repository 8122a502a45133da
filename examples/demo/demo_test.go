package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"github.com/headwatch/headwatch/internal/enginetest"
)

// hurried is a pace for tests.
var hurried = pace{
	block:    20 * time.Millisecond,
	interval: 300 * time.Millisecond,
	wedge:    5 * time.Second,
	cooldown: time.Second,
	lagAbove: 80,
	limit:    time.Minute,
}

// TestDemo plays the whole demo with a real host and real plugins, and looks
// for what it leaves behind.
func TestDemo(t *testing.T) {
	bin := t.TempDir()
	if err := build(t.Context(), bin); err != nil {
		t.Fatal(err)
	}
	t.Run("built-in engine", func(t *testing.T) {
		testDemo(t, options{engine: "built-in", bin: bin, pace: hurried})
	})
	t.Run("real engine", func(t *testing.T) {
		enginetest.RealEngine(t) // skips where there is none
		testDemo(t, options{engine: "docker", bin: bin, pace: hurried})
		testNothingInEngine(t)
	})
	t.Run("interrupted", func(t *testing.T) { testInterrupted(t, bin) })
	t.Run("nothing recovers", func(t *testing.T) {
		o := options{engine: "built-in", bin: bin, pace: hurried}
		o.pace.lagAbove = 1e6 // so that headwatch restarts nothing
		o.pace.limit = 8 * time.Second
		testEmptyTemp(t, func() {
			err := play(t.Context(), o, t.Output())
			if err == nil || !strings.Contains(err.Error(), "wait for a restart: not seen within 8s") {
				t.Errorf("play: %v, want that no restart was seen", err)
			}
		})
	})
}

func testDemo(t *testing.T, o options) {
	var account bytes.Buffer
	testEmptyTemp(t, func() {
		if err := play(t.Context(), o, &account); err != nil {
			t.Errorf("play: %v", err)
		}
	})
	want := regexp.MustCompile(`(?s)The node is healthy.*The node has wedged.*is behind by \d+ blocks \(>80\)\. Restarting\.\.\..*headwatch has restarted.*The node has recovered.*left no process`)
	if !want.Match(account.Bytes()) {
		t.Errorf("the account is not as it should be:\n%s", &account)
	}
}

func testInterrupted(t *testing.T, bin string) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	out := &trigger{words: "The node is healthy", pull: func() { interrupt(errors.New("interrupted")) }}
	testEmptyTemp(t, func() {
		err := play(ctx, options{engine: "built-in", bin: bin, pace: hurried}, out)
		if err == nil || !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("play: %v, want the interruption", err)
		}
	})
}

// trigger does something when certain words are written.
type trigger struct {
	words string
	pull  func()
	once  sync.Once
}

func (w *trigger) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.words)) {
		w.once.Do(w.pull)
	}
	return len(p), nil
}

// testEmptyTemp runs f with a folder for temporary files of its own, and fails
// the test where something is left in it.
func testEmptyTemp(t *testing.T, f func()) {
	t.Helper()
	folder, err := os.MkdirTemp("", "t") // short, for the sockets in it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	t.Setenv("TMPDIR", folder)
	f()
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		t.Errorf("%s is left behind", file.Name())
	}
}

func testNothingInEngine(t *testing.T) {
	api := enginetest.RealEngine(t)
	containers, err := api.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("name", "headwatch-demo-"))})
	if err != nil {
		t.Fatal(err)
	}
	images, err := api.ImageList(t.Context(), image.ListOptions{Filters: filters.NewArgs(filters.Arg("reference", "headwatch-demo-*"))})
	if err != nil {
		t.Fatal(err)
	}
	if len(containers)+len(images) > 0 {
		t.Errorf("left in the engine: %v, %v", containers, images)
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"must be auto, docker or built-in": {"-engine=podman"},
		"not defined: -nothing":            {"-nothing"},
		"run make build first":             {"-engine=built-in", "-bin=/nowhere"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), args, t.Output(), &stderr); code == exitSeen || !strings.Contains(stderr.String(), want) {
			t.Errorf("%v: exit code %d, %q; want %q", args, code, &stderr, want)
		}
	}
}

func TestNoEngine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	if e, err := openEngine(t.Context(), "docker", t.TempDir(), "headwatch-demo-none"); err == nil {
		t.Errorf("an engine that is not there answers: %v", e.DaemonHost())
	}
	e, err := openEngine(t.Context(), "auto", t.TempDir(), "headwatch-demo-none")
	if err != nil || e.real {
		t.Fatalf("without an engine: %v, real %v; want the built-in one", err, e.real)
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
}
