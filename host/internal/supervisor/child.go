package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/headwatch/headwatch/sdk/wire"
)

// lastWords is how long output is read after a process is gone: something that
// it started, and that left its group, may hold the pipes open for ever.
const lastWords = 250 * time.Millisecond

// child is one process. It implements go-plugin's runner, which its own cannot:
// that one knows neither the thread to fork from nor a lifeline.
type child struct {
	forks    chan<- func()
	cmd      *exec.Cmd
	stdout   *firstLine
	stderr   *os.File
	lifeline *os.File
	// sockets is the folder that go-plugin made for this process.
	sockets string
	// mtls says whether the connection is to be encrypted.
	mtls   bool
	exited chan struct{}
	result error // of the process, once exited is closed

	mu     sync.Mutex
	pid    int // 0 until it has started
	killed bool
}

var _ runner.Runner = (*child)(nil)

func newChild(forks chan<- func(), mtls bool) *child {
	return &child{forks: forks, mtls: mtls, exited: make(chan struct{}), stdout: &firstLine{}}
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
	c.stdout.file, c.stderr, c.lifeline = stdout, stderr, lifeline
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = nil, outEnd, errEnd
	c.cmd.ExtraFiles = []*os.File{held}
	c.cmd.Env = append(c.cmd.Env, wire.LifelineVariable+"=1")
	c.cmd.SysProcAttr = attributes()
	err = errors.Join(err, err2, err3)
	switch {
	case err != nil:
	case c.killed:
		err = errors.New("killed before its start")
	default:
		err = c.fork()
	}
	if err != nil {
		closeAll(stdout, stderr, lifeline)
		// go-plugin tidies up only after what has started.
		os.Remove(c.sockets)
		return err
	}
	c.pid = c.cmd.Process.Pid
	go c.wait(c.pid)
	return nil
}

func (c *child) fork() error {
	started := make(chan error)
	c.forks <- func() { started <- c.cmd.Start() }
	return <-started
}

// wait reaps the process, after what it has started in its group was ended; the
// pipes are read a moment longer.
func (c *child) wait(pid int) {
	awaitEnd(pid)
	// The process is gone but not reaped: its group can be nobody else's.
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	state, err := c.cmd.Process.Wait()
	if err == nil && !state.Success() {
		err = errors.New(state.String())
	}
	c.result = err
	c.lifeline.Close()
	end := time.Now().Add(lastWords)
	// A pipe that cannot be given a deadline is read to its end.
	_, _ = c.stdout.file.SetReadDeadline(end), c.stderr.SetReadDeadline(end)
	close(c.exited)
}

// Wait returns when the process is gone.
func (c *child) Wait(context.Context) error {
	<-c.exited
	closeAll(c.stdout.file, c.stderr)
	return c.result
}

// Kill ends the process at once, with all that it started in its group. One
// that has not been started never will be.
func (c *child) Kill(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	if c.pid == 0 || c.gone() {
		return nil
	}
	if err := syscall.Kill(-c.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process group %d: %w", c.pid, err)
	}
	return nil
}

func (c *child) gone() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

// how is how a process that is gone ended.
func (c *child) how() error {
	if c.result == nil {
		return errors.New("exit status 0")
	}
	return c.result
}

// process is its id, 0 where it never started.
func (c *child) process() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// Stdout is the process's output, whose first line is the handshake.
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr is the process's log.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name is the path of the binary.
func (c *child) Name() string { return c.cmd.Path }

// ID is the process's id, empty where it never started.
func (c *child) ID() string {
	if pid := c.process(); pid != 0 {
		return strconv.Itoa(pid)
	}
	return ""
}

// Diagnose has nothing to add: the supervisor shows the process's last lines.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost judges the handshake before go-plugin trusts it: a certificate
// that nobody asked for would end the host. The address stays as it is, for both
// sides share one file system.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	line, _ := c.stdout.text()
	return network, address, judgeHandshake(line, c.mtls)
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
