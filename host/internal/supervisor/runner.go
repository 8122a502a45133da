package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/headwatch/headwatch/sdk/wire"
)

// lastWords is how long output is read after a process is gone: a child of its
// own may hold the pipes open for ever.
const lastWords = 250 * time.Millisecond

// forkLoop starts every process from one thread that lives as long as the
// supervisor: the kernel sends a child its parent-death signal when the thread
// that forked it ends.
func (s *Supervisor) forkLoop() {
	runtime.LockOSThread()
	for fork := range s.forks {
		fork()
	}
}

// child is one process. It implements go-plugin's runner, which its own cannot:
// that one knows neither the thread to fork from nor a lifeline.
type child struct {
	supervisor     *Supervisor
	cmd            *exec.Cmd
	stdout, stderr *os.File
	lifeline       *os.File
	pid            int
	exited         chan struct{}
	result         error
}

var _ runner.Runner = (*child)(nil)

// Start forks. The child gets the read end of a pipe as file descriptor 3, and
// a group of its own, so that a signal to the host's group spares it: the host
// ends its plugins itself, in its order.
func (c *child) Start(context.Context) error {
	stdout, outEnd, err := os.Pipe()
	if err != nil {
		return err
	}
	stderr, errEnd, err2 := os.Pipe()
	held, lifeline, err3 := os.Pipe()
	defer closeAll(outEnd, errEnd, held)
	if err := errors.Join(err2, err3); err != nil {
		closeAll(stdout, stderr, lifeline)
		return err
	}
	c.stdout, c.stderr, c.lifeline = stdout, stderr, lifeline
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = nil, outEnd, errEnd
	c.cmd.ExtraFiles = []*os.File{held}
	c.cmd.Env = append(c.cmd.Env, wire.LifelineVariable+"=1")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	c.supervisor.forks <- func() { started <- c.cmd.Start() }
	if err := <-started; err != nil {
		closeAll(stdout, stderr, lifeline)
		return err
	}
	c.pid = c.cmd.Process.Pid
	go c.wait()
	return nil
}

// wait reaps the process; the pipes are read a moment longer.
func (c *child) wait() {
	state, err := c.cmd.Process.Wait()
	if err == nil && !state.Success() {
		err = errors.New(state.String())
	}
	c.result = err
	c.lifeline.Close()
	end := time.Now().Add(lastWords)
	// A pipe that cannot be given a deadline is read to its end.
	_, _ = c.stdout.SetReadDeadline(end), c.stderr.SetReadDeadline(end)
	close(c.exited)
}

// Wait returns when the process is gone.
func (c *child) Wait(context.Context) error {
	<-c.exited
	closeAll(c.stdout, c.stderr)
	return c.result
}

// Kill ends the process at once, with all that it started in its group.
func (c *child) Kill(context.Context) error {
	select {
	case <-c.exited:
		return nil
	default:
	}
	if err := syscall.Kill(-c.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process group %d: %w", c.pid, err)
	}
	return nil
}

// Stdout is the process's output, whose first line is the handshake.
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr is the process's log.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name is the path of the binary.
func (c *child) Name() string { return c.cmd.Path }

// ID is the process's id.
func (c *child) ID() string {
	if c.pid == 0 {
		return ""
	}
	return strconv.Itoa(c.pid)
}

// Diagnose has nothing to add: the supervisor shows the process's last lines.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost and HostToPlugin leave addresses alone: both sides share one
// file system.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
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
