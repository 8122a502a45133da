package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
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
	block:    40 * time.Millisecond,
	interval: 300 * time.Millisecond,
	cooldown: time.Second,
	lagAbove: 80,
	limit:    time.Minute,
}

// TestDemo plays the whole demo with a real host and real plugins, and looks
// for what it leaves behind.
func TestDemo(t *testing.T) {
	bin := t.TempDir()
	if err := enginetest.BuildBundle(t.Context(), bin, pluginNames...); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, options){
		"built-in engine": testDemo, "real engine": testRealEngine, "interrupted": testInterrupted, "nothing recovers": testNoRecovery,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, inFolders(t, bin))
		})
	}
}

// inFolders are the options of a demo with folders of its own for what it writes
// and for the binaries, by which it finds processes that are left. What is left
// of what it writes fails the test.
func inFolders(t *testing.T, bin string) options {
	t.Helper()
	folder, err := os.MkdirTemp("", "t") // short, for the sockets in it
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "bin")
	if err := os.MkdirAll(filepath.Join(own, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"../headwatch"}, pluginNames...) {
		if err := os.Link(filepath.Join(bin, "plugins", name), filepath.Join(own, "plugins", name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		left, err := os.ReadDir(folder)
		if err != nil {
			t.Error(err)
		}
		for _, file := range left {
			t.Errorf("%s is left behind", file.Name())
		}
		_ = os.RemoveAll(folder) // what was left
	})
	return options{engine: "built-in", bin: own, temp: folder, pace: hurried}
}

func testRealEngine(t *testing.T, o options) {
	enginetest.RealEngine(t) // skips where there is none
	o.engine = "docker"
	testDemo(t, o)
	testNothingInEngine(t)
}

func testNoRecovery(t *testing.T, o options) {
	o.pace.lagAbove = 1e6 // so that headwatch restarts nothing
	o.pace.limit = 20 * time.Second
	err := play(t.Context(), o, t.Output())
	if err == nil || !strings.Contains(err.Error(), "wait for a restart: not seen within 20s") {
		t.Errorf("play: %v, want that no restart was seen", err)
	}
}

func testDemo(t *testing.T, o options) {
	var account bytes.Buffer
	if err := play(t.Context(), o, &account); err != nil {
		t.Errorf("play: %v", err)
	}
	want := regexp.MustCompile(`(?s)The node is healthy.*The node has wedged.*is behind by \d+ blocks \(>80\)\. Restarting\.\.\..*headwatch has restarted.*The node has recovered.*left no process`)
	if !want.Match(account.Bytes()) {
		t.Errorf("the account is not as it should be:\n%s", &account)
	}
}

func testInterrupted(t *testing.T, o options) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	out := &trigger{words: "The node is healthy", pull: func() { interrupt(errors.New("interrupted")) }}
	if err := play(ctx, o, out); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("play: %v, want the interruption", err)
	}
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
