package execaction

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// drainTime is how long output is read after a process is gone: something that
// it started, and that left its group, may hold the pipe open for ever.
const drainTime = 250 * time.Millisecond

// forker starts every process from one thread. The kernel ends those processes
// when that thread ends.
type forker struct {
	forks chan func()
	over  <-chan struct{}
	ended chan struct{} // closed when the thread is gone
}

func newForker(ctx context.Context) forker {
	f := forker{forks: make(chan func()), over: ctx.Done(), ended: make(chan struct{})}
	go func() {
		defer close(f.ended)
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		for {
			select {
			case fork := <-f.forks:
				fork()
			case <-f.over:
				return
			}
		}
	}()
	return f
}

// errOver says that this process is being ended.
var errOver = errors.New("the plugin is being ended")

// streams are where the output of a process goes; nil is nowhere.
type streams struct {
	stdout, stderr io.Writer
	// outlives says that the process and its children go on when the plugin
	// ends.
	outlives bool
}

// process is a command that runs, in a group of its own.
type process struct {
	cmd  *exec.Cmd
	pid  int
	done chan struct{} // closed when it is gone
	code int           // exit code, once done; -1 for a signal

	mu     sync.Mutex
	reaped bool
}

// start starts a command. An error says that nothing was run.
func (f forker) start(ctx context.Context, c command, s streams) (*process, error) {
	program, err := c.program()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: program, Args: c.argv, Env: c.env, Dir: c.dir, Stdout: s.stdout, Stderr: s.stderr,
		WaitDelay: drainTime, SysProcAttr: attributes(s.outlives)}
	started := make(chan error, 1)
	select {
	case f.forks <- func() { started <- cmd.Start() }:
		err = <-started
	case <-f.over:
		err = errOver
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", c.what, err)
	}
	p := &process{cmd: cmd, pid: cmd.Process.Pid, done: make(chan struct{})}
	go p.reap(s.outlives)
	return p, nil
}

// reap waits for the end. What the process has left in its group is ended with
// it, unless it may live on: an act may well be a script that starts the node.
func (p *process) reap(outlives bool) {
	defer close(p.done)
	if awaitEnd(p.pid) && !outlives {
		p.kill(syscall.SIGKILL)
	}
	// Wait closes our ends of the pipes, at the latest after WaitDelay; what
	// else it says is in the state.
	err := p.cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped = true
	p.code = -1
	var failed *exec.ExitError
	if err == nil || errors.As(err, &failed) || errors.Is(err, exec.ErrWaitDelay) {
		p.code = p.cmd.ProcessState.ExitCode()
	}
}

// kill sends a signal to the whole group.
func (p *process) kill(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		// A group that is gone already is no error.
		_ = syscall.Kill(-p.pid, signal)
	}
}

// killPatience is how long a group that was killed is waited for: the kernel may
// hold on to a process that waits for a disk.
const killPatience = 2 * time.Second

// killGrace is how long a group that was asked to end has before it is killed.
const killGrace = 5 * time.Second

// end ends the group and waits for that, for a bounded time. Where there is a
// grace, the group is asked to end first.
func (p *process) end(grace time.Duration) {
	if grace > 0 {
		p.kill(syscall.SIGTERM)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
	}
	p.kill(syscall.SIGKILL)
	timer := time.NewTimer(killPatience)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	}
}

// isDone tells whether the process is gone.
func (p *process) isDone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// how says how the process ended.
func (p *process) how() string {
	if !p.isDone() {
		return "cannot be killed"
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return "was ended by signal " + status.Signal().String()
	}
	return fmt.Sprintf("ended with exit code %d", p.code)
}
