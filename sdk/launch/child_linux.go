package launch

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes of a plugin's process: a group of its own, and an end when the
// thread that forked it ends, where that is when the host does.
func attributes(diesWithThread bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if diesWithThread {
		a.Pdeathsig = syscall.SIGKILL
	}
	return a
}

// awaitEnd returns when a process has ended, before it is reaped.
func awaitEnd(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
