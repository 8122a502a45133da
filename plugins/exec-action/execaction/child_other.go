//go:build !linux

package execaction

import "syscall"

// attributes of a command's process: a group of its own.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd leaves it to the reaping to wait.
func awaitEnd(int) bool { return false }
