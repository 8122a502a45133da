package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/headwatch/headwatch/sdk/wire"
)

// drainTime is how long output is read after a process is gone: something that
// it started, and that left its group, may hold the pipes open for ever.
const drainTime = 250 * time.Millisecond

// child is one process, as a runner for go-plugin. go-plugin's own runner will not
// do: it knows neither the thread to fork from nor a lifeline, and its reading of a
// log panics on some lines.
type child struct {
	options Options
	cmd     *exec.Cmd
	// sockets is the folder that go-plugin made for this process.
	sockets        string
	stdout, stderr *output
	lifeline       *os.File
	exited         chan struct{}
	result         error // how the process ended, once exited is closed

	mu     sync.Mutex
	pid    int // 0 until it has started
	killed bool
}

var _ runner.Runner = (*child)(nil)

func newChild(o Options) *child {
	c := &child{options: o, cmd: exec.Command(o.Path), exited: make(chan struct{})}
	c.cmd.Env = o.Env
	c.stdout = newOutput(max(o.KeepOutput, leastKept), nil)
	c.stderr = newOutput(0, o.Log)
	return c
}

// Start forks. The child gets the read end of a pipe as file descriptor 3, and
// a group of its own, so that a signal to the host's group spares it: the host
// ends its plugins itself, in its order.
func (c *child) Start(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stdout, outEnd, err := os.Pipe()
	stderr, errEnd, err2 := os.Pipe()
	held, lifeline, err3 := os.Pipe()
	defer closeAll(outEnd, errEnd, held)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = nil, outEnd, errEnd
	c.cmd.ExtraFiles = []*os.File{held}
	c.cmd.Env = append(c.cmd.Env, wire.LifelineVariable+"=1")
	c.cmd.SysProcAttr = attributes(c.options.Thread != nil)
	err = errors.Join(err, err2, err3)
	switch {
	case err != nil:
	case c.killed:
		err = errors.New("killed before its start")
	default:
		err = c.options.Thread.run(c.cmd.Start)
	}
	if err != nil {
		closeAll(stdout, stderr, lifeline)
		// go-plugin tidies up only after what has started.
		os.Remove(c.sockets)
		return err
	}
	c.pid, c.lifeline = c.cmd.Process.Pid, lifeline
	c.stdout.readFrom(stdout)
	c.stderr.readFrom(stderr)
	go c.wait(c.pid)
	return nil
}

// wait reaps the process, after what it has started in its group was ended; the
// pipes are read a moment longer.
func (c *child) wait(pid int) {
	if !c.options.SpareGroup {
		awaitEnd(pid)
		// The process is not reaped yet, so that no other group can have its id.
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	state, err := c.cmd.Process.Wait()
	if err == nil {
		err = errors.New(state.String())
	}
	c.result = err
	c.lifeline.Close()
	c.stdout.stopReadingAfter(drainTime)
	c.stderr.stopReadingAfter(drainTime)
	close(c.exited)
}

// Wait returns when the process is gone and its output is read.
func (c *child) Wait(context.Context) error {
	<-c.exited
	<-c.stdout.ended
	<-c.stderr.ended
	return c.result
}

// Kill ends the process at once, with all that it started in its group. One
// that has not been started never will be.
func (c *child) Kill(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	if c.pid == 0 || c.gone() && !c.options.SpareGroup {
		return nil
	}
	if err := c.signal(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process group %d: %w", c.pid, err)
	}
	return nil
}

// signal sends a signal to the process and all that it started in its group.
func (c *child) signal(s syscall.Signal) error { return syscall.Kill(-c.pid, s) }

func (c *child) gone() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

// process is its id, 0 where it never started.
func (c *child) process() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// Stdout is where go-plugin looks for the handshake.
func (c *child) Stdout() io.ReadCloser { return &firstLine{of: c.stdout} }

// Stderr is empty for go-plugin: the log is read without it.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the path of the binary.
func (c *child) Name() string { return c.cmd.Path }

// ID is the process's id, empty where it never started.
func (c *child) ID() string {
	if pid := c.process(); pid != 0 {
		return strconv.Itoa(pid)
	}
	return ""
}

// Diagnose has nothing to add: who started the process shows its last lines.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost judges the handshake before go-plugin trusts it: a certificate
// that nobody asked for would end the host. The address stays as it is, for both
// sides share one file system.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, judgeHandshake(c.stdout.firstLine(), c.options.MTLS)
}

// HostToPlugin is the reverse of PluginToHost.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close()
		}
	}
}
