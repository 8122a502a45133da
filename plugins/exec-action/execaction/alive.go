package execaction

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// startOf is when a process started, in the kernel's own ticks, which tells it
// from a later one of the same id. ok is false for one that is gone, also where
// it is only not reaped yet, and where the kernel does not say.
func startOf(pid int) (start string, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	// The name in parentheses may hold anything, also parentheses.
	_, rest, found := bytes.Cut(text[max(0, bytes.LastIndexByte(text, ')')):], []byte(") "))
	fields := bytes.Fields(rest)
	const state, started = 0, 19
	if !found || len(fields) <= started || fields[state][0] == 'Z' || fields[state][0] == 'X' {
		return "", false
	}
	return string(fields[started]), true
}

// runs tells whether the process of a claim still runs.
func (c claim) runs() bool {
	start, ok := startOf(c.PID)
	return c.PID > 0 && ok && start == c.Start
}

// kill ends the process of a claim that still runs, with its group.
func (c claim) kill() {
	if c.runs() {
		_ = syscall.Kill(-c.PID, syscall.SIGKILL) // that it is gone already is as good
	}
}
