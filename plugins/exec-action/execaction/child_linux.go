package execaction

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes of a command's process: a group of its own, and for one that only
// looks an end when the thread that forked it ends, which is when this process
// does. An act that was begun goes on without us.
func attributes(outlives bool) *syscall.SysProcAttr {
	if outlives {
		return &syscall.SysProcAttr{Setpgid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd returns when a process has ended, before it is reaped: until then no
// other process group can have its id. It says whether it could wait.
func awaitEnd(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}
