package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/internal/enginetest/nodesim"
)

// patience bounds every wait: what should happen takes seconds, on a machine
// that is busy with other tests perhaps ten times as long.
const patience = 90 * time.Second

// blocksPerSecond is how fast the simulated chain is: a node that wedges is
// more than 100 blocks behind in a few seconds.
const blocksPerSecond = 40

// firstBlock is where the chain and the node's database are at the start.
const firstBlock = 1_000_000

// dropIn is the configuration of the image.
const dropIn = "../../../examples/monitor.hcl"

// world is a chain, an engine with a node in a container, and a host that
// watches it: real processes, and either engine.
type world struct {
	t *testing.T
	programs
	api    *client.Client
	docker string
	image  string
	chain  *chaintest.Chain
	rate   atomic.Int64 // blocks a second
	epoch  time.Time
	spec   enginetest.Spec // of the node's container, without name, image and arguments
	id     string
	name   string
	env    map[string]string
	config string
	stdout *os.File // of the host, where it is not the log that is watched
}

// inBothEngines runs a test against the stand-in, with the race detector in all
// processes, and against the real engine, with the programs as they are shipped.
// It runs beside the other tests.
func inBothEngines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Parallel()
	t.Run("stand-in", func(t *testing.T) {
		t.Parallel()
		test(t, inStandIn(t))
	})
	t.Run("docker", func(t *testing.T) {
		t.Parallel()
		api := enginetest.RealEngine(t)
		test(t, newWorld(t, shipped(t), api, "", realImage(t, api)))
	})
}

// inStandIn is a world in a stand-in engine.
func inStandIn(t *testing.T) *world {
	engine := enginetest.Start(t, enginetest.Options{})
	engine.AddImage("simnode", nodesim.Run)
	return newWorld(t, raced(t), enginetest.Client(t, engine), engine.Host(), "simnode")
}

// realImage is the node's image in the real engine.
func realImage(t *testing.T, api *client.Client) string {
	t.Helper()
	node, err := buildNode()
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.ImageOf(t, api, node)
}

func newWorld(t *testing.T, p programs, api *client.Client, docker, image string) *world {
	chain, err := chaintest.New(chaintest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, programs: p, api: api, docker: docker, image: image, chain: chain, epoch: time.Now(), config: dropIn}
	w.rate.Store(blocksPerSecond)
	w.env = map[string]string{
		"RPC_URL": chain.URL(), "CHECK_INTERVAL": "1", "COOLDOWN": "3", "DOCKER_HOST": docker,
		"HEADWATCH_STATE_DIR": filepath.Join(t.TempDir(), "state"), "HEADWATCH_HTTP": "127.0.0.1:0", "HOME": t.TempDir(),
	}
	ctx, cancel := context.WithCancel(t.Context())
	var ticking sync.WaitGroup
	ticking.Go(func() { w.advance(ctx) })
	t.Cleanup(func() {
		cancel()
		ticking.Wait()
		chain.Close()
	})
	return w
}

// advance moves the chain by the clock that the node's own chain goes by.
func (w *world) advance(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		w.chain.SetHead(firstBlock + uint64(time.Since(w.epoch).Seconds()*float64(w.rate.Load())))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// startNode starts a node with the given flags.
func (w *world) startNode(flags ...string) {
	w.t.Helper()
	args := append([]string{fmt.Sprint("-start=", firstBlock), "-epoch=" + w.epoch.Format(time.RFC3339Nano), fmt.Sprint("-rate=", w.rate.Load()), "-catch-up=1000000"}, flags...)
	w.nameNode()
	w.spec.Name, w.spec.Image, w.spec.Args = w.name, w.image, args
	w.id = enginetest.NewContainer(w.t, w.api, w.spec)
	if err := w.api.ContainerStart(w.t.Context(), w.id, container.StartOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// nameNode gives the node's container a name of its own, once.
func (w *world) nameNode() {
	if w.name == "" {
		w.name = enginetest.NewName()
		w.env["CONTAINER_NAME"] = w.name
	}
}

// startedAt is the start of the container's run as the engine says it.
func (w *world) startedAt() string {
	w.t.Helper()
	state, err := w.api.ContainerInspect(w.t.Context(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return state.State.StartedAt
}

func (w *world) running() bool {
	w.t.Helper()
	state, err := w.api.ContainerInspect(w.t.Context(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return state.State.Running
}

// hostProcess is a running headwatch.
type hostProcess struct {
	t      *testing.T
	cmd    *exec.Cmd
	log    *watchedLog
	exited chan struct{}
	err    error
}

// startHost runs headwatch with the world's environment and nothing else.
func (w *world) startHost() *hostProcess {
	w.t.Helper()
	h := &hostProcess{t: w.t, cmd: exec.Command(w.headwatch, "run", "--config", w.config), log: newWatchedLog(), exited: make(chan struct{})}
	h.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), raceSettings, "HEADWATCH_PLUGIN_DIR=" + w.plugins}
	for name, value := range w.env {
		h.cmd.Env = append(h.cmd.Env, name+"="+value)
	}
	h.cmd.Stdout, h.cmd.Stderr = h.log, h.log
	if w.stdout != nil {
		h.cmd.Stdout = w.stdout
	}
	if err := h.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		h.err = h.cmd.Wait()
		close(h.exited)
	}()
	w.t.Cleanup(func() {
		h.signal(syscall.SIGKILL)
		<-h.exited
		if w.t.Failed() {
			w.t.Logf("the host's log:\n%s", h.log)
		}
	})
	return h
}

func (h *hostProcess) signal(s syscall.Signal) {
	if err := h.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		h.t.Error(err)
	}
}

// waitExit waits for the end and returns the exit code.
func (h *hostProcess) waitExit() int {
	h.t.Helper()
	select {
	case <-h.exited:
	case <-time.After(patience):
		h.t.Fatalf("the host has not ended; its log:\n%s", h.log)
	}
	return h.cmd.ProcessState.ExitCode()
}

// see waits until a text has come n times.
func (h *hostProcess) see(text string, n int) {
	h.t.Helper()
	if !h.log.waitFor(text, n, h.exited) {
		h.t.Fatalf("the log does not say %q %d times:\n%s", text, n, h.log)
	}
}

// plugins are the processes that the host started.
func (h *hostProcess) plugins() []int {
	h.t.Helper()
	var pids []int
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", h.cmd.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread is gone
		}
		for _, word := range strings.Fields(string(text)) {
			var pid int
			if _, err := fmt.Sscan(word, &pid); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// gone waits until none of the processes is left.
func gone(t *testing.T, pids []int) {
	t.Helper()
	end := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		left := living(pids)
		if len(left) == 0 {
			return
		}
		select {
		case <-end:
			t.Fatalf("plugin processes %v are left after %s", left, patience)
		case <-tick.C:
		}
	}
}

// living are the processes that are neither gone nor zombies.
func living(pids []int) []int {
	var left []int
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err == nil && !bytes.Contains(status, []byte("State:\tZ")) {
			left = append(left, pid)
		}
	}
	return left
}

// watchedLog is output that can be waited for.
type watchedLog struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

var _ io.Writer = (*watchedLog)(nil)

func newWatchedLog() *watchedLog { return &watchedLog{changed: make(chan struct{})} }

func (l *watchedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(p)
}

func (l *watchedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// count is how often a text has come.
func (l *watchedLog) count(text string) int { return strings.Count(l.String(), text) }

// waitFor waits until a text has come n times; false where the process ended
// or patience did first.
func (l *watchedLog) waitFor(text string, n int, ended <-chan struct{}) bool {
	end := time.After(patience)
	for {
		l.mu.Lock()
		count, changed := strings.Count(l.text.String(), text), l.changed
		l.mu.Unlock()
		if count >= n {
			return true
		}
		select {
		case <-changed:
		case <-ended:
			return l.count(text) >= n
		case <-end:
			return false
		}
	}
}
