//go:build !linux

package launch

import "syscall"

// attributes of a plugin's process: a group of its own. Where the kernel sends
// no signal at the host's death, the lifeline does alone.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd leaves it to the reaping to wait.
func awaitEnd(int) {}
